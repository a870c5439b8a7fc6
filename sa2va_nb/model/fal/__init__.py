"""Runs Sa2VA at fal: upload, submission, waiting, and what comes back."""

from sa2va_nb.model.fal.engine import FalEngine

__all__ = ["FalEngine"]
