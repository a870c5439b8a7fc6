"""The motion engine: segments what moves, by classical means and without a model."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from sa2va_nb.model.motion.background import Background, follow_background, learn_background, pick_samples
from sa2va_nb.model.motion.camera import summarise, track_camera
from sa2va_nb.model.motion.foreground import difference, find_foreground
from sa2va_nb.model.motion.linking import Linker, Track, stitch
from sa2va_nb.model.motion.regions import find_regions
from sa2va_nb.model.request import MaskFile, Progress, Request, Response, Workspace
from sa2va_nb.segmentation import VideoSource

Image = NDArray[np.uint8]
Size = tuple[int, int]  # (H, W)
Item = TypeVar("Item")
NOTES = (
    "These masks come from the motion engine, not from Sa2VA: it marks what moves against the background "
    "and does not read the prompt.",
)


@dataclass(frozen=True)
class MotionEngine:
    """Segments what moves against the background; needs no key and does not read the prompt.

    It registers the camera, learns the background, takes what differs from it, and links that over
    time into objects.

    Attributes:
        working_px: long side of the images it works on; masks are brought to the source's size.
        low, high: hysteresis thresholds, in standard deviations of the background.
        smallest_frac: share of the image below which a region is a speck.
        hole_frac: share of the image below which a hole in a region is filled.
        most_objects: how many objects at most; those with the largest total area are kept.
        least_presence: share of the frames in which an object must be seen.
        least_share: of the largest object's total area, that an object must have.
    """

    working_px: int = 480
    low: float = 3.0
    high: float = 7.0
    smallest_frac: float = 0.0003
    hole_frac: float = 0.02
    most_objects: int = 8
    least_presence: float = 0.08
    least_share: float = 0.03

    @property
    def name(self) -> str:
        """The engine's name in a run's record."""
        return "motion"

    @property
    def settings(self) -> Mapping[str, Any]:
        """Its parameters, which decide what it finds."""
        return asdict(self)

    def quote(self, request: Request) -> float:  # noqa: ARG002
        """Cost nothing."""
        return 0.0

    def run(self, request: Request, workspace: Workspace) -> Response:
        """Segment what moves; see ``Engine.run``."""
        video = request.video
        frames = _sampled(len(video), request.num_frames_to_sample)
        workspace.save(sampled_frames=frames.tolist())
        size = _working_size(video.shape[1:3], self.working_px)
        report = _Reporter(workspace, 2 * len(frames))
        samples: dict[int, Image] = dict.fromkeys(pick_samples(len(frames)).tolist(), np.empty(0, np.uint8))
        maps = np.stack(list(track_camera(_keep(report(_images(video, frames, size)), samples), size)))
        camera = summarise(maps, size)
        images = _images(video, frames, size)
        if camera.moves:
            pairs = follow_background(images, camera.to_first)
        else:
            still = learn_background(np.stack(list(samples.values())).astype(np.float32))
            pairs = ((image, still) for image in images)
        tracks = self._select(self._link(report(pairs), size), len(frames))
        masks = tuple(
            MaskFile(workspace.write_mask_video(k, _masks(track, len(frames), size, video.shape[1:3])))
            for k, track in enumerate(tracks)
        )
        return Response(_answer(len(tracks)), masks, NOTES)

    def _link(self, pairs: Iterable[tuple[Image, Background]], size: Size) -> list[Track]:
        """Find and link the regions of every frame."""
        n_px = size[0] * size[1]
        linker = Linker()
        for position, (image, background) in enumerate(pairs):
            mask = find_foreground(
                difference(image, background),
                low=self.low,
                high=self.high,
                smallest_px=round(self.smallest_frac * n_px),
                hole_px=round(self.hole_frac * n_px),
            )
            linker.add(position, find_regions(mask, image), image)
        return linker.tracks

    def _select(self, tracks: list[Track], n_frames: int) -> list[Track]:
        """Keep the few tracks that matter, the largest first."""
        tracks = sorted(stitch(tracks), key=lambda track: -track.total_px)
        kept = [
            track
            for track in tracks
            if len(track.regions) >= max(3, self.least_presence * n_frames)
            and track.total_px >= self.least_share * tracks[0].total_px
        ]
        return kept[: self.most_objects]


class _Reporter:
    """Counts images as they pass and reports the share done, now and then."""

    def __init__(self, workspace: Workspace, total: int) -> None:
        self._workspace, self._total, self._done = workspace, total, 0

    def __call__(self, items: Iterable[Item]) -> Iterator[Item]:
        every = max(1, self._total // 50)
        for item in items:
            if self._done % every == 0:
                share = self._done / self._total
                message = "finding the camera's motion" if share < 0.5 else "finding what moves"
                self._workspace.report(Progress("segmenting", message, share))
            self._done += 1
            yield item


def _sampled(n_frames: int, n: int | None) -> NDArray[np.int64]:
    """Give the indices of the source frames to work on, spread evenly."""
    n = n_frames if n is None else min(n, n_frames)
    return np.linspace(0, n_frames - 1, n).round().astype(np.int64)


def _working_size(size: Size, long_side_px: int) -> Size:
    scale = min(1.0, long_side_px / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _images(video: VideoSource, frames: NDArray[np.int64], size: Size) -> Iterator[Image]:
    """Give the chosen frames, reduced to a size."""
    chosen = set(frames.tolist())
    for frame, image in enumerate(video):
        if frame in chosen:
            reduced = PILImage.fromarray(image).resize(size[::-1], PILImage.Resampling.BOX)
            yield image if image.shape[:2] == size else np.asarray(reduced)


def _keep(images: Iterable[Image], wanted: dict[int, Image]) -> Iterator[Image]:
    """Pass images on, and keep those at the wanted positions."""
    for position, image in enumerate(images):
        if position in wanted:
            wanted[position] = image
        yield image


def _masks(track: Track, n_frames: int, size: Size, full_size: Size) -> Iterator[NDArray[np.bool_]]:
    """Give a mask of the source's size for each frame."""
    for position in range(n_frames):
        mask = np.zeros(full_size, np.bool_)
        if (region := track.regions.get(position)) is not None:
            rows, row_weights = _stretch(region.y0, region.mask.shape[0], size[0], full_size[0])
            columns, column_weights = _stretch(region.x0, region.mask.shape[1], size[1], full_size[1])
            mask[rows, columns] = row_weights @ region.mask @ column_weights.T >= 0.5
        yield mask


def _stretch(start: int, length: int, size: int, full_size: int) -> tuple[slice, NDArray[np.float32]]:
    """Give the span of the source's pixels that a span of working pixels reaches, and the linear weights."""
    scale = full_size / size
    full = slice(max(0, int((start - 0.5) * scale)), min(full_size, int((start + length + 0.5) * scale) + 1))
    centres = (np.arange(full.start, full.stop) + 0.5) / scale - 0.5 - start
    # at the image's border the outermost working pixel goes on
    centres = np.clip(centres, 0 if start == 0 else -np.inf, length - 1 if start + length == size else np.inf)
    weights = np.clip(1 - np.abs(centres[:, None] - np.arange(length)), 0, None)
    return full, weights.astype(np.float32)


def _answer(n: int) -> str:
    """Put the result in the service's words."""
    if n == 0:
        return "Nothing moves in this video."
    names = [f"<p> moving object {k + 1} </p> [SEG]" for k in range(n)]
    listed = names[0] if n == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{listed} {'is' if n == 1 else 'are'} moving."
