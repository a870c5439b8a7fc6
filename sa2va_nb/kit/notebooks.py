"""Where the notebooks are that belong to the package."""

from pathlib import Path


def notebooks_folder() -> Path | None:
    """Find them: inside the package where it was installed from a wheel, beside it in a clone; else None."""
    package = Path(__file__).parents[1]
    places = (package / "notebooks", package.parent / "notebooks")
    return next((place for place in places if (place / "01_quickstart.ipynb").is_file()), None)
