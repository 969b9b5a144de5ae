"""The chained log: every fact and every act of a person is one line of it, and no line can change unnoticed."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from qingyuan.kit import clock
from qingyuan.kit.errors import LogBroken
from qingyuan.kit.events import Event
from qingyuan.kit.models import Entry

START = bytes(32)
_CHAIN_LOCK = 0x71_79_6C_6F_67  # any fixed number; writers of the chain take turns on it


@dataclass(frozen=True)
class Origin:
    """Who acts, and from where: a person's user name and address, or a process of the platform."""

    actor: str = ""
    place: str = ""


PLATFORM = Origin(actor="", place="platform")


def write(event: Event, origin: Origin = PLATFORM, why: str = "", at: datetime | None = None) -> Entry:
    """Append `event` to the chained log in the caller's transaction; handlers find it there.

    Parameters
    ----------
    event : Event
    origin : Origin
    why : str
        The reason that a person gave, or the rule that fired.
    at : datetime, optional
        When it happened; now when left out. [UTC]

    Returns
    -------
    Entry
    """
    at = at or clock.now()
    with transaction.atomic():
        entry = _chained(event, origin, why, at)
        entry.save(force_insert=True)
        _announce(entry)
    return entry


def _chained(event: Event, origin: Origin, why: str, at: datetime) -> Entry:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
        cursor.execute("SELECT seq, hash FROM kit_entry ORDER BY seq DESC LIMIT 1")
        seq, previous = cursor.fetchone() or (0, START)
    entry = Entry(
        seq=seq + 1,
        at=at,
        act=type(event).__name__,
        subject=event.subject,
        actor=origin.actor,
        origin=origin.place,
        why=why,
        detail=event.detail(),
        previous=bytes(previous),
    )
    entry.hash = digest(entry)
    return entry


def digest(entry: Entry) -> bytes:
    """SHA-256 over the line in a fixed form, the hash before it included."""
    body = {
        "seq": entry.seq,
        "at": entry.at.isoformat(timespec="microseconds"),
        "act": entry.act,
        "subject": entry.subject,
        "actor": entry.actor,
        "origin": entry.origin,
        "why": entry.why,
        "detail": entry.detail,
        "previous": bytes(entry.previous).hex(),
    }
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _announce(entry: Entry) -> None:
    """Tell the pages that are open; PostgreSQL sends this when the transaction commits."""
    hint = json.dumps({"seq": entry.seq, "act": entry.act, "subject": entry.subject})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('qingyuan_live', %s)", [hint])


def about(subject: str) -> Iterable[Entry]:
    """Every line about `subject` (`kind/id`), oldest first."""
    return Entry.objects.filter(subject=subject)


def verify() -> int:
    """Walk the whole chain and return how many lines it has.

    Raises
    ------
    LogBroken
        A line was changed, dropped, inserted or moved; says which one.

    Notes
    -----
    A cut tail, or a rewrite of the whole chain, cannot be seen from inside; that needs a head kept elsewhere.
    """
    previous, count = START, 0
    for entry in Entry.objects.order_by("seq").iterator(chunk_size=2000):
        count += 1
        if entry.seq != count:
            raise LogBroken(f"line {count} is missing: found line {entry.seq} in its place")
        if bytes(entry.previous) != previous:
            raise LogBroken(f"line {entry.seq} does not follow the line before it")
        if digest(entry) != bytes(entry.hash):
            raise LogBroken(f"line {entry.seq} ({entry.act} {entry.subject}) was changed after it was written")
        previous = bytes(entry.hash)
    return count
