import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sa2va_nb as sa
from sa2va_nb.cli import app
from sa2va_nb.run_folder import RunFolder, only_one
from tests.clips import textured_clip
from tests.standin import StandIn
from tests.standin.service import Answer

KEY = "k" * 64
QUICK = sa.FalEngine(poll_s=0.01)


def given_up(tmp_path: Path, standin: StandIn) -> str:
    """Make a call whose job is in the queue, and stop waiting for it; gives the run's name."""
    standin.hold = True
    engine = sa.FalEngine(poll_s=0.01, queue_timeout_s=0.05)
    clip = textured_clip(tmp_path / "clip.mp4")
    with pytest.raises(sa.ModelError, match=r"sa\.cancel\("):
        sa.segment(clip, "a dog", engine=engine, runs_dir=tmp_path, progress=False)
    standin.hold = False
    (run,) = sa.runs(tmp_path)["run"]
    return str(run)


def test_a_job_is_cancelled_and_the_ledger_says_so(standin: StandIn, tmp_path: Path) -> None:
    run = given_up(tmp_path, standin)
    assert sa.cancel(run, runs_dir=tmp_path) is True
    (job,) = standin.jobs.values()
    assert job.cancelled
    assert sa.runs(tmp_path)["status"].tolist() == ["cancelled"]
    with pytest.raises(sa.ModelError, match=f"{job.id} was cancelled; nothing comes of it"):
        sa.resume(run, runs_dir=tmp_path, progress=False)
    assert sa.cancel(tmp_path / run) is True  # nothing is asked any more
    assert standin.count("PUT") == 1


def test_a_job_that_had_ended_is_told_and_its_result_is_there(standin: StandIn, tmp_path: Path) -> None:
    run = given_up(tmp_path, standin)
    (job,) = standin.jobs.values()
    job.steps = 100
    assert sa.cancel(run, runs_dir=tmp_path) is False
    assert len(sa.resume(run, runs_dir=tmp_path, progress=False)) == 2
    assert sa.cancel(run, runs_dir=tmp_path) is False


def test_one_who_waits_sees_it_and_saves_it(standin: StandIn, tmp_path: Path) -> None:
    run = given_up(tmp_path, standin)
    folder = RunFolder.open(tmp_path / run)
    with only_one(tmp_path, folder.record["key"]):
        assert sa.cancel(run, runs_dir=tmp_path) is True
        assert RunFolder.open(tmp_path / run).record["status"] == "submitted"


def test_a_service_that_does_not_do_it_leaves_the_run_as_it_is(standin: StandIn, tmp_path: Path) -> None:
    run = given_up(tmp_path, standin)
    standin.fail("PUT", "status", times=9, answer=Answer(404, {"detail": "no such request"}))
    with pytest.raises(sa.ModelError, match="no such request"):
        sa.cancel(run, runs_dir=tmp_path)
    assert sa.runs(tmp_path)["status"].tolist() == ["submitted"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(200, b"<html>you are offline</html>"), "not understood"),
        (Answer(200, b"\0\xff"), "not understood"),
        (Answer(302, b"", {"Location": "https://127.0.0.1/"}), "not fetched"),
        (Answer(500, {"detail": "oops"}), "oops"),
    ],
)
def test_what_is_no_word_of_the_service_cancels_nothing(
    standin: StandIn, tmp_path: Path, answer: Answer, said: str
) -> None:
    run = given_up(tmp_path, standin)
    standin.fail("PUT", "status", times=9, answer=answer)
    with pytest.raises(sa.ModelError, match=f"{said}.*The job may run on: try again"):
        sa.cancel(run, runs_dir=tmp_path)
    assert sa.runs(tmp_path)["status"].tolist() == ["submitted"]


def test_a_service_that_is_silent_is_not_asked_for_ever(standin: StandIn, tmp_path: Path) -> None:
    run = RunFolder.open(tmp_path / given_up(tmp_path, standin)).record
    standin.fail("PUT", "hang", times=99, delay_s=9)
    started = time.monotonic()
    with pytest.raises(sa.ModelError, match=r"in time|not answered for 0\.3 s"):
        sa.FalEngine(timeout_s=0.3).cancel(run["app"], run["request_id"])
    assert time.monotonic() - started < 5


