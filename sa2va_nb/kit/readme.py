"""The words for a class that stand in its kit."""

README = """# Segmented video: the kit for a class

All that is needed to look at segmented video, measure and judge it: without a key, and, once `wheels` is filled,
without a network.

## For the teacher: once, with a network

Fill the folder `wheels` with the packages of `requirements.txt`, some 200 MB:

```
python -m pip download -r requirements.txt -d wheels -f wheels
```

The list was made with {made_with}. Packages differ by system and Python: run that
command on a machine like your students', or give pip `--platform` and `--python-version` with `--only-binary :all:`.
Then hand on the whole folder.

## For everybody

In this folder, with Python 3.11 or newer (on Windows, `.venv\\Scripts\\activate` instead of the second line):

```
python -m venv .venv
. .venv/bin/activate
python -m pip install --no-index -f wheels -r requirements.txt
jupyter lab notebooks
```

Begin with `01_quickstart.ipynb`. Each notebook runs from top to bottom by itself.

## What is here

- `notebooks`: the lessons, with their pictures; they can be read without running anything. Their links
  to `../docs` lead to pages of the repository, which are not here; `help(sa.scrub)`, `help(sa.evaluate)`
  and `help(sa.quality)` say most of it.
- `clips/pond.mp4`: the sample clip, whose true masks are known: `sa.sample_clip("../clips")` gives both.
- `bundles`: runs to open. A cell in a notebook does it:

```python
import sa2va_nb as sa

seg = sa.open_run("../bundles/{first}")
seg
```

{bundles}
"""
