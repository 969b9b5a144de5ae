"""A Datastream's Observations in order of time, out of the hot table and the days below it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from qingyuan.recording.queries import Walk
from qingyuan.showing.sta.documents import COLUMNS, MICROSECOND
from qingyuan.showing.sta.history.pushed import narrowed
from qingyuan.showing.sta.options import Options

MOST_LOOKED_AT = 500_000  # readings a page; one that ends before it is full says where the next one begins
MOST_COUNTED = 2_000_000
_AT = COLUMNS.index("at")


@dataclass(frozen=True)
class Found:
    """Rows of `COLUMNS`; after which instant the next page begins (None: there is none), and what it has to skip.

    `looked_at` says how many readings it took.
    """

    rows: list[tuple[Any, ...]]
    after: datetime | None = None
    skip: int = 0
    looked_at: int = 0


def walk_of(rows: QuerySet[Any], within: Q | None, options: Options) -> Walk | None:
    """How to read a collection from end to end; None where it is not that of one Datastream."""
    named: dict[str, Any] = (
        dict(child for child in within.children if isinstance(child, tuple)) if within is not None else {}
    )
    if not named.keys() >= {"channel", "kind"}:
        return None
    bounds = narrowed(options.filter).bounds
    return Walk(rows, named["channel"], named["kind"], bounds.start, bounds.end)


def page(walk: Walk, options: Options, after: datetime | None, looked_before: int = 0) -> Found:
    """One page, for which so many readings were looked at before."""
    if after is not None and walk.newest_first:
        walk = replace(walk, end=min(walk.end, after))
    elif after is not None:
        walk = replace(walk, start=max(walk.start, after + MICROSECOND))
    kept: list[tuple[Any, ...]] = []
    skip, looked_at, limit = options.skip, 0, options.limit
    for part in walk.parts(skip + limit + 1, _AT) if limit else ():
        kept += part.rows[skip:]
        skip, looked_at = max(0, skip - len(part.rows)), looked_at + part.looked_at
        if len(kept) > limit:
            return Found(kept[:limit], kept[limit - 1][_AT])
        if looked_before + looked_at > MOST_LOOKED_AT:
            return Found(kept, part.reached if walk.newest_first else part.reached - MICROSECOND, skip)
    return Found(kept, skip=skip, looked_at=looked_at)
