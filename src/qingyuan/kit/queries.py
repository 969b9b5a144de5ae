"""Reads of the log."""

from collections.abc import Collection

from django.db.models import Max, QuerySet

from qingyuan.kit.models import Entry

__all__ = ["Entry", "last_seq", "lines"]


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


def last_seq() -> int:
    """Number of the newest line, 0 while there is none.

    Returns
    -------
    int
    """
    return Entry.objects.aggregate(newest=Max("seq"))["newest"] or 0
