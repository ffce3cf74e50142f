"""Files that a crash leaves either as they were or as they should be."""

import os
from pathlib import Path

__all__ = ["replace", "sync"]


def replace(path: Path, content: bytes) -> None:
    """Puts a file in the place of another by one atomic rename, and makes sure that it is on the disk."""
    aside = path.with_suffix(".new")
    aside.write_bytes(content)
    sync(aside)
    aside.rename(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Makes sure that a file or the entries of a folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
