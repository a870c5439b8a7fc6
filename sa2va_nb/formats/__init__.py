"""Formats of masks and annotations, one module a format."""
