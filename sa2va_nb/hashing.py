"""Names files by their content."""

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Hash a file's content, a gigabyte in some seconds; gives 64 hexadecimal digits.

    Raises:
        OSError: if it can't be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
