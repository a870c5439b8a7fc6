"""Judges masks without ground truth: parts, a score, flags, suspects."""
