"""Builds the documentation and checks it: ``python -m tests.docs``."""
