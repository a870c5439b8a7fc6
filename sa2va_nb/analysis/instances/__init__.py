"""Instances inside an object's masks: split, linked over time, and what happens to them."""
