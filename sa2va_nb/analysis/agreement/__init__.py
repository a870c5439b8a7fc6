"""Holds segmentations of one video against each other."""
