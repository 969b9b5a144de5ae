"""Coarse digits: values printed with fewer figures than the instrument gives."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect import DETECTORS, Context, WorkedExample
from qingyuan_science.detect._days import Days
from qingyuan_science.detect._figures import decimals_of, quantile_of, weight_of_share
from qingyuan_science.detect._ordinary import before, hourly, ordinary
from qingyuan_science.detect._scored import Measure, Scored, share_sign
from qingyuan_science.plugins import Source, Text

_PLACE = Text("化工园区 3 号排口", "outlet 3 of the chemical park")
_COARSE = Text("缺少末位数字的数据占比", "share of values that lack their last figure")
_COARSE_THREE = Text("近三天缺少末位数字的数据占比", "share over three days of values that lack their last figure")
_LEAST_VALUES = 3
_ENOUGH = 20  # learned values of one order of magnitude that say how many decimals are usual


@DETECTORS
@dataclass(frozen=True)
class CoarseDigits(Scored):
    """Find days whose values lack their last figure far more often than chance and habit allow.

    Notes
    -----
    How many decimals are usual is learned for each order of magnitude. The weight is n times the relative entropy of
    the share found against the usual share (Chernoff's bound on its chance, as a power of ten); values that only repeat
    the one before count once.
    """

    code: ClassVar[str] = "coarse_digits"
    cause: ClassVar[str] = "distorted data"
    overlapping: ClassVar[bool] = True
    title: ClassVar[Text] = Text("数字位数异常", "Figures too coarse")
    source: ClassVar[Source] = Source("Chernoff 1952, Ann. Math. Stat. 23", "p. 493")
    validity: ClassVar[Text] = Text(
        "平日至少有两位有效数字的通道；全天不足三个不同值时不作判断。",
        "Channels usually printed with two significant figures or more; silent on a day with fewer than three "
        "different values.",
    )
    says: ClassVar[Text] = Text("数据末位数字被取整", "values lack their last figure")
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("平日两位小数的氨氮一整天只有一位", "ammonia printed with two decimals has only one all day"),
            (
                Text(
                    "化工园区 3 号排口氨氮：数据末位数字被取整（生态环境监测条例 第二十五条），2026-11-22 "
                    "00:00 至 2026-11-23 00:00，缺少末位数字的数据占比（19 个中 19 个）100%（通常不超过 "
                    "23.1%），正常情况下超过 10,000 天才有一天如此，此为线索，需现场核实",
                    "Ammonia nitrogen at outlet 3 of the chemical park: values lack their last figure "
                    "(Regulation on Ecological and Environmental Monitoring art. 25), from 2026-11-22 00:00 "
                    "to 2026-11-23 00:00, share of values that lack their last figure (19 of 19) 100% (usually at most "
                    "23.1%), seen on one ordinary day in more than 10,000, this is a lead to be checked on "
                    "site",
                ),
            ),
            ordinary(24, 3.0, 0.4, seed=5, decimals=1),
            lambda series: {"baseline": before(series, 60, 3.0, 0.4)},
            factor="w21003",
            place=_PLACE,
        ),
        hourly(
            Text("氨氮照常打印两位小数", "ammonia is printed with two decimals as usual"),
            (),
            ordinary(24, 3.0, 0.4, seed=5),
            lambda series: {"baseline": before(series, 60, 3.0, 0.4)},
            factor="w21003",
            place=_PLACE,
        ),
    )

    def measures(self, days: Days, context: Context) -> tuple[Measure, ...]:
        """Weigh the values of a day, and of three days, that lack their last figure."""
        coarse, counted = _coarse(days)
        learned = np.repeat(days.learned, days.last - days.first)
        usual = max(1, int(np.count_nonzero(coarse & learned))) / max(2, int(np.count_nonzero(counted & learned)))
        if not counted.any() or usual >= 1.0:
            return ()
        sums = np.stack([days.sums(counted), days.sums(coarse)])
        three = sums.copy()
        three[:, 1:] += sums[:, :-1]
        three[:, 2:] += sums[:, :-2]
        three[:, sums[0] == 0] = 0.0
        made = []
        for name, (count, part) in ((_COARSE, sums), (_COARSE_THREE, three)):
            weight = weight_of_share(count, part, usual, _LEAST_VALUES)
            made.append(Measure(name, weight, "1", 0.2, shown=share_sign(name, (count, part), days, _LEAST_VALUES)))
        return tuple(made)


def _coarse(days: Days) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which values lack their last figure, and which of all values count."""
    whole = days.whole
    fit = np.flatnonzero(whole.valid & (whole.value != 0.0))
    value, learned = whole.value[fit], np.repeat(days.learned, days.last - days.first)[fit]
    decimals, order = decimals_of(value), np.floor(np.log10(np.abs(value))).astype(np.int64)
    usual = np.full(fit.size, -99, dtype=np.int64)
    for one in np.unique(order[learned]):
        alike = order == one
        known = decimals[learned & alike]
        if known.size >= _ENOUGH:
            usual[alike] = int(quantile_of(np.sort(known), 0.8))
    fresh = usual + order >= 1
    fresh[1:] &= value[1:] != value[:-1]
    counted, coarse = np.zeros((2, len(whole)), dtype=np.bool_)
    counted[fit], coarse[fit] = fresh, fresh & (decimals < usual)
    return coarse, counted
