"""Campaigns of faults on the paid way to the model: ``python -m tests.faults``."""
