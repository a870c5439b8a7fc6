"""The layers that the design names, the quick import, and the public names."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import sa2va_nb as sa

PACKAGE = Path(sa.__file__).parent
CORE = {"errors", "beside", "extras", "hashing", "answer", "masks", "segmentation", "run_record"}
EDGES = {"model", "media", "run_folder", "bundle", "formats", "convert", "view"}
# Each may use those before it.
COMPOSITION = ["opening", "sample", "calling", "pipeline", "studies", "kit", "cli"]
# Segmentation shows itself in a notebook; see docs/decisions/0001-layers.md
EXEMPT = {("segmentation", "view")}


def layer_of(module: str) -> str:
    """Give the first part of a module's name below the package."""
    return module.split(".")[1] if "." in module else ""


def imports_of(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            if node.module == "sa2va_nb":
                yield from (f"sa2va_nb.{alias.name}" for alias in node.names)
            else:
                yield node.module


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] not in ("__init__", "__main__", "cli"):
            yield pytest.param(parts[0], path, id="/".join(parts))


@pytest.mark.parametrize(("layer", "path"), [*modules()])
def test_imports_point_one_way(layer, path):
    assert layer in CORE | EDGES | {*COMPOSITION, "analysis"}, "every module has its place in the design"
    if layer in CORE:
        allowed = CORE
    elif layer == "analysis":
        allowed = CORE | {"analysis"}
    elif layer in EDGES:
        allowed = CORE | {"analysis", layer}
    else:
        allowed = CORE | EDGES | {"analysis", *COMPOSITION[: COMPOSITION.index(layer) + 1]}
    used = {layer_of(name) for name in imports_of(path) if name.startswith("sa2va_nb.")}
    assert {name for name in used - allowed if (layer, name) not in EXEMPT} == set()


def test_analysis_touches_no_file_and_no_network():
    outside = {
        "av",
        "httpx",
        "fal_client",
        "pathlib",
        "os",
        "io",
        "socket",
        "urllib",
        "shutil",
        "tempfile",
        "subprocess",
    }
    for path in (PACKAGE / "analysis").rglob("*.py"):
        assert {name.split(".")[0] for name in imports_of(path)} & outside == set(), path.name


def test_importing_is_light():
    heavy = [
        "matplotlib",
        "skimage",
        "av",
        "fal_client",
        "pandas",
        "scipy",
        "ipywidgets",
        "anywidget",
        "numpy",
        "httpx",
    ]
    code = f"import sys, sa2va_nb; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_the_parts_that_name_a_public_function_does_not_hide_it():
    code = (
        "import pkgutil, importlib, sa2va_nb as sa\n"
        "for m in pkgutil.walk_packages(sa.__path__, 'sa2va_nb.'):\n"
        "    if not m.name.endswith('__main__'): importlib.import_module(m.name)\n"
        "print([n for n in sa.__all__ if type(getattr(sa, n)).__name__ == 'module'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_public_names_are_these():
    expected = """
        AlignmentError Answer BudgetError DecodeError Engine Evaluation FalEngine FetchError Instance Limits MaskFile
        Masks
        MissingKeyError ModelError MotionEngine Progress Request Response RunError Sa2VAError Scrubber
        Segmentation SegmentedObject Video Workspace decode_masks evaluate load_masks load_reference plot_images
        instance_events measure measure_runs measure_to_parquet
        open_run overlaps parse_answer plot_area plot_strip plot_tracks report resume runs sample_clip
        save_bundle scrub segment segment_async segment_many split_instances tracks
        Agreement Comparison Sweep agreement compare plot_errors plot_quality plot_suspects quality seen_frames
        suspects sweep evaluate_tracks cancel estimate Estimate Estimates ledger_totals
        to_units
        figure_style mean_image
        save_masks Saved to_fiftyone to_movement to_napari to_supervision to_trackpy to_xarray
        plot_kymograph plot_overlaps plot_sweep
    """
    assert sorted(sa.__all__) == sorted(expected.split())


def public_things():
    for name in sorted(sa.__all__):
        thing = getattr(sa, name)
        yield pytest.param(thing, id=name)
        if inspect.isclass(thing):
            for member, value in vars(thing).items():
                if not member.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
                    yield pytest.param(value, id=f"{name}.{member}")


@pytest.mark.parametrize("thing", [*public_things()])
def test_everything_public_is_documented(thing):
    first_line = (inspect.getdoc(thing) or "").split("\n\n")[0]
    assert len(first_line) > 10
    assert first_line.endswith((".", "``."))


def test_arguments_after_the_first_two_are_keyword_only():
    for name in sa.__all__:
        thing = getattr(sa, name)
        if inspect.isfunction(thing):
            kinds = [parameter.kind for parameter in inspect.signature(thing).parameters.values()]
            assert all(kind is inspect.Parameter.KEYWORD_ONLY for kind in kinds[2:]), name


def test_the_package_is_free_of_lint():
    root = PACKAGE.parent
    for command in (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]):
        done = subprocess.run([sys.executable, "-m", *command], cwd=root, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
