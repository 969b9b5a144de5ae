"""Constant value: the same value for longer than this channel's own runs ever last, or nought again and again."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect import DETECTORS, Context, WorkedExample
from qingyuan_science.detect._days import Days
from qingyuan_science.detect._figures import run_lengths, values_at, weight_of_share
from qingyuan_science.detect._ordinary import before, hourly, ordinary
from qingyuan_science.detect._scored import Measure, Scored, share_sign
from qingyuan_science.detect._tables import Floats
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.standards.factors import EXHAUST_FLOW, WASTEWATER_FLOW

_RUN = Text("最长不变时段", "longest constant run")
_NOUGHT = Text("零值占比", "share of values at nought")
_AT_NOUGHT = Text("零值多于平时", "values stand at nought more often than usual")
_RUNS, _NOUGHTS = 0.75, 0.25  # parts of the budget
_LEAST_VALUES = 6
_NEAR = 0.05  # of the learned values, on either side, tell how long values of a level usually stay


@DETECTORS
@dataclass(frozen=True)
class ConstantValue(Scored):
    """Find days that lie in a constant run longer than usual for the channel, and for values of that level.

    Notes
    -----
    An analyser that measures every few hours holds its value in between, so runs of 6 to 15 h are the normal state of
    some channels; and where little is left of the figures that are printed, as in clean air, values stay for long by
    chance. The channel's own runs at values near that of the run, learned from days in order and leaving out the run
    itself, say how long such values usually stay; each run is held beside that. Values that are lowered and cut off at
    nought stand there again and again, not in one run: their share of the day is weighed against the usual one, as in
    `coarse_digits`. Hours without flow do not count.
    """

    code: ClassVar[str] = "constant_value"
    cause: ClassVar[str] = "distorted data"
    overlapping: ClassVar[bool] = True
    uses: ClassVar[tuple[str, ...]] = ("beside",)
    title: ClassVar[Text] = Text("数据恒值", "Constant value")
    source: ClassVar[Source] = Source(
        "生态环境监测条例", Text("第二十五条", "article 25"), note=Text("恒值须核查", "constant values must be checked")
    )
    validity: ClassVar[Text] = Text(
        "适用于小时或更短数据；需至少 14 天正常数据。若该通道本身会长时间不变且无流量可对照，较短的造假恒值无法区分。",
        "Hourly or shorter values with at least 14 days in order. Where the channel itself stays constant for days and "
        "no flow is known, a false constant run of that length cannot be told apart.",
    )
    says: ClassVar[Text] = Text("数据长时间不变", "values stay the same for unusually long")
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("平日每小时都在变的 COD 一整天为 38.2", "COD that moves every hour stands at 38.2 for a day"),
            (
                Text(
                    "城东污水处理厂总排口 COD：数据长时间不变（生态环境监测条例 第二十五条），2026-11-22 "
                    "00:00 至 2026-11-23 00:00，最长不变时段 24 h（通常不超过 2.91 h），正常情况下约 7,000 天"
                    "才有一天如此，此为线索，需现场核实",
                    "COD at the main outlet of the East Sewage Works: values stay the same for unusually "
                    "long (Regulation on Ecological and Environmental Monitoring art. 25), from 2026-11-22 "
                    "00:00 to 2026-11-23 00:00, longest constant run 24 h (usually at most 2.91 h), seen on "
                    "one ordinary day in about 7,000, this is a lead to be checked on site",
                ),
            ),
            (38.2,) * 24,
            lambda series: {"baseline": before(series, 60, 38.0, 4.0, decimals=1)},
        ),
        hourly(
            Text("COD 被减去 36，低于零的记为 0", "36 is taken off COD, and what would be below nought is sent as 0"),
            (
                Text(
                    "城东污水处理厂总排口 COD：零值多于平时（生态环境监测条例 第二十五条），2026-11-22 00:00 "
                    "至 2026-11-23 00:00，零值占比（24 个中 7 个）29.2%（通常不超过 0%），正常情况下约 1,000 "
                    "天才有一天如此，此为线索，需现场核实",
                    "COD at the main outlet of the East Sewage Works: values stand at nought more often than "
                    "usual (Regulation on Ecological and Environmental Monitoring art. 25), from 2026-11-22 "
                    "00:00 to 2026-11-23 00:00, share of values at nought (7 of 24) 29.2% (usually at most 0%), seen "
                    "on one ordinary day in about 1,000, this is a lead to be checked on site",
                ),
            ),
            tuple(max(0.0, round(value - 36.0, 1)) for value in ordinary(24, 38.0, 4.0, seed=7, decimals=1)),
            lambda series: {"baseline": before(series, 60, 38.0, 4.0, decimals=1)},
        ),
        hourly(
            Text("COD 照常变动", "COD moves as usual"),
            (),
            ordinary(24, 38.0, 4.0, seed=7, decimals=1),
            lambda series: {"baseline": before(series, 60, 38.0, 4.0, decimals=1)},
        ),
    )

    still_flow: float = parameter(
        0.02,
        "1",
        0.0,
        0.5,
        title=Text("流量低于平时该比例时不计", "hours below this share of the usual flow do not count"),
    )

    def measures(self, days: Days, context: Context) -> tuple[Measure, ...]:
        """Measure the longest run that reaches into each day [h]."""
        whole = days.whole
        counted = whole.valid.copy()
        for code in (WASTEWATER_FLOW, EXHAUST_FLOW):
            flow = context.channel(code)
            if flow is not None and context.factor.code != code:
                rate = values_at(whole.at, flow)
                running = rate[days.learned[days.member] & (rate > 0.0)]
                if running.size:
                    counted &= ~(rate < self.still_flow * float(np.median(running)))
        hours = np.asarray(run_lengths(whole.value, counted) * (whole.period / 3.6e9), dtype=np.float64)
        usual = _usual_stay(whole.value, counted, days.learned[days.member])
        most = days.greatest(hours / usual)
        where = np.flatnonzero((hours / usual == most[days.member]) & (hours > 0.0))
        longest, beside = np.full((2, len(days)), np.nan)
        longest[days.member[where]], beside[days.member[where]] = hours[where], usual[where]
        return (
            Measure(_RUN, longest, "h", 0.15, as_ratio=True, weight=_RUNS, beside=beside),
            _noughts(days, counted),
        )


def _noughts(days: Days, counted: NDArray[np.bool_]) -> Measure:
    """How far chance and habit fall short of the noughts of each day, as a power of ten."""
    known, nought = days.sums(counted), days.sums(counted & (days.whole.value <= 0.0))
    usual = max(1.0, nought[days.learned].sum()) / max(2.0, known[days.learned].sum())
    weight = weight_of_share(known, nought, usual, _LEAST_VALUES)
    shown = share_sign(_NOUGHT, (known, nought), days, _LEAST_VALUES)
    return Measure(_NOUGHT, weight, "1", 0.2, weight=_NOUGHTS, says=_AT_NOUGHT, shown=shown)


def _usual_stay(value: Floats, counted: NDArray[np.bool_], learned: NDArray[np.bool_]) -> Floats:
    """After how many values one near each usually changes, by the learned ones; the run that it stands in left out.

    It is that of a chance to stay that is the same at each step, so a plateau of an analyser counts by its length.
    """
    found, where = np.ones(value.size), np.flatnonzero(counted)
    kept, taught = value[where], learned[where]
    known = np.count_nonzero(taught)
    if not known:
        return found
    begins = np.append(True, kept[1:] != kept[:-1])
    run = np.cumsum(begins) - 1
    own = np.bincount(run, weights=taught)
    starts = np.zeros(kept.size, dtype=np.int64)
    starts[np.flatnonzero(begins)[own > 0.0]] = 1
    order = np.argsort(kept)
    ordered = kept[order]
    last = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), kept.size - 1)  # of each level
    values, runs = (np.append(0, np.cumsum(one[order])[last]) for one in (taught.astype(np.int64), starts))
    middle, reach = (values[:-1] + values[1:]) // 2, max(1, round(_NEAR * known))
    of_known = np.repeat(np.arange(last.size), np.diff(values))
    low = of_known[np.maximum(np.minimum(values[:-1], middle - reach), 0).clip(max=known - 1)]
    high = of_known[np.maximum(values[1:], middle + reach).clip(1, known) - 1] + 1
    level = np.empty(kept.size, dtype=np.intp)
    level[order] = np.repeat(np.arange(last.size), np.diff(last, prepend=-1))
    at = level[begins]
    near, changes = (values[high] - values[low])[at] - own, (runs[high] - runs[low])[at] - (own > 0.0)
    stays = np.clip((near - changes + 1.0) / (near + 2.0), 1e-3, 1.0 - 1e-3)
    found[where] = (-1.0 / np.log(stays))[run]
    return found
