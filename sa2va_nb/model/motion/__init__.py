"""A classical baseline: what moves against the background, linked into objects."""

from sa2va_nb.model.motion.engine import MotionEngine

__all__ = ["MotionEngine"]
