"""A rendered clip whose truth is known exactly: its scene, its renderer, its file."""

from sa2va_nb.sample.clip import sample_clip

__all__ = ["sample_clip"]
