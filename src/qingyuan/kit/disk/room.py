"""How much room is left where the platform writes: on a full disk nothing is lost, but nothing is taken in either."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class Room:
    """A disk that is written to: a folder on it, and bytes that are free for the platform's user, of how many."""

    folder: Path
    free: int
    size: int

    @property
    def is_low(self) -> bool:
        """Whether somebody should make room now."""
        return self.free < settings.LOW_DISK_BYTES


def rooms() -> list[Room]:
    """The disks that the platform writes to, each once.

    Returns
    -------
    list of Room
        Of the data folder, of media and of a lake that is a folder; a database elsewhere is not looked at.
    """
    found: dict[int, Room] = {}
    for folder in _written_to():
        with suppress(OSError):
            stands = os.statvfs(folder)
            room = Room(folder, stands.f_bavail * stands.f_frsize, stands.f_blocks * stands.f_frsize)
            found.setdefault(folder.stat().st_dev, room)
    return list(found.values())


def _written_to() -> Iterator[Path]:
    yield Path(settings.DATA)
    yield Path(settings.MEDIA_ROOT)
    if "://" not in str(settings.LAKE):
        yield Path(settings.LAKE)
