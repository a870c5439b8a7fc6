from pathlib import Path

import numpy as np
import pytest

import sa2va_nb as sa
from sa2va_nb.analysis.arguments import check_choice, check_count, check_several
from sa2va_nb.analysis.measure import Columns
from tests.scenes import segmentation

ONE = (
    *(sa.measure, sa.quality, sa.overlaps, sa.split_instances, sa.instance_events, sa.seen_frames),
    *(sa.plot_strip, sa.plot_kymograph, lambda seg: sa.plot_suspects(seg, None)),
    *(sa.to_xarray, sa.to_napari, lambda seg: sa.to_supervision(seg, 0)),
    *(
        lambda seg: sa.save_masks(seg, "never.json", format="coco"),
        lambda seg: sa.save_bundle(seg, "never.zip"),
    ),
)
TABLES = {
    sa.plot_area: "measure",
    sa.plot_tracks: "measure",
    sa.plot_quality: "quality",
    sa.suspects: "quality",
    lambda table: sa.to_units(table, 10, unit="cm"): "measure",
}
TWO = (sa.compare, sa.evaluate, sa.evaluate_tracks)


@pytest.mark.parametrize("function", ONE)
@pytest.mark.parametrize("given", [None, "run.zip", [segmentation(frame=range(3))]])
def test_what_is_no_segmentation_is_refused_in_words(function, given):
    with pytest.raises(TypeError, match=f"seg must be a Segmentation, got {type(given).__name__}; open_run"):
        function(given)


@pytest.mark.parametrize("function", TWO)
def test_of_two_the_wrong_one_is_named(function):
    seg = segmentation(frame=range(3))
    with pytest.raises(TypeError, match=r"(a|seg) must be a Segmentation, got NoneType"):
        function(None, seg)
    with pytest.raises(TypeError, match=r"(b|reference) must be a Segmentation, got str"):
        function(seg, "truth.json")


@pytest.mark.parametrize(("function", "source"), TABLES.items())
def test_what_is_no_table_is_refused_in_words_that_say_where_one_comes_from(function, source):
    with pytest.raises(
        TypeError, match=rf"the table from {source}\(\), got Segmentation; pass what {source}\(\)"
    ):
        function(segmentation(frame=range(3)))


@pytest.mark.parametrize("given", [None, segmentation(frame=range(3))])
def test_agreement_takes_a_list(given):
    with pytest.raises(TypeError, match=f"a list of Segmentations, got {type(given).__name__}"):
        sa.agreement(given)


def test_a_choice_is_one_of_those_there_are():
    check_choice("columns", "all", Columns)
    with pytest.raises(ValueError, match="columns must be one of 'basic', 'all', got 'every'"):
        check_choice("columns", "every", Columns)


def test_a_count_is_a_whole_number_from_its_least_up():
    check_count("n", 0, least=0)
    check_count("n", np.int64(3), least=1)
    with pytest.raises(ValueError, match="n must be 1 or more, got 0"):
        check_count("n", 0, least=1)
    for given in (2.5, True, "3", None):
        with pytest.raises(TypeError, match=f"n must be a whole number, got {given!r}"):
            check_count("n", given, least=1)


@pytest.mark.parametrize(
    "function",
    [
        lambda n: sa.plot_strip(segmentation(frame=range(3)), n=n),
        lambda n: sa.plot_quality(sa.quality(segmentation(frame=range(3))), n=n),
        lambda n: sa.compare(segmentation(frame=range(3)), segmentation(frame=range(3))).moments(n),
    ],
)
def test_half_a_thing_is_refused_in_words(function):
    with pytest.raises(TypeError, match=r"n must be a whole number, got 2\.5"):
        function(2.5)


def test_several_are_no_lone_word_path_or_number():
    check_several("paths", (path for path in ["a"]))
    for given in ("a run", Path("a run"), 3, None):
        with pytest.raises(TypeError, match=r"paths must be a list or tuple, got .*; write"):
            check_several("paths", given)
    with pytest.raises(TypeError, match=r"frames must be a list or tuple, got 2; write \[2\]"):
        sa.plot_strip(segmentation(frame=range(3)), frames=2)
    with pytest.raises(TypeError, match=r"paths must be a list or tuple, got 'a run'; write \['a run'\]"):
        sa.measure_runs("a run")