def test_a_job_that_ends_although_it_was_cancelled_is_not_lost(standin: StandIn, tmp_path: Path) -> None:
    run = given_up(tmp_path, standin)
    standin.fail("PUT", "status", answer=Answer(202, {"status": "CANCELLATION_REQUESTED"}))
    assert sa.cancel(run, runs_dir=tmp_path) is True
    assert len(sa.resume(run, runs_dir=tmp_path, engine=QUICK, progress=False)) == 2
    assert len(standin.jobs) == 1


def test_a_job_whose_id_the_user_wrote_down_is_cancelled(standin: StandIn, tmp_path: Path) -> None:
    standin.fail("POST queue.fal.run", "drop_after")
    with pytest.raises(sa.ModelError, match="is unknown"):
        sa.segment(textured_clip(tmp_path / "clip.mp4"), "a dog", runs_dir=tmp_path, progress=False)
    (run,) = sa.runs(tmp_path)["run"]
    with pytest.raises(sa.RunError, match=r"one may have been sent.*request_id\.txt"):
        sa.cancel(run, runs_dir=tmp_path)
    (job,) = standin.jobs.values()
    (tmp_path / run / "request_id.txt").write_text(job.id)
    assert sa.cancel(run, runs_dir=tmp_path) is True
    assert job.cancelled
    assert sa.runs(tmp_path)[["status", "request_id"]].to_numpy().tolist() == [["cancelled", job.id]]


@pytest.mark.parametrize(
    "fields",
    [
        *({"app": app} for app in ("a", "https://evil.example/x", "../..", "@evil.example/x", "a\0/x")),
        *({"request_id": written} for written in ("../../../x", "x?y#", "x\ny", "\ud800")),
    ],
)
@pytest.mark.parametrize("call", ["cancel", "resume"])
def test_a_damaged_record_leads_to_no_other_address(
    standin: StandIn, tmp_path: Path, call: str, fields: dict[str, str]
) -> None:
    run = given_up(tmp_path, standin)
    RunFolder.open(tmp_path / run).save(**fields)
    before = len(standin.journal)
    with pytest.raises(sa.ModelError, match="record is damaged"):
        sa.cancel(tmp_path / run) if call == "cancel" else sa.resume(tmp_path / run, progress=False)
    assert len(standin.journal) == before


@pytest.mark.parametrize(
    ("status", "advice"),
    [("uploading", "nothing was sent"), ("submitting", "cancel it there"), ("failed", "")],
)
def test_what_can_be_done_instead_is_said(tmp_path: Path, status: str, advice: str) -> None:
    run = RunFolder.create(tmp_path, KEY, engine="fal", app="fal-ai/sa2va/8b/video")
    run.save(status=status)
    with pytest.raises(sa.RunError, match=f"no job at the service.*{advice}"):
        sa.cancel(run.path)


@pytest.mark.parametrize("fields", [{"engine": "motion"}, {"engine": "fal"}, {"engine": "fal", "app": "a"}])
def test_a_run_without_a_job_is_none_to_cancel(tmp_path: Path, fields: dict[str, str]) -> None:
    run = RunFolder.create(tmp_path, KEY, **fields)
    with pytest.raises(sa.RunError, match="no job at the service"):
        sa.cancel(run.path)


def test_the_command_says_what_became_of_the_job(standin: StandIn, tmp_path: Path) -> None:
    run = given_up(tmp_path, standin)
    asked = ["cancel", run, "--runs-dir", str(tmp_path)]
    (job,) = standin.jobs.values()
    job.steps = 100
    late = CliRunner().invoke(app, asked)
    assert (late.exit_code, job.cancelled) == (1, False)
    assert f"sa2va-nb resume {run}" in late.stderr
    job.steps = 0
    done = CliRunner().invoke(app, asked)
    assert (done.exit_code, job.cancelled) == (0, True)
    assert "cancelled" in done.stdout
