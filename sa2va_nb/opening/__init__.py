"""Opens what is already there: masks, run folders, bundles, ground truth."""
