"""The table of formats. A new one is a module of its own, with its ``FORMAT`` here."""

from sa2va_nb.formats import coco, davis, mevis, mots, npz, rle_lists, sav, tiff, ytvis, zarr_store

FORMATS = (
    coco.FORMAT,
    ytvis.FORMAT,
    sav.FORMAT,
    mevis.FORMAT,
    rle_lists.FORMAT,
    davis.FORMAT,
    mots.FORMAT,
    npz.FORMAT,
    npz.NPY,
    zarr_store.FORMAT,
    tiff.FORMAT,
)
"""In the order in which they are tried on a file that is to be read; all tell themselves by the content."""
