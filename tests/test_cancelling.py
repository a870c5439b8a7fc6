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
