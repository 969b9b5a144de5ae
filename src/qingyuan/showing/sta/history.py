"""A Datastream's Observations in order of time, out of the hot table and the days below it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from qingyuan.kit.errors import BadInput
from qingyuan.recording.queries import Walk
from qingyuan.showing.sta.documents import COLUMNS, MICROSECOND
from qingyuan.showing.sta.filters.grammar import Binary, Instant, Interval, Node, Path
from qingyuan.showing.sta.options import Options

MOST_LOOKED_AT = 500_000  # readings a page; one that ends before it is full says where the next one begins
MOST_COUNTED = 2_000_000
_AT = COLUMNS.index("at")
_TIME = Path(("phenomenonTime",))
_MIRRORED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge", "eq": "eq"}


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
    return bounded(Walk(rows, named["channel"], named["kind"]), options.filter)


def bounded(walk: Walk, node: Node | None) -> Walk:
    """The walk through no more time than a filter can mean; the filter itself is part of the question all the same."""
    match node:
        case Binary("and", left, right):
            return bounded(bounded(walk, left), right)
        case Binary(sign, left, right) if right == _TIME and sign in _MIRRORED:
            return bounded(walk, Binary(_MIRRORED[sign], _TIME, left))
        case Binary("gt" | "ge", left, Instant(at) | Interval(at, _)) if left == _TIME:
            return replace(walk, start=max(walk.start, at))
        case Binary("lt" | "le", left, Instant(at) | Interval(_, at)) if left == _TIME:
            return replace(walk, end=min(walk.end, at + MICROSECOND))
        case Binary("eq", left, Instant(at) | Interval(at, _)) if left == _TIME:
            return replace(walk, start=max(walk.start, at), end=min(walk.end, at + MICROSECOND))
    return walk


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


def count(walk: Walk, looked_before: int = 0) -> tuple[int, int]:
    """How many readings there are, and how many were looked at, those before with them.

    Raises
    ------
    BadInput
        It would take looking at very many.
    """
    found, looked_at = 0, looked_before
    for counted, more in walk.counts():
        found, looked_at = found + counted, looked_at + more
        if looked_at > MOST_COUNTED:
            raise BadInput(
                f"found $count of more than {MOST_COUNTED:,} Observations, expected a shorter span of phenomenonTime"
            )
    return found, looked_at
