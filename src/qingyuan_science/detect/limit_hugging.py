"""Limit hugging: values that crowd just below the limit, or that stand at the top of the range again and again."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect import DETECTORS, Context, WorkedExample
from qingyuan_science.detect._days import Days
from qingyuan_science.detect._figures import run_lengths
from qingyuan_science.detect._ordinary import before, hourly, ordinary
from qingyuan_science.detect._scored import Measure, Scored
from qingyuan_science.detect._tables import Floats, kept
from qingyuan_science.plugins import Source, Text, parameter

_NEAR = Text("贴近限值之下的数据比例", "share of values just below the limit")
_BESIDE = Text("近十天限值之下与之上的数据个数之比", "values just below the limit for one just above, over ten days")
_TOP = Text("到达最高值的次数", "times that the highest value was reached")
_LEAST_VALUES = 6
_WINDOW_DAYS = 10
_BIN = 0.04  # of the limit; width of the strips on either side of it that are compared


@DETECTORS
@dataclass(frozen=True)
class LimitHugging(Scored):
    """Find days on which values crowd below the limit in a way that this channel does not know from days in order.

    Notes
    -----
    Three figures: the share of values in a strip below the limit; over ten days, the density just below beside that
    just above it, as in a density test at a cut-off; and how many separate times the highest value of the day was
    reached, for signals clipped at the range. Limits of every averaging time count: those who cheat look at the figure.
    """

    code: ClassVar[str] = "limit_hugging"
    cause: ClassVar[str] = "distorted data"
    overlapping: ClassVar[bool] = True
    title: ClassVar[Text] = Text("数据贴限值或封顶", "Values held at the limit")
    source: ClassVar[Source] = Source("McCrary 2008, J. Econometrics 142", "p. 698")
    validity: ClassVar[Text] = Text(
        "有限值的通道；平时就贴近限值运行且学习期内如此的通道不提示。超过限值时断不适用。",
        "Channels with an upper limit; a plant that honestly runs just below its limit, and did so in the days learned "
        "from, is not told.",
    )
    needs: ClassVar[tuple[str, ...]] = ("limits",)
    says: ClassVar[Text] = Text("数据集中在限值之下", "values crowd just below the limit")
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text(
                "COD 平日约 38，今日全在 49 与 50 之间，限值 50",
                "COD is usually about 38; today all of it lies between 49 and 50, the limit",
            ),
            (
                Text(
                    "城东污水处理厂总排口 COD：数据集中在限值之下（生态环境监测条例 第二十五条），2026-11-22 "
                    "00:00 至 2026-11-23 00:00，贴近限值之下的数据比例 100%（通常不超过 "
                    "7.58%），正常情况下约 1,000 天才有一天如此，此为线索，需现场核实",
                    "COD at the main outlet of the East Sewage Works: values crowd just below the limit "
                    "(Regulation on Ecological and Environmental Monitoring art. 25), from 2026-11-22 00:00 "
                    "to 2026-11-23 00:00, share of values just below the limit 100% (usually at most 7.58%), "
                    "seen on one ordinary day in about 1,000, this is a lead to be checked on site",
                ),
            ),
            ordinary(24, 49.3, 0.2, seed=3, decimals=1),
            lambda series: {"baseline": before(series, 60, 38.0, 3.0, decimals=1)},
            limits=("GB 18918", "1A"),
        ),
        hourly(
            Text("COD 平日就在 47 上下", "COD is usually about 47"),
            (),
            ordinary(24, 47.0, 1.0, seed=4, decimals=1),
            lambda series: {"baseline": before(series, 60, 47.0, 1.0, decimals=1)},
            limits=("GB 18918", "1A"),
        ),
    )

    strip: float = parameter(
        0.1, "1", 0.02, 0.3, title=Text("限值之下多大范围算贴近", "how far below the limit counts as just below")
    )

    def measures(self, days: Days, context: Context) -> tuple[Measure, ...]:
        """Measure how values lie about the limit, and how often the top is reached."""
        whole = days.whole
        found = [Measure(_TOP, _times_at_top(days), "1", 1.0)]
        limit = upper_limit(context, whole.unit)
        if limit is not None:
            near = whole.valid & (whole.value >= (1.0 - self.strip) * limit) & (whole.value <= limit)
            found.append(Measure(_NEAR, _share(days, near), "share", 0.08))
            found.append(Measure(_BESIDE, _below_beside_above(days, limit), "1", 0.25, as_ratio=True))
        return tuple(found)


def upper_limit(context: Context, unit: str) -> float | None:
    """Return the lowest upper limit in the unit of the values."""
    ends = [limit.in_unit(unit).high for limit in context.limits if limit.high is not None]
    return min((end for end in ends if end is not None), default=None)


def _share(days: Days, flags: NDArray[np.bool_]) -> Floats:
    known, flagged = days.sums(days.whole.valid), days.sums(flags)
    share: Floats = np.divide(flagged, known, out=np.full(len(days), np.nan), where=known >= _LEAST_VALUES)
    return share


def _below_beside_above(days: Days, limit: float) -> Floats:
    whole = days.whole
    fresh = run_lengths(whole.value, whole.valid) == 1
    below = fresh & (whole.value >= (1.0 - _BIN) * limit) & (whole.value <= limit)
    above = fresh & (whole.value > limit) & (whole.value <= (1.0 + _BIN) * limit)
    counts = np.stack([days.sums(below), days.sums(above)])
    sums = np.cumsum(counts, axis=1)
    sums[:, _WINDOW_DAYS:] = sums[:, _WINDOW_DAYS:] - sums[:, :-_WINDOW_DAYS]
    ratio: Floats = (sums[0] + 1.0) / (sums[1] + 1.0)
    return ratio


def _times_at_top(days: Days) -> Floats:
    """On how many separate occasions the highest value of each day was reached; NaN where all are alike, or too few."""
    position, (first, last) = kept(days.whole.valid, days.spans)
    value, found = days.whole.value[position], np.full(len(days), np.nan)
    filled = np.flatnonzero(last > first)
    if not filled.size:
        return found
    first, count = first[filled], (last - first)[filled]
    top = np.maximum.reduceat(value, first)
    at_top = value == np.repeat(top, count)
    arrives = at_top.copy()
    arrives[1:] &= ~at_top[:-1]
    arrives[first] = at_top[first]
    visits = np.add.reduceat(arrives, first, dtype=np.int64)
    found[filled] = np.where((count >= _LEAST_VALUES) & (top > np.minimum.reduceat(value, first)), visits, np.nan)
    return found
