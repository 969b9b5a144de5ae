"""Reading many packets of one form at a time, by the compiled loops of `qingyuan_science.hj212.bulk.loops`."""

import gc
from typing import Any

import structlog

from qingyuan.sensing.logic.arriving.arrivals import Piece, Run
from qingyuan.sensing.logic.forms import Form
from qingyuan.sensing.logic.plausible import AHEAD_US, EARLIEST_US
from qingyuan.sensing.logic.rows import Rows
from qingyuan_science.hj212.bulk.layout import Clock, Integers

_log = structlog.get_logger("gateway")


class Bulk:
    """The compiled loops. They are there once `prepare` has loaded them; where it cannot, packets are read singly."""

    def __init__(self) -> None:
        self._loops: Any = None

    @property
    def ready(self) -> bool:
        return self._loops is not None

    def prepare(self) -> None:
        """Load the loops, and run each once, which compiles it where that was not done before."""
        if self.ready:
            return
        try:
            from qingyuan_science.hj212.bulk import loops

            loops.rehearse()
        except Exception as error:  # noqa: BLE001 nothing is lost: what cannot be compiled here is read singly
            _log.warning("packets are read one by one, slower", error=f"{type(error).__name__}: {error}")
        else:
            self._loops = loops
            gc.freeze()  # the compiler's many objects stay for good: no search for garbage goes through them
            _log.info("packets of one form are read together from now on")

    def frames(self, data: bytes, longest: int) -> Integers:
        """Where the first of the sound frames begins that bytes begin with, and where each ends."""
        found: Integers = self._loops.frames(data, longest)
        return found

    def read(self, run: Run, first: int, form: Form, rows: Rows) -> Piece | None:
        """Append the readings of the frames of a form, from `first` on, to `rows`; None where there is none."""
        if form.layout is None:
            return None
        clock = Clock(*form.grid, EARLIEST_US, run.received_us + AHEAD_US)
        found = self._loops.read(run.raw, run.edges[first:], form.layout, clock)
        count = len(found.at)
        if not count:
            return None
        rows.extend_many(form.channels, form.kind, found, run.received_us)
        return Piece(run, run.edges[first : first + count + 1], form)

    def answers(self, piece: Piece, before: bytes, after: bytes) -> bytes:
        """The answers to a piece, end to end."""
        written: bytes = self._loops.answers(piece.run.raw, piece.starts, before, after)
        return written


BULK = Bulk()
