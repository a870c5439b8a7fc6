from math import cos, pi, sin
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import label

from sa2va_nb.answer import parse_answer
from sa2va_nb.media.video import Video
from sa2va_nb.sample import sample_clip
from sa2va_nb.sample.render import render, visible_coverage
from sa2va_nb.sample.scene import (
    ACTORS,
    ANSWER,
    BALL_RADIUS,
    BALL_SPEED,
    BALL_START,
    BALLOON_RADII,
    BALLOON_SPEED,
    BALLOON_START,
    BRIDGE_X0,
    BRIDGE_X1,
    N_FRAMES,
    Ellipse,
    Pose,
)

BALL, LEFT_FISH, RIGHT_FISH, DUCK, BALLOON = range(5)


def mask(frame: int, index: int) -> np.ndarray:
    return visible_coverage(frame)[index] >= 0.5


def centroid(mask: np.ndarray) -> tuple[float, float]:
    y, x = np.nonzero(mask)
    return float(x.mean()), float(y.mean())


@pytest.mark.parametrize("frame", [0, 20, 50, 74])
def test_the_free_ball_covers_the_area_of_a_disk_where_its_motion_says(frame: int):
    ball = mask(frame, BALL)

    assert ball.sum() == pytest.approx(pi * BALL_RADIUS**2, rel=0.01)
    assert visible_coverage(frame)[BALL].sum() == pytest.approx(pi * BALL_RADIUS**2, rel=0.003)
    assert centroid(ball) == pytest.approx((BALL_START[0] + BALL_SPEED * frame, BALL_START[1]), abs=0.1)


@pytest.mark.parametrize("frame", [0, 30, 60, 119])
def test_the_balloon_grows_evenly_while_it_drifts(frame: int):
    radius = BALLOON_RADII[0] + (BALLOON_RADII[1] - BALLOON_RADII[0]) * frame / (N_FRAMES - 1)
    balloon = mask(frame, BALLOON)

    assert balloon.sum() == pytest.approx(pi * radius**2, rel=0.02 if radius < 15 else 0.01)
    assert centroid(balloon) == pytest.approx(
        (BALLOON_START[0] + BALLOON_SPEED * frame, BALLOON_START[1]), abs=0.2
    )


def test_the_bridge_hides_the_ball_and_not_the_balloon():
    frames = range(N_FRAMES)
    ball = np.stack([mask(frame, BALL) for frame in frames])
    balloon = np.stack([mask(frame, BALLOON) for frame in frames])
    hidden = ~ball.any(axis=(1, 2))

    assert hidden.sum() >= 2
    assert not hidden[0]
    assert not hidden[-1]
    assert not ball[:, :, BRIDGE_X0:BRIDGE_X1].any()
    assert balloon[:, :, BRIDGE_X0:BRIDGE_X1].any()
    assert balloon.any(axis=(1, 2)).all()


def test_the_ball_half_under_the_bridge_shows_the_disks_segment():
    frame = next(f for f in range(N_FRAMES) if BALL_START[0] + BALL_SPEED * f > BRIDGE_X0)
    offset = (
        BRIDGE_X0 - 0.5 - (BALL_START[0] + BALL_SPEED * frame)
    )  # centres at integers: the edge is half before
    # area of the part of a disk left of a chord at x = offset
    r = BALL_RADIUS
    part = r * r * (pi - np.arccos(offset / r)) + offset * np.sqrt(r * r - offset**2)
    assert mask(frame, BALL).sum() == pytest.approx(part, rel=0.02)


def test_the_duck_leaves_for_a_second_and_comes_back():
    seen = np.array([mask(frame, DUCK).any() for frame in range(N_FRAMES)])
    spells, n_spells = label(~seen)

    assert n_spells == 1
    assert 25 <= np.count_nonzero(spells) <= 60
    assert seen[0]
    assert seen[-1]


