"""Makes the disk full, as far as files of this process go."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def full_disk(*, room_bytes: int = 0) -> Iterator[None]:
    """Let no file grow beyond some bytes; needs a system with such limits, so not Windows."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
