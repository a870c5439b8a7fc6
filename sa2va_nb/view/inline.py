"""How a segmentation shows itself in a notebook."""

from typing import Any

from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.widget.poster import static_bundle
from sa2va_nb.view.widget.scrubber import scrub


def mimebundle(seg: Segmentation) -> Any:
    """Give a segmentation's MIME bundle: the scrubber, with a still for where it can't run.

    Returns:
        The data by MIME type, or that and the metadata.
    """
    if not len(seg.frame):
        return static_bundle(seg)
    return scrub(seg)._repr_mimebundle_()
