"""Rendered clips whose truth is known exactly: their scenes, their files, and defects to put into their masks."""

from sa2va_nb.sample.clip import sample_clip
from sa2va_nb.sample.spoil import spoil
from sa2va_nb.sample.surprises import surprise_clip

__all__ = ["sample_clip", "spoil", "surprise_clip"]
