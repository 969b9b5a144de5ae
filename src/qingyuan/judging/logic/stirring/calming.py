"""What each detector calls calm at a channel, by the rule and the limits that hold there on the days around one.

A detector that learns from the past looks when a day may be over; one that speaks at once looks at all readings of a
day on which something calls for it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np

from qingyuan.judging.logic import blindness, seeing
from qingyuan.judging.logic.days import A_DAY, at_once, midnight_before, past_days
from qingyuan.judging.logic.passes import Pass, around
from qingyuan.judging.logic.stirring.calling import called_for
from qingyuan.judging.logic.surroundings import Surroundings, standing
from qingyuan.judging.logic.watching import Look
from qingyuan.judging.rules import Rulebook
from qingyuan.kit import clock
from qingyuan.sensing import limits
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import DETECTORS, Calm, Detector
from qingyuan_science.series import Series

NEVER, ALWAYS, WHEN_STIRRED, BY_DAYS = 0, 1, 2, 3
Entry = Calm | int  # or whether the detector looks at the channel never, always, or when a day may be over
Held = tuple[Entry, int]  # and the channel beside that a calm is held against, nought for none


class Calms:
    """The entries of the detectors that watch a kind, by one rulebook; channels that are alike share them."""

    def __init__(self, kind: str, detectors: Sequence[str], book: Rulebook) -> None:
        self._kind, self._detectors, self._book = kind, detectors, book
        self._by_days = {code for code in detectors if past_days(code)}
        self._at_once = frozenset(code for code in self._by_days if at_once(code))
        self._takes = {code: DETECTORS.get(code).takes() for code in detectors if states_calm(code)}
        self._alike: dict[object, Entry] = {}

    def of(self, channels: Sequence[Channel], at: datetime) -> Iterator[tuple[int, tuple[Held, ...]]]:
        """Of each channel the entries, good for every window of the kind around readings of a day."""
        reach = (around(self._kind) // A_DAY + 1) * A_DAY
        span = midnight_before(at) - reach, midnight_before(at) + A_DAY + reach - timedelta(microseconds=1)
        found = standing(channels, frozenset[str]().union(*self._takes.values()))
        found.series = defaultdict(_nothing)
        found.series |= {one.pk: _nothing(one.unit) for several in found.beside.values() for one in several}
        called = dict[int, set[str]]()
        if self._at_once:
            called = called_for(self._at_once, channels, midnight_before(at))
        for channel in channels:
            around_it = span[0], _around(channel, found), _alarmed(channel, found, span)
            entries = tuple(self._entry(code, channel, span, (around_it, found)) for code in self._detectors)
            here = called.get(channel.pk, set())
            yield (
                channel.pk,
                tuple(
                    (ALWAYS if entry == BY_DAYS and code in here else entry, _whole(entry, channel, found))
                    for code, entry in zip(self._detectors, entries, strict=True)
                ),
            )

    def _entry(
        self, code: str, channel: Channel, span: tuple[datetime, datetime], known: tuple[object, Surroundings]
    ) -> Entry:
        rule, steady = self._book.steady(channel, code, self._kind, span)
        if rule is None and steady:
            return NEVER
        if code in self._by_days:
            return BY_DAYS
        if rule is None or not steady or code not in self._takes:
            return ALWAYS
        key = code, rule.same, known[0]
        if key not in self._alike:
            look = Look(code, self._kind, rule.parameters, channel, *span, span[0])
            self._alike[key] = _entry(look, self._takes[code], known[1])
        return self._alike[key]


def _nothing(unit: str = "") -> Series:
    return Series(np.empty(0, np.int64), np.empty(0), np.empty(0, "U1"), unit)


def _whole(entry: Entry, channel: Channel, found: Surroundings) -> int:
    """The channel of the station of which a calm reading is at most a part."""
    part = None if isinstance(entry, int) else entry.part
    if part is None:
        return 0
    return next(one.pk for one in found.beside[channel.station_id] if (one.factor, one.basis) == part.of)


def states_calm(code: str) -> bool:
    """Whether a detector ever calls single readings calm."""
    return DETECTORS.get(code).calm is not Detector.calm


def _around(channel: Channel, found: Surroundings) -> tuple[object, ...]:
    """Equal for channels of which everything that a calm is made of is equal."""
    now = clock.now()
    standards = (one for one in found.applied.get(channel.station_id, ()) if limits.knows(one.known, now))
    applied = ((one.standard, one.level, one.valid) for one in standards)
    permits = (
        (one.averaging, one.basis, one.low, one.high, one.unit, one.permit.valid)
        for one in found.written.limits.get(channel.station_id, ())
        if one.factor == channel.factor and one.permit.was_known(now)
    )
    beside = sorted((one.factor, one.basis, one.unit) for one in found.beside.get(channel.station_id, ()))
    own = channel.factor, channel.basis, channel.unit, channel.station.kind
    return *own, tuple(applied), tuple(permits), tuple(beside)


def _alarmed(channel: Channel, found: Surroundings, span: tuple[datetime, datetime]) -> tuple[object, ...]:
    """What an authority set for itself there, as far as single readings are held against it."""
    alarms = found.written.alarms.get(channel.station_id)
    if alarms is None:
        return ()
    first, last = (instant.astimezone(clock.SHANGHAI).date() for instant in span)
    held = alarms.held(channel.factor, (first, last), clock.now())
    return tuple((one.averaging, one.high, one.unit, *days) for one, *days in held)


def _entry(look: Look, takes: frozenset[str], found: Surroundings) -> Entry:
    one = Pass(look, (), look.first, look.first, look.last, by_days=False, takes=takes)
    try:
        context = seeing.context(one, found)
        calm = seeing.detector(look.detector, look.parameters).calm(look.channel.unit, context)
    except blindness.REASONS:
        return ALWAYS  # the look says what is wrong
    first, last = (instant.astimezone(clock.SHANGHAI).date() for instant in (look.first, look.last))
    bound = (*context.limits, *context.thresholds)
    change = any(limit.valid_from > first or (limit.valid_to or last) < last for limit in bound)
    return ALWAYS if calm is None or change else calm
