import numpy as np
import pytest
import traitlets

from sa2va_nb.view.widget.scrubber import Scrubber, scrub
from tests.clips import rectangle
from tests.scenes import segmentation
from tests.widgets import change, connect, unpack


def sampled(*frames: int) -> Scrubber:
    """A scrubber of a clip at 25 frames a second, with masks in some frames."""
    return scrub(segmentation(rectangle(frames=len(frames), step=0), frame=list(frames)))


def following(leader: Scrubber, *frames: int) -> Scrubber:
    return scrub(segmentation(rectangle(frames=len(frames), step=0), frame=list(frames)), clock=leader)


def test_the_follower_starts_at_the_leaders_time():
    leader = sampled(*range(20))
    leader.frame = 11
    follower = following(leader, 0, 5, 10, 15)
    assert (follower.frame, follower.time_s) == (10, leader.time_s)
    assert unpack(follower._first, (48, 64))[0] == 2  # the picture that it opens with


def test_whichever_is_moved_the_other_follows():
    leader = sampled(*range(20))
    follower = following(leader, 0, 5, 10, 15)
    leader.frame = 7
    assert (follower.frame, follower.time_s) == (5, 0.28)
    follower.frame = 15
    assert (leader.frame, leader.time_s) == (15, 0.6)
    assert (follower.frame, follower.time_s) == (15, 0.6)


def test_the_one_that_follows_does_not_move_the_one_that_leads():
    leader = sampled(*range(20))
    follower = following(leader, 0, 5, 10, 15)
    moves = []
    leader.observe(lambda change: moves.append(change.new), "frame")
    for frame in range(20):
        leader.frame = frame
    assert moves == [*range(1, 20)]
    assert follower.frame == 15


def test_what_a_view_moves_is_passed_on_by_the_browser_not_by_python():
    leader = sampled(*range(20))
    follower = following(leader, 0, 5, 10, 15)
    comm = connect(follower)
    change(leader, frame=7, time_s=0.28)
    assert follower.frame == 0  # a late copy from here would move back what the browser has moved on
    change(follower, frame=5, time_s=0.28)  # as the linked view says
    assert (follower.frame, follower.time_s, leader.frame) == (5, 0.28, 7)
    assert comm.updates == []


def test_late_messages_of_two_linked_views_settle():
    """Both browsers' messages come in any order; no answer of Python's starts a new round."""
    leader = sampled(*range(20))
    follower = following(leader, *range(1, 20, 3))
    comms = connect(leader), connect(follower)
    nearest = follower.segmentation.frame
    for frame in range(1, 20):
        change(leader, frame=frame, time_s=frame / 25)
    for frame in range(1, 20):
        change(follower, frame=int(nearest[np.argmin(abs(nearest - frame))]), time_s=frame / 25)
    assert (leader.frame, follower.frame, follower.time_s) == (19, 19, 0.76)
    assert [comm.updates for comm in comms] == [[], []]


def test_three_scrubbers_share_one_clock():
    first = sampled(*range(20))
    second, third = following(first, 0, 10), following(first, 0, 7, 14)
    third.frame = 14
    assert (first.frame, second.frame) == (14, 10)


def test_closing_either_parts_the_two():
    leader = sampled(*range(20))
    follower = following(leader, 0, 10)
    other = following(leader, 0, 10)
    follower.close()
    leader.frame = 10
    assert (follower.frame, other.frame) == (0, 10)
    leader.close()
    other.frame = 0
    assert (leader.frame, leader.clock_links, other.clock_links) == (10, [], [])


def test_times_can_be_linked_by_hand_too():
    one, other = sampled(*range(20)), sampled(0, 9, 18)
    traitlets.link((one, "time_s"), (other, "time_s"))
    one.frame = 13
    assert (one.frame, other.frame, other.time_s) == (13, 9, 0.52)


def test_a_clock_is_another_scrubber():
    with pytest.raises(TypeError, match="clock must be another Scrubber, got float"):
        scrub(segmentation(rectangle()), clock=1.5)


def test_a_closed_scrubber_is_no_clock():
    closed = sampled(0, 1)
    closed.close()
    with pytest.raises(ValueError, match="clock must be a scrubber that is open, but this one was closed"):
        following(closed, 0, 1)
