"""Damped signal: values that move too little or too smoothly for this channel, or tremble about one value."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qingyuan_science.detect import DETECTORS, Context, WorkedExample
from qingyuan_science.detect._days import A_DAY, Days
from qingyuan_science.detect._figures import LEAST_FIGURES
from qingyuan_science.detect._ordinary import STACK, before, hourly, ordinary
from qingyuan_science.detect._scored import Measure, Scored
from qingyuan_science.detect._tables import Floats, Positions, Spans, kept, medians
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import CHINA_OFFSET

_CURVATURE = Text("变化的曲折度", "bends per change")
_ROUGHNESS = Text("相邻值变化与近期之比", "change between values beside recent days")
_HALF_DAY = Text("最平滑半日的弯折与近期之比", "bends of the smoothest half day beside recent days")
_SPREAD = Text("日内波动与近期之比", "spread within the day beside recent days")
_DRIFT = Text("两天内四分之一日均值的波动与相邻值变化之比", "spread of quarter-day means over two days per change")
_CHANGES = Text("相邻值不同的比例", "share of values that differ from the one before")
_LEAST_VALUES, _LEAST_CHANGES = 12, 3
_LEAST_IN_HALF = 9
_QUARTER = A_DAY // 4
_LEAST_QUARTERS = 6  # of the eight of two days


@DETECTORS
@dataclass(frozen=True)
class DampedSignal(Scored):
    """Find days on which the noise of the channel is smaller, or smoother, than on days in order, or is all there is.

    Notes
    -----
    Second differences are set beside first ones; differences, spread, and the second differences of the smoothest half
    day beside the median of the days before; and, where the channel holds its value between analyses, how often it
    changes. A value that is held and made to tremble changes from hour to hour and goes nowhere: the spread of the
    means of quarters of a day, over two days, is set beside the changes. Days that do not move at all belong to
    `constant_value`.
    """

    code: ClassVar[str] = "damped_signal"
    cause: ClassVar[str] = "distorted data"
    overlapping: ClassVar[bool] = True
    title: ClassVar[Text] = Text("波动异常平滑", "Signal too smooth")
    source: ClassVar[Source] = Source(
        "von Neumann 1941, Ann. Math. Stat. 12",
        "p. 367",
        note=Text("相邻差与方差之比", "ratio of differences to variance"),
    )
    validity: ClassVar[Text] = Text(
        "适用于每日不少于 12 个有效值的数据；平滑窗口仅 3 个值左右时效果有限；工况真正平稳的日子可能被提示。",
        "Days with at least 12 valid values. A moving mean over about three values is hard to see; a truly steady day "
        "may be told.",
    )
    says: ClassVar[Text] = Text("数据波动明显小于平时", "values move much less than usual")
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("NOx 一整天近乎直线上升", "NOx climbs all day in almost a straight line"),
            (
                Text(
                    "热电厂 1 号排口氮氧化物：数据波动明显小于平时（生态环境监测条例 "
                    "第二十五条），2026-11-22 00:00 至 2026-11-23 00:00，最平滑半日的弯折与近期之比 <0.0001（"
                    "通常不低于 0.487），正常情况下超过 10,000 天才有一天如此，此为线索，需现场核实",
                    "NOx at stack 1 of the power station: values move much less than usual (Regulation on "
                    "Ecological and Environmental Monitoring art. 25), from 2026-11-22 00:00 to 2026-11-23 "
                    "00:00, bends of the smoothest half day beside recent days <0.0001 (usually at least "
                    "0.487), seen on one ordinary day in more than 10,000, this is a lead to be checked on "
                    "site",
                ),
            ),
            tuple(round(80.0 + 0.1 * hour, 2) for hour in range(24)),
            lambda series: {"baseline": before(series, 60, 80.0, 6.0)},
            factor="a21002",
            place=STACK,
        ),
        hourly(
            Text("NOx 照常波动", "NOx moves as usual"),
            (),
            ordinary(24, 80.0, 6.0, seed=9),
            lambda series: {"baseline": before(series, 60, 80.0, 6.0)},
            factor="a21002",
            place=STACK,
        ),
    )

    reference_days: int = parameter(
        30, "d", 7, 120, title=Text("与此前多少天比较", "days before that a day is compared with")
    )

    def measures(self, days: Days, context: Context) -> tuple[Measure, ...]:
        """Measure how much, and how smoothly, the values of each day move."""
        from qingyuan_science.detect._loops import stretches

        position, spans = kept(days.whole.valid, days.spans)
        value = days.whole.value[position]
        textures = stretches.textures(value, spans, _LEAST_VALUES, _LEAST_CHANGES)
        curvature, roughness, spread, changes = textures
        day, halves = _halves(days)
        smoothest = np.full(len(days), np.nan)
        bends = stretches.bends(value, kept(days.whole.valid, halves)[1], _LEAST_IN_HALF, _LEAST_CHANGES)
        np.fmin.at(smoothest, day, bends)
        recent = self._beside_recent(np.stack([roughness, spread, smoothest], axis=1)).T
        moving = np.append(changes[days.learned & np.isfinite(changes)], 0.0)
        holds = bool(medians(moving) < 0.9)
        return (
            Measure(_CURVATURE, curvature, "1", 0.05, low_is_strange=True, as_ratio=True),
            Measure(_ROUGHNESS, recent[0], "1", 0.1, low_is_strange=True, as_ratio=True),
            Measure(_SPREAD, recent[1], "1", 0.1, low_is_strange=True, as_ratio=True),
            Measure(_HALF_DAY, recent[2], "1", 0.1, True, True),
            Measure(_DRIFT, _drift(days), "1", 0.1, True, True),
            *((Measure(_CHANGES, changes, "1", 0.05),) if holds else ()),
        )

    def _beside_recent(self, figure: Floats) -> Floats:
        """Figures of days, shape (d, f), beside the medians of the days before."""
        from qingyuan_science.detect._loops.windows import medians_before

        days = self.reference_days
        nothing = np.full((days, figure.shape[1]), np.nan)
        usual = medians_before(np.concatenate([nothing, figure]), days, LEAST_FIGURES)
        ratio: Floats = np.divide(figure, usual, out=np.full(figure.shape, np.nan), where=usual > 0.0)
        return ratio


def _halves(days: Days) -> tuple[Positions, Spans]:
    """Overlapping halves of each day: the number of the day, and the stretches."""
    half = max(_LEAST_IN_HALF, round(days.due / 2.0))
    late = np.arange(0, int((days.last - days.first).max()) - half + 1, max(1, half // 2))
    begins = days.first[:, None] + late
    day, part = np.nonzero(begins + half <= days.last[:, None])
    begin = begins[day, part]
    return day, (begin, begin + half)


def _drift(days: Days) -> Floats:
    """Standard deviation of the means of quarters of a day over two days, beside the mean change from value to value.

    NaN where fewer than six quarters are known, each by half of its values, or hardly anything moves.
    """
    position = np.flatnonzero(days.whole.valid)
    value, day = days.whole.value[position], days.member[position]
    quarter = 4 * day + (days.whole.at[position] + CHINA_OFFSET) % A_DAY // _QUARTER
    count = np.bincount(quarter, minlength=4 * len(days)).reshape(-1, 4)
    means = np.bincount(quarter, value, 4 * len(days)).reshape(-1, 4) / np.maximum(count, 1)
    means[count < days.due / 8.0] = np.nan
    change = np.abs(np.diff(value))
    moves = np.stack([np.bincount(day[1:], one, len(days)) for one in (np.ones(change.size), change > 0.0, change)])
    follows = np.append(False, np.diff(days.day).astype(np.int64) == 1)
    before = np.append(0, np.arange(len(days) - 1))
    eight = np.concatenate([np.where(follows[:, None], means[before], np.nan), means], axis=1)
    steps, moved, total = moves + np.where(follows, moves[:, before], 0.0)
    known = np.isfinite(eight)
    quarters = known.sum(axis=1)
    middle = np.where(known, eight, 0.0).sum(axis=1) / np.maximum(quarters, 1)
    apart = np.where(known, eight - middle[:, None], 0.0)
    spread = np.sqrt((apart * apart).sum(axis=1) / np.maximum(quarters, 1))
    fit = (quarters >= _LEAST_QUARTERS) & (moved >= 2 * _LEAST_CHANGES)
    return np.asarray(np.where(fit, spread * steps / np.where(fit, total, 1.0), np.nan))
