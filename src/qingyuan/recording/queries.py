"""Reads of readings. `window` is the only place where rows become a `Series`."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

import numpy as np
import zstandard
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role, User
from qingyuan.recording.models import KINDS, Import, ImportDraft
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import Series

__all__ = [
    "KINDS",
    "MAY_IMPORT",
    "STEPS",
    "Import",
    "ImportDraft",
    "Latest",
    "coverage",
    "draft_bytes",
    "import_draft",
    "import_faults",
    "imports",
    "latest",
    "received_at",
    "window",
    "windows",
]


STEPS: dict[str, float | None] = {"r": None, "m": None, "h": 3600.0, "H": 3600.0, "d": 86400.0, "D": 86400.0}
MAY_IMPORT = (Role.ANALYST, Role.ADMINISTRATOR, Role.ENTERPRISE)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Latest:
    """The newest reading of a channel."""

    channel_id: int
    at: datetime
    value: float | None
    mark: str


def window(channel_id: int, kind: str, start: datetime, end: datetime) -> Series:
    """The readings of one channel in a span of time.

    Parameters
    ----------
    channel_id : int
    kind : str
        A letter of `KINDS`.
    start, end : datetime
        Aware; `start` belongs to the span, `end` does not.

    Returns
    -------
    Series
        Sorted by time; empty where there is nothing.
    """
    return windows([channel_id], kind, start, end)[channel_id]


def windows(channel_ids: Sequence[int], kind: str, start: datetime, end: datetime) -> dict[int, Series]:
    """The readings of several channels in a span of time, by one query.

    Parameters
    ----------
    channel_ids : sequence of int
    kind : str
    start, end : datetime
        As for `window`.

    Returns
    -------
    dict of int to Series
        An entry for every channel asked for.
    """
    units = dict(Channel.objects.filter(pk__in=channel_ids).values_list("pk", "unit"))
    rows: dict[int, list[tuple[int, float, str]]] = {channel: [] for channel in channel_ids}
    sql = (
        "SELECT channel_id, (extract(epoch FROM at) * 1000000)::bigint, coalesce(value, 'NaN'), mark::text"
        ' FROM recording_reading WHERE channel_id = ANY(%s) AND kind = %s::"char" AND at >= %s AND at < %s'
        " ORDER BY channel_id, at"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(channel_ids), kind, start, end])
        for channel, at, value, mark in cursor.fetchall():
            rows[channel].append((at, value, mark))
    return {channel: _series(found, units.get(channel, ""), STEPS[kind]) for channel, found in rows.items()}


def latest(channel_ids: Iterable[int], kind: str = "r", since: timedelta = timedelta(days=2)) -> dict[int, Latest]:
    """The newest reading of each channel.

    Parameters
    ----------
    channel_ids : iterable of int
    kind : str
    since : timedelta
        How far back to look from the newest partition on; a channel silent for longer has no entry.

    Returns
    -------
    dict of int to Latest
    """
    sql = (
        "SELECT c.id, r.at, r.value, r.mark::text FROM unnest(%s::int[]) AS c(id) CROSS JOIN LATERAL ("
        ' SELECT at, value, mark FROM recording_reading WHERE channel_id = c.id AND kind = %s::"char" AND at >= %s'
        " ORDER BY at DESC LIMIT 1) r"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(channel_ids), kind, clock.now() - since])
        return {row[0]: Latest(*row) for row in cursor.fetchall()}


def received_at(channel_id: int, kind: str, at: datetime) -> datetime | None:
    """When the gateway received what stands for a reading.

    Parameters
    ----------
    channel_id : int
    kind : str
    at : datetime
        Start of the reading's period.

    Returns
    -------
    datetime or None
        The stamp that the raw packet carries too; None where there is no such reading.
    """
    sql = 'SELECT received_at FROM recording_reading WHERE (channel_id, kind, at) = (%s, %s::"char", %s)'
    with connection.cursor() as cursor:
        cursor.execute(sql, [channel_id, kind, at])
        row = cursor.fetchone()
    return row[0] if row else None


def coverage(channel_id: int, kind: str, start: datetime, end: datetime) -> int:
    """How many readings a channel has in a span of time.

    Parameters
    ----------
    channel_id : int
    kind : str
    start, end : datetime

    Returns
    -------
    int
    """
    sql = 'SELECT count(*) FROM recording_reading WHERE channel_id = %s AND kind = %s::"char" AND at >= %s AND at < %s'
    with connection.cursor() as cursor:
        cursor.execute(sql, [channel_id, kind, start, end])
        return int(cursor.fetchone()[0])


def imports(viewer: User) -> QuerySet[Import]:
    """Tables that were imported, newest first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Import
        All for an administrator; those of the own organisation for the other roles that may import, none for the rest.
    """
    found = Import.objects.defer("faults").select_related("feed", "made_by", "undone_by")
    if viewer.role == Role.ADMINISTRATOR:
        return found
    if viewer.role not in MAY_IMPORT or viewer.organisation_id is None:
        return found.filter(made_by=viewer) if viewer.role in MAY_IMPORT else found.none()
    return found.filter(made_by__organisation=viewer.organisation_id)


def import_faults(made: Import, most: int | None = None) -> Iterator[tuple[str, str]]:
    """What of a table could not be taken in as it stands, in the order of the table.

    Parameters
    ----------
    made : Import
    most : int, optional
        All of them when left out.

    Yields
    ------
    tuple of str
        Name of the fault; where it stands, what was found and what was expected.
    """
    text = zstandard.decompress(bytes(made.faults)).decode() if made.faults else ""
    for fault, detail in islice(csv.reader(io.StringIO(text, newline="")), most):  # noqa: UP028 pairs, not lists
        yield fault, detail


def import_draft(viewer: User, draft_id: int) -> ImportDraft:
    """A table that the viewer uploaded and has not confirmed yet.

    Parameters
    ----------
    viewer : User
    draft_id : int

    Returns
    -------
    ImportDraft

    Raises
    ------
    NotFound
        The viewer has none with that number, or it has expired.
    """
    draft = ImportDraft.objects.filter(pk=draft_id, owner=viewer, expires_at__gt=clock.now()).first()
    if draft is None:
        raise NotFound(_("This table was imported already, or has expired; upload it again."))
    return draft


def draft_bytes(draft: ImportDraft) -> bytes:
    """The uploaded file, byte for byte.

    Parameters
    ----------
    draft : ImportDraft

    Returns
    -------
    bytes
    """
    return zstandard.decompress(bytes(draft.body))


def _series(rows: list[tuple[int, float, str]], unit: str, step: float | None) -> Series:
    at, value, mark = zip(*rows, strict=True) if rows else ((), (), ())
    return Series(
        at=np.array(at, dtype=np.int64),
        value=np.array(value, dtype=np.float64),
        mark=np.array(mark, dtype="U1"),
        unit=unit,
        step=step,
    )
