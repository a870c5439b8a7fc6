"""Changes bytes and JSON at random, reproducibly."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

_NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 30000)
_VALUES = (
    None,
    True,
    -1,
    0,
    3,
    10**30,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "done",
    "../../etc/passwd",
    "masks/000.mp4",
    "\x00",
    "[SEG] " * 300,
    [],
    [1],
    [None],
    {},
    {"file": 3},
    [[]],
)


def mutated_bytes(data: bytes, rng: random.Random) -> bytes:
    """Change a file in one to eight places."""
    changed = bytearray(data)
    head = data.find(b"moov")
    for _ in range(rng.choice((1, 1, 2, 3, 5, 8))):
        if not changed:
            break
        # A third of the changes go where sizes, counts and times are.
        low = head if head >= 0 and rng.random() < 0.35 else 0
        start = min(rng.randrange(low, max(low + 1, len(changed))), len(changed) - 1)
        rng.choice(_EDITS)(changed, start, rng)
    return bytes(changed)


def _flip(data: bytearray, start: int, rng: random.Random) -> None:
    data[start] ^= 1 << rng.randrange(8)


def _byte(data: bytearray, start: int, rng: random.Random) -> None:
    data[start] = rng.randrange(256)


def _number(data: bytearray, start: int, rng: random.Random) -> None:
    width = rng.choice((2, 4))
    data[start : start + width] = (rng.choice(_NUMBERS) & (256**width - 1)).to_bytes(width, "big")


def _delete(data: bytearray, start: int, rng: random.Random) -> None:
    del data[start : start + rng.randint(1, 64)]


def _insert(data: bytearray, start: int, rng: random.Random) -> None:
    data[start:start] = rng.randbytes(rng.randint(1, 64))


def _repeat(data: bytearray, start: int, rng: random.Random) -> None:
    end = start + rng.randint(1, 256)
    data[end:end] = data[start:end]


def _blank(data: bytearray, start: int, rng: random.Random) -> None:
    end = min(len(data), start + rng.randint(1, 512))
    data[start:end] = bytes(end - start)


def _cut(data: bytearray, start: int, rng: random.Random) -> None:
    if rng.random() < 0.2:
        del data[start:]


_Edit = Callable[[bytearray, int, random.Random], None]
_EDITS: tuple[_Edit, ...] = (
    _flip,
    _flip,
    _byte,
    _byte,
    _number,
    _number,
    _delete,
    _insert,
    _repeat,
    _blank,
    _cut,
)


def mutated_json(text: str, rng: random.Random) -> bytes:
    """Change a JSON document: mostly its values, sometimes its bytes."""
    if rng.random() < 0.2:
        return mutated_bytes(text.encode(), rng)
    document = json.loads(text)
    for _ in range(rng.randint(1, 4)):
        places = list(_places(document))
        if not places:
            break
        parent, key = rng.choice(places)
        if rng.random() < 0.25:
            del parent[key]
        else:
            parent[key] = copy.deepcopy(rng.choice(_VALUES))
    return json.dumps(document).encode()


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Give every (container, key) of a document."""
    items = (
        list(node.items())
        if isinstance(node, dict)
        else list(enumerate(node))
        if isinstance(node, list)
        else []
    )
    return [(node, key) for key, _ in items] + [place for _, value in items for place in _places(value)]
