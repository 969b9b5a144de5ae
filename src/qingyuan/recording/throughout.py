"""One stream's readings in order of time, out of hot table and lake together, without holding more than a part of them.

What is asked of them is a queryset over the hot table. PostgreSQL answers it over both: the readings of sealed days are
sent along, and take the name of the table for the length of that question.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from qingyuan.recording.lake import below
from qingyuan.recording.lake.layout import NUMBERS, instant
from qingyuan.recording.lake.ordered import FIRST, LAST

if TYPE_CHECKING:
    import polars as pl

MICROSECOND = timedelta(microseconds=1)
MOST_SENT = 20_000  # readings of the lake in one question
_HOT = 'SELECT * FROM recording_reading WHERE channel_id = %s AND kind = %s::"char" AND at >= %s AND at < %s'
_SENT = """SELECT %s::int, %s::"char", s.* FROM (
    SELECT timestamptz 'epoch' + at * interval '1 microsecond' AS at, value, low, high, total, mark,
        timestamptz 'epoch' + received_at * interval '1 microsecond' AS received_at
    FROM unnest(%s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::"char"[], %s::bigint[])
        AS sent(at, value, low, high, total, mark, received_at)
) s WHERE NOT EXISTS (
    SELECT FROM recording_reading r WHERE (r.channel_id, r.kind, r.at) = (%s, %s::"char", s.at)
)"""


@dataclass(frozen=True)
class Part:
    """What a part of the time answers; `reached` is where the next part begins, or ends when it goes backwards.

    `looked_at` counts readings of the lake that were looked at, and of the hot table those that were found.
    """

    rows: list[tuple[Any, ...]]
    reached: datetime
    looked_at: int


@dataclass(frozen=True)
class Walk:
    """A question about the readings of a channel and kind, to be asked part after part from `start` on, before `end`.

    `asked` is a queryset of readings, or of values of them, in the order of the walk.
    """

    asked: QuerySet[Any]
    channel_id: int
    kind: str
    start: datetime = FIRST
    end: datetime = LAST
    newest_first: bool = False

    def parts(self, most: int, at: int) -> Iterator[Part]:
        """The answers in turn, whoever has enough stops; not many more than `most` rows each.

        `at` says which of the values is the time.
        """
        most = min(most, MOST_SENT)
        sql, values = self._question(self.asked[:most])
        for start, end in self._stretches():
            while start < end:
                part = self._answer(sql, values, start, end)
                if len(part.rows) == most:
                    last = part.rows[-1][at]
                    part = replace(part, reached=last if self.newest_first else last + MICROSECOND)
                start, end = (start, part.reached) if self.newest_first else (part.reached, end)
                yield part

    def counts(self) -> Iterator[tuple[int, int]]:
        """How many rows each part has, and how many readings were looked at for it."""
        sql, values = self._question(self.asked.order_by())
        counting = f"SELECT count(*) FROM ({sql}) AS found"  # noqa: S608 as Django wrote it, values apart
        for start, end in self._stretches():
            while start < end:
                part = self._answer(counting, values, start, end)
                start, end = (start, part.reached) if self.newest_first else (part.reached, end)
                yield part.rows[0][0], part.looked_at

    def _stretches(self) -> list[tuple[datetime, datetime]]:
        if self.start >= self.end:
            return []
        found = below.stretches(self.channel_id, self.kind, self.start, self.end)
        return found[::-1] if self.newest_first else found

    def _question(self, asked: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
        try:
            return asked.query.sql_with_params()
        except EmptyResultSet:
            return self._question(asked.model.objects.extra(where=["false"]))

    def _answer(self, sql: str, values: tuple[Any, ...], start: datetime, end: datetime) -> Part:
        return below.steady(self.kind, start, end, lambda: self._part(sql, values, start, end))

    def _part(self, sql: str, values: tuple[Any, ...], start: datetime, end: datetime) -> Part:
        sealed = below.rows([self.channel_id], self.kind, start, end)
        if len(sealed) > MOST_SENT:
            sealed = sealed.tail(MOST_SENT) if self.newest_first else sealed.head(MOST_SENT)
            times = sealed["at"].to_physical()
            start, end = (instant(times[0]), end) if self.newest_first else (start, instant(times[-1]) + MICROSECOND)
        table, known = self._table(sealed, start, end)
        with connection.cursor() as cursor:
            cursor.execute(f"WITH recording_reading AS ({table}) {sql}", [*known, *values])
            rows = cursor.fetchall()
        return Part(rows, start if self.newest_first else end, len(sealed) + len(rows))

    def _table(self, sealed: "pl.DataFrame", start: datetime, end: datetime) -> tuple[str, list[Any]]:
        """What stands for the table of readings in the question, and the values in it."""
        stream = [self.channel_id, self.kind]
        if not len(sealed):
            return _HOT, [*stream, start, end]
        columns = (sealed["at"].to_physical(), *(sealed[name] for name in (*NUMBERS, "mark")))
        sent = [column.to_list() for column in (*columns, sealed["received_at"].to_physical())]
        return f"{_HOT} UNION ALL {_SENT}", [*stream, start, end, *stream, *sent, *stream]
