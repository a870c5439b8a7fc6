"""One HTML page about a segmentation."""
