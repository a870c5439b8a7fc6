# The public names, and where each comes from. lazy_loader reads this file to load them on first use.
from .analysis.agreement.agreement import Agreement, agreement
from .analysis.agreement.compare import compare
from .analysis.agreement.comparison import Comparison
from .analysis.instances.events import instance_events
from .analysis.instances.split import Instance, split_instances
from .analysis.measure import measure
from .analysis.overlaps import overlaps
from .analysis.quality.quality import quality
from .analysis.quality.suspects import suspects
from .analysis.seen import seen_frames
from .analysis.tracks import tracks
from .analysis.truth.evaluate import Evaluation, evaluate
from .analysis.truth.multi_object import evaluate_tracks
from .analysis.units import to_units
from .answer import Answer, parse_answer
from .calling.cancelling import cancel
from .calling.estimates import Estimate, Estimates, estimate
from .calling.ledger import ledger_totals
from .convert.fiftyone import to_fiftyone
from .convert.movement import to_movement
from .convert.napari import to_napari
from .convert.supervision import to_supervision
from .convert.trackpy import to_trackpy
from .convert.xarray import to_xarray
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
from .masks import Masks
from .media.decode import decode_masks
from .media.limits import Limits
from .media.video import Video
from .model.fal import FalEngine
from .model.motion import MotionEngine
from .model.request import Engine, MaskFile, Progress, Request, Response, Workspace
from .opening.loading import load_masks, open_run
from .opening.reference import load_reference
from .opening.saving import Saved, save_bundle, save_masks
from .pipeline import resume, segment, segment_async, segment_many
from .run_folder import runs
from .sample import sample_clip
from .segmentation import Segmentation, SegmentedObject
from .studies.study import measure_runs, measure_to_parquet
from .studies.sweeps import Sweep, sweep
from .view.figures.area_plot import plot_area
from .view.figures.images import plot_images
from .view.figures.kymograph import plot_kymograph
from .view.figures.overlap_plot import plot_overlaps
from .view.figures.quality_plots import plot_quality, plot_suspects
from .view.figures.strips import plot_errors, plot_strip
from .view.figures.style import figure_style
from .view.figures.sweep_plot import plot_sweep
from .view.figures.tracks_plot import plot_tracks
from .view.painting.mean import mean_image
from .view.report.report import report
from .view.widget.scrubber import Scrubber, scrub

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
    "Saved",
    "Scrubber",
    "Segmentation",
    "SegmentedObject",
    "Sweep",
    "Video",
    "Workspace",
    "agreement",
    "cancel",
    "compare",
    "decode_masks",
    "estimate",
    "evaluate",
    "evaluate_tracks",
    "figure_style",
    "instance_events",
    "ledger_totals",
    "load_masks",
    "load_reference",
    "mean_image",
    "measure",
    "measure_runs",
    "measure_to_parquet",
    "open_run",
    "overlaps",
    "parse_answer",
    "plot_area",
    "plot_errors",
    "plot_images",
    "plot_kymograph",
    "plot_overlaps",
    "plot_quality",
    "plot_strip",
    "plot_suspects",
    "plot_sweep",
    "plot_tracks",
    "quality",
    "report",
    "resume",
    "runs",
    "sample_clip",
    "save_bundle",
    "save_masks",
    "scrub",
    "seen_frames",
    "segment",
    "segment_async",
    "segment_many",
    "split_instances",
    "suspects",
    "sweep",
    "to_fiftyone",
    "to_movement",
    "to_napari",
    "to_supervision",
    "to_trackpy",
    "to_units",
    "to_xarray",
    "tracks",
]
