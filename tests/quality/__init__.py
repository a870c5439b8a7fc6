"""Campaigns on the quality of masks: a study on real predictions, and simulated defects."""
