# The public names, and where each comes from. lazy_loader reads this file to load them on first use.
from .analysis.agreement import Agreement, agreement
from .analysis.compare import compare
from .analysis.comparison import Comparison
from .analysis.evaluate import Evaluation, evaluate
from .analysis.events import instance_events
from .analysis.instances import Instance, split_instances
from .analysis.measure import measure
from .analysis.multi_object import evaluate_tracks
from .analysis.overlaps import overlaps
from .analysis.quality import quality
from .analysis.seen import seen_frames
from .analysis.suspects import suspects
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
from .estimates import Estimate, Estimates, estimate
from .ledger import ledger_totals
from .loading import load_masks, open_run, save_bundle
from .masks import Masks
from .media.decode import decode_masks
from .media.limits import Limits
from .media.video import Video
from .model.fal import FalEngine
from .model.motion import MotionEngine
from .model.request import Engine, MaskFile, Progress, Request, Response, Workspace
from .pipeline import resume, segment, segment_async, segment_many
from .reference import load_reference
from .run_folder import runs
from .sample import sample_clip
from .segmentation import Segmentation, SegmentedObject
from .study import measure_runs, measure_to_parquet
from .sweeps import Sweep, sweep
from .view.plots import plot_area, plot_tracks
from .view.quality_plots import plot_quality, plot_suspects
from .view.report import report
from .view.scrubber import Scrubber, scrub
from .view.strips import plot_errors, plot_strip

__version__: str

__all__ = [
    "Agreement",
    "AlignmentError",
    "Answer",
    "BudgetError",
    "Comparison",
    "DecodeError",
    "Engine",
    "Estimate",
    "Estimates",
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
    "Sweep",
    "Video",
    "Workspace",
    "agreement",
    "compare",
    "decode_masks",
    "estimate",
    "evaluate",
    "evaluate_tracks",
    "instance_events",
    "ledger_totals",
    "load_masks",
    "load_reference",
    "measure",
    "measure_runs",
    "measure_to_parquet",
    "open_run",
    "overlaps",
    "parse_answer",
    "plot_area",
    "plot_errors",
    "plot_quality",
    "plot_strip",
    "plot_suspects",
    "plot_tracks",
    "quality",
    "report",
    "resume",
    "runs",
    "sample_clip",
    "save_bundle",
    "scrub",
    "seen_frames",
    "segment",
    "segment_async",
    "segment_many",
    "split_instances",
    "suspects",
    "sweep",
    "tracks",
]
