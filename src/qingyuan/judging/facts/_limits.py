"""Hours and days of an enterprise's outlets held against their limits, as the exceedance detector holds them."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qingyuan.judging.fact import Asked, Link, OverDays, Told
from qingyuan.judging.facts._readings import HOURS, channels_of, deciding, distinct, link_to, series_of, words_of
from qingyuan.judging.logic.blindness import REASONS
from qingyuan.kit.clock import SHANGHAI
from qingyuan.sensing import limits
from qingyuan.sensing.limits import AVERAGING
from qingyuan.sensing.queries import Channel
from qingyuan_science.plugins import Source, Text
from qingyuan_science.series import Series, local_days
from qingyuan_science.standards import Limit, limits_that_judge

MOST_LINKS = 5
NONE_JUDGED = Text("没有可对照限值判定的有效数据", "no valid value that a limit holds for")


@dataclass(frozen=True)
class Judged:
    """The readings of one channel against its limits.

    `counts` are the valid values on days with a limit in force, `beyond` those of them beyond one. `share` is a value
    as a share of the lowest maximum, NaN where there is none or it does not count [1].
    """

    channel: Channel
    series: Series
    counts: NDArray[np.bool_]
    beyond: NDArray[np.bool_]
    share: NDArray[np.float64]


@dataclass(frozen=True)
class OfLimits(OverDays):
    """Base of the facts about values and their limits."""

    by_factor = True

    def over(self, asked: Asked) -> dict[int, Told]:
        """The number from all judged channels of each enterprise."""
        found = judged(asked, self.kinds())
        return {one: self.of_one(asked, found[one]) if found[one] else Told(None, NONE_JUDGED)
                for one in asked.enterprises}  # fmt: skip

    @staticmethod
    def kinds() -> str:
        """Letters of the readings that it looks at, the ones that go first in front."""
        return HOURS

    def of_one(self, asked: Asked, rows: Sequence[Judged]) -> Told:
        """The number of one enterprise, of which at least one value was judged."""
        raise NotImplementedError(f"{type(self).__name__} has no numbers")


@dataclass(frozen=True)
class TimesOverLimit(OfLimits):
    """Base of the facts that count hours or days over the limit, each once for all outlets and factors."""

    source: ClassVar[Source] = Source(
        "排污许可管理条例",
        Text("第二十九条", "article 29"),
        note=Text("修约：GB/T 8170-2008", "rounding: GB/T 8170-2008"),
    )
    each: ClassVar[Text]

    def of_one(self, asked: Asked, rows: Sequence[Judged]) -> Told:
        """Count them, and name the channel with the most of them."""
        over = distinct(row.series.at[row.beyond] for row in rows)
        looked = distinct(row.series.at[row.counts] for row in rows)
        worst = sorted((row for row in rows if row.beyond.any()), key=lambda row: -int(np.count_nonzero(row.beyond)))
        window, each = asked.words, self.each
        if not worst:
            none = f"none of {looked} {each.en} {window.en} was over the limit"
            return Told(0.0, Text(f"{window.zh}判定 {looked} {each.zh}，均未超标", none), most_looked(asked, rows))
        most, count = words_of(worst[0].channel), int(np.count_nonzero(worst[0].beyond))
        sentence = Text(
            f"{window.zh}判定的 {looked} {each.zh}中 {over} {each.zh}超标，最多为{most.zh}（{count} {each.zh}）",
            f"{over} of {looked} {each.en} {window.en} were over the limit, most of them {most.en} "
            f"({count} {self.unit})",
        )
        return Told(float(over), sentence, tuple(link_to(row.channel, asked) for row in worst[:MOST_LINKS]))


def most_looked(asked: Asked, rows: Sequence[Judged]) -> tuple[Link, ...]:
    """Where nothing was beyond a limit, what was looked at most."""
    most = sorted(rows, key=lambda row: -int(np.count_nonzero(row.counts)))[:MOST_LINKS]
    return tuple(link_to(row.channel, asked) for row in most)


def judged(asked: Asked, kinds: str) -> dict[int, list[Judged]]:
    """What of each enterprise a limit holds for, only of the factor asked about where one is."""
    key = ("judged", kinds, asked.start, asked.end)
    whole: dict[int, list[Judged]] = asked.once(key, lambda: _judge(asked, kinds))
    if not asked.factor:
        return whole
    return {one: [row for row in rows if row.channel.factor == asked.factor] for one, rows in whole.items()}


def _judge(asked: Asked, kinds: str) -> dict[int, list[Judged]]:
    own = [one for several in channels_of(asked).values() for one in deciding(several)]
    bound = _bounds(asked, own, kinds)
    series = series_of(asked, [one for one, some in bound.items() if some], kinds)
    found: dict[int, list[Judged]] = {one: [] for one in asked.enterprises}
    for channel, some in bound.items():
        row = _against(channel, series[channel.pk], some) if some else None
        if row is not None and row.counts.any():
            found[channel.station.enterprise_id or 0].append(row)
    return found


def _bounds(asked: Asked, own: Sequence[Channel], kinds: str) -> dict[Channel, tuple[Limit, ...]]:
    """The limits that judge each channel, in its unit; looked up once for channels bound alike."""
    applied, permitted = asked.once("bound", lambda: limits.of_stations({one.station_id for one in own}))
    first, last = (instant.astimezone(SHANGHAI).date() for instant in (asked.start, asked.end))
    alike: dict[Hashable, tuple[Limit, ...]] = {}
    bound = {}
    for one in own:
        standards = applied.get(one.station_id, ())
        binding = tuple((each.standard, each.level, each.valid, each.known) for each in standards)
        permits = [each for each in permitted.get(one.station_id, ()) if each.factor == one.factor]
        key = one.factor, one.station.kind, one.unit, one.basis, binding, tuple(each.pk for each in permits)
        if key not in alike:
            try:
                found = limits.binding_of(one, standards, first, last, own=permits)
                alike[key] = tuple(limit.in_unit(one.unit) for limit in limits_that_judge(found, AVERAGING[kinds[0]]))
            except REASONS:
                alike[key] = ()  # no detector can judge such a channel either: the blind spots tell of it
        bound[one] = alike[key]
    return bound


def _against(channel: Channel, series: Series, bounds: Sequence[Limit]) -> Judged:
    days, valid = local_days(series.at), series.valid
    counts, beyond = np.zeros(len(series), dtype=np.bool_), np.zeros(len(series), dtype=np.bool_)
    lowest = np.full(len(series), np.nan)
    for limit in bounds:
        holds = valid & (days >= np.datetime64(limit.valid_from))
        if limit.valid_to is not None:
            holds &= days <= np.datetime64(limit.valid_to)
        counts |= holds
        beyond |= holds & limit.exceeded(series.value)
        if limit.high and limit.low is None:
            lowest = np.where(holds, np.fmin(lowest, limit.high), lowest)
    return Judged(channel, series, counts, beyond, series.value / lowest)
