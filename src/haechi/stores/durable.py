"""Files that are there whole or not at all, even when the power fails half-way."""

from __future__ import annotations

import os
from pathlib import Path

from haechi.stores.lock import unwritable

UNFINISHED = ".unfinished"


def write_durably(path: Path, content: bytes) -> None:
    """Write beside, sync, rename, sync the folder: readers see the old file or the new one, never half of one."""
    beside = path.with_name(path.name + UNFINISHED)
    try:
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
        sync_folder(path.parent)
    except OSError as error:
        raise unwritable(path.parent, error) from error


def make_folder(path: Path, mode: int = 0o755) -> None:
    """Make a folder with all above it, durably; one that is there already is fine."""
    try:
        if not path.is_dir():
            path.mkdir(mode=mode, parents=True)
            sync_folder(path.parent)
    except OSError as error:
        raise unwritable(path.parent, error) from error


def sync_folder(path: Path) -> None:
    """Bring a folder's list of names to the disk."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
