"""What each detector calls calm at a channel, by the rule and the limits that hold there on the days around one."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

import numpy as np

from qingyuan.judging.logic import blindness, seeing
from qingyuan.judging.logic.days import A_DAY, midnight_before
from qingyuan.judging.logic.passes import Pass, around
from qingyuan.judging.logic.surroundings import Surroundings, standing
from qingyuan.judging.logic.watching import Look
from qingyuan.judging.rules import Rule, Rulebook
from qingyuan.kit import clock
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import DETECTORS, Calm
from qingyuan_science.series import Series

NEVER, ALWAYS, WHEN_STIRRED = 0, 1, 2
Entry = Calm | int  # or whether the detector looks at the channel never, or always
_NOTHING = Series(np.empty(0, np.int64), np.empty(0), np.empty(0, "U1"), "")


def calms(
    channels: Sequence[Channel], kind: str, detectors: Sequence[str], book: Rulebook, at: datetime
) -> Iterator[tuple[int, tuple[Entry, ...]]]:
    """Of each channel the entries of the detectors, good for every window of the kind around readings of a day."""
    reach = (around(kind) // A_DAY + 1) * A_DAY
    begin, end = midnight_before(at) - reach, midnight_before(at) + A_DAY + reach - timedelta(microseconds=1)
    takes = {code: DETECTORS.get(code).takes() for code in detectors}
    found = standing(channels, frozenset().union(*takes.values()))
    found.series = defaultdict(partial(_NOTHING.part, slice(None)))
    for channel in channels:
        made = []
        for code in detectors:
            rule, steady = book.steady(channel, code, kind, (begin, end))
            one = Pass(
                Look(code, kind, rule.parameters if rule else {}, channel, begin, end, begin),
                (), begin, begin, end, by_days=False, takes=takes[code],
            )  # fmt: skip
            made.append(_entry(one, rule, found) if steady else ALWAYS)
        yield channel.pk, tuple(made)


def _entry(one: Pass, rule: Rule | None, found: Surroundings) -> Entry:
    if rule is None:
        return NEVER
    try:
        detector = seeing.detector(one.look.detector, one.look.parameters)
        context = seeing.context(one, found)
        calm = detector.calm(one.look.channel.unit, context)
    except blindness.REASONS:
        return ALWAYS  # the look says what is wrong
    first, last = (instant.astimezone(clock.SHANGHAI).date() for instant in (one.start, one.end))
    change = any(limit.valid_from > first or (limit.valid_to or last) < last for limit in context.limits)
    return ALWAYS if calm is None or change else calm
