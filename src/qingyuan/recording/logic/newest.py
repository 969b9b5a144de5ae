"""The newest reading of every channel and kind, kept as rows of their own so that no page has to search for them.

The gateway does not write them: for a batch of 20,000 readings they would cost more than the merge itself. A handler of
the loop does, once for all batches that it finds waiting.
"""

from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection

from qingyuan.recording.arrived import ONE_BY_ONE
from qingyuan.recording.lake import below
from qingyuan_science.series import moment

KEPT = "NewestKept"  # what open pages are told when rows were moved on
_FORWARD = (
    "INSERT INTO recording_latest AS l (channel_id, kind, at, value, mark, received_at)"  # noqa: S608
    " SELECT r.channel_id, r.kind, r.at, r.value, r.mark, r.received_at"
    " FROM (SELECT channel_id, kind, max(last) AS at FROM unnest(%s::int[], %s::text[], %s::bigint[])"
    " AS s(channel_id, kind, last) GROUP BY channel_id, kind) s"
    ' JOIN LATERAL (SELECT * FROM recording_reading r WHERE r.channel_id = s.channel_id AND r.kind = s.kind::"char"'
    " AND r.at = timestamptz 'epoch' + s.at * interval '1 microsecond'"
    f" AND {ONE_BY_ONE}) r ON true"
    " ORDER BY r.channel_id, r.kind"
    " ON CONFLICT (channel_id, kind) DO UPDATE SET at = excluded.at, value = excluded.value, mark = excluded.mark,"
    " received_at = excluded.received_at WHERE excluded.at >= l.at"
)
_FORGET = (
    "DELETE FROM recording_latest l USING (SELECT * FROM unnest(%s::int[], %s::text[], %s::bigint[], %s::bigint[])"
    " AS s(channel_id, kind, first, last)) s"
    ' WHERE l.channel_id = s.channel_id AND l.kind = s.kind::"char"'
    " AND l.at BETWEEN timestamptz 'epoch' + s.first * interval '1 microsecond'"
    " AND timestamptz 'epoch' + s.last * interval '1 microsecond'"
    " RETURNING l.kind::text, l.channel_id"
)
_FROM_LAKE = (
    "INSERT INTO recording_latest AS l (channel_id, kind, at, value, mark, received_at)"
    ' VALUES (%s, %s::"char", %s, %s, %s::"char", %s)'
    " ON CONFLICT (channel_id, kind) DO UPDATE SET at = excluded.at, value = excluded.value, mark = excluded.mark,"
    " received_at = excluded.received_at WHERE excluded.at > l.at"
)
_FIND = (
    "INSERT INTO recording_latest (channel_id, kind, at, value, mark, received_at)"
    " SELECT r.channel_id, r.kind, r.at, r.value, r.mark, r.received_at"
    " FROM (SELECT DISTINCT channel_id, kind FROM unnest(%s::int[], %s::text[]) AS s(channel_id, kind)) s"
    ' JOIN LATERAL (SELECT * FROM recording_reading r WHERE r.channel_id = s.channel_id AND r.kind = s.kind::"char"'
    " ORDER BY r.at DESC LIMIT 1) r ON true ORDER BY r.channel_id, r.kind ON CONFLICT (channel_id, kind) DO NOTHING"
)


def step_back(spans: list[list[Any]]) -> None:
    """Find the newest readings anew where they stood in spans whose readings were taken back."""
    if not spans:
        return
    channels, kinds, firsts, lasts = (list(column) for column in zip(*spans, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [channels, kinds, firsts, lasts])
        gone = sorted(cursor.fetchall())
        cursor.execute(_FIND, [channels, kinds])
    for kind, several in groupby(gone, key=itemgetter(0)):
        _find_sealed(kind, [channel for _kind, channel in several])


def _find_sealed(kind: str, channels: list[int]) -> None:
    """Take the last sealed reading of each channel where the hot table has none that is newer."""
    for channel, (at, _received) in below.ends(kind, channels, last=True).items():
        rows = below.rows([channel], kind, at, at + timedelta(microseconds=1))
        row = rows.select("channel", "at", "value", "mark", "received_at").row(0)
        with connection.cursor() as cursor:
            cursor.execute(_FROM_LAKE, [row[0], kind, *row[1:]])


def advance(spans: list[list[Any]]) -> None:
    """Move the newest readings on to the ends of spans; what ends before the newest one leaves it as it is."""
    if not spans:
        return
    channels, kinds, _, lasts = (list(column) for column in zip(*spans, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_FORWARD, [channels, kinds, lasts, moment(min(lasts)), moment(max(lasts))])
