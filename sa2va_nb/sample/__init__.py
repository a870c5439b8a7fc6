"""Rendered clips whose truth is known exactly; what spoils their masks, or follows them."""

from sa2va_nb.sample.clip import sample_clip
from sa2va_nb.sample.propagate import propagate
from sa2va_nb.sample.spoil import spoil
from sa2va_nb.sample.surprises import surprise_clip

__all__ = ["propagate", "sample_clip", "spoil", "surprise_clip"]
