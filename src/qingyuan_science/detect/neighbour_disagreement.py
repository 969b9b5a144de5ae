"""Neighbour disagreement: a station departs from what its neighbours let expect."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.detect import DETECTORS, Context, Neighbour, WorkedExample
from qingyuan_science.detect._days import Days
from qingyuan_science.detect._departure import together, usual_spread
from qingyuan_science.detect._explained import Learning, day_medians, expected_from
from qingyuan_science.detect._figures import trailing_median
from qingyuan_science.detect._ordinary import covering, hourly, ordinary
from qingyuan_science.detect._scored import Measure, Scored
from qingyuan_science.detect._telling import enumerated
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Series

_LOWER = Text("相对邻近站预期偏低的比值", "value beside what neighbours let expect, where too low")
_LOWER_TWO = Text("近两天相对邻近站预期偏低的比值", "the same over two days, where too low")
_HIGHER = Text("相对邻近站预期偏高的比值", "value beside what neighbours let expect, where too high")
_HIGHER_TWO = Text("近两天相对邻近站预期偏高的比值", "the same over two days, where too high")
_STIFFNESS = 300.0  # of the expectation
_LEARNED_PART, _LEAST_DAYS, _MOST_DAYS = 3, 30, 180  # of the learned days, for the first expectation
_LEAST_SPREAD = 0.02  # of a logarithm
_GRAIN = 0.2  # of a spread
_DAY, _TWO_DAYS = 0.3, 0.7  # parts of the budget: most of it for what lasts
_STATION = Text("河畔站", "Riverside station")
_REGION = ordinary(91 * 24, 60.0, 8.0, seed=81, decimals=0)


def _town(series: Series) -> dict[str, Any]:
    own = tuple(
        float(round(a + b)) for a, b in zip(_REGION[: 90 * 24], ordinary(90 * 24, 0.0, 1.5, seed=82), strict=True)
    )
    others = (tuple(float(round(a + b)) for a, b in zip(_REGION, ordinary(91 * 24, 0.0, 1.5, seed=seed), strict=True))
              for seed in (83, 84))  # fmt: skip
    names = (Text("城北站", "North station"), Text("城南站", "South station"))
    near = tuple(Neighbour(name, covering(series, 90, one), 3.0) for name, one in zip(names, others, strict=True))
    return {"baseline": covering(series, 90, own), "neighbours": near}


@DETECTORS
@dataclass(frozen=True)
class NeighbourDisagreement(Scored):
    """Find days on which a station lies above or below what its neighbours let expect.

    Notes
    -----
    The logarithm of the station is expected from those of its neighbours, learned anew every thirty days from earlier
    days only; a regional episode lifts all of them and raises nothing. Too high may be a local source, too low a
    disturbed inlet. What a day departs by is held beside what is usual at its level, since the logarithm of clean air
    moves more than that of foul air, and two days are put together as well as each day alone: what lasts adds up.
    """

    code: ClassVar[str] = "neighbour_disagreement"
    cause: ClassVar[str] = "distorted data"
    title: ClassVar[Text] = Text("与邻近站点不一致", "Disagrees with its neighbours")
    source: ClassVar[Source] = Source(
        "Rahimi and Recht 2007, NIPS 20", "p. 1177", note=Text("邻站回归", "regression on neighbours")
    )
    validity: ClassVar[Text] = Text(
        "需至少一个同因子邻近站和 60 天历史；邻站越远、越少，越不灵敏。",
        "Needs one neighbour with the same factor, better several, and 60 days of history; the farther and fewer they "
        "are, the less it sees.",
    )
    needs: ClassVar[tuple[str, ...]] = ("neighbours",)
    looks_back_days: ClassVar[int] = 90
    says: ClassVar[Text] = Text("数据与邻近站点不一致", "values disagree with neighbouring stations")
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("PM2.5 只有两个邻站的六成", "PM2.5 is six tenths of that of both neighbours"),
            (
                Text(
                    "河畔站 PM2.5：数据与邻近站点（城北站、城南站）不一致（生态环境监测条例 "
                    "第二十五条），2026-11-22 00:00 至 2026-11-23 00:00，相对邻近站预期偏低的比值 0.596（通常"
                    "不低于 0.979），正常情况下超过 10,000 天才有一天如此，此为线索，需现场核实",
                    "PM2.5 at Riverside station: values disagree with neighbouring stations (North station, "
                    "South station) (Regulation on Ecological and Environmental Monitoring art. 25), from "
                    "2026-11-22 00:00 to 2026-11-23 00:00, value beside what neighbours let expect, where "
                    "too low 0.596 (usually at least 0.979), seen on one ordinary day in more than 10,000, "
                    "this is a lead to be checked on site",
                ),
            ),
            tuple(float(round(0.6 * value)) for value in _REGION[90 * 24 :]),
            _town,
            factor="a34004",
            place=_STATION,
        ),
        hourly(
            Text("PM2.5 与邻站一同变化", "PM2.5 moves with its neighbours"),
            (),
            _REGION[90 * 24 :],
            _town,
            factor="a34004",
            place=_STATION,
        ),
    )

    reference_days: int = parameter(
        14, "d", 5, 60, title=Text("与此前多少天的偏差比较", "days before whose deviation counts as usual")
    )

    def measures(self, days: Days, context: Context) -> tuple[Measure, ...]:
        """Measure how far each day departs from the neighbours."""
        from qingyuan_science.detect._loops import stretches, waves

        near = sorted(context.neighbours, key=lambda one: (one.distance_km, one.place.zh))
        if not near:
            return ()
        target = days.whole.logarithms
        others = np.array([stretches.logarithms_at(days.whole.at, one.series) for one in near])
        first = min(_MOST_DAYS, max(_LEAST_DAYS, int(days.learned.sum()) // _LEARNED_PART))
        region = waves.mean_of_known(others)  # so that an episode beyond all learned ones still lifts the expectation
        learning = Learning(first, stiffness=_STIFFNESS)
        told = region + expected_from(others, target - region, days, learning)
        rest = day_medians(target - told, days)
        apart = rest - trailing_median(rest, self.reference_days)
        spread = usual_spread(apart, day_medians(told, days), days.learned, _LEAST_SPREAD)
        two, of_two = together(apart, spread, 2)
        one, both = np.exp(apart), np.exp(two)
        names = enumerated([other.place for other in near])
        says = Text(f"数据与邻近站点（{names.zh}）不一致", f"values disagree with neighbouring stations ({names.en})")
        return (
            Measure(_LOWER, one, "1", _GRAIN, True, True, _DAY, spread, says=says),
            Measure(_HIGHER, one, "1", _GRAIN, False, True, _DAY, spread, says=says),
            Measure(_LOWER_TWO, both, "1", _GRAIN, True, True, _TWO_DAYS, of_two, says=says),
            Measure(_HIGHER_TWO, both, "1", _GRAIN, False, True, _TWO_DAYS, of_two, says=says),
        )
