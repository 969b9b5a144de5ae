"""What the loggers send: HJ 212 messages in the order in which they leave, made hour by hour and only when asked for.

An interval's data leave just after its end; DataTime is its start, or its end where that is the logger's habit. The
moment of sending, to the millisecond, is also the request number QN, and no two messages of one logger share it.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from qingyuan_science import standards
from qingyuan_science.hj212 import Message
from qingyuan_science.worlds.errors import BadInterval, NoSuchKind
from qingyuan_science.worlds.scene.channels import Profile
from qingyuan_science.worlds.scene.stations import Station
from qingyuan_science.worlds.signals.noise import Floats, Seconds
from qingyuan_science.worlds.signals.ordinary import CHINA, DAY, HOUR
from qingyuan_science.worlds.signals.samples import STEP, Flags, Means, Samples, average

Sent = tuple[datetime, Message]
Group = tuple[tuple[str, str], ...]
SamplesOf = Callable[[Station, int], Samples]

REALTIME, TEN_MINUTE, HOURLY, DAILY = "2011", "2051", "2061", "2031"
KINDS = (REALTIME, TEN_MINUTE, HOURLY, DAILY)

_PERIODS = {TEN_MINUTE: 600, HOURLY: HOUR, DAILY: DAY}
_DELAYS = {REALTIME: 150, TEN_MINUTE: 1000, HOURLY: 2000, DAILY: 3000}
_DELAY_PER_STATION = 37
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TO_DIGITS = str.maketrans("", "", "-T:.")
_ANSWER_WANTED = {"2005": 1, "2017": 5, "2025": 9}
_NUMBERED = 2  # bit of Flag that says that the packet has PNUM and PNO
_OF_A_PART = 10  # factors of a packet, so that it stays below the 1024 bytes of the standard
_TOTAL_DECIMALS = {"m3": 2, "kg": 4}


@dataclass(frozen=True)
class Span:
    """The moments of sending that are asked for.

    Parameters
    ----------
    start : int
        First. [ms since 1970-01-01 UTC]
    end : int or None
        Just after the last; None for a stream without end. [ms since 1970-01-01 UTC]
    """

    start: int
    end: int | None

    @classmethod
    def between(cls, start: datetime, end: datetime | None) -> "Span":
        """Turn aware times into a span.

        Parameters
        ----------
        start : datetime
        end : datetime or None

        Returns
        -------
        Span

        Raises
        ------
        BadInterval
            A time has no zone, or the end lies before the start.
        """
        if start.tzinfo is None or (end is not None and end.tzinfo is None):
            raise BadInterval("a time without zone", "aware times")
        if end is not None and end < start:
            raise BadInterval(f"{start.isoformat()} to {end.isoformat()}", "an end not before the start")
        return cls(_milliseconds(start), None if end is None else _milliseconds(end))

    def days(self, longest: int) -> Iterator[int]:
        """List the days in China whose data may leave in this span.

        Parameters
        ----------
        longest : int
            Length of the interval and delay that lie between a day's data and their leaving. [s]

        Returns
        -------
        iterator of int
            Days since 1970-01-01 in China.
        """
        first = (self.start // 1000 - longest + CHINA) // DAY
        if self.end is None:
            return count(first)
        return iter(range(first, (self.end // 1000 + CHINA) // DAY + 1))

    def holds(self, sent: NDArray[np.int64]) -> Flags:
        """Tell which moments lie in the span.

        Parameters
        ----------
        sent : int64 array, shape (n,)
            [ms since 1970-01-01 UTC]

        Returns
        -------
        bool array, shape (n,)
        """
        after = sent >= self.start
        return after if self.end is None else after & (sent < self.end)


def messages(
    station: Station, samples_of: SamplesOf, span: Span, *, kinds: tuple[str, ...], interval: int, minutes: int = 10
) -> Iterator[Sent]:
    """Make the messages of one logger.

    Parameters
    ----------
    station : Station
    samples_of : callable
        Gives the samples of a station on a day.
    span : Span
    kinds : tuple of str
        Command codes out of `KINDS`.
    interval : int
        Time between real-time messages, a multiple of `STEP` that divides an hour. [s]
    minutes : int
        Interval of minute data, a divisor of 60. [min]

    Returns
    -------
    iterator of (datetime, Message)
        In order of sending.

    Raises
    ------
    NoSuchKind
        No kind is given, or one that is not in `KINDS`.
    """
    if not kinds or not set(kinds) <= set(KINDS):
        raise NoSuchKind(kinds, KINDS)
    streams = []
    for kind in kinds:
        if kind == REALTIME:
            streams.append(_realtime(station, samples_of, span, interval))
        else:
            period = minutes * 60 if kind == TEN_MINUTE else _PERIODS[kind]
            streams.append(_intervals(station, samples_of, span, (kind, period)))
    return heapq.merge(*streams, key=itemgetter(0))


def _realtime(station: Station, samples_of: SamplesOf, span: Span, interval: int) -> Iterator[Sent]:
    delay = _delay(station, REALTIME)
    write = _Writer(station, REALTIME)
    step, chunk = interval // STEP, HOUR // STEP
    for day in span.days(STEP):
        offset = day * DAY - CHINA
        for begin in range(0, DAY // STEP, chunk):
            wanted = np.arange(begin, begin + chunk, step)
            wanted = wanted[span.holds((wanted * STEP + offset) * 1000 + delay)]
            if wanted.size:
                samples = samples_of(station, day)
                yield from write.realtime(samples, wanted[samples.present[wanted]], delay)


def _intervals(station: Station, samples_of: SamplesOf, span: Span, of: tuple[str, int]) -> Iterator[Sent]:
    kind, period = of
    delay = _delay(station, kind)
    write = _Writer(station, kind)
    for day in span.days(period + 10):
        starts = np.arange(0, DAY, period, dtype=np.int64) + (day * DAY - CHINA)
        wanted = span.holds((starts + period) * 1000 + delay)
        if wanted.any():
            means = average(samples_of(station, day), period)
            yield from write.means(means, np.flatnonzero(wanted & means.sent), period, delay)


def _delay(station: Station, kind: str) -> int:
    return _DELAYS[kind] + _DELAY_PER_STATION * station.number


class _Writer:
    """Writes messages of one kind for one station, column by column."""

    def __init__(self, station: Station, kind: str) -> None:
        self._station = station
        self._kind = kind
        self._edition = station.dialect.edition
        self._at_end = station.dialect.stamp == "end"
        self._codes = [self._code(entry) for entry in station.profiles]

    def _code(self, entry: Profile) -> str:
        return standards.factor(entry.factor).code_2005 if self._edition == "2005" else entry.sent_as or entry.factor

    def realtime(self, samples: Samples, chosen: NDArray[np.int64], delay: int) -> Iterator[Sent]:
        """Write the samples with the chosen indices."""
        flags = np.where(samples.serviced[chosen], "M", "N").tolist()
        columns = []
        for row, (code, entry) in enumerate(zip(self._codes, self._station.profiles, strict=True)):
            fields = [(f"{code}-Rtd", _texts(samples.measured[row, chosen], entry.decimals))]
            if entry.converted:
                fields.append((f"{code}-ZsRtd", _texts(samples.converted[row, chosen], entry.decimals)))
            columns.append(_groups([*fields, (f"{code}-Flag", flags)]))
        times = samples.seconds[chosen]
        return self._sent(times, times * 1000 + delay, columns)

    def means(self, means: Means, chosen: NDArray[np.int64], period: int, delay: int) -> Iterator[Sent]:
        """Write the intervals with the chosen indices."""
        flags = np.where(means.serviced[chosen], "M", "N").tolist()
        columns = []
        for row, (code, entry) in enumerate(zip(self._codes, self._station.profiles, strict=True)):
            fields = []
            if entry.total:
                fields.append((f"{code}-Cou", _texts(means.total[row, chosen], _TOTAL_DECIMALS[entry.total])))
            parts: list[tuple[str, Floats]] = [("Min", means.low), ("Avg", means.mean), ("Max", means.high)]
            if entry.converted:
                parts += [
                    ("ZsMin", means.converted_low),
                    ("ZsAvg", means.converted_mean),
                    ("ZsMax", means.converted_high),
                ]
            fields += [(f"{code}-{name}", _texts(values[row, chosen], entry.decimals)) for name, values in parts]
            columns.append(_groups([*fields, (f"{code}-Flag", flags)]))
        starts = means.start[chosen]
        stamps = starts + period if self._at_end else starts
        moments = (starts + period) * 1000 + delay
        if not self._station.purpose:
            return self._sent(stamps, moments, columns)
        cut = [columns[begin : begin + _OF_A_PART] for begin in range(0, len(columns), _OF_A_PART)]
        streams = [
            self._sent(stamps, moments + number, part, (len(cut), number)) for number, part in enumerate(cut, start=1)
        ]
        return heapq.merge(*streams, key=itemgetter(0))

    def _sent(
        self, stamps: Seconds, sent: NDArray[np.int64], columns: list[list[Group]], part: tuple[int, int] | None = None
    ) -> Iterator[Sent]:
        station, kind, edition, flag = self._station, self._kind, self._edition, _ANSWER_WANTED[self._edition]
        pnum, pno = part or (None, None)
        flag |= _NUMBERED if part else 0
        times = [((("DataTime", text),)) for text in _digits(stamps * 1000, "s")]
        for qn, moment, cp in zip(_digits(sent, "ms"), sent.tolist(), zip(times, *columns, strict=True), strict=True):
            yield (
                _EPOCH + timedelta(milliseconds=moment),
                Message(
                    qn=qn,
                    st=station.st,
                    cn=kind,
                    pw=station.pw,
                    mn=station.mn,
                    flag=flag,
                    pnum=pnum,
                    pno=pno,
                    cp=cp,
                    edition=edition,
                ),
            )


def _texts(values: Floats, decimals: int) -> list[str]:
    form = f"%.{decimals}f"
    return [form % value for value in values.tolist()]


def _groups(fields: list[tuple[str, list[str]]]) -> list[Group]:
    """Turn columns of texts into one group of pairs for each row."""
    return list(zip(*([(name, text) for text in texts] for name, texts in fields), strict=True))


def _digits(milliseconds: NDArray[np.int64], unit: str) -> list[str]:
    """Write times as local digits, to the second or the millisecond."""
    local = (milliseconds + CHINA * 1000).astype("datetime64[ms]")
    texts: list[str] = np.datetime_as_string(local, unit=unit).tolist()  # type: ignore[call-overload]
    return [text.translate(_TO_DIGITS) for text in texts]


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)
