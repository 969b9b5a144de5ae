"""Readings on their way into the table: columns in, PostgreSQL's binary COPY form out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

POSTGRES_EPOCH_US = 946_684_800_000_000
_NULL = np.int32(-1)
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"


@dataclass(frozen=True)
class Columns:
    """Readings as parallel arrays; times in microseconds since 1970 UTC, NaN where a number is missing."""

    channel: NDArray[np.int32]
    kind: NDArray[np.bytes_]
    at: NDArray[np.int64]
    numbers: NDArray[np.float64]  # shape (n, 4): value, low, high, total
    mark: NDArray[np.bytes_]
    received: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.at)

    def take(self, rows: NDArray[np.intp]) -> "Columns":
        """The readings at `rows`."""
        return Columns(
            self.channel[rows], self.kind[rows], self.at[rows], self.numbers[rows], self.mark[rows], self.received[rows]
        )

    def last_of_each(self) -> "Columns":
        """One reading a (channel, kind, at): the last that came."""
        order = np.lexsort((self.at, self.kind, self.channel))
        same = (
            (self.channel[order][1:] == self.channel[order][:-1])
            & (self.kind[order][1:] == self.kind[order][:-1])
            & (self.at[order][1:] == self.at[order][:-1])
        )
        return self.take(order[np.append(~same, True)]) if same.any() else self

    def spans(self) -> list[list[object]]:
        """First and last instant of each (channel, kind)."""
        order = np.lexsort((self.at, self.kind, self.channel))
        channel, kind, at = self.channel[order], self.kind[order], self.at[order]
        edges = np.flatnonzero((channel[1:] != channel[:-1]) | (kind[1:] != kind[:-1])) + 1
        first, last = np.append(0, edges), np.append(edges, len(at)) - 1
        return [[int(channel[a]), kind[a].decode(), int(at[a]), int(at[b])] for a, b in zip(first, last, strict=True)]


def binary_copy(columns: Columns) -> bytes:
    """The readings as one binary COPY stream, made without a Python loop over rows.

    Rows with the same pattern of missing numbers have the same length, so each pattern is one structured array.
    """
    missing = np.isnan(columns.numbers)
    pattern = missing @ np.array([1, 2, 4, 8])
    parts = [_rows(columns, np.flatnonzero(pattern == code), int(code)) for code in np.unique(pattern)]
    return _SIGNATURE + b"".join(parts) + _END


def _rows(columns: Columns, rows: NDArray[np.intp], pattern: int) -> bytes:
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    layout += [("channel#", ">i4"), ("channel", ">i4"), ("kind#", ">i4"), ("kind", "S1"), ("at#", ">i4"), ("at", ">i8")]
    for position in range(4):
        layout.append((f"{position}#", ">i4"))
        if not pattern >> position & 1:
            layout.append((f"{position}", ">f8"))
    layout += [("mark#", ">i4"), ("mark", "S1"), ("received#", ">i4"), ("received", ">i8")]
    out = np.empty(len(rows), dtype=np.dtype(layout))
    out["fields"] = 9
    out["channel#"], out["kind#"], out["at#"], out["mark#"], out["received#"] = 4, 1, 8, 1, 8
    out["channel"], out["kind"], out["mark"] = columns.channel[rows], columns.kind[rows], columns.mark[rows]
    out["at"] = columns.at[rows] - POSTGRES_EPOCH_US
    out["received"] = columns.received[rows] - POSTGRES_EPOCH_US
    for position in range(4):
        if pattern >> position & 1:
            out[f"{position}#"] = _NULL
        else:
            out[f"{position}#"] = 8
            out[f"{position}"] = columns.numbers[rows, position]
    return out.tobytes()
