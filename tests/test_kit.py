"""The kit for a class, made here and used where nothing but it is."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

import sa2va_nb as sa
from sa2va_nb.kit import write_kit
from sa2va_nb.kit.requirements import pinned_requirements
from tests.clips import textured_clip
from tests.notebooks import NOTEBOOKS
from tests.test_cli import call


class Wall:
    """An engine that sees a wall everywhere, in no time."""

    name, settings = "wall", {}

    def quote(self, request):
        return 0.0

    def run(self, request, workspace):
        path = workspace.write_mask_video(0, np.ones((12, 48, 64), bool))
        return sa.Response("A wall [SEG].", (sa.MaskFile(path),))


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kit")
    clip = textured_clip(folder / "clip.mp4")
    seg = sa.segment(clip, "What is there?", engine=Wall(), runs_dir=folder / "runs", progress=False)
    sa.save_bundle(seg, folder / "wall.zip")
    done = call("kit", folder / "lesson", "--run", folder / "wall.zip")
    assert done.exit_code == 0, done.output
    assert "Bundle" in done.output
    return folder / "lesson"


def test_it_holds_what_a_class_needs(kit):
    assert {path.name for path in kit.iterdir()} == {
        *("README.md", "requirements.txt"),
        *("bundles", "clips", "notebooks", "wheels"),
    }
    assert [path.name for path in (kit / "bundles").iterdir()] == ["wall.zip"]
    assert {path.name for path in (kit / "notebooks").iterdir()} == {
        path.name for path in NOTEBOOKS.glob("*.ipynb")
    }
    assert sa.sample_clip(kit / "clips")[0].name == "pond.mp4"
    readme = (kit / "README.md").read_text(encoding="utf-8")
    assert "`bundles/wall.zip`" in readme
    assert "“A wall.” (1 object in 12 frames, by wall)" in readme
    assert str(kit.parent) not in readme


def test_what_notebooks_made_where_they_ran_is_not_handed_out(kit, tmp_path):
    shutil.copytree(Path(sa.__file__).parent, tmp_path / "sa2va_nb")
    ran = tmp_path / "notebooks/sa2va_runs/20260101-120000-0123456789ab/run.json"
    ran.parent.mkdir(parents=True)
    ran.write_text("{}")
    for made in ("01_quickstart.ipynb", "scores.csv"):
        (tmp_path / "notebooks" / made).write_text("{}")
    code = f"from sa2va_nb.kit import write_kit; write_kit('lesson', [{str(kit / 'bundles/wall.zip')!r}])"
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    assert [path.name for path in (tmp_path / "lesson/notebooks").rglob("*")] == ["01_quickstart.ipynb"]
    (path,) = (tmp_path / "lesson/wheels").glob("sa2va_nb-*.whl")
    with zipfile.ZipFile(path) as wheel:
        inside = [name for name in wheel.namelist() if name.startswith("sa2va_nb/notebooks/")]
    assert inside == ["sa2va_nb/notebooks/01_quickstart.ipynb"]


def test_its_packages_have_the_versions_that_are_installed(kit):
    lines = (kit / "requirements.txt").read_text(encoding="utf-8").split()
    assert f"numpy=={version('numpy')}" in lines
    assert f"jupyterlab=={version('jupyterlab')}" in lines
    assert f"sa2va-nb=={version('sa2va_nb')}" in lines
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9.-]+==\S+", line)] == []
    assert not any(line.startswith(("pytest==", "playwright==")) for line in lines)


def test_what_is_not_installed_is_named():
    pinned, missing = pinned_requirements("no-such-package-anywhere", frozenset())
    assert (pinned, missing) == ([], ["no-such-package-anywhere"])


def test_it_runs_from_its_own_wheel_in_a_fresh_folder_without_a_key(kit, tmp_path):
    (wheel,) = (kit / "wheels").glob("sa2va_nb-*.whl")
    install = ["-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target", "site", wheel]
    subprocess.run([sys.executable, *install], cwd=tmp_path, check=True)
    environment = {name: value for name, value in os.environ.items() if name not in ("FAL_KEY", "PYTHONPATH")}
    environment["PYTHONPATH"] = str(tmp_path / "site")
    code = (
        "import sa2va_nb as sa; from sa2va_nb.kit import notebooks_folder\n"
        f"seg = sa.open_run({str(kit / 'bundles/wall.zip')!r})\n"
        "print(sa.__file__, sa.measure(seg)['area_px'].sum(), notebooks_folder())\n"
        "sa.report(seg, 'report.html')"
    )
    shown = subprocess.check_output([sys.executable, "-c", code], cwd=tmp_path, env=environment, text=True)
    assert shown.split() == [
        str(tmp_path / "site/sa2va_nb/__init__.py"),
        str(12 * 48 * 64),
        str(tmp_path / "site/sa2va_nb/notebooks"),
    ]
    assert (tmp_path / "report.html").stat().st_size > 100_000


def test_its_wheel_tells_the_digest_of_every_file(kit):
    (path,) = (kit / "wheels").glob("sa2va_nb-*.whl")
    with zipfile.ZipFile(path) as wheel:
        (record,) = (name for name in wheel.namelist() if name.endswith("/RECORD"))
        listed = [line.split(",")[0] for line in wheel.read(record).decode().splitlines()]
        assert sorted(listed) == sorted(wheel.namelist())
        assert len(set(listed)) == len(listed)


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(FileExistsError, match="name a new folder"):
        write_kit(tmp_path)
    assert call("kit", tmp_path).exit_code == 1


def test_a_run_that_is_not_there_leaves_no_half_kit(tmp_path):
    assert call("kit", tmp_path / "lesson", "--run", tmp_path / "gone.zip").exit_code == 1
    assert not (tmp_path / "lesson").exists()


def test_runs_of_the_same_name_are_all_handed_out_under_plain_names(tmp_path):
    clip = textured_clip(tmp_path / "clip.mp4")
    seg = sa.segment(clip, "walls", engine=Wall(), runs_dir=tmp_path / "runs", progress=False)
    names = ('a")\n.zip', "one/lesson.zip", "two/lesson.zip")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        sa.save_bundle(seg, tmp_path / name)
    made = write_kit(tmp_path / "kit", [tmp_path / name for name in names])
    assert [bundle.name for bundle in made.bundles] == ["a_.zip", "lesson.zip", "lesson-2.zip"]
    assert made.bundles[0].name in (made.folder / "README.md").read_text()
    assert all(len(sa.open_run(bundle)) == len(seg) for bundle in made.bundles)
