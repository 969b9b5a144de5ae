"""What each detector calls calm at a channel, by the rule and the limits that hold there on the days around one."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

import numpy as np

from qingyuan.judging.logic import blindness, seeing
from qingyuan.judging.logic.days import A_DAY, midnight_before, past_days
from qingyuan.judging.logic.passes import Pass, around
from qingyuan.judging.logic.surroundings import Surroundings, standing
from qingyuan.judging.logic.watching import Look
from qingyuan.judging.rules import Rulebook
from qingyuan.kit import clock
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import DETECTORS, Calm, Detector
from qingyuan_science.series import Series

NEVER, ALWAYS, WHEN_STIRRED, BY_DAYS = 0, 1, 2, 3
Entry = Calm | int  # or whether the detector looks at the channel never, always, or when a day may be over
_NOTHING = Series(np.empty(0, np.int64), np.empty(0), np.empty(0, "U1"), "")


def calms(
    channels: Sequence[Channel], kind: str, detectors: Sequence[str], book: Rulebook, *, at: datetime
) -> Iterator[tuple[int, tuple[Entry, ...]]]:
    """Of each channel the entries of the detectors, good for every window of the kind around readings of a day."""
    reach = (around(kind) // A_DAY + 1) * A_DAY
    span = midnight_before(at) - reach, midnight_before(at) + A_DAY + reach - timedelta(microseconds=1)
    takes = {code: DETECTORS.get(code).takes() for code in detectors if states_calm(code)}
    found = standing(channels, frozenset[str]().union(*takes.values()))
    found.series = defaultdict(partial(_NOTHING.part, slice(None)))
    alike: dict[object, Entry] = {}  # channels of one factor under one standard have the same
    for channel in channels:
        around_it = _around(channel, found)
        made: list[Entry] = []
        for code in detectors:
            rule, steady = book.steady(channel, code, kind, span)
            if past_days(code) or not steady or code not in takes:
                asked = rule is not None or not steady
                made.append(NEVER if not asked else BY_DAYS if past_days(code) else ALWAYS)
            elif rule is None:
                made.append(NEVER)
            else:
                key = (code, repr(rule.parameters), around_it)
                if key not in alike:
                    look = Look(code, kind, rule.parameters, channel, *span, span[0])
                    alike[key] = _entry(look, takes[code], found)
                made.append(alike[key])
        yield channel.pk, tuple(made)


def states_calm(code: str) -> bool:
    """Whether a detector ever calls single readings calm."""
    return DETECTORS.get(code).calm is not Detector.calm


def _around(channel: Channel, found: Surroundings) -> tuple[object, ...]:
    """Equal for channels of which everything that a calm is made of is equal."""
    applied = ((one.standard, one.level, one.valid, one.known) for one in found.applied.get(channel.station_id, ()))
    beside = sorted((one.factor, one.basis) for one in found.beside.get(channel.station_id, ()))
    permits = (one.pk for one in found.written.limits.get(channel.station_id, ()) if one.factor == channel.factor)
    own = channel.factor, channel.basis, channel.unit, channel.station.kind
    return *own, tuple(applied), tuple(permits), tuple(beside)


def _entry(look: Look, takes: frozenset[str], found: Surroundings) -> Entry:
    one = Pass(look, (), look.first, look.first, look.last, by_days=False, takes=takes)
    try:
        context = seeing.context(one, found)
        calm = seeing.detector(look.detector, look.parameters).calm(look.channel.unit, context)
    except blindness.REASONS:
        return ALWAYS  # the look says what is wrong
    first, last = (instant.astimezone(clock.SHANGHAI).date() for instant in (look.first, look.last))
    change = any(limit.valid_from > first or (limit.valid_to or last) < last for limit in context.limits)
    return ALWAYS if calm is None or change else calm
