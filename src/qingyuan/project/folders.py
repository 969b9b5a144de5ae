"""Where the program keeps its data."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 60.0


class FolderInUse(Exception):
    """Another run holds the data folder."""


def data_folder() -> Path:
    """The data folder: `QINGYUAN_DATA`, else `/var/lib/qingyuan` for root, else the user's own data folder."""
    given = os.environ.get("QINGYUAN_DATA")
    if given:
        return Path(given).expanduser().resolve()
    if os.geteuid() == 0:
        return Path("/var/lib/qingyuan")
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "qingyuan"


@contextmanager
def claimed(folder: Path, waiting: Callable[[], None], patience: float = PATIENCE_S) -> Iterator[None]:
    """Hold a data folder for one run; another one that is about to end is waited for.

    Raises
    ------
    FolderInUse
        The other run did not end in time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ends = time.monotonic() + patience
    with (folder / "run.lock").open("a") as lock:  # the system lets go of it however a run ends
        if not _locked(lock.fileno()):
            waiting()
        while not _locked(lock.fileno()):
            if time.monotonic() > ends:
                raise FolderInUse(f"found another run in {folder}, expected none: stop it, or set QINGYUAN_DATA")
            time.sleep(0.2)
        yield


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
