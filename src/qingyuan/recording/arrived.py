"""Readings of many channels as columns, each channel with a span of its own: for what judges thousands at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from qingyuan.recording import known
from qingyuan.recording.marked import effective
from qingyuan.recording.models import KINDS
from qingyuan_science.series import moment

Span = tuple[int, int, int]  # channel, from, to, both ends included [µs]

# The two instants are constants, so that only their days are looked into, and `OFFSET 0` keeps each row's question one
# by the key: joined as a whole, with statistics that know nothing of the last minutes, a day would be read for it.
ONE_BY_ONE = "r.at BETWEEN %s AND %s OFFSET 0"
_SPANS = (
    "FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) AS s(channel, first, last) JOIN LATERAL"  # noqa: S608
    ' (SELECT * FROM recording_reading r WHERE r.channel_id = s.channel AND r.kind = %s::"char"'
    " AND r.at >= timestamptz 'epoch' + s.first * interval '1 microsecond'"
    " AND r.at <= timestamptz 'epoch' + s.last * interval '1 microsecond'"
    f" AND {ONE_BY_ONE}) r ON true"
)
_COLUMNS = (
    "COPY (SELECT r.channel_id, r.at, coalesce(r.value, 'NaN'), r.mark, r.received_at "
    f"{_SPANS} ORDER BY r.channel_id, r.at) TO STDOUT (FORMAT BINARY)"
)
_LATER = (
    "SELECT s.channel FROM unnest(%s::int[], %s::bigint[]) AS s(channel, last) WHERE EXISTS"
    ' (SELECT FROM recording_reading r WHERE r.channel_id = s.channel AND r.kind = %s::"char"'
    " AND r.at > timestamptz 'epoch' + s.last * interval '1 microsecond' AND r.at > %s)"
)
_ROW = np.dtype(
    [
        ("fields", ">i2"), ("channel#", ">i4"), ("channel", ">i4"), ("at#", ">i4"), ("at", ">i8"),
        ("value#", ">i4"), ("value", ">f8"), ("mark#", ">i4"), ("mark", "S1"),
        ("received#", ">i4"), ("received", ">i8"),
    ]
)  # fmt: skip
_HEAD, _TAIL = 19, 2  # bytes before and after the rows of PostgreSQL's binary COPY form
_EPOCH_US = 946_684_800_000_000  # PostgreSQL counts from 2000


@dataclass(frozen=True)
class Arrived:
    """Readings of one kind in the order of channel and time; times in microseconds since 1970 UTC, NaN for no value."""

    channel: NDArray[np.int64]
    at: NDArray[np.int64]
    value: NDArray[np.float64]
    mark: NDArray[np.str_]
    received: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.at.size)


def columns(spans: Sequence[Span], kind: str, step: float | None) -> Arrived:
    """Readings of the hot table in spans, with the marks of people taken into account."""
    arrays = tuple(f"'{{{','.join(str(int(one)) for one in column)}}}'" for column in zip(*spans, strict=True))
    bounds = min(first for _, first, _ in spans), max(last for _, _, last in spans)
    within = tuple(f"'{moment(at)}'" for at in bounds)
    if kind not in KINDS:
        raise ValueError(f"found kind {kind!r}, expected one of: {', '.join(KINDS)}")
    with connection.cursor() as cursor, cursor.copy(_COLUMNS % (*arrays, f"'{kind}'", *within)) as copy:
        told = b"".join(bytes(part) for part in copy)
    rows = np.frombuffer(told, dtype=_ROW, count=(len(told) - _HEAD - _TAIL) // _ROW.itemsize, offset=_HEAD)
    found = Arrived(
        channel=rows["channel"].astype(np.int64),
        at=rows["at"].astype(np.int64) + _EPOCH_US,
        value=rows["value"].astype(np.float64),
        mark=rows["mark"].astype("U1"),
        received=rows["received"].astype(np.int64) + _EPOCH_US,
    )
    _mark(found, kind, step)
    return found


def _mark(found: Arrived, kind: str, step: float | None) -> None:
    """Lay the marks of people over those of the readings."""
    if not len(found):
        return
    span = moment(int(found.at.min())), moment(int(found.at.max()) + round((step or 0) * 1e6) + 1)
    marks = known.marks_of(np.unique(found.channel).tolist(), span, None)
    for channel, marked in marks.items():
        part = slice(*np.searchsorted(found.channel, [channel, channel + 1]))
        found.mark[part] = effective(found.at[part], found.mark[part], marked, kind=kind, step=step)


def with_later(lasts: Sequence[tuple[int, int]], kind: str) -> set[int]:
    """Of channels, each with an instant [µs], those that have a reading in the hot table after it."""
    channels, instants = (list(column) for column in zip(*lasts, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_LATER, [channels, instants, kind, moment(min(instants))])
        return {row[0] for row in cursor.fetchall()}
