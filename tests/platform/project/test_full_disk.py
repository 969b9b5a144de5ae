"""A disk without room costs lines of the log and some time, and ends nothing that runs."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qingyuan.kit.postgres import PostgresFailed
from qingyuan.project.supervisor import Supervisor

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_a_process_whose_log_cannot_be_written_works_on() -> None:
    said = (
        "import sys, structlog; from qingyuan.project.commands import _console; _console.configure();"
        "[structlog.get_logger('x').warning('no room', place=one) for one in range(3)];"
        "print('still here', file=sys.stderr)"
    )
    with FULL.open("w") as full:
        done = subprocess.run([sys.executable, "-c", said], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.stderr.startswith("still here")


def test_postgresql_that_cannot_start_is_tried_on_and_the_others_are_watched_meanwhile() -> None:
    class Cluster:
        tried = 0

        def pid(self) -> int | None:
            return 1 if self.tried > 3 else None

        def start(self) -> None:
            self.tried += 1
            if self.tried < 3:
                raise PostgresFailed("found no room")

    class Looked(Exception):
        """The watch has come round to the children often enough."""

    class Watched:
        looks = 0

        def ended(self) -> bool:
            self.looks += 1
            if self.looks == 4:
                raise Looked
            return False

    cluster: Any = Cluster()
    child: Any = Watched()
    with pytest.raises(Looked):
        Supervisor([child], cluster).watch()
    assert cluster.tried == 4
