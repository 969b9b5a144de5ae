"""Readings of many streams in one order, out of hot table and lake together, a bounded part of them at a time.

What is asked of them is a queryset over the hot table, as in `throughout`. The lake gives the first readings within the
bounds that what is asked keeps anyhow; PostgreSQL answers the question over these and the hot table's own, as far as
the lake has told. So each part ends at a known place of the order, from which the next one goes on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from qingyuan.recording.lake import below, ordered
from qingyuan.recording.lake.layout import NUMBERS
from qingyuan.recording.lake.ordered import FIRST, LAST, Bounds, Key
from qingyuan.recording.stretches import Density, hot_cells, hot_days

if TYPE_CHECKING:
    import polars as pl

MICROSECOND = timedelta(microseconds=1)
MOST_SENT = 20_000  # readings of the lake in one question
GROWTH = 4
LASTS = {"received_at": (LAST, FIRST), "channel_id": (2**31 - 1, -1), "kind": ("~", "")}  # upwards, downwards
COLUMNS = ("channel_id", "kind", "at", *NUMBERS, "mark", "received_at")
IN_LAKE = {"channel_id": "channel"}
_HOT = (
    'SELECT r.* FROM recording_reading r JOIN unnest(%s::int[], %s::"char"[]) AS wanted(channel, kind)'
    " ON (r.channel_id, r.kind) = (wanted.channel, wanted.kind) WHERE r.at >= %s AND r.at < %s"
)
_SENT = """SELECT s.* FROM (
    SELECT channel_id, kind, timestamptz 'epoch' + at * interval '1 microsecond' AS at, value, low, high, total, mark,
        timestamptz 'epoch' + received_at * interval '1 microsecond' AS received_at
    FROM unnest(%s::int[], %s::"char"[], %s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::float8[],
        %s::"char"[], %s::bigint[]) AS sent(channel_id, kind, at, value, low, high, total, mark, received_at)
) s WHERE NOT EXISTS (
    SELECT FROM recording_reading r WHERE (r.channel_id, r.kind, r.at) = (s.channel_id, s.kind, s.at)
    AND r.at >= %s AND r.at <= %s
)"""


@dataclass(frozen=True)
class Reached:
    """What a part of the order answers; the next part begins after a reading with the values `key`.

    `looked_at` counts readings of the lake that were sent and readings found, `scanned` those of the lake's files.
    """

    rows: list[tuple[Any, ...]]
    key: tuple[Any, ...]
    looked_at: int
    scanned: int


@dataclass(frozen=True)
class Across:
    """A question about the readings of streams, which are pairs of channel and kind.

    `asked` is a queryset of the values of `COLUMNS`, not ordered; every row that it keeps lies within `bounds`, and
    `exact` says that every row within them is kept. `order` ends with what tells two readings apart.
    """

    asked: QuerySet[Any]
    streams: Sequence[tuple[int, str]]
    order: tuple[Key, ...]
    bounds: Bounds
    exact: bool

    @cached_property
    def channels(self) -> dict[str, list[int]]:
        """The channels of each kind."""
        found: dict[str, list[int]] = {}
        for channel, kind in self.streams:
            found.setdefault(kind, []).append(channel)
        return found

    @property
    def by_time(self) -> bool:
        """Whether time comes first in the order, so that a part needs to know a part of the time alone."""
        return self.order[0].column == "at"

    def parts(self, most: int, after: Sequence[Any] | None = None) -> Iterator[Reached]:
        """The answers in turn, whoever has enough stops; not many more than `most` rows each."""
        most = min(most, MOST_SENT)
        wanted = sent = min(MOST_SENT, most if self.exact else most * GROWTH)
        rest, density = self._rest(after), self._density()
        while self.streams and rest.start < rest.end:
            span = self._span(density, rest, wanted)
            part, done = self._part(span, after, most, sent)
            if done:
                rest, wanted = self._beyond(rest, span), wanted * GROWTH
                part = replace(part, key=self._border(rest)) if self.by_time else part
                after = after if not self.by_time else None
            else:
                after, sent = part.key, min(MOST_SENT, sent * GROWTH)
                rest = self._rest(after)
            yield part

    def count(self, most: int) -> int | None:
        """How many rows there are; None where it would take looking at more than `most`."""
        found, looked_at = 0, 0
        for bounds, mixed in self._apart():
            if self.exact and not mixed:
                kinds = "".join(self.channels)
                found += below.steady(kinds, bounds.start, bounds.end, lambda bounds=bounds: self._counted(bounds))  # type: ignore[misc]
                continue
            walk = replace(self, order=(Key("at"), Key("channel_id"), Key("kind")), bounds=bounds)
            for part in walk.parts(MOST_SENT):
                found, looked_at = found + len(part.rows), looked_at + part.looked_at
                if looked_at > most:
                    return None
        return found

    def together(self, asked: QuerySet[Any]) -> list[tuple[Any, ...]] | None:
        """What another question about all of the readings answers, in any order; None where the lake holds too many."""
        whole = (self.bounds.start, self.bounds.end)
        order = (Key("at"), Key("channel_id"), Key("kind"))

        def read() -> list[tuple[Any, ...]] | None:
            sealed = self._sealed(self.bounds, order, None, MOST_SENT + 1)
            if len(sealed) > MOST_SENT:
                return None
            table, known = self._table(sealed, self.bounds)
            try:
                sql, values = asked.query.sql_with_params()
            except EmptyResultSet:
                return []
            return _fetched(f"WITH recording_reading AS ({table}) {sql}", [*known, *values])

        return below.steady("".join(self.channels), *whole, read)

    def scanned(self) -> int:
        """How many readings of the lake's files lie in the time that is asked of."""
        return below.scanned(self.channels, self.bounds)

    def _density(self) -> Density:
        if not self.by_time:
            return Density.of(())
        return Density.of([*hot_cells(len(self.streams)), *below.cells(self.channels, self.bounds)])

    def _rest(self, after: Sequence[Any] | None) -> Bounds:
        if after is None or not self.by_time:
            return self.bounds
        if self.order[0].descending:
            return replace(self.bounds, end=min(self.bounds.end, after[0] + MICROSECOND))
        return replace(self.bounds, start=max(self.bounds.start, after[0]))

    def _span(self, density: Density, rest: Bounds, wanted: int) -> Bounds:
        if not self.by_time:
            return rest
        newest_first = self.order[0].descending
        start, end = density.stretch(rest.start, rest.end, wanted, newest_first=newest_first)
        return replace(rest, start=start, end=end)

    def _beyond(self, rest: Bounds, span: Bounds) -> Bounds:
        return replace(rest, end=span.start) if self.order[0].descending else replace(rest, start=span.end)

    def _border(self, rest: Bounds) -> tuple[Any, ...]:
        """What comes after everything in the time that is done."""
        at = rest.end if self.order[0].descending else rest.start - MICROSECOND
        values = {"at": (at, at), "value": (None, None), **LASTS}
        return tuple(values[key.column][key.descending] for key in self.order)

    def _part(self, span: Bounds, after: Sequence[Any] | None, most: int, sent: int) -> tuple[Reached, bool]:
        """The first rows of a span, and whether these are all."""
        read = lambda: self._read(span, after, most, sent)  # noqa: E731 a thing to be asked again
        rows, cut, looked_at = below.steady("".join(self.channels), span.start, span.end, read)
        scanned = below.scanned(self.channels, span)
        key = cut if cut is not None and len(rows) < most else self._key(rows[-1]) if rows else ()
        return Reached(rows, key, looked_at, scanned), cut is None and len(rows) < most

    def _read(
        self, span: Bounds, after: Sequence[Any] | None, most: int, sent: int
    ) -> tuple[list[tuple[Any, ...]], tuple[Any, ...] | None, int]:
        sealed = self._sealed(span, self.order, after, sent)
        cut = None
        if len(sealed) == sent:
            names = [IN_LAKE.get(key.column, key.column) for key in self.order]
            cut = tuple(sealed.select(names).row(-1))
        table, known = self._table(sealed, span)
        sql, values = _question(self.asked)
        later, from_here = ("true", []) if after is None else _after(self.order, after)
        beyond, up_to = ("false", []) if cut is None else _after(self.order, cut)
        # S608: as Django wrote it, with names of our columns; values apart
        whole = (
            f"WITH recording_reading AS ({table}) SELECT * FROM ({sql}) AS asked({', '.join(COLUMNS)})"  # noqa: S608
            f" WHERE {later} AND NOT ({beyond}) ORDER BY {_order(self.order)} LIMIT %s"
        )
        rows = _fetched(whole, [*known, *values, *from_here, *up_to, most])
        return rows, cut, len(sealed) + len(rows)

    def _key(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(row[COLUMNS.index(key.column)] for key in self.order)

    def _sealed(self, span: Bounds, order: Sequence[Key], after: Sequence[Any] | None, most: int) -> "pl.DataFrame":
        named = [Key(IN_LAKE.get(key.column, key.column), key.descending) for key in order]
        return below.first_rows(self.channels, span, named, after=after, most=most)

    def _table(self, sealed: "pl.DataFrame", span: Bounds) -> tuple[str, list[Any]]:
        """What stands for the table of readings in the question, and the values in it."""
        channels, kinds = map(list, zip(*self.streams, strict=True)) if self.streams else ([], [])
        hot = [channels, kinds, span.start, span.end]
        if not len(sealed):
            return _HOT, hot
        physical = {"at": sealed["at"].to_physical(), "received_at": sealed["received_at"].to_physical()}
        names = [IN_LAKE.get(name, name) for name in COLUMNS]
        sent = [physical.get(name, sealed[name]).to_list() for name in names]
        return f"{_HOT} UNION ALL {_SENT}", [*hot, *sent, sealed["at"].min(), sealed["at"].max()]

    def _counted(self, bounds: Bounds) -> int:
        sealed = below.count_within(self.channels, bounds)
        table, known = self._table(ordered.nothing(), bounds)
        sql, values = _question(self.asked)
        counting = f"WITH recording_reading AS ({table}) SELECT count(*) FROM ({sql}) AS found"  # noqa: S608 as above
        return sealed + int(_fetched(counting, [*known, *values])[0][0])

    def _apart(self) -> list[tuple[Bounds, bool]]:
        """The time cut where days begin and end that hot table and lake both hold something of; these are mixed."""
        both = sorted(set(below.days("".join(self.channels))) & set(hot_days()))
        edges = {self.bounds.start, self.bounds.end}
        for day in both:
            edges |= {_midnight(day), _midnight(day) + timedelta(days=1)}
        within = sorted(edge for edge in edges if self.bounds.start <= edge <= self.bounds.end)
        spans = [replace(self.bounds, start=start, end=end) for start, end in pairwise(within)]
        return [(span, span.start.date() in both) for span in spans]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _question(asked: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    try:
        return asked.query.sql_with_params()
    except EmptyResultSet:
        return _question(asked.model.objects.extra(where=["false"]).values_list(*COLUMNS))


def _fetched(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _order(order: Sequence[Key]) -> str:
    return ", ".join(f"{key.column} {'DESC' if key.descending else 'ASC'} NULLS LAST" for key in order)


def _after(order: Sequence[Key], values: Sequence[Any]) -> tuple[str, list[Any]]:
    """The condition that a row comes after one with these values; empty values come last."""
    condition = "false"
    known: list[Any] = []
    for key, value in reversed(list(zip(order, values, strict=True))):
        here, sign = key.column, "<" if key.descending else ">"
        if value is None:
            condition, known = f"({here} IS NULL AND {condition})", known
        elif here == "value":
            condition = f"(coalesce({here} {sign} %s, true) OR ({here} = %s AND {condition}))"
            known = [value, value, *known]
        else:
            condition = f"({here} {sign}= %s AND ({here} {sign} %s OR {condition}))"
            known = [value, value, *known]
    return condition, known
