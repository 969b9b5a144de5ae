"""Which periods have to be computed: what was touched, as far as it is over, grouped so that one query reads many."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from qingyuan.sensing.queries import Channel
from qingyuan_science.series import CHINA_OFFSET, SECOND, Averaging, microseconds, moment
from qingyuan_science.standards import flow_factor, oxygen_factor

HOUR_US = 3600 * SECOND
MOST_AT_ONCE_HOURS = 6_000  # channels × hours that one query reads, so that a burst does not fill the memory


@dataclass(frozen=True)
class Rung:
    """One step of the ladder from short to long: which letter it makes, out of which.

    The first of `sources` goes before the second; `sparse` is read where neither holds anything. `after` is how long
    the clock waits for stragglers once a period has ended.
    """

    kind: str
    averaging: Averaging
    sources: str
    sparse: str = ""
    after: timedelta = timedelta()

    @property
    def length(self) -> int:
        """Length of a period [µs]."""
        return (self.averaging.seconds or 0) * SECOND

    def floor(self, at: int) -> int:
        """Start of the period, in China's calendar, that holds an instant [µs]."""
        return (at + CHINA_OFFSET) // self.length * self.length - CHINA_OFFSET

    def floors(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """The same of many instants."""
        return (at + CHINA_OFFSET) // self.length * self.length - CHINA_OFFSET


LADDER = (
    Rung("M", Averaging.MINUTE, "r"),
    Rung("T", Averaging.TEN_MINUTE, "mM"),
    Rung("H", Averaging.HOUR, "mM", "r", after=timedelta(minutes=1)),
    Rung("D", Averaging.DAY, "Hh", after=timedelta(minutes=9)),
)


@dataclass(frozen=True)
class Due:
    """Channels of which the periods between two instants are to be computed [µs]."""

    first: int
    after: int
    channels: tuple[int, ...]


def touched(rung: Rung, spans: Iterable[list[Any]], now: datetime) -> list[Due]:
    """The periods of a rung that are over and that readings in `spans` belong to."""
    over = rung.floor(microseconds(now))
    wanted: dict[tuple[int, int], set[int]] = defaultdict(set)
    for channel, kind, first, last in spans:
        if kind in rung.sources + rung.sparse:
            begins, ends = rung.floor(first), min(rung.floor(last) + rung.length, over)
            if ends - begins > HOUR_US > rung.length:  # late data of many devices share a few whole hours
                begins, ends = begins // HOUR_US * HOUR_US, min(-(-ends // HOUR_US) * HOUR_US, over)
            if begins < ends:
                wanted[begins, ends].add(channel)
    return [part for (first, after), found in wanted.items() for part in _parts(rung, first, after, found)]


def ended(rung: Rung, start: datetime, end: datetime) -> list[Due]:
    """The periods of a rung between two instants, for every channel that may have readings in them."""
    first, after = rung.floor(microseconds(start)), rung.floor(microseconds(end))
    if first >= after:
        return []
    sql = "SELECT DISTINCT channel_id FROM recording_latest WHERE kind::text = ANY(%s) AND at >= %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(rung.sources + rung.sparse), moment(first)])
        found = {row[0] for row in cursor.fetchall()}
    return list(_parts(rung, first, after, found))


def _parts(rung: Rung, first: int, after: int, channels: set[int]) -> Iterator[Due]:
    """The same in parts of a bounded size, each with everything that its means depend on."""
    ordered, most_long = sorted(with_dependants(channels)), max(rung.length, 24 * HOUR_US)
    for begins in range(first, after, most_long):
        ends = min(begins + most_long, after)
        most = max(1, MOST_AT_ONCE_HOURS * HOUR_US // max(ends - begins, HOUR_US))
        for place in range(0, len(ordered), most):
            yield Due(begins, ends, tuple(ordered[place : place + most]))


def with_dependants(channels: set[int]) -> set[int]:
    """The channels with those whose means depend on them: weighted by the flow, converted by the oxygen content."""
    sources = Channel.objects.filter(pk__in=channels)
    shared = sources.filter(factor__in=(flow_factor(), oxygen_factor())).values("station")
    beside = Channel.objects.filter(station__in=shared).values_list("pk", flat=True)
    measured = sources.filter(basis="measured", station__kind="outlet-gas").values("station", "factor")
    pairs = {(row["station"], row["factor"]) for row in measured}
    twins = Channel.objects.filter(basis="converted", station__in={station for station, _ in pairs})
    return channels | set(beside) | {one.pk for one in twins if (one.station_id, one.factor) in pairs}
