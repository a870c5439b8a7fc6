"""Goes on with a run that was interrupted."""

from sa2va_nb.calling.call import finish_call
from sa2va_nb.calling.planning import find_engine
from sa2va_nb.errors import RunError
from sa2va_nb.media.video import Video
from sa2va_nb.model.request import Engine, Request
from sa2va_nb.opening.loading import open_run
from sa2va_nb.opening.source_video import absence_of_video, recorded_video
from sa2va_nb.run_folder import RunFolder, only_one
from sa2va_nb.run_record import check_holds
from sa2va_nb.segmentation import Segmentation
from sa2va_nb.view.status.progress import progress_display


def pick_up(run: RunFolder, engine: Engine | None, *, progress: bool) -> Segmentation:
    """Give the result of a run, bringing it to its end where needed; see ``resume``."""
    if _is_ready(run):
        return open_run(run.path)
    check_holds(run.record, ("video", "request", "engine"), run.name)
    maker = _engine_of(run, engine)
    request = _request_of(run)
    key = str(run.record.get("key", run.name))
    with progress_display(shown=progress) as show, only_one(run.path.parent, key):
        run = RunFolder.open(run.path)  # another process may have gone on with it meanwhile
        if _is_ready(run):
            return open_run(run.path)
        return finish_call(maker, request, run, show)


def _is_ready(run: RunFolder) -> bool:
    return run.record["status"] == "done" and run.is_whole()


def _engine_of(run: RunFolder, engine: Engine | None) -> Engine:
    """Give the engine that made a run, which must be the one given, if any is."""
    maker = find_engine(engine if engine is not None else run.record["engine"])
    made_by = run.record["engine"], run.record.get("settings", {})
    if (maker.name, dict(maker.settings)) != made_by:
        raise ValueError(
            f"run {run.name} was made by engine {made_by[0]!r} with settings {made_by[1]}; give that one: "
            "resume(…, engine=…)"
        )
    return maker


def _request_of(run: RunFolder) -> Request:
    """Ask again what a run asked, of the same video."""
    source = recorded_video(run)
    if source is None:
        raise RunError(
            f"run {run.name} can't go on, as {absence_of_video(run)}; put the original back, or make a new call"
        )
    asked = run.record["request"]
    return Request(
        Video(source),
        asked["prompt"],
        asked.get("num_frames_to_sample"),
        asked.get("endpoint", "8b"),
        run.record["video"].get("url"),
        tuple(asked.get("first_frames") or ()),
    )
