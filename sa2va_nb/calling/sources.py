"""Opens the source video of a call, downloading it where it is a URL."""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sa2va_nb.errors import DecodeError
from sa2va_nb.hashing import sha256_of
from sa2va_nb.media.video import Video
from sa2va_nb.model.addresses import check_url
from sa2va_nb.model.fetch import fetch
from sa2va_nb.run_folder import RunFolder, make_folder
from sa2va_nb.view.status.progress import Display

_SUFFIXES = (".mp4", ".mov", ".webm", ".mkv", ".avi", ".gif", ".m4v")


@dataclass(frozen=True)
class Source:
    """An opened source video.

    Attributes:
        video: the open file.
        url: where it came from; None for a local file.
    """

    video: Video
    url: str | None = None

    @property
    def name(self) -> str:
        """A name for people: the file's, or the last part of the URL."""
        return Path(urlsplit(self.url).path).name if self.url else self.video.path.name

    def sha256(self) -> str:
        """Hash the content.

        Raises:
            DecodeError: if it can't be read.
        """
        with self._readable():
            return sha256_of(self.video.path)

    def stat(self) -> os.stat_result:
        """Give the file's size and times.

        Raises:
            DecodeError: if it is gone.
        """
        with self._readable():
            return self.video.path.stat()

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DecodeError(f"the video {self.video.path} can't be read any more: {error}") from error

    def keep_in(self, run: RunFolder) -> Video:
        """Move a downloaded source into the run folder, unless one is there; gives the video to go on with."""
        if self.url is None:
            return self.video
        file = run.record["video"].get("file")
        if file is None:
            file = f"video{self.video.path.suffix}"
            self.video.path.replace(run.path / file)
            run.save(video={**run.record["video"], "file": file, "path": None})
        return Video(run.file(file))


@contextmanager
def open_source(video: str | Path | Video, runs_dir: Path, show: Display) -> Iterator[Source]:
    """Open a path, an https URL or a ``Video``; a download that was not kept is removed at the end.

    Raises:
        TypeError: if it is none of these.
        FetchError: if the URL can't be downloaded.
        RunError: if nothing can be kept in the runs folder.
        DecodeError: if it is no video.
    """
    if isinstance(video, Video):
        yield Source(video)
    elif not isinstance(video, (str, Path)):
        raise TypeError(f"video must be a path, a URL or a Video, got {type(video).__name__}")
    elif not re.match(r"[a-z][a-z0-9+.-]+://", str(video), re.IGNORECASE):
        yield Source(Video(video))
    else:
        url = str(video)
        check_url(url)
        make_folder(runs_dir)
        suffix = Path(urlsplit(url).path).suffix.lower()
        path = runs_dir / f"download-{secrets.token_hex(8)}{suffix if suffix in _SUFFIXES else '.mp4'}"
        try:
            show("downloading", "the source video, to check it and to show it")
            fetch(url, path)
            yield Source(Video(path), url)
        finally:
            path.unlink(missing_ok=True)
