"""Opens a video file of unknown origin."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import av
import av.error
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from sa2va_nb.errors import DecodeError
from sa2va_nb.media.limits import DEFAULT_LIMITS, Limits
from sa2va_nb.media.reader import UNTIMED

# Demuxers that read one self-contained file. Playlists and concat scripts, which ffmpeg would
# also recognise by content and follow to other files and hosts, are not among them.
_FORMATS = (
    "mov,matroska,avi,gif,mpegts,mpeg,mpegvideo,m4v,h264,hevc,ivf,ogg,flv,asf,apng,png_pipe,yuv4mpegpipe,nut"
)
_NOT_THE_PICTURE = Disposition.attached_pic | Disposition.timed_thumbnails  # cover art, previews
# Titles in other encodings don't matter here; PyAV reads them all from version 19 on.
_METADATA: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
_PADDING_PX = 2**20
_SHOWN_CHARACTERS = 500  # of a path in a message
_MICROSECONDS = 1e-6  # ffmpeg's unit for the duration of a container


@contextmanager
def open_video(
    path: Path, *, limits: Limits = DEFAULT_LIMITS
) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open the picture of a file, single-threaded; close it at the end.

    Of several video streams it is the one that players show: no cover picture or thumbnails, the one
    marked as default, the largest, the first.

    Raises:
        DecodeError: if there is no file, it is no video that ffmpeg knows, reading it fails, or it
            is beyond the limits.
    """
    try:
        is_there = path.is_file()
    except OSError:  # such as of a name that is too long
        is_there = False
    if not is_there:
        raise DecodeError(f"expected a video file, but there is no file at {str(path)[:_SHOWN_CHARACTERS]}")
    if path.stat().st_size == 0:
        raise DecodeError(f"expected a video file, but {path.name} is empty (0 bytes)")
    # Holds while ffmpeg looks for the streams, too; it counts rows with their padding.
    decoding = {"max_pixels": str(limits.max_pixels + _PADDING_PX)}
    try:
        with _opened(path, decoding) as container:
            stream = _video_stream(container, path)
            _check(container, stream, path, limits)
            stream.codec_context.options = decoding
            stream.codec_context.thread_count = 1  # frame threads cost more CPU than they save
            yield container, stream
    except (av.error.FFmpegError, UnicodeDecodeError) as error:
        raise DecodeError(
            f"expected a video file, but {path.name} can't be read as one ({_reason(error)}); "
            f"check that it is whole and plays elsewhere, with no more than {limits.max_pixels:,} pixels "
            "a frame (limits=Limits(max_pixels=…) raises that)"
        ) from error


def _opened(path: Path, decoding: dict[str, str]) -> InputContainer:
    """Open a file, without decoding any picture where its headers say what is in it."""
    reading = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}
    open_it = partial(av.open, f"file:{path.resolve()}", container_options=reading, **_METADATA)
    container: InputContainer = open_it(options={**decoding, "skip_frame": "all"})
    if container.format.name not in UNTIMED and all(stream.width for stream in _decodable(container)):
        return container
    container.close()  # ffmpeg has to see pictures to know their size, or how far they are out of order
    return open_it(options=decoding)


def _video_stream(container: InputContainer, path: Path) -> VideoStream:
    if not container.streams.video:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "no streams"
        raise DecodeError(f"expected a video file, but {path.name} has no video stream (it has: {kinds})")
    streams = _decodable(container)
    if not streams:
        raise DecodeError(f"the video stream of {path.name} is in a codec that can't be decoded here")
    return max(streams, key=_preference)


def _decodable(container: InputContainer) -> list[VideoStream]:
    return [stream for stream in container.streams.video if stream.codec_context is not None]


def _preference(stream: VideoStream) -> tuple[bool, bool, int, int]:
    """Rank streams as players do; the largest tuple is shown."""
    return (
        not stream.disposition & _NOT_THE_PICTURE,
        bool(stream.disposition & Disposition.default),
        stream.width * stream.height,
        -stream.index,
    )


def _check(container: InputContainer, stream: VideoStream, path: Path, limits: Limits) -> None:
    """Refuse what the header already says to be beyond the limits."""
    if not stream.width or not stream.height:
        raise DecodeError(
            f"no picture of {path.name} can be decoded: it is damaged, or has more than "
            f"{limits.max_pixels:,} pixels a frame; if you trust the file, raise that limit with "
            "limits=Limits(max_pixels=…)"
        )
    limits.check("max_pixels", stream.width * stream.height, path.name)
    limits.check("max_frames", stream.frames, path.name)
    if container.duration is not None:
        limits.check("max_duration_s", container.duration * _MICROSECONDS, path.name)


def frames_declared(container: InputContainer, stream: VideoStream) -> int:
    """Count the frames that a file says it has.

    An mp4 lists every frame, and those that its edit list hides; elsewhere it is a claim of the header.
    """
    if "mp4" in container.format.name and len(stream.index_entries):
        return sum(not entry.is_discard for entry in stream.index_entries)
    return stream.frames


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
