import _thread
import threading
import time
from dataclasses import dataclass, field

import pytest

import sa2va_nb as sa
from tests.clips import textured_clip
from tests.engines import Bright


@dataclass
class Odd(Bright):
    """An engine with mistakes of its own."""

    def run(self, request, workspace):
        mistakes = {
            "key": KeyError("mask"),
            "zero": ZeroDivisionError("oh"),
            "memory": MemoryError(),
            "exit": SystemExit(3),
        }
        if request.prompt in mistakes:
            raise mistakes[request.prompt]
        return super().run(request, workspace)


@dataclass
class Interrupted(Bright):
    """An engine during whose first run the user interrupts."""

    go_on: threading.Event = field(default_factory=threading.Event)

    def run(self, request, workspace):
        if not self.asked:
            _thread.interrupt_main()
            self.asked.append(request.prompt)
            assert self.go_on.wait(60)
            self.asked.pop()
        return super().run(request, workspace)


def ask(tmp_path, prompts, engine, **options):
    clip = tmp_path / "clip.mp4"
    if not clip.exists():
        textured_clip(clip)
    options = {"runs_dir": tmp_path / "runs", "progress": False, **options}
    return sa.segment_many([(clip, prompt) for prompt in prompts], engine=engine, **options)


def test_whatever_an_engine_raises_is_the_result_of_its_job_only(tmp_path):
    results = ask(tmp_path, ["one", "key", "two", "zero", "memory", "exit", "three"], Odd())
    kinds = [type(result).__name__ for result in results]
    assert kinds == [
        "Segmentation",
        "KeyError",
        "Segmentation",
        "ZeroDivisionError",
        "MemoryError",
        "ModelError",
        "Segmentation",
    ]
    table = sa.runs(tmp_path / "runs").set_index("prompt")["status"]
    assert "SystemExit(3)" in str(results[5])
    assert table[["key", "zero", "memory", "exit"]].tolist() == ["failed"] * 4


def test_an_interrupt_begins_nothing_more_and_the_same_call_goes_on(tmp_path):
    engine = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        ask(tmp_path, ["one", "two", "three"], engine, concurrency=1)
    engine.go_on.set()  # what runs is not waited for
    deadline = time.monotonic() + 60
    while sa.runs(tmp_path / "runs")["status"].tolist() != ["done"] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert engine.asked == ["one"]

    results = ask(tmp_path, ["one", "two", "three"], engine)
    assert engine.asked[0] == "one"
    assert sorted(engine.asked) == ["one", "three", "two"]
    assert [seg.run["request"]["prompt"] for seg in results] == ["one", "two", "three"]


def test_the_table_ends_with_what_came(tmp_path, capfd):
    ask(tmp_path, ["one"], Odd(), progress=False)
    ask(tmp_path, ["one", "two", "zero"], Odd(price_usd=1.5), progress=True)
    shown = capfd.readouterr().err
    assert "1 of 3 kept: clip.mp4: the earlier result" in shown
    assert "3 of 3 failed: clip.mp4: ZeroDivisionError: oh" in shown
    last = shown.splitlines()[-1]
    assert last.startswith("1 done · 1 kept · 1 failed · ")
    assert last.endswith("$1.50")


@pytest.mark.parametrize("job", ["ab", b"ab", 5, None, ("a",), ("a", "b", "c"), {"video": "a"}])
def test_a_job_of_another_form_is_refused(tmp_path, job):
    with pytest.raises(ValueError, match="a job must be a"):
        sa.segment_many([job], runs_dir=tmp_path, progress=False)


def test_one_thing_that_is_asked_fifty_times_at_once_is_one_job(standin, tmp_path):
    clip = textured_clip(tmp_path / "clip.mp4")
    engine = sa.FalEngine(poll_s=0.01)
    results = sa.segment_many(
        [(clip, "a dog")] * 50, concurrency=1000, engine=engine, runs_dir=tmp_path / "runs", progress=False
    )
    assert {repr(seg) for seg in results} == {repr(results[0])}
    assert len(standin.jobs) == 1


def test_nothing_to_do_is_done(tmp_path):
    assert sa.segment_many([], runs_dir=tmp_path, progress=False) == []


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_limit_that_is_none_is_refused_before_anything_is_planned(tmp_path, dry_run):
    with pytest.raises(ValueError, match="max_cost_usd must be 0 or more"):
        sa.segment_many([], max_cost_usd=-1, dry_run=dry_run, runs_dir=tmp_path)
