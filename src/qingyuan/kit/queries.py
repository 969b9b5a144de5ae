"""Reads of the log."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max, Model, QuerySet

from qingyuan.kit.models import Entry, Subscription

__all__ = ["Entry", "edition_of", "last_seq", "last_taken_up", "lines", "lines_since"]

PAGE = 500  # lines that are read at a time, from the newest back
ASTRAY = timedelta(hours=1)  # how far the order of lines may differ from that of their times


def lines(subject: str = "", acts: Collection[str] = (), after: int = 0) -> QuerySet[Entry]:
    """Lines of the log, newest first.

    Parameters
    ----------
    subject : str
        `kind/id`, or `kind/` for every subject of a kind; all when empty.
    acts : collection of str
        Names of events; all when empty.
    after : int
        Only lines with a greater number.

    Returns
    -------
    QuerySet of Entry
    """
    found = Entry.objects.filter(seq__gt=after).order_by("-seq")
    if subject.endswith("/"):
        found = found.filter(subject__startswith=subject)
    elif subject:
        found = found.filter(subject=subject)
    return found.filter(act__in=acts) if acts else found


def lines_since(since: datetime, subject: str = "", acts: Collection[str] = ()) -> Iterator[Entry]:
    """Lines of the log from an instant on, newest first; those before cost nothing, though no index holds their times.

    Parameters
    ----------
    since : datetime
        Aware.
    subject, acts
        As for `lines`.

    Yields
    ------
    Entry
        Where all of five hundred lines lie more than an hour before the instant, none behind them is looked at.
    """
    found = lines(subject, acts)
    page = list(found[:PAGE])
    while page:
        yield from (line for line in page if line.at >= since)
        if len(page) < PAGE or max(line.at for line in page) < since - ASTRAY:
            return
        page = list(found.filter(seq__lt=page[-1].seq)[:PAGE])


def last_seq() -> int:
    """Number of the newest line, 0 while there is none.

    Returns
    -------
    int
    """
    return Entry.objects.aggregate(newest=Max("seq"))["newest"] or 0


def last_taken_up(handler: str) -> int:
    """Number of the line up to which a handler of the loop has come.

    Parameters
    ----------
    handler : str
        Its name, as `kit.delivery.name_of` gives it.

    Returns
    -------
    int

    Raises
    ------
    Subscription.DoesNotExist
        No handler has that name.
    """
    return Subscription.objects.values_list("seq", flat=True).get(handler=handler)


def edition_of(*tables: type[Model]) -> tuple[str, ...]:
    """What changes whenever a row of some tables comes, goes or is written anew; for whoever keeps what it read.

    Parameters
    ----------
    *tables : type of Model
        Tables of at most some ten thousand rows: each is looked through.

    Returns
    -------
    tuple of str
        For each table its number of rows and the sum of the transactions that wrote them; so a row that one transaction
        writes twice shows no second change to that transaction itself.
    """
    counts = (
        f"(SELECT (count(*), coalesce(sum(xmin::text::bigint), 0))::text FROM {table._meta.db_table})"  # noqa: S608
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(counts)}")
        return tuple(cursor.fetchone())
