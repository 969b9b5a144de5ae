"""How far to look at a time: spans in which about as many readings lie as are wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil, floor

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from qingyuan.recording.lake.layout import DAY_US, instant
from qingyuan.recording.lake.ordered import Cell

ROW_BYTES = 75  # of the hot table, measured
_SIZES = (
    "SELECT c.relname, pg_relation_size(c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'recording_reading'::regclass"
)
_STREAMS = "SELECT count(*) FROM recording_stream"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hot_days() -> dict[date, int]:
    """The UTC days that have a partition of the hot table, and about how many readings each holds."""
    with connection.cursor() as cursor:
        cursor.execute(_SIZES)
        sizes = [(name.rpartition("_")[2], size) for name, size in cursor.fetchall()]
    return {date.fromisoformat(day): size // ROW_BYTES for day, size in sizes if len(day) == 8 and day.isdigit()}


def hot_cells(streams: int) -> list[Cell]:
    """About how many readings of some number of streams the hot table holds of each day."""
    with connection.cursor() as cursor:
        cursor.execute(_STREAMS)
        share = min(1.0, streams / max(1, cursor.fetchone()[0]))
    begins = {
        microseconds(datetime(day.year, day.month, day.day, tzinfo=UTC)): rows for day, rows in hot_days().items()
    }
    return [Cell(start, start + DAY_US, rows * share) for start, rows in begins.items()]


def microseconds(at: datetime) -> int:
    """An instant in µs since 1970, to the last one."""
    return (at - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Density:
    """How many readings lie before each of some instants [µs]; between two of them they are thought to lie evenly."""

    edges: NDArray[np.int64]
    before: NDArray[np.float64]

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> "Density":
        """From spans that may lie over each other."""
        edges = np.unique(np.array([edge for cell in cells for edge in (cell.start, cell.end)], dtype=np.int64))
        rate = np.zeros(len(edges))
        for cell in cells:
            some = cell.rows / max(1, cell.end - cell.start)
            rate[np.searchsorted(edges, cell.start)] += some
            rate[np.searchsorted(edges, cell.end)] -= some
        between = np.cumsum(rate)[:-1] * np.diff(edges) if len(edges) else np.zeros(0)
        return cls(edges, np.concatenate([[0.0], np.cumsum(np.maximum(between, 0.0))]))

    def stretch(
        self, start: datetime, end: datetime, wanted: float, *, newest_first: bool
    ) -> tuple[datetime, datetime]:
        """The first part of a span, or its last, in which about so many readings lie; all of it if there are fewer."""
        first, last = microseconds(start), microseconds(end)
        if newest_first:
            target = self._until(last) - wanted
            at = self._at(target, down=True) if target > self._until(first) else first
            return (instant(min(at, last - 1)) if at > first else start), end
        target = self._until(first) + wanted
        at = self._at(target, down=False) if target < self._until(last) else last
        return start, (instant(max(at, first + 1)) if at < last else end)

    def _until(self, at: int) -> float:
        return float(np.interp(at, self.edges, self.before)) if len(self.edges) else 0.0

    def _at(self, target: float, *, down: bool) -> int:
        """The instant before which so many lie: the last such one going down, so that silent times are skipped."""
        after = int(np.searchsorted(self.before, target, side="right" if down else "left"))
        after = min(max(after, 1), len(self.edges) - 1)
        fewer, more = self.before[after - 1], self.before[after]
        part = (target - fewer) / (more - fewer) if more > fewer else float(not down)
        inside = part * float(self.edges[after] - self.edges[after - 1])
        return int(self.edges[after - 1]) + (floor(inside) if down else ceil(inside))
