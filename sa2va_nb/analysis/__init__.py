"""Pure functions from a Segmentation to tables."""
