"""Repeated days: a stretch that was reported before, exactly or with a little noise on it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from qingyuan_science.detect import DETECTORS, Context, WorkedExample
from qingyuan_science.detect._days import A_DAY, Days
from qingyuan_science.detect._figures import on_grid, quantile_of
from qingyuan_science.detect._law import CHINA
from qingyuan_science.detect._ordinary import covering, hourly, ordinary
from qingyuan_science.detect._scored import Measure, Scored
from qingyuan_science.detect._tables import Floats, Positions
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Series, moment

if TYPE_CHECKING:
    from qingyuan_science.detect._loops.repeats import Laid

_EXACT = Text(
    "与该时段完全相同的变化的信息量（每 1 比特使巧合的机会减半）",
    "information in changes equal to that stretch's (each bit halves the odds of chance)",
)
_EXACT_THREE = Text("近三天同上的信息量（比特）", "the same over three days (bits)")
_ALIKE = Text(
    "与该时段变化的差异（0 为完全一致，1 为毫不相关）", "difference from its changes (0: the same, 1: unrelated)"
)
_DAYS = 3
_BACK_OFF = 2.0  # times that a value must have been met before what follows it says more than how common that is
_SEARCHED_PART = 3  # of the look-back time that must lie behind a day: one that is laid beside less agrees less
_STEPPED = 3.0  # changes beyond so many usual ones count as that many, lest one step decides
_USUAL = ordinary(90 * 24, 38.0, 4.0, seed=11)


def _ninety_days(series: Series) -> dict[str, Any]:
    return {"baseline": covering(series, 90, _USUAL)}


@DETECTORS
@dataclass(frozen=True)
class RepeatedDays(Scored):
    """Find days whose course equals one of an earlier day.

    Notes
    -----
    The sentence names the earlier stretch that fits best, so that whoever reads it can lay the two side by side. The
    last 24 hours (and 72) are laid beside every earlier stretch of the look-back time, at every shift. Exact
    repetition is weighed by the information in the changes that agree: plateaus, which agree by themselves, weigh
    nothing, and values that are common there, or that usually follow the one before them, little: clean air in whole
    µg/m³ repeats itself for hours by chance. Noisy repetition shows as a correlation of the bounded changes near one.
    A day with less than a third of the look-back time behind it is not looked at: it would agree with less.
    """

    code: ClassVar[str] = "repeated_days"
    cause: ClassVar[str] = "distorted data"
    overlapping: ClassVar[bool] = True
    title: ClassVar[Text] = Text("历史数据重放", "Earlier data repeated")
    source: ClassVar[Source] = Source("Yeh et al. 2016, IEEE ICDM", "p. 1317", note=Text("矩阵轮廓", "matrix profile"))
    validity: ClassVar[Text] = Text(
        "适用于小时数据；可发现回溯期内按原时序重放一天以上的数据；叠加噪声超过波动的一成后难以发现。",
        "Hourly values; finds replays of a day or more from within the look-back time. Noise above a tenth of the "
        "usual movement hides them.",
    )
    looks_back_days: ClassVar[int] = 90
    says: ClassVar[Text] = Text("数据与此前某一时段重复", "values repeat an earlier stretch")
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("今日 24 个小时值与 20 天前逐时相同", "the 24 hours of today equal those of twenty days ago"),
            (
                Text(
                    "城东污水处理厂总排口 COD：2026-11-22 00:00 起 24 小时的数据重复了 2026-11-02 00:00 起的数据"
                    "（生态环境监测条例 第二十五条），2026-11-22 00:00 至 2026-11-23 00:00，与该时段变化的差异（0 为"
                    "完全一致，1 为毫不相关）0.0181（通常不低于 0.256），正常情况下约 9,000 天才有一天如此，此为线索，"
                    "需现场核实",
                    "COD at the main outlet of the East Sewage Works: the 24 hours from 2026-11-22 00:00 repeat those "
                    "from 2026-11-02 00:00 (Regulation on Ecological and Environmental Monitoring art. 25), from "
                    "2026-11-22 00:00 to 2026-11-23 00:00, difference from its changes (0: the same, 1: unrelated) "
                    "0.0181 (usually at least 0.256), seen on one ordinary day in about 9,000, this is a lead to be "
                    "checked on site",
                ),
            ),
            _USUAL[70 * 24 : 71 * 24],
            _ninety_days,
        ),
        hourly(
            Text("今日与以往任何一天都不同", "today equals no earlier day"),
            (),
            ordinary(24, 38.0, 4.0, seed=12),
            _ninety_days,
        ),
    )

    back_days: int = parameter(
        60, "d", 7, 400, title=Text("回溯多少天寻找相同时段", "how many days back to look for the same stretch")
    )

    def measures(self, days: Days, context: Context) -> tuple[Measure, ...]:
        """Measure how well each day agrees with the earlier stretch that fits it best."""
        from qingyuan_science.detect._loops import repeats

        whole = days.whole
        if whole.period * 8 > A_DAY:
            return ()
        grid, place = on_grid(whole, whole.valid)
        known = int(place[days.last[days.learned][-1] - 1]) + 1 if days.learned.any() else 0
        a_day = round(A_DAY / whole.period)
        laid = _laid(grid, known, (a_day, (self.back_days + 1) * a_day))
        ends = place[days.last - 1]
        first = np.maximum(0, ends + 1 - (self.back_days + 1) * laid.a_day)
        least = self.back_days // _SEARCHED_PART * laid.a_day
        judged = np.flatnonzero(ends + 1 - 2 * laid.a_day >= first + least)
        figure = np.full((3, len(days)), np.nan)
        figure[:2, judged] = repeats.bits(laid, ends[judged], first[judged])
        figure[2, judged] = repeats.unlike(laid, ends[judged], first[judged])
        bits, three, unlike = figure
        spans = np.stack([first, ends + 1], axis=1)

        def says_on(size: int, *, exact: bool) -> Callable[[int], Text]:
            def says(day: int) -> Text:
                places = int(spans[day][1]) - size, _earlier(laid, grid, spans[day], size, exact=exact)
                now, before = (_when(int(whole.at[0]) + place * whole.period) for place in places)
                today, earlier = (grid[place : place + size] for place in places)
                same = np.array_equal(today, earlier)
                return _says(now, before, 24 * size // laid.a_day, exact=exact or same)

            return says

        return (
            Measure(_EXACT, bits, "1", 4.0, says_on=says_on(a_day, exact=True)),
            Measure(_EXACT_THREE, three, "1", 4.0, says_on=says_on(_DAYS * a_day, exact=True)),
            Measure(_ALIKE, unlike, "1", 0.2, low_is_strange=True, as_ratio=True, says_on=says_on(a_day, exact=False)),
        )


def _when(at: int) -> str:
    return f"{moment(at).astimezone(CHINA):%Y-%m-%d %H:%M}"


def _says(now: str, before: str, hours: int, *, exact: bool) -> Text:
    """What repeats what, by when each began."""
    if exact:
        return Text(
            f"{now} 起 {hours} 小时的数据重复了 {before} 起的数据",
            f"the {hours} hours from {now} repeat those from {before}",
        )
    return Text(
        f"{now} 起 {hours} 小时的起伏与 {before} 起的几乎一致",
        f"the {hours} hours from {now} move as those from {before}",
    )


def _earlier(laid: "Laid", grid: Floats, span: Positions, size: int, *, exact: bool) -> int:
    """Where the stretch begins that fits so many values before the end of the span best; a day back at the least."""
    first, end = int(span[0]), int(span[1])
    now, last = end - size, max(first, end - size - laid.a_day)
    if exact:
        before = sliding_window_view(grid[first : last + size], size)
        fit = (before == grid[now:end]) @ laid.weight[now:end]
    else:
        before = sliding_window_view(laid.change[first : last + size], size)
        fit = (before @ laid.change[now:end]) * laid.scale[first : last + 1]
    return first + int(fit.argmax())


def _laid(grid: Floats, known: int, length: tuple[int, int]) -> "Laid":
    """Weigh each change by how rare its value is, after the one before it, in what it is laid beside.

    Known, that is, learned from, are so many places; a day is so long, and so far back it is laid beside what was
    before. The chance of a value is that of a chain of the first order, backed off to how common it is where the one
    before it was hardly met (MacKay and Peto 1995, A hierarchical Dirichlet language model, Natural Language
    Engineering 1), and never less than that; both are counted in that time, learned from or not, for what could agree
    by chance is there. What is met once is what would be repeated, and tells nothing of how usual it is.
    """
    from qingyuan_science.detect._loops import repeats

    change = np.diff(grid, prepend=np.nan)
    moved = np.isfinite(change) & (change != 0.0)
    bits = (grid + 0.0).view(np.int64)  # of two noughts, the one without sign
    met = repeats.met_before(bits, np.isfinite(grid), length[1])
    common = (met.seen + 1.0) / (met.known + 2.0)
    beside = np.maximum(met.after - 1.0, 0.0), np.maximum(met.led - 1.0, 0.0)  # the one repeated left out
    follows = (beside[0] + _BACK_OFF * common) / (beside[1] + _BACK_OFF)
    weight = np.where(moved, -np.log2(np.maximum(common, follows)), 0.0)
    ordered = np.sort(np.abs(change[:known][moved[:known]]))
    usual = quantile_of(ordered, 0.5) if ordered.size else 1.0
    bounded = repeats.bounded(change, _STEPPED * usual)
    return repeats.Laid(weight, bounded, repeats.scales(bounded, length[0]), met.previous, length[0])
