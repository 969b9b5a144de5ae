"""The Observations of many Datastreams in an order that is asked for, out of the hot table and the days below it.

In the order of a column (time, result, time of receipt; then channel, kind and time tell two apart) a page begins after
the last reading of the one before, so that the hundredth costs what the first one does. In any other order the readings
of sealed days go along with the question, as long as they are few.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from qingyuan.kit.errors import BadInput
from qingyuan.recording.queries import Across, Key
from qingyuan.showing.sta.documents import COLUMNS
from qingyuan.showing.sta.history import alone
from qingyuan.showing.sta.history.pushed import narrowed
from qingyuan.showing.sta.options import Options

MOST_STREAMS = 100_000
MOST_SCANNED = 100_000_000  # readings of the lake's files a page; one that ends early says where the next one begins
MOST_SORTED = 200_000_000
TIMES = ("at", "received_at")
_PLAIN = ("at", "value", "received_at", "channel_id", "kind")


@dataclass(frozen=True)
class Found:
    """Rows of `COLUMNS`; after which values the next page begins (None: there is none), and what it has to skip."""

    rows: list[tuple[Any, ...]]
    after: tuple[Any, ...] | None = None
    skip: int = 0


def keys_of(sorting: Sequence[tuple[Combinable, bool]]) -> tuple[Key, ...] | None:
    """The columns that an order is by; None where it is by something else too."""
    names = [getattr(expression, "name", "") for expression, _ in sorting]
    if not all(name in _PLAIN for name in names):
        return None
    return tuple(Key(name, descending) for name, (_, descending) in zip(names, sorting, strict=True))


def across(rows: QuerySet[Any], streams: QuerySet[Any], options: Options, keys: Sequence[Key]) -> Across:
    """The question about `rows`, which are readings of `streams` that the filter keeps.

    Raises
    ------
    BadInput
        These are very many streams.
    """
    told = narrowed(options.filter)
    there = told.streams(streams.select_related(None)).order_by()
    pairs = list(there.values_list("channel_id", "kind")[: MOST_STREAMS + 1])
    if len(pairs) > MOST_STREAMS:
        raise BadInput(f"found Observations of more than {MOST_STREAMS:,} Datastreams in $orderby, expected fewer")
    exact = told.is_exact({kind for _, kind in pairs})
    return Across(rows.order_by().values_list(*COLUMNS), pairs, tuple(keys), told.bounds, exact)


def page(question: Across, options: Options, after: Sequence[Any] | None) -> Found:
    """One page, after a reading with some values of the keys.

    Raises
    ------
    BadInput
        It would take sorting very many sealed readings.
    """
    if not question.by_time and question.scanned() > MOST_SORTED:
        raise BadInput(
            f"found this $orderby over more than {MOST_SORTED:,} sealed readings, expected phenomenonTime, or a shorter"
            " span of it in $filter"
        )
    kept: list[tuple[Any, ...]] = []
    skip, limit, looked_at, scanned = options.skip, options.limit, 0, 0
    for part in question.parts(skip + limit + 1, after) if limit else ():
        kept += part.rows[skip:]
        skip, looked_at = max(0, skip - len(part.rows)), looked_at + part.looked_at
        scanned += part.scanned
        if len(kept) > limit:
            last = kept[limit - 1]
            return Found(kept[:limit], tuple(last[COLUMNS.index(key.column)] for key in question.order))
        if (looked_at > alone.MOST_LOOKED_AT or scanned > MOST_SCANNED) and part.key:
            return Found(kept, part.key, skip)
    return Found(kept)


def together(question: Across, asked: QuerySet[Any]) -> list[tuple[Any, ...]]:
    """What one question answers that needs all readings before it.

    Raises
    ------
    BadInput
        Sealed days hold too many of them for that.
    """
    found = question.together(asked)
    if found is None:
        raise BadInput(
            "found this $orderby over more than 20,000 sealed readings, expected $orderby by phenomenonTime, result or"
            " resultTime, or a $filter that leaves fewer"
        )
    return found


def count(question: Across) -> int:
    """How many readings there are, exactly.

    Raises
    ------
    BadInput
        It would take looking at each of very many.
    """
    if not question.streams:
        return 0
    found = replace(question, order=(Key("at"), Key("channel_id"), Key("kind"))).count(alone.MOST_COUNTED)
    if found is None:
        raise BadInput(
            f"found $count over more than {alone.MOST_COUNTED:,} Observations, each of which this $filter has to look"
            " at, expected a shorter span of phenomenonTime"
        )
    return found


def read_back(keys: Sequence[Key], values: Sequence[Any]) -> tuple[Any, ...]:
    """The values of keys as they were before they were written into a $skiptoken."""
    pairs = zip(keys, values, strict=True)
    return tuple(datetime.fromisoformat(value) if key.column in TIMES else value for key, value in pairs)
