"""Small annotation files for tests, made with pycocotools."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

HEIGHT, WIDTH = 30, 40


def blobs(*, seed: int = 0, frames: int = 3) -> NDArray[np.bool_]:
    """Give (T, H, W) masks of random rectangles; the last frame is empty."""
    rng = np.random.default_rng(seed)
    dense = np.zeros((frames, HEIGHT, WIDTH), bool)
    for mask in dense[:-1]:
        top, left = rng.integers(0, 20, 2)
        mask[top : top + rng.integers(3, 12), left : left + rng.integers(3, 20)] = True
    return dense


def to_rle(mask: NDArray[np.bool_], *, compressed: bool = True) -> dict[str, Any]:
    """Encode an (H, W) mask as pycocotools does; or as a list of counts."""
    if compressed:
        rle = coco_mask.encode(np.asfortranarray(mask, np.uint8))
        return {"size": rle["size"], "counts": rle["counts"].decode()}
    flat = np.concatenate([[0], mask.ravel(order="F").astype(int), [1 - int(mask[-1, -1])]])
    edges = np.flatnonzero(np.diff(flat))
    counts = np.diff(np.concatenate([[0], edges[: len(edges)]])).tolist()
    return {"size": list(mask.shape), "counts": counts}


def ytvis(
    *tracks: NDArray[np.bool_], names: list[str] | None = None, height: int = HEIGHT, width: int = WIDTH
) -> dict[str, Any]:
    """Give the json of one video whose tracks are (T, H, W)."""
    names = names or [f"clip/{5 * t:05d}.jpg" for t in range(len(tracks[0]))]
    return {
        "videos": [{"id": 1, "height": height, "width": width, "length": len(names), "file_names": names}],
        "categories": [{"id": 1, "name": "dog"}, {"id": 2, "name": "ball"}],
        "annotations": [
            {
                "id": 10 + k,
                "video_id": 1,
                "category_id": 1 + k % 2,
                "iscrowd": 0,
                "segmentations": [to_rle(mask) if mask.any() else None for mask in dense],
            }
            for k, dense in enumerate(tracks)
        ],
    }


def coco(*tracks: NDArray[np.bool_], tracked: bool = True, folder: str = "clip") -> dict[str, Any]:
    """Give the json of images whose objects are (T, H, W)."""
    images = [
        {"id": 100 + t, "file_name": f"{folder}/{t:05d}.jpg", "height": HEIGHT, "width": WIDTH}
        for t in range(len(tracks[0]))
    ]
    rows = [
        {
            "image_id": 100 + t,
            "category_id": 1 + k % 2,
            "iscrowd": 0,
            "segmentation": to_rle(mask),
            **({"track_id": 7 + k} if tracked else {}),
        }
        for t in range(len(tracks[0]))
        for k, dense in enumerate(tracks)
        if (mask := dense[t]).any()
    ]
    return {
        "images": images,
        "categories": [{"id": 1, "name": "dog"}, {"id": 2, "name": "ball"}],
        "annotations": [{"id": i, **row} for i, row in enumerate(rows)],
    }


def sav(*tracks: NDArray[np.bool_], frame_count: float, duration: float) -> dict[str, Any]:
    """Give the json of a video whose masklets are (T, H, W)."""
    return {
        "video_frame_count": frame_count,
        "video_duration": duration,
        "video_height": float(HEIGHT),
        "video_width": float(WIDTH),
        "masklet_id": list(range(len(tracks))),
        "masklet": [[to_rle(dense[t]) for dense in tracks] for t in range(len(tracks[0]))],
    }


def write_json(path: Path, data: object) -> Path:
    """Write a file."""
    path.write_text(json.dumps(data), encoding="utf-8")
    return path
