"""Judges masks by ground truth: the measures of DAVIS 2017 and their kin."""
