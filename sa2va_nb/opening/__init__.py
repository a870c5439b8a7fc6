"""From files to a ``Segmentation``, or back: masks, run folders, bundles, ground truth."""
