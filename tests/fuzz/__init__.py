"""Mutates mask videos and run records, and counts what comes of reading them."""
