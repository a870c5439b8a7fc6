"""Says how much of a file is read before it is refused."""

from dataclasses import dataclass

from sa2va_nb.errors import DecodeError

_UNITS = {
    "max_pixels": "pixels a frame",
    "max_frames": "frames",
    "max_duration_s": "seconds",
    "max_mask_bytes": "bytes of encoded masks",
}


@dataclass(frozen=True)
class Limits:
    """What a video file may ask for; a file that asks for more is refused with a ``DecodeError``.

    They keep a damaged or hostile file from taking the machine; raise them for files that you trust:
    ``Video(path, limits=Limits(max_pixels=8192 * 8192))``.

    Attributes:
        max_pixels: rows times columns of a frame, 4096 x 4096 unless told; checked before a picture
            is allocated. ffmpeg's own limit, 268 million, can't be raised.
        max_frames: in one file; 500,000 are more than two hours at 60 frames a second.
        max_duration_s: seconds from the first frame to the last; four hours unless told.
        max_mask_bytes: run-length encoded masks of one mask video in memory; 1,000 frames of 1080p
            take 5 MB or so.

    Raises:
        ValueError: if a limit isn't above 0.
    """

    max_pixels: int = 4096 * 4096
    max_frames: int = 500_000
    max_duration_s: float = 4 * 3600.0
    max_mask_bytes: int = 256 * 2**20

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"{name} must be above 0, got {value}")

    def check(self, name: str, value: float, file: str) -> None:
        """Refuse a file that asks for more.

        Args:
            name: of the limit.
            value: what the file asks for, in the limit's unit.
            file: its name, for the message.

        Raises:
            DecodeError: if it is above the limit.
        """
        limit = getattr(self, name)
        if value > limit:
            raise DecodeError(
                f"{file} has {value:,.0f} {_UNITS[name]}, but the limit is {limit:,.0f}; if you trust the "
                f"file, raise it with limits=Limits({name}=…)"
            )


DEFAULT_LIMITS = Limits()