def test_the_two_fish_are_drawn_alike_and_stay_on_their_sides():
    assert ACTORS[LEFT_FISH].parts == ACTORS[RIGHT_FISH].parts
    for frame in range(0, N_FRAMES, 7):
        assert ACTORS[LEFT_FISH].pose(frame).x < ACTORS[RIGHT_FISH].pose(frame).x


def test_no_pixel_belongs_to_two_objects_and_coverage_adds_up():
    for frame in range(0, N_FRAMES, 5):
        coverage = visible_coverage(frame)
        assert coverage.min() >= 0
        assert coverage.sum(axis=0).max() <= 1 + 1e-5
        assert ((coverage >= 0.5).sum(axis=0) <= 1).all()


def test_rendered_ellipses_cover_what_supersampling_says():
    from sa2va_nb.sample.render import _coverage

    part = Ellipse(3, -2, 17, 8, (0, 0, 0), angle=0.4)
    pose = Pose(40.3, 30.8, 0.7, 1.1)
    ours = _coverage(part, pose, 0, (slice(0, 64), slice(0, 80)))
    y, x = (np.mgrid[: 64 * 8, : 80 * 8] + 0.5) / 8 - 0.5  # eight by eight points a pixel
    cx = pose.x + 1.1 * (3 * cos(0.7) + 2 * sin(0.7))
    cy = pose.y + 1.1 * (3 * sin(0.7) - 2 * cos(0.7))
    u = ((x - cx) * cos(1.1) + (y - cy) * sin(1.1)) / (17 * 1.1)
    v = ((y - cy) * cos(1.1) - (x - cx) * sin(1.1)) / (8 * 1.1)
    exact = (u * u + v * v <= 1).reshape(64, 8, 80, 8).mean(axis=(1, 3))

    assert np.abs(ours - exact).max() < 0.13
    assert ours.sum() == pytest.approx(exact.sum(), rel=0.002)


def test_a_frame_renders_the_same_every_time_and_moves_where_objects_are():
    assert np.array_equal(render(33), render(33))
    changed = np.abs(render(33).astype(int) - render(40)).max(axis=-1) > 30
    objects = (visible_coverage(33) + visible_coverage(40)).max(axis=0) > 0
    assert changed.sum() > 2000
    assert (changed & ~objects).sum() == 0


def test_a_frame_outside_the_clip_is_the_callers_mistake():
    with pytest.raises(ValueError, match="0 to 119, got 120"):
        render(N_FRAMES)
    with pytest.raises(ValueError, match="got -1"):
        visible_coverage(-1)


def test_the_clip_plays_what_was_rendered_and_its_truth_fits(tmp_path: Path):
    path, truth = sample_clip(tmp_path)
    video = Video(path)

    assert video.shape == (N_FRAMES, 360, 640, 3)
    assert video.fps == pytest.approx(25)
    assert truth.shape == (N_FRAMES, 360, 640)
    assert truth.frame.tolist() == list(range(N_FRAMES))
    assert np.array_equal(truth.time_s, video.time_s)
    assert [item.phrase for item in truth] == list(parse_answer(ANSWER).phrases)
    assert [item.phrase for item in truth] == [actor.phrase for actor in ACTORS]
    error = np.abs(video[60].astype(int) - render(60))
    assert error.mean() < 6
    assert np.array_equal(truth["the right fish"].masks[60], mask(60, RIGHT_FISH))


def test_a_whole_clip_is_used_again_and_a_damaged_one_made_anew(tmp_path: Path):
    path, _ = sample_clip(tmp_path)
    content, written = path.read_bytes(), path.stat().st_mtime_ns
    sample_clip(tmp_path)
    assert path.stat().st_mtime_ns == written

    path.write_bytes(content[: len(content) // 2])
    sample_clip(tmp_path)
    assert path.read_bytes() == content


def test_without_a_folder_the_clip_lies_in_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path, _ = sample_clip()
    assert path.is_relative_to(tmp_path / "sa2va_nb")
    assert sample_clip()[0] == path
