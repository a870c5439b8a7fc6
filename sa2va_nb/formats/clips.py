"""Chooses one of the clips that an annotation file describes."""

from collections.abc import Hashable, Mapping

_SHOWN = 6


def choose_clip(names: Mapping[Hashable, str], clip: str | int | None, file: str) -> Hashable:
    """Find the clip that is asked for, by its id or its name.

    Args:
        names: the name of each clip by its id; of a name such as ``train/dog`` the last part will do.
        clip: what is asked for; None where there is but one.
        file: the file's name, for messages.

    Raises:
        ValueError: if there are several and none is asked for, or what is asked for fits none or several.
    """
    if clip is None:
        fitting = list(names)
    else:
        exact = [key for key, name in names.items() if clip in (key, name) or str(key) == clip]
        fitting = exact or [key for key, name in names.items() if name.rsplit("/", 1)[-1] == clip]
    if len(fitting) == 1:
        return fitting[0]
    shown = ", ".join(repr(name or key) for key, name in list(names.items())[:_SHOWN]) or "none"
    rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    asked = "say which with clip=" if clip is None else f"clip={clip!r} fits {len(fitting)} of them"
    raise ValueError(f"{file} describes {len(names)} clips; {asked}: {shown}{rest}")
