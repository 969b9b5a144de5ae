"""Looks cut into passes: what is judged in one go, and from when on its past is needed.

A detector that learns from the past judges whole days, in blocks of thirty that begin on the same days for every
channel and have the same past each time; so it says the same whether a block comes hour by hour or all at once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from qingyuan.judging.logic.days import A_DAY, BLOCK, at_once, block_before, midnight_before, past_days
from qingyuan.judging.logic.watching import AN_INSTANT, Look
from qingyuan.judging.models import Finding, FindingState
from qingyuan.sensing import limits
from qingyuan_science.detect import DETECTORS

PERIODS_AROUND = 96  # more than any detector's run and gap together reach beyond the new readings
UNKNOWN_PERIOD = timedelta(minutes=1)  # real-time values come at the sender's own pace
CHANNELS_AT_ONCE = 250


@dataclass(frozen=True)
class Pass:
    """What one look judges in one go: readings from `start` to before `end`, with those since `past` to learn from.

    What the detector found before and nobody dismissed is `odd`: it does not learn from that.
    """

    look: Look
    rows: tuple[Finding, ...]
    past: datetime
    start: datetime
    end: datetime
    by_days: bool
    takes: frozenset[str]
    odd: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def news(self) -> tuple[datetime, datetime]:
        """Where episodes count as new; both ends included.

        What ends where the new readings begin is new too if the rule held before: it is they that end a gap.
        """
        if self.by_days:
            return max(self.start, self.look.since), self.end
        return max(self.look.first - AN_INSTANT, min(self.look.since, self.look.first)), self.look.last


def passes(look: Look, rows: tuple[Finding, ...] = (), *, whole: bool = False) -> Iterator[Pass]:
    """The passes of a look; of whole days none while its day goes on, unless it is known to be over (`whole`).

    A detector that speaks at once looks whatever the hour.
    """
    takes = DETECTORS.get(look.detector).takes() if look.detector in DETECTORS else frozenset()
    days = past_days(look.detector)
    if not days:
        reach = around(look.kind)
        near = tuple(one for one in rows if _near(one, look.first - reach, look.last + reach))
        start = min([look.first - reach, *(row.started_at for row in near)])
        end = max([look.last, *(row.ended_at for row in near)]) + reach
        yield Pass(look, near, start, start, end, by_days=False, takes=takes)
        return
    if not whole and not at_once(look.detector) and not _ends_a_day(look):
        return
    begin = block_before(look.first)
    while begin <= look.last:
        past, end = begin - days * A_DAY, begin + BLOCK
        near = tuple(one for one in rows if _near(one, past, end))
        odd = tuple((one.started_at, one.ended_at) for one in near if one.state != FindingState.DISMISSED)
        yield Pass(look, near, past, begin, end, by_days=True, takes=takes, odd=odd)
        begin = end


def grouped(wanted: Iterable[Pass]) -> Iterator[list[Pass]]:
    """Passes whose readings are fetched together: of the same kind, of near times, and not too many."""
    ordered = sorted(wanted, key=lambda one: (one.look.kinds, one.by_days, one.past, one.start, one.look.channel.pk))
    for _same, several in groupby(ordered, key=lambda one: (one.look.kinds, one.by_days)):
        group: list[Pass] = []
        channels: set[int] = set()
        for one in several:
            long = group and one.past > group[0].past + (group[0].end - group[0].past)
            if long or (len(channels) == CHANNELS_AT_ONCE and one.look.channel.pk not in channels):
                yield group
                group, channels = [], set()
            group.append(one)
            channels.add(one.look.channel.pk)
        yield group


def around(kind: str) -> timedelta:
    """How far the window reaches beyond the new readings on either side."""
    return PERIODS_AROUND * period(kind)


def period(kind: str) -> timedelta:
    """Time between readings of a kind, or what is taken for it."""
    seconds = limits.AVERAGING[kind].seconds
    return timedelta(seconds=seconds) if seconds else UNKNOWN_PERIOD


def _ends_a_day(look: Look) -> bool:
    """Whether a day may be over with these readings: its last one came, or one of the next day after a gap."""
    begun = midnight_before(look.first)
    return midnight_before(look.last + period(look.kind)) > begun or look.first < begun + timedelta(hours=1)


def _near(row: Finding, start: datetime, end: datetime) -> bool:
    return row.state == FindingState.OPEN or (row.ended_at >= start and row.started_at <= end)
