"""Reads of messages to people."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.db.models import Q, QuerySet

from qingyuan.dispatching.models import Message, MessageState
from qingyuan.people.queries import User
from qingyuan.places.queries import territory_of

__all__ = ["Message", "MessageState", "Reached", "messages", "reached"]


@dataclass(frozen=True)
class Reached:
    """How many messages there are in each state, and the seconds from what happened to the service's yes."""

    counts: dict[str, int]
    median_s: float | None
    p99_s: float | None


def messages(viewer: User, since: datetime) -> QuerySet[Message]:
    """Messages about cases and findings in the viewer's territory, newest first.

    Parameters
    ----------
    viewer : User
    since : datetime
        Written from then on.

    Returns
    -------
    QuerySet of Message
    """
    territory = territory_of(viewer)
    here = Q(territory.of_stations("case__station__")) | Q(territory.of_stations("finding__station__"))
    return Message.objects.filter(here, created_at__gte=since).select_related("user", "case", "finding")


def reached(found: QuerySet[Message]) -> Reached:
    """Count messages, and measure how long they took.

    Parameters
    ----------
    found : QuerySet of Message

    Returns
    -------
    Reached
        Seconds from the time of the fact in the log, or the end of quiet hours, until the service took the message;
        of the messages that were sent. None where none was.
    """
    rows = found.order_by().values_list("state", "since", "sent_at")
    counts: Counter[str] = Counter()
    took = []
    for state, since, sent_at in rows.iterator():
        counts[state] += 1
        if sent_at is not None:
            took.append(max(0.0, (sent_at - since).total_seconds()))
    took.sort()
    return Reached({state: counts[state] for state in MessageState.values}, _at(took, 0.5), _at(took, 0.99))


def _at(ordered: list[float], share: float) -> float | None:
    """The smallest of the ordered values that is no smaller than a share of them."""
    if not ordered:
        return None
    return ordered[ceil(share * len(ordered)) - 1]
