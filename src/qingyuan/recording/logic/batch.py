"""Readings on their way into the table: columns in, PostgreSQL's binary COPY form out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan.recording.events import APART_US
from qingyuan.recording.known import POSTGRES_EPOCH_US
from qingyuan.sensing.api import Rows

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

    def in_order(self) -> "Columns":
        """Sorted by (channel, kind, at), one reading each: the last that came."""
        if not len(self):
            return self
        order = np.lexsort((self.at, self.kind.view(np.uint8), self.channel))
        last = np.append(np.diff(self.at[order]) != 0, True)
        last[:-1] |= (np.diff(self.channel[order]) != 0) | (self.kind[order][1:] != self.kind[order][:-1])
        return self.take(order[last])

    def spans(self) -> list[list[object]]:
        """First and last instant of each (channel, kind) of columns that are in order, apart where days lie between."""
        far = np.flatnonzero(np.diff(self.at) > APART_US) + 1
        edges = np.union1d(self._edges(), far)
        first, last = np.append(0, edges), np.append(edges, len(self)) - 1
        letters = self.kind[first].astype("U1").tolist()
        return [
            list(span)
            for span in zip(
                self.channel[first].tolist(), letters, self.at[first].tolist(), self.at[last].tolist(), strict=True
            )
        ]

    def _edges(self) -> NDArray[np.intp]:
        return np.flatnonzero((np.diff(self.channel) != 0) | (self.kind[1:] != self.kind[:-1])) + 1


def columns_of(rows: Rows) -> Columns:
    """Decoded readings as arrays, in order."""
    return Columns(
        channel=np.frombuffer(rows.channel, dtype=np.int64).astype(np.int32),
        kind=np.frombuffer(rows.kind, dtype="S1"),
        at=np.frombuffer(rows.at, dtype=np.int64),
        numbers=np.column_stack([np.frombuffer(column, dtype=np.float64) for column in rows.numbers]),
        mark=np.frombuffer(rows.mark, dtype="S1"),
        received=np.frombuffer(rows.received, dtype=np.int64),
    ).in_order()


def binary_copy(columns: Columns) -> bytes:
    """The readings as one binary COPY stream, made without a Python loop over rows.

    Rows with the same pattern of missing numbers have the same length, so each pattern is one structured array.
    """
    pattern = np.isnan(columns.numbers) @ np.array([1, 2, 4, 8])
    parts = [_rows(columns.take(np.flatnonzero(pattern == code)), int(code)) for code in np.unique(pattern)]
    return _SIGNATURE + b"".join(parts) + _END


def _rows(columns: Columns, pattern: int) -> bytes:
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    layout += [("channel#", ">i4"), ("channel", ">i4"), ("kind#", ">i4"), ("kind", "S1"), ("at#", ">i4"), ("at", ">i8")]
    for position in range(4):
        layout.append((f"{position}#", ">i4"))
        if not pattern >> position & 1:
            layout.append((f"{position}", ">f8"))
    layout += [("mark#", ">i4"), ("mark", "S1"), ("received#", ">i4"), ("received", ">i8")]
    out = np.empty(len(columns), dtype=np.dtype(layout))
    out["fields"] = 9
    out["channel#"], out["kind#"], out["at#"], out["mark#"], out["received#"] = 4, 1, 8, 1, 8
    out["channel"], out["kind"], out["mark"] = columns.channel, columns.kind, columns.mark
    out["at"] = columns.at - POSTGRES_EPOCH_US
    out["received"] = columns.received - POSTGRES_EPOCH_US
    for position in range(4):
        if pattern >> position & 1:
            out[f"{position}#"] = _NULL
        else:
            out[f"{position}#"] = 8
            out[f"{position}"] = columns.numbers[:, position]
    return out.tobytes()
