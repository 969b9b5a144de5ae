"""New source by night: nights rise against days without the weather or the season to blame."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from qingyuan_science.detect import DETECTORS, Context, WorkedExample
from qingyuan_science.detect._days import A_DAY, Days
from qingyuan_science.detect._figures import mean_of_three, trailing_median
from qingyuan_science.detect._ordinary import before, hourly, ordinary
from qingyuan_science.detect._scored import Measure, Scored
from qingyuan_science.detect._tables import Floats
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import CHINA_OFFSET

_RATIO = Text("夜间与前后白天之比相对近期", "night beside the days around it, compared with recent days")
_RATIO_THREE = Text("近三夜与前后白天之比相对近期", "the same over three nights")
_NIGHT_END, _DAY_START, _DAY_END = 6, 8, 20
_LEAST = 4
_GRAIN = 0.05  # of a logarithm
_QUIET = ordinary(24, 38.0, 4.0, seed=71, decimals=1)


@DETECTORS
@dataclass(frozen=True)
class NightSource(Scored):
    """Find days whose night, from midnight to six, is far above the day beside what is usual.

    Notes
    -----
    The median of a night is held beside the geometric mean of those of the days around it (eight to twenty hours): the
    one before and the one after, so that a level that only rises or falls raises nothing, and not so much of the
    weather. That ratio is compared with its median over the days before, so that a channel with high nights by nature
    raises nothing. Three nights are put together as well as each alone.
    """

    code: ClassVar[str] = "night_source"
    title: ClassVar[Text] = Text("夜间异常排放", "New source by night")
    source: ClassVar[Source] = Source("夜间突击排放执法实践", Text("昼夜比", "ratio of night to day"))
    validity: ClassVar[Text] = Text(
        "小时数据；环境空气夜间逆温会抬高比值，宜与邻近站一并判断。",
        "Hourly values. In ambient air an inversion lifts the ratio by night: look at neighbouring stations too.",
    )
    says: ClassVar[Text] = Text("夜间浓度相对白天异常升高", "nights are unusually high against days")
    law: ClassVar[Text] = Text("巡查提示", "hint for patrols")
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("夜间 COD 为平时两倍，白天如常", "COD is twice the usual by night, and as usual by day"),
            (
                Text(
                    "城东污水处理厂总排口 COD：夜间浓度相对白天异常升高（巡查提示），2026-11-22 00:00 至 "
                    "2026-11-23 00:00，夜间与前后白天之比相对近期 1.91（通常不超过 1.17），正常情况下约 "
                    "1,000 天才有一天如此，此为线索，需现场核实",
                    "COD at the main outlet of the East Sewage Works: nights are unusually high against days "
                    "(hint for patrols), from 2026-11-22 00:00 to 2026-11-23 00:00, night beside the days "
                    "around it, compared with recent days 1.91 (usually at most 1.17), seen on one ordinary "
                    "day in about 1,000, this is a lead to be checked on site",
                ),
            ),
            tuple(2.0 * value for value in _QUIET[:6]) + _QUIET[6:],
            lambda series: {"baseline": before(series, 60, 38.0, 4.0, decimals=1)},
        ),
        hourly(
            Text("昼夜如常", "night and day are as usual"),
            (),
            _QUIET,
            lambda series: {"baseline": before(series, 60, 38.0, 4.0, decimals=1)},
        ),
    )

    reference_days: int = parameter(
        30, "d", 7, 120, title=Text("与此前多少天比较", "days before that a day is compared with")
    )

    def measures(self, days: Days, context: Context) -> tuple[Measure, ...]:
        """Measure each night beside the days around it."""
        ratio = _night_beside_days(days)
        apart = ratio - trailing_median(ratio, self.reference_days)
        return (
            Measure(_RATIO, np.exp(apart), "1", _GRAIN, as_ratio=True),
            Measure(_RATIO_THREE, np.exp(mean_of_three(apart)), "1", _GRAIN, as_ratio=True),
        )


def _night_beside_days(days: Days) -> Floats:
    """Logarithm of the ratio; where the day before is not known, beside the day after alone."""
    from qingyuan_science.detect._loops import windows

    whole = days.whole
    hour = (whole.at + CHINA_OFFSET) % A_DAY / 3.6e9
    parts = (hour < _NIGHT_END, (hour >= _DAY_START) & (hour < _DAY_END))
    both = np.array(
        [windows.medians(np.where(whole.valid & part, whole.value, np.nan), days.spans, _LEAST) for part in parts]
    )
    night, light = np.log(both, out=np.full(both.shape, np.nan), where=both > 0.0)
    before, follows = np.append(np.nan, light[:-1]), np.append(False, np.diff(days.day).astype(np.int64) == 1)
    return np.asarray(night - np.where(follows & np.isfinite(before), (light + before) / 2.0, light))
