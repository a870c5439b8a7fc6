"""Opens a video file of unknown origin."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

from sa2va_nb.errors import DecodeError

# Demuxers that read one self-contained file. Playlists and concat scripts, which ffmpeg would
# also recognise by content and follow to other files and hosts, are not among them.
_FORMATS = (
    "mov,matroska,avi,gif,mpegts,mpeg,mpegvideo,m4v,h264,hevc,ivf,ogg,flv,asf,apng,png_pipe,yuv4mpegpipe,nut"
)


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open the first video stream of a file, single-threaded; close it at the end.

    Raises:
        DecodeError: if there is no file, it is no video that ffmpeg knows, or reading it fails.
    """
    if not path.is_file():
        raise DecodeError(f"expected a video file, but there is no file at {path}")
    if path.stat().st_size == 0:
        raise DecodeError(f"expected a video file, but {path.name} is empty (0 bytes)")
    options = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}
    try:
        with av.open(f"file:{path.resolve()}", container_options=options) as container:
            yield container, _video_stream(container, path)
    except (av.error.FFmpegError, UnicodeDecodeError) as error:
        raise DecodeError(
            f"expected a video file, but {path.name} can't be read as one ({_reason(error)}); "
            "check that it is whole and plays elsewhere"
        ) from error


def _video_stream(container: InputContainer, path: Path) -> VideoStream:
    if not container.streams.video:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "no streams"
        raise DecodeError(f"expected a video file, but {path.name} has no video stream (it has: {kinds})")
    stream = container.streams.video[0]
    if stream.codec_context is None or not stream.width or not stream.height:
        raise DecodeError(f"the video stream of {path.name} is in a codec that can't be decoded here")
    stream.codec_context.thread_count = 1  # frame threads cost more CPU than they save
    return stream


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
