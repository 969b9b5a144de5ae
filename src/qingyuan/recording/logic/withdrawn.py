"""What was computed from readings that are taken back goes with them; the loop computes what is left of it anew."""

from datetime import datetime
from functools import cache

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from qingyuan.recording.events import APART_US
from qingyuan.recording.logic import disagreement
from qingyuan.recording.logic.periods import LADDER, Rung, with_dependants
from qingyuan_science.series import moment

Instants = dict[tuple[int, str], NDArray[np.int64]]  # (channel, kind) → instants in order [µs]

_COLUMNS = "channel_id, kind, at, value, low, high, total, mark, received_at"
_FORGET = (
    "WITH gone AS (DELETE FROM recording_reading r USING unnest(%s::int[], %s::bigint[]) AS s(channel, at)"  # noqa: S608
    ' WHERE r.channel_id = s.channel AND r.kind = %s::"char"'
    " AND r.at = timestamptz 'epoch' + s.at * interval '1 microsecond'"
    " AND r.at BETWEEN %s AND %s RETURNING r.*),"  # constants, so that only their partitions are looked into
    f" kept AS (INSERT INTO recording_correction ({_COLUMNS}, replaced_at)"
    f" SELECT {_COLUMNS}, %s FROM gone ORDER BY channel_id, kind, at)"
    " SELECT channel_id, array_agg((extract(epoch FROM at) * 1000000)::bigint ORDER BY at) FROM gone"
    " GROUP BY channel_id ORDER BY channel_id"
)
_AGREE = (
    "DELETE FROM recording_disagreement d USING unnest(%s::int[], %s::bigint[]) AS s(channel, at)"
    " WHERE d.channel_id = s.channel AND d.kind = %s"
    " AND d.at = timestamptz 'epoch' + s.at * interval '1 microsecond'"
)


def forget_means(moved: Instants, now: datetime) -> Instants:
    """Delete what was computed from readings, of their own channels and of those that depend on them; tells what.

    From minutes to days in turn, since each is made of the ones before. What was known until `now` is kept as a
    correction, and a mean that was sent disagrees with none any more.
    """
    dependants = cache(lambda channel: sorted(with_dependants({channel})))
    _forget_disagreements(moved)
    forgotten: Instants = {}
    for rung in LADDER:
        touched: dict[int, list[NDArray[np.int64]]] = {}
        for (channel, kind), at in (moved | forgotten).items():
            if kind in rung.sources + rung.sparse:
                for one in dependants(channel):
                    touched.setdefault(one, []).append(np.unique(rung.floors(at)))
        starts = {channel: np.unique(np.concatenate(found)) for channel, found in sorted(touched.items())}
        forgotten |= _forget(rung, starts, now) if starts else {}
    _forget_disagreements(forgotten)
    return forgotten


def spans(instants: Instants) -> list[list[object]]:
    """First and last instant of each channel and kind, apart where days lie between."""
    found: list[list[object]] = []
    for (channel, kind), at in sorted(instants.items(), key=lambda item: item[0]):
        for part in np.split(at, np.flatnonzero(np.diff(at) > APART_US) + 1):
            found.append([channel, kind, int(part[0]), int(part[-1])])
    return found


def _forget(rung: Rung, starts: dict[int, NDArray[np.int64]], now: datetime) -> Instants:
    channels, at = _parallel(starts)
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [channels, at, rung.kind, moment(min(at)), moment(max(at)), now])
        return {(channel, rung.kind): np.array(gone, dtype=np.int64) for channel, gone in cursor.fetchall()}


def _forget_disagreements(instants: Instants) -> None:
    for sent, computed in disagreement.PAIRS.items():
        for letter in (sent, computed):
            found = {channel: at for (channel, kind), at in instants.items() if kind == letter}
            if found:
                with connection.cursor() as cursor:
                    cursor.execute(_AGREE, [*_parallel(found), sent])


def _parallel(instants: dict[int, NDArray[np.int64]]) -> tuple[list[int], list[int]]:
    channels = [channel for channel, at in instants.items() for _ in range(len(at))]
    return channels, np.concatenate(list(instants.values())).tolist()
