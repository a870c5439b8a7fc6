"""The command line, ``sa2va-nb``: the package's functions from a shell."""

# Importing the modules of the commands puts them into the app, in the order of the help.
from sa2va_nb.cli import calls, results, scores, export, ledger, health, kit  # isort: skip
from sa2va_nb.cli.root import app

__all__ = ["app", "calls", "export", "health", "kit", "ledger", "results", "scores"]
