"""Finds out which format a file of annotations has, to have it read."""

from sa2va_nb.errors import DecodeError
from sa2va_nb.formats.catalogue import FORMATS
from sa2va_nb.formats.format import Format, Opened
from sa2va_nb.segmentation import Segmentation

FORMS = (
    f"{'; '.join(form.title for form in FORMATS)}; mask videos (one, a list, or a folder of them); a (T, H, W) or "
    "(K, T, H, W) array; Masks or a list of them; a Segmentation"
)
GENERAL_SUFFIXES = (".txt",)  # promise nothing


def find_format(opened: Opened) -> Format | None:
    """Tell by the content which format of the table a file or folder has; None for another, such as a video.

    Raises:
        ValueError: if there is no such file, it is a single PNG, or json of no known form.
        DecodeError: if its name promises a format that it doesn't have.
    """
    path = opened.path
    if not path.exists():
        raise ValueError(f"{str(path)!r} does not exist; a reference is {FORMS}")
    if not path.is_dir() and not path.is_file():
        raise ValueError(f"{str(path)!r} is no file; a reference is {FORMS}")
    if opened.head.startswith(b"\x89PNG"):
        raise ValueError(
            f"{path.name} is a single PNG; give the folder of a clip's PNGs, or load_masks its array"
        )
    found = next((form for form in FORMATS if form.recognises(opened)), None)
    if found is None and opened.json is not None:
        shown = ", ".join(map(repr, [*opened.json][:6])) if opened.keys else f"a {type(opened.json).__name__}"
        raise ValueError(
            f"{path.name} is json of no known form: it has {shown}; expected 'masklet' (SA-V), 'videos' and "
            "'annotations' (YouTube-VIS), 'images' and 'annotations' (COCO), or lists of {'size', 'counts'}"
        )
    suffix = path.suffix.lower()
    promised = [form for form in FORMATS if suffix in form.suffixes and suffix not in GENERAL_SUFFIXES]
    if promised and found not in promised and path.is_file():
        raise DecodeError(f"{path.name} is not what its name says: no {path.suffix} that can be read")
    return found


def read_annotations(opened: Opened, form: Format) -> tuple[Segmentation, bool]:
    """Read a file or folder of annotations, which has this format.

    Returns:
        The segmentation, and whether its frames were only counted: nothing tells which they are.

    Raises:
        ValueError: if it is of no known form, or the clip that is asked for doesn't fit.
        DecodeError: if it is damaged, or beyond the limits.
        AlignmentError: if masks don't fit each other.
    """
    if opened.clip is not None and not form.describes_clips:
        raise ValueError(
            f"clip= is for json that describes several clips, got clip={opened.clip!r} with {opened.name}, "
            f"{form.title}"
        )
    return form.read(opened)  # type: ignore[misc]  # what is recognised is read
