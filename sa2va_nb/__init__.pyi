# The public names, and where each comes from. lazy_loader reads this file to load them on first use.
from .analysis.evaluate import Evaluation, evaluate
from .analysis.events import instance_events
from .analysis.instances import Instance, split_instances
from .analysis.measure import measure
from .analysis.overlaps import overlaps
from .analysis.tracks import tracks
from .answer import Answer, parse_answer
from .errors import (
    AlignmentError,
    BudgetError,
    DecodeError,
    FetchError,
    MissingKeyError,
    ModelError,
    RunError,
    Sa2VAError,
)
from .formats.davis import load_reference
from .loading import load_masks, open_run, save_bundle
from .masks import Masks
from .media.decode import decode_masks
from .media.limits import Limits
from .media.video import Video
from .model.fal import FalEngine
from .model.motion import MotionEngine
from .model.request import Engine, MaskFile, Progress, Request, Response, Workspace
from .pipeline import resume, segment, segment_async, segment_many
from .run_folder import runs
from .sample import sample_clip
from .segmentation import Segmentation, SegmentedObject
from .study import measure_runs, measure_to_parquet
from .view.plots import plot_area, plot_tracks
from .view.report import report
from .view.scrubber import Scrubber, scrub
from .view.strips import plot_strip

__version__: str

__all__ = [
    "AlignmentError",
    "Answer",
    "BudgetError",
    "DecodeError",
    "Engine",
    "Evaluation",
    "FalEngine",
    "FetchError",
    "Instance",
    "Limits",
    "MaskFile",
    "Masks",
    "MissingKeyError",
    "ModelError",
    "MotionEngine",
    "Progress",
    "Request",
    "Response",
    "RunError",
    "Sa2VAError",
    "Scrubber",
    "Segmentation",
    "SegmentedObject",
    "Video",
    "Workspace",
    "decode_masks",
    "evaluate",
    "instance_events",
    "load_masks",
    "load_reference",
    "measure",
    "measure_runs",
    "measure_to_parquet",
    "open_run",
    "overlaps",
    "parse_answer",
    "plot_area",
    "plot_strip",
    "plot_tracks",
    "report",
    "resume",
    "runs",
    "sample_clip",
    "save_bundle",
    "scrub",
    "segment",
    "segment_async",
    "segment_many",
    "split_instances",
    "tracks",
]
