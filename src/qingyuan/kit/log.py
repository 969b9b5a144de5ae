"""The log: every fact and every act of a person is one line of it, and no line can change unnoticed.

Its lines are the leaves of a Merkle tree (`kit.merkle`, `kit.proof`). A line is written without a number. At commit, as
the last thing that the transaction does, triggers give it the next number and complete the tree
(`kit/migrations/numbering.sql`), so whoever writes keeps nobody waiting, and numbers follow the order of commits.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from qingyuan.kit import canonical, clock, merkle
from qingyuan.kit.errors import LogBroken
from qingyuan.kit.events import Event
from qingyuan.kit.models import Entry
from qingyuan.kit.proof import checking, leaf

_MOST_TOLD = 20
_TELL = "SELECT pg_notify('qingyuan_live', %s)"  # as each line is told by kit/migrations/numbering.sql
_INSERT = (
    "INSERT INTO kit_written (at, act, subject, actor, origin, why, detail, hash, settled)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb, %s, false)"
)


@dataclass(frozen=True)
class Origin:
    """Who acts, and from where: a person's user name and address, or a process of the platform."""

    actor: str = ""
    place: str = ""


PLATFORM = Origin(actor="", place="platform")


@dataclass(frozen=True)
class _Line:
    at: datetime
    act: str
    subject: str
    actor: str
    origin: str
    why: str


def write(event: Event, origin: Origin = PLATFORM, why: str = "", at: datetime | None = None) -> None:
    """Append `event` to the log in the caller's transaction; it has its number, and handlers find it, at commit.

    Parameters
    ----------
    event : Event
    origin : Origin
    why : str
        The reason that a person gave, or the rule that fired.
    at : datetime, optional
        When it happened; now when left out. [UTC]
    """
    line = _Line(at or clock.now(), type(event).__name__, event.subject, origin.actor, origin.place, why)
    detail = canonical.text(event.detail())
    hashed = merkle.leaf_hash(leaf.body(line, detail))
    values = (line.at, line.act, line.subject, line.actor, line.origin, line.why, detail, hashed)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)


def tell(act: str) -> None:
    """Tell who listens, at commit, of something that is no line of the log and that nobody has to hear of later.

    Parameters
    ----------
    act : str
        What happened; a name that no event has.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TELL, [json.dumps({"seq": 0, "act": act, "subject": ""})])


def number_at_once() -> None:
    """From here on number lines as they are written, for the rest of this transaction; others wait until it ends.

    For whoever has to read in a transaction what it wrote there, such as tests that roll back.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS kit_line_settles, kit_line_takes_its_number IMMEDIATE")


def about(subject: str) -> Iterable[Entry]:
    """Every line about `subject` (`kind/id`), oldest first."""
    return Entry.objects.filter(subject=subject)


def verify() -> int:
    """Walk the whole log and its tree and return how many lines it has.

    Raises
    ------
    LogBroken
        A line was changed, dropped, inserted or moved; says which ones.

    Notes
    -----
    A tail that was cut off with its part of the tree, or a log made anew from the start, cannot be seen from inside;
    that needs heads kept elsewhere (`qingyuan verify` looks at those).
    """
    found = checking.check()
    if found.faults:
        raise LogBroken("; ".join(found.faults[:_MOST_TOLD]))
    return found.lines
