"""Deliveries into the database: rows staged by COPY, merged with the records that are known, and taken back again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import connection
from django.db.models import F

from qingyuan.kit import clock, log
from qingyuan.kit.log import PLATFORM, Origin
from qingyuan.people.queries import User
from qingyuan.sensing.connector import Payload
from qingyuan.sensing.events import RecordsStored, RecordsWithdrawn
from qingyuan.sensing.logic.recordkeeping.candidates import candidates
from qingyuan.sensing.logic.recordkeeping.firms import Firms, Written
from qingyuan.sensing.logic.recordkeeping.staging import Staged
from qingyuan.sensing.models import DataList, Feed, RecordFile, WrittenFirm

_ROW = 'key, since, until, "values", of_id, known_from, enterprise_id, matched_by, written_id, file_id, line'
_VALUES = "string_to_array(s.joined, U&'\\001F', '')"
_STAGE = (
    'CREATE TEMPORARY TABLE IF NOT EXISTS sensing_record_staging (line integer, key text COLLATE "C", since date,'
    " until date, enterprise bigint, matched_by smallint, asked integer, joined text) ON COMMIT DELETE ROWS"
)
_ASKED = "LEFT JOIN unnest(%s::integer[], %s::bigint[]) AS w(asked, id) ON w.asked = s.asked"
_SAME = "r.of_id = %s AND r.known_to IS NULL AND r.key = s.key"
_END_CHANGED = (  # put together from constants, as are those below
    "WITH gone AS (UPDATE sensing_record r SET known_to = %s FROM sensing_record_staging s"  # noqa: S608
    f" WHERE {_SAME} AND (r.values, r.since, r.until) IS DISTINCT FROM ({_VALUES}, s.since, s.until)"
    " RETURNING r.enterprise_id) SELECT count(*), count(enterprise_id) FROM gone"
)
_INSERT = (
    f"WITH put AS (INSERT INTO sensing_record ({_ROW})"  # noqa: S608 put together from constants
    f" SELECT s.key, s.since, s.until, {_VALUES}, %s, %s, s.enterprise, s.matched_by, w.id, %s, s.line"
    f" FROM sensing_record_staging s {_ASKED} WHERE NOT EXISTS"
    " (SELECT FROM sensing_record r WHERE r.of_id = %s AND r.key = s.key{only}) ORDER BY s.line"
    " RETURNING enterprise_id) SELECT count(*), count(enterprise_id) FROM put"
)
_LEARN = (  # the same record again, of which the enterprise is known only now
    "WITH learned AS (UPDATE sensing_record r SET enterprise_id = s.enterprise, matched_by = s.matched_by,"  # noqa: S608
    f" written_id = CASE WHEN s.enterprise IS NULL THEN w.id END FROM sensing_record_staging s {_ASKED}"
    f" WHERE {_SAME} AND r.file_id <> %s AND r.enterprise_id IS NULL"
    " AND (s.enterprise IS NOT NULL OR (r.written_id IS NULL AND w.id IS NOT NULL))"
    " RETURNING r.enterprise_id) SELECT count(*), count(enterprise_id) FROM learned"
)
_TAKE_BACK = (
    "CREATE TEMPORARY TABLE sensing_record_gone ON COMMIT DROP AS WITH gone AS (UPDATE sensing_record r"
    " SET known_to = %s WHERE r.of_id = %s AND r.file_id = %s AND r.known_to IS NULL"
    " RETURNING r.key, r.known_from, r.enterprise_id) SELECT * FROM gone"
)
_GIVE_BACK = (
    f"WITH put AS (INSERT INTO sensing_record ({_ROW})"  # noqa: S608 put together from constants
    " SELECT DISTINCT ON (p.key) p.key, p.since, p.until, p.values, p.of_id, %s, p.enterprise_id, p.matched_by,"
    " p.written_id, p.file_id, p.line FROM sensing_record_gone g JOIN sensing_record p"
    " ON p.of_id = %s AND p.key = g.key AND p.known_to = g.known_from AND p.file_id <> %s"
    " JOIN sensing_recordfile f ON f.id = p.file_id AND f.undone_at IS NULL ORDER BY p.key, p.id DESC"
    " RETURNING enterprise_id) SELECT count(*), count(enterprise_id) FROM put"
)


@dataclass(frozen=True)
class Counts:
    """What a delivery did: records that are new, changed, known as they are; and how many more have an enterprise."""

    new: int
    changed: int
    repeated: int
    matched: int


@dataclass(frozen=True)
class Merged:
    """A delivery that is merged with what is known, and of which it is still to be written down where its bytes lie.

    `matched` counts its rows that mean an enterprise.
    """

    file: RecordFile
    did: Counts
    matched: int


def merge(feed: Feed, payload: Payload, staged: Staged, *, only_new: bool = False) -> Merged:
    """Make records of what a payload delivers. A file that waits with these bytes is entered by it.

    With `only_new`, what was known at some time is left as it is: a payload that is read again may be older.
    """
    file = open_file(feed, payload, staged)
    did = _merge(file, staged, file.entered_at or file.brought_at, only_new)
    return Merged(file, did, staged.matched)


class Counted(Protocol):
    """What of a delivery its row tells, whatever it is stored in."""

    of: DataList
    faulty: int
    faults: list[tuple[str, str]]


def open_file(feed: Feed, payload: Payload, staged: Counted) -> RecordFile:
    """The row of a delivery that is about to be merged; nobody else stores into its list meanwhile."""
    data_list = DataList.objects.select_for_update(of=("self",)).get(pk=staged.of.pk)
    sha256 = hashlib.sha256(payload.raw).hexdigest()
    waiting = RecordFile.objects.filter(feed=feed, sha256=sha256, entered_at=None).order_by("pk").first()
    now = clock.now()
    file = waiting or RecordFile(name=payload.address, settings=feed.settings, brought_at=now)
    file.of, file.feed, file.sha256, file.size, file.body = data_list, feed, sha256, len(payload.raw), b""
    file.entered_at = now
    file.faulty, file.faults = staged.faulty, [list(one) for one in staged.faults]
    file.save()
    return file


def close_file(merged: Merged, segment: int) -> None:
    """Write down what a delivery did and where its bytes lie, in its row, at its list and in the log."""
    file, did = merged.file, merged.did
    file.new, file.changed, file.repeated = did.new, did.changed, did.repeated
    file.matched, file.segment = merged.matched, segment
    file.save(update_fields=["new", "changed", "repeated", "matched", "segment"])
    # others of the same turn may have been merged since it was read
    DataList.objects.filter(pk=file.of_id).update(held=F("held") + did.new, matched=F("matched") + did.matched)
    fact = RecordsStored(
        id=file.pk, records=file.of.code, name=file.name, sha256=file.sha256, segment=segment,
        new=file.new, changed=file.changed, repeated=file.repeated, faulty=file.faulty,
    )  # fmt: skip
    log.write(fact, Origin(file.brought_by.username, "") if file.brought_by else PLATFORM)


def _merge(file: RecordFile, staged: Staged, now: datetime, only_new: bool) -> Counts:
    asked = ask(staged.of, staged.asked, staged.firms, now)
    places, ids = list(asked), list(asked.values())
    of = file.of_id
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        cursor.execute("TRUNCATE sensing_record_staging")
        with cursor.copy("COPY sensing_record_staging FROM STDIN") as copy:
            for piece in staged.pieces:
                copy.write(piece)
        cursor.execute("ANALYZE sensing_record_staging")
        changed, lost = (0, 0) if only_new else _counted(cursor, _END_CHANGED, [now, of])
        only = "" if only_new else " AND r.known_to IS NULL"
        put, found = _counted(cursor, _INSERT.format(only=only), [of, now, file.pk, places, ids, of])
        _count, learned = (0, 0) if only_new else _counted(cursor, _LEARN, [places, ids, of, file.pk])
    return Counts(put - changed, changed, staged.rows - put + staged.twice, found - lost + learned)


def _counted(cursor: Any, statement: str, values: list[Any]) -> tuple[int, int]:
    cursor.execute(statement, values)
    rows, firms = cursor.fetchone()
    return rows, firms


def ask(data_list: DataList, asked: Mapping[str, tuple[int, Written]], firms: Firms, now: datetime) -> dict[int, int]:
    """Enter the ways of writing that may mean somebody on file; the number of each row by its place in the delivery."""
    places = list(asked.values())
    known: dict[str, int] = {}
    for start in range(0, len(places), 10_000):
        keys = [written.key for _place, written in places[start : start + 10_000]]
        known |= dict(WrittenFirm.objects.filter(of=data_list, written__in=keys).values_list("written", "pk"))
    new = [written for _place, written in places if written.key not in known]
    found = zip(new, candidates(new, firms.known), strict=True) if new else ()
    rows = [
        WrittenFirm(
            of=data_list, written=written.key, code=written.code[:40], permit=written.permit[:40],
            name=written.name[:200], address=written.address[:300], first_at=now,
            candidates=[one.as_json() for one in likely],
        )
        for written, likely in found if likely
    ]  # fmt: skip
    known |= {one.written: one.pk for one in WrittenFirm.objects.bulk_create(rows, batch_size=1000)}
    return {place: known[written.key] for place, written in places if written.key in known}


def was_taken_back(feed: Feed, raw: bytes) -> bool:
    """Whether a feed brought these bytes already, and they were taken back since."""
    sha256 = hashlib.sha256(raw).hexdigest()
    return RecordFile.objects.filter(feed=feed, sha256=sha256, undone_at__isnull=False).exists()


def withdraw(file: RecordFile, user: User, why: str, origin: Origin) -> tuple[int, int]:
    """Take back what a file made known, and give back what it changed; how many of each."""
    file.of = DataList.objects.select_for_update(of=("self",)).get(pk=file.of_id)
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS sensing_record_gone")
        cursor.execute(_TAKE_BACK, [now, file.of_id, file.pk])
        gone, lost = _counted(cursor, "SELECT count(*), count(enterprise_id) FROM sensing_record_gone", [])
        back, found = _counted(cursor, _GIVE_BACK, [now, file.of_id, file.pk])
    return close_withdrawal(file, Withdrawn(now, gone, back, found - lost), user, why, origin=origin)


@dataclass(frozen=True)
class Withdrawn:
    """What taking a delivery back did: records gone, those that stand again, and how many more mean an enterprise."""

    at: datetime
    gone: int
    back: int
    matched: int


def close_withdrawal(file: RecordFile, done: Withdrawn, user: User, why: str, *, origin: Origin) -> tuple[int, int]:
    """Write down that a delivery was taken back; how many records are gone, and how many stand again."""
    data_list = file.of
    data_list.held += done.back - done.gone
    data_list.matched += done.matched
    data_list.save(update_fields=["held", "matched"])
    file.undone_at, file.undone_by, file.undone_why = done.at, user, why
    file.save(update_fields=["undone_at", "undone_by", "undone_why"])
    told = RecordsWithdrawn(id=file.pk, records=data_list.code, withdrawn=done.gone, restored=done.back)
    log.write(told, origin, why)
    return done.gone - done.back, done.back
