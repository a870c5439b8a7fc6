import random
import shutil

import pytest

import sa2va_nb as sa
from sa2va_nb.opening.saving import WRITTEN
from tests.fuzz.mutate import mutated_bytes, mutated_json
from tests.rich import rich

UNDERSTOOD = (sa.Sa2VAError, ValueError, TypeError)
FORMATS = [name for name in WRITTEN if name != "mp4"]  # of videos, tests.fuzz does that


def damage(path, rng):
    """Change some bytes of a file, or of one of a folder's; of json its values in half of the cases."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    file = rng.choice(files)
    data = file.read_bytes()
    is_json = data[:1] in (b"{", b"[") and rng.random() < 0.5
    file.write_bytes(mutated_json(data.decode(), rng) if is_json else mutated_bytes(data, rng))


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_files_are_read_or_refused_in_words(tmp_path, name):
    original = sa.save_masks(rich(), tmp_path / "original", format=name).path
    refused = []
    for seed in range(40):
        copy = tmp_path / "copy"
        (shutil.copytree if original.is_dir() else shutil.copyfile)(original, copy)
        damage(copy, random.Random(seed))
        try:
            seg = sa.load_reference(copy)
            assert all(item.masks.shape == seg.shape for item in seg)
        except UNDERSTOOD as error:
            refused.append(str(error))
        shutil.rmtree(copy) if copy.is_dir() else copy.unlink()
    assert refused
    assert all(len(words) > 20 for words in refused)
