"""Reading many packets of one form at a time, by the compiled loops of `qingyuan_science.hj212.bulk.loops`."""

import gc
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import structlog

from qingyuan.sensing.logic.arriving.arrivals import Piece, Run
from qingyuan.sensing.logic.forms import Form
from qingyuan.sensing.logic.plausible import AHEAD_US, EARLIEST_US
from qingyuan.sensing.logic.rows import Packets, Rows
from qingyuan_science.hj212.bulk.layout import Integers, shelved, stretch

_log = structlog.get_logger("gateway")
_COMPILED_APART = "import os; os.nice(5); from qingyuan_science.hj212.bulk import loops; loops.rehearse()"
_LONGEST_S = 300.0


def _compile_apart() -> None:
    """Compile in a process of its own, which stands behind the gateway; whether it could is seen when loading."""
    command = [sys.executable, "-c", _COMPILED_APART]
    subprocess.run(command, check=False, capture_output=True, timeout=_LONGEST_S)


class Bulk:
    """The compiled loops. They are there once `prepare` has loaded them; where it cannot, packets are read singly."""

    def __init__(self) -> None:
        self._loops: Any = None

    @property
    def ready(self) -> bool:
        return self._loops is not None

    def prepare(self) -> None:
        """Load the loops, and run each once.

        Where they were never compiled before, a process of its own does that and leaves them in the compiler's cache:
        here it would hold up the devices for seconds.
        """
        if self.ready:
            return
        try:
            _compile_apart()
            from qingyuan_science.hj212.bulk import loops

            loops.rehearse()
        except Exception as error:  # noqa: BLE001 nothing is lost: what cannot be compiled here is read singly
            _log.warning("packets are read one by one, slower", error=f"{type(error).__name__}: {error}")
        else:
            self._loops = loops
            gc.collect()  # what is garbage by now would stay with them
            gc.freeze()  # the compiler's many objects stay for good: no search for garbage goes through them
            _log.info("packets of one form are read together from now on")

    def frames(self, data: bytes, longest: int) -> Integers:
        """Where the first of the sound frames begins that bytes begin with, and where each ends."""
        found: Integers = self._loops.frames(data, longest)
        return found

    def joined(self, runs: "Sequence[tuple[Run, int, Form | None]]") -> "Joined":
        """Runs side by side: of each, from which frame on, and the form by which its frames are tried."""
        return Joined(self._loops, runs)

    def answers(self, piece: Piece, before: bytes, after: bytes) -> bytes:
        """The answers to a piece, end to end."""
        written: bytes = self._loops.answers(piece.run.raw, piece.starts, before, after)
        return written


class Joined:
    """Runs of any number of connections whose packets are read in one go, as far as each has the form given for it."""

    def __init__(self, loops: Any, runs: Sequence[tuple[Run, int, Form | None]]) -> None:
        self._loops, self._runs = loops, runs
        known = {id(form): form for _, _, form in runs if form is not None and form.layout is not None}
        self._forms = list(known.values())
        if not self._forms:
            return
        numbers = {key: number for number, key in enumerate(known)}
        shapes = [numbers.get(id(form), -1) for _, _, form in runs]
        latest = [run.received_us + AHEAD_US for run, _, _ in runs]
        self._asked = stretch([run.behind(place) for run, place, _ in runs], shapes, latest, EARLIEST_US)
        self._shelf = shelved([form.layout for form in self._forms if form.layout], [one.grid for one in self._forms])
        self._channels = np.concatenate([np.frombuffer(form.channels, np.int64) for form in self._forms])
        self._kinds = np.frombuffer(b"".join([form.kind for form in self._forms]), np.uint8)

    def read(self, first: int, rows: Rows) -> int:
        """Append the readings of the runs from one on, up to the first frame of another form; answers whose it is.

        What was read is among the parts of its run afterwards.
        """
        if not self._forms:
            return first
        stopped, found = self._loops.read_together(self._asked, self._shelf, first)
        left = len(found.at)
        if left:
            rows.extend_many(found, self._packets(first, left))
        for run, place, form in self._runs[first : stopped + 1]:
            count = min(left, run.packets - place)
            if form is not None and count:
                run.taken.append(Piece(run, run.edges[place : place + count + 1], form))
            left -= count
        return int(stopped)

    def _packets(self, first: int, count: int) -> Packets:
        asked, readings = self._asked, self._shelf.ends[:, 3]
        sizes = np.diff(asked.ends[first:])
        shapes = asked.layouts[first:].repeat(sizes)[:count]
        received = (asked.latest[first:] - AHEAD_US).repeat(sizes)[:count]
        return Packets(shapes, self._kinds[shapes], received, self._channels, readings[:-1], readings[1:])


BULK = Bulk()
