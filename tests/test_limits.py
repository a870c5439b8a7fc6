import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

from sa2va_nb import DecodeError, Video, decode_masks
from sa2va_nb.media.limits import Limits
from tests.clips import textured_clip
from tests.encoders import encode, paint, shapes

ROOT = Path(__file__).parents[1]


def png(path, *, width, height):
    """Write a well-formed black PNG of any size, a row at a time."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(bytes(1 + width)) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    return path


def with_size(path, *, width, height):
    """Make a png-in-mov claim another size, in its header and in its pictures."""
    data = bytearray(path.read_bytes())
    entry = data.find(b"png ", data.find(b"stsd"))
    data[entry + 28 : entry + 32] = struct.pack(">HH", width, height)
    at = data.find(b"IHDR")
    while at >= 0:
        data[at + 4 : at + 12] = struct.pack(">II", width, height)
        data[at + 17 : at + 21] = struct.pack(">I", zlib.crc32(data[at : at + 17]))
        at = data.find(b"IHDR", at + 4)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("read", [decode_masks, Video])
@pytest.mark.parametrize("side", [30_000, 12_000])
def test_a_huge_picture_is_refused(tmp_path, read, side):
    path = encode(tmp_path / "m.mov", paint(shapes()), codec="png", pix_fmt="rgb24")
    huge = with_size(path, width=side, height=side)
    with pytest.raises(
        DecodeError, match=r"m\.mov .* 16,777,216 pixels a frame; .*limits=Limits\(max_pixels=…\)"
    ):
        read(huge)


@pytest.mark.parametrize("read", [decode_masks, Video])
def test_a_picture_above_a_limit_of_ones_own_is_refused(tmp_path, read):
    path = encode(tmp_path / "m.mp4", paint(shapes()))
    with pytest.raises(DecodeError, match=r"m\.mp4 has 12,288 pixels a frame, but the limit is 12,287; "):
        read(path, limits=Limits(max_pixels=96 * 128 - 1))
    assert read(path, limits=Limits(max_pixels=96 * 128)).shape[:3] == (12, 96, 128)


def test_nothing_is_allocated_for_a_huge_picture(tmp_path):
    path = png(tmp_path / "output", width=12_000, height=12_000)
    code = (
        "import sys\n"
        "from sa2va_nb import DecodeError, decode_masks\n"
        "from sa2va_nb.media.limits import Limits\n"
        "from tests.memory import peak_mb\n"
        "before = peak_mb()\n"
        "try: decode_masks(sys.argv[1])\n"
        "except DecodeError as error: print('max_pixels' in str(error), peak_mb() - before < 30)\n"
        "decode_masks(sys.argv[1], limits=Limits(max_pixels=12_000**2))\n"
        "print(peak_mb() - before > 130)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split() == ["True", "True", "True"]


@pytest.mark.parametrize("read", [decode_masks, Video])
@pytest.mark.parametrize("file", ["long.mp4", "long.mkv", "long.ts", "long.gif"])
def test_a_stream_of_ten_hours_is_refused_unless_the_limit_is_raised(tmp_path, read, file):
    times = [0, 1000, 36_000_000]  # ten hours
    codec, pix_fmt = ("gif", "rgb8") if file.endswith("gif") else ("libx264", "yuv420p")
    if file.endswith("gif"):
        times = [t * 600_000 for t in range(61)]  # a GIF's frame lasts eleven minutes at most
    images = paint(shapes(frames=len(times)))
    path = encode(tmp_path / file, images, codec=codec, pix_fmt=pix_fmt, times_ms=times)
    with pytest.raises(
        DecodeError,
        match=r"has 36,0\d\d seconds|has 3\d,\d{3} seconds|has 14,4\d\d seconds|has 1\d,\d{3} seconds",
    ):
        read(path)
    assert len(read(path, limits=Limits(max_duration_s=50_000))) == len(times)


@pytest.mark.parametrize("read", [decode_masks, Video])
def test_too_many_frames_are_refused(tmp_path, read):
    path = encode(tmp_path / "m.mkv", paint(shapes(frames=30)))
    with pytest.raises(
        DecodeError, match=r"m\.mkv has 21 frames, but the limit is 20; .*Limits\(max_frames=…\)"
    ):
        read(path, limits=Limits(max_frames=20))
    assert len(read(path, limits=Limits(max_frames=30))) == 30


def test_masks_that_would_take_too_much_memory_are_refused(tmp_path):
    noise = np.random.default_rng(0).random((5, 96, 128)) > 0.5
    path = encode(tmp_path / "noise.mkv", paint(noise), codec="ffv1", pix_fmt="gray")
    with pytest.raises(DecodeError, match="max_mask_bytes"):
        decode_masks(path, limits=Limits(max_mask_bytes=50_000))
    assert decode_masks(path).nbytes > 50_000


@pytest.mark.parametrize("name", ["max_pixels", "max_frames", "max_duration_s", "max_mask_bytes"])
def test_a_limit_must_be_above_zero(name):
    with pytest.raises(ValueError, match=f"{name} must be above 0, got 0"):
        Limits(**{name: 0})


def test_a_picture_larger_than_its_header_says_is_held_to_the_limit(tmp_path):
    path = textured_clip(tmp_path / "clip.mp4")  # 64 x 48
    data = bytearray(path.read_bytes())
    struct.pack_into(">HH", data, data.index(b"avc1", data.index(b"stsd")) + 28, 16, 16)
    path.write_bytes(data)
    assert Video(path).shape[1:3] == (48, 64)
    with pytest.raises(DecodeError, match="3,072 pixels a frame, but the limit is 1,000"):
        Video(path, limits=Limits(max_pixels=1000))
