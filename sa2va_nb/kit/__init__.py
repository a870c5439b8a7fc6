"""An offline kit for a class: packages, notebooks, a clip, and runs that open without a key."""

from sa2va_nb.kit.kit import Kit, write_kit
from sa2va_nb.kit.notebooks import notebooks_folder

__all__ = ["Kit", "notebooks_folder", "write_kit"]
