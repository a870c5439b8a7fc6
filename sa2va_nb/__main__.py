"""``python -m sa2va_nb`` is ``sa2va-nb``."""

from sa2va_nb.cli import app

app()
