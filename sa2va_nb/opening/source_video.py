"""Finds the source video of a run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sa2va_nb.hashing import sha256_of
from sa2va_nb.run_folder import RunFolder, is_file


def recorded_video(run: RunFolder) -> Path | None:
    """Find the source of a run: in its folder, or where it was, if it is still the same."""
    video = run.record["video"]
    if video.get("file"):
        return run.file(video["file"])
    path = Path(video["path"]) if video.get("path") else None
    return path if path is not None and _is_the_same(path, video) else None


def absence_of_video(run: RunFolder) -> str:
    """Say in words why a run's source is not to be found: it is not there, or there is another in its place."""
    video = run.record["video"]
    is_replaced = bool(video.get("path")) and is_file(Path(video["path"]))
    reason = f": {video['path']} is no longer the video of run {run.name}" if is_replaced else ""
    return f"the source video {video['name']!r} is not at hand{reason}"


def _is_the_same(path: Path, video: Mapping[str, Any]) -> bool:
    """Tell a source from another in its place: by its size, then its time, and where that differs by its content."""
    if not is_file(path):
        return False
    stat = path.stat()
    if not stat.st_size:  # such as below /proc, where it may have no end
        return False
    if stat.st_size != video.get("bytes"):
        return False
    return stat.st_mtime_ns == video.get("mtime_ns") or video.get("sha256") in (None, sha256_of(path))
