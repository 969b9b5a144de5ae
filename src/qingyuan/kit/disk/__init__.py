"""Bytes kept as files: each whole or not there, also where the power goes, and nothing left lying of one that broke."""

import os
import tempfile
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from qingyuan.kit import clock

ARRIVING = ".arriving"  # a folder of the files that are not whole yet
ABANDONED = timedelta(days=1)  # after which nobody writes on at one


def put(path: Path, content: bytes) -> None:
    """Write a file below the folder of media, where it is not yet."""
    root = Path(settings.MEDIA_ROOT)
    if path.exists():
        return
    for folder in (path.parent, root / ARRIVING):
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=root / ARRIVING, delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except OSError:  # a full disk, for one
            Path(file.name).unlink(missing_ok=True)
            raise
    Path(file.name).replace(path)
    for folder in path.parents:
        sync(folder)
        if folder == root:
            break


def sync(path: Path) -> None:
    """Put a file, or the names in a folder, on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep() -> int:
    """Remove what a crash left of files that were being written; how many that were."""
    oldest, found = (clock.now() - ABANDONED).timestamp(), 0
    for path in (Path(settings.MEDIA_ROOT) / ARRIVING).glob("*"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            found += 1
    return found
