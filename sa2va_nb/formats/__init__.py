"""Formats of masks and annotations, one module a format: ``catalogue`` lists these, the others serve them."""
