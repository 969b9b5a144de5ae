"""The Observations of many Datastreams in their own order, out of the hot table and the days below it.

That order is by channel, kind and time. So one Datastream is read to its end, as it is read alone, and then the next; a
page looks into a bounded number of them, and says where the next page begins.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from qingyuan.recording.queries import Walk, is_sealed
from qingyuan.showing.sta.documents import COLUMNS, Value
from qingyuan.showing.sta.history import alone
from qingyuan.showing.sta.history.pushed import narrowed
from qingyuan.showing.sta.options import Options

MOST_STREAMS = 200  # a page looks into
KINDS_AT_MOST = 10  # of one channel
Begin = tuple[int, str, datetime | None]  # channel, kind, and after which instant


@dataclass(frozen=True)
class Found:
    """Readings, where the next page begins (None: there is none), and what it has to skip."""

    rows: list[Value]
    begin: Begin | None = None
    skip: int = 0


def reaches_below(options: Options) -> bool:
    """Whether the days that a filter leaves may be sealed ones."""
    span = narrowed(options.filter).bounds
    return span.start < span.end and is_sealed(span.start, span.end)


def page(rows: QuerySet[Any], streams: QuerySet[Any], options: Options, begin: Begin | None) -> Found:
    """One page of `rows`, which are readings of `streams`."""
    found: list[Value] = []
    skip, after, looked_at = options.skip, begin[2] if begin is not None else None, 0
    there = narrowed(options.filter).streams(streams)
    for looked, (channel, kind, number) in enumerate(_in_order(there, begin)):
        if looked == MOST_STREAMS or (looked and len(found) == options.limit):
            return Found(found, (channel, kind, None), skip)
        walk = _walk_of(rows, channel, kind, options)
        part = alone.page(walk, replace(options, top=options.limit - len(found), skip=skip), after, looked_at)
        found += [Value._make((*row, number)) for row in part.rows]
        if part.after is not None:
            return Found(found, (channel, kind, part.after), part.skip)
        skip, after, looked_at = part.skip, None, looked_at + part.looked_at
    return Found(found)


def _walk_of(rows: QuerySet[Any], channel: int, kind: str, options: Options) -> Walk:
    """How to read one of the Datastreams from end to end."""
    asked = rows.filter(channel=channel, kind=kind).order_by("at").values_list(*COLUMNS)
    bounds = narrowed(options.filter).bounds
    return Walk(asked, channel, kind, bounds.start, bounds.end)


def _in_order(streams: QuerySet[Any], begin: Begin | None) -> Iterator[tuple[int, str, int]]:
    """Channel, kind and number of streams; one more than a page looks into, if there are so many."""
    rest = streams.filter(channel__gte=begin[0]) if begin is not None else streams
    most = MOST_STREAMS + 1 + 2 * KINDS_AT_MOST
    found = list(rest.order_by("channel_id").values_list("channel_id", "kind", "pk")[:most])
    if len(found) == most:  # the kinds of the last channel may not all be there
        found = [one for one in found if one[0] != found[-1][0]]
    yield from (one for one in sorted(found) if begin is None or one[:2] >= begin[:2])
