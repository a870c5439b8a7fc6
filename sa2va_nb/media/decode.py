"""Decodes a mask video to ``Masks``."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from sa2va_nb.errors import DecodeError
from sa2va_nb.masks import Masks
from sa2va_nb.media.container import open_video
from sa2va_nb.media.frames import Look, MaskFrames, Seen, read_mask_frames
from sa2va_nb.media.limits import DEFAULT_LIMITS, Limits
from sa2va_nb.media.picture import (
    FOREGROUND_FULL,
    Scale,
    Shares,
    brightest,
    channels,
    has_luma,
    is_tinted,
    luma,
    luma_scale,
)
from sa2va_nb.media.reader import FrameReader
from sa2va_nb.media.survey import Survey, is_sampled, judge, sample

_SOFT = 0.2  # mean grey_frac that is noted
_FAINT = 0.5  # mean grey_frac from which on the mask may be grey, not white, on black
_ENOUGH_SAMPLES = 8  # frames after which a picture may be found to be no mask
_MOST = 0.5  # share of a picture


@dataclass(frozen=True)
class MaskVideo:
    """What a mask video holds.

    Attributes:
        masks: (T, H, W), the frames that could be decoded.
        time_s: (T,) presentation times, that of the file's first frame 0.
        index: (T,) which of the file's frames each is; not 0..T-1 where some can't be decoded.
        n_declared: how many frames the file should have; more than T where it is cut off.
        notes: what was found out or is doubtful, in words.
    """

    masks: Masks
    time_s: NDArray[np.float64]
    index: NDArray[np.int64]
    n_declared: int
    notes: tuple[str, ...]


def decode_masks(
    path: str | Path,
    *,
    threshold: int | None = None,
    invert: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> Masks:
    """Decode a mask video: bright is foreground.

    White or one colour on black is found out from the picture. Frame by frame only the brightness is
    read, of a coloured mask the brightest channel; dense masks are never kept. A picture that is no
    mask, such as an overlay on the source, is refused.

    Args:
        path: a video file.
        threshold: 8-bit brightness codes above it are foreground, 0 to 254; None for the middle of the
            range: 125 for limited range (16 to 235), 127 for full range (0 to 255), and half of its own
            brightness for a mask in a dark colour. With a threshold nothing is refused as no mask.
        invert: dark is foreground: black on white.
        limits: what the file may ask for.

    Returns:
        The masks, (T, H, W), with their ``grey_frac``. A file that is cut off gives the frames before
        the cut.

    Raises:
        ValueError: if ``threshold`` is out of range.
        DecodeError: if the file can't be read as a video, no frame can be decoded, it is beyond the
            limits, or it holds no mask.
    """
    return decode_mask_video(path, threshold=threshold, invert=invert, limits=limits).masks


def decode_mask_video(
    path: str | Path,
    *,
    threshold: int | None = None,
    invert: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> MaskVideo:
    """Decode a mask video with its times; see ``decode_masks``."""
    if isinstance(threshold, bool) or (threshold is not None and not 0 <= threshold <= 254):
        raise ValueError(
            f"threshold must be a luma code from 0 to 254, got {threshold}; None takes mid-range"
        )
    path = Path(path)
    samples: list[NDArray[np.uint8]] = []
    found = read_mask_frames(path, _luma_look(threshold, samples), limits)
    notes: list[str] = []
    if found is None or (threshold is None and found.rles and _is_doubtful(found, samples, invert=invert)):
        survey = _survey(path, limits)
        if survey.doubt and threshold is None:
            raise DecodeError(
                f"{path.name} is no mask video: {survey.doubt}, as in an overlay on the source, a picture "
                "of labels, or the source itself; give white or one colour on black, or say threshold= to "
                "read its brightness all the same"
            )
        if min(survey.color) <= survey.level or survey.level < FOREGROUND_FULL:
            notes.append(
                f"{path.name} has the colour {survey.color} on black: its brightest channel above "
                f"{survey.level if threshold is None else threshold} is foreground"
            )
        found = read_mask_frames(path, _color_look(survey, threshold), limits)
    if found is None or not found.rles:
        damage = f" ({found.damage})" if found and found.damage else ""
        raise DecodeError(
            f"expected a mask video with frames, but no frame of {path.name} can be decoded{damage}"
        )
    return _mask_video(path, found, notes, invert=invert)


def _mask_video(path: Path, found: MaskFrames, notes: list[str], *, invert: bool) -> MaskVideo:
    rles = [rle.complement() for rle in found.rles] if invert else found.rles
    grey_frac = np.array([shares.grey_frac(invert=invert) for shares in found.shares])
    if found.orientation:
        notes.append(f"{path.name} was {found.orientation}, as its metadata say")
    if found.damage or found.n_declared > len(rles):
        why = f" ({found.damage})" if found.damage else ""
        notes.append(
            f"{path.name} is cut off or damaged: {len(rles)} of {found.n_declared} frames can be decoded{why}"
        )
    soft = _mean_grey(found.shares, invert=invert)
    if soft > _SOFT:
        notes.append(
            f"{path.name} is soft: {soft:.0%} of what is seen is grey, so areas depend on the threshold"
        )
    height, width = rles[0].shape
    large = np.mean([rle.area() for rle in found.rles]) > _MOST * height * width
    if large and all(found.corners) and not invert:
        notes.append(
            f"{path.name} is white at its corners and over most of the picture; if it is black on white, "
            "read it with decode_masks(…, invert=True)"
        )
    masks = Masks(rles, (height, width), grey_frac=grey_frac)
    return MaskVideo(masks, found.time_s, found.index, found.n_declared, tuple(notes))


def _luma_look(threshold: int | None, samples: list[NDArray[np.uint8]]) -> Look:
    """Read the decoder's own luma, until the picture turns out not to be white on black; keep samples."""

    def look(index: int, frame: VideoFrame) -> Seen | None:
        if not has_luma(frame):
            return None
        codes, scale = luma(frame), luma_scale(frame, threshold)
        shares = Shares.of(codes, scale)
        sampled = is_sampled(index)
        if (sampled or not shares.grey + shares.bright) and is_tinted(frame):
            return None
        if sampled and threshold is None:
            samples.append(scale.to_full(sample([codes])))
            if len(samples) == _ENOUGH_SAMPLES and judge(samples).doubt:
                return None
        return Seen(codes, scale, shares)

    return look


def _is_doubtful(found: MaskFrames, samples: list[NDArray[np.uint8]], *, invert: bool) -> bool:
    """Tell whether a picture read as white on black may be another grey, or no mask at all."""
    return _mean_grey(found.shares, invert=invert) > _FAINT or bool(judge(samples).doubt)


def _color_look(survey: Survey, threshold: int | None) -> Look:
    """Read the brightest channel."""
    level = survey.level if threshold is None else threshold
    scale = Scale(black=0, span=survey.peak, level=level)

    def look(_: int, frame: VideoFrame) -> Seen:
        value = brightest(channels(frame))
        return Seen(value, scale, Shares.of(value, scale))

    return look


def _survey(path: Path, limits: Limits) -> Survey:
    """Look at the colours of some frames."""
    with open_video(path, limits=limits) as (container, stream):
        frames = enumerate(FrameReader(container, stream, path.name, limits))
        return judge([sample(channels(frame)) for i, frame in frames if is_sampled(i)])


def _mean_grey(shares: list[Shares], *, invert: bool) -> float:
    """Mean grey share over the frames in which something is seen."""
    seen = [each.grey_frac(invert=invert) for each in shares if each.grey + each.bright]
    return float(np.mean(seen)) if seen else 0.0
