"""Power of production under heavy-pollution warnings, beside what is usual at the same hours."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qingyuan.judging.fact import FACTS, Asked, Link, OverDays, Told
from qingyuan.judging.facts._ambient import enterprises_asked
from qingyuan.judging.facts._readings import HOUR, local_hours, series_of
from qingyuan.judging.facts.treatment_electricity import power_of, tells_power
from qingyuan.judging.logic.written import covers, meters_of
from qingyuan.kit import clock
from qingyuan.places.queries import EmergencyPlan, PollutionWarning, plans_of, warnings_over
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import MeterRole
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import microseconds

LEAST_HOURS = 6  # our own choice: less of a warning says nothing
DAY_HOURS = 24
NO_WARNING = Text(
    "此时段没有覆盖该企业的重污染天气预警", "no heavy-pollution warning covered the enterprise in this time"
)
NO_POWER = Text("没有生产电表，或用电数据不足", "no meter of production, or too little electricity")


@FACTS
@dataclass(frozen=True)
class WarnedPower(OverDays):
    """Mean power of production in the hours of warnings, as a share of what was usual before at these hours of the day.

    Usual are hours without a warning of the weeks before, working days and weekends apart. All meters of production are
    added up. A warning is one as it is known now; whom a plan exempts is told so and has no number.
    """

    code: ClassVar[str] = "warned_power"
    title: ClassVar[Text] = Text("预警期间生产用电（与平日相比）", "Production power under warnings beside usual")
    source: ClassVar[Source] = Source(
        "重污染天气应急减排", "", note=Text("该指标为本平台自定", "the figure is our own; cf. detector emergency_cut")
    )
    validity: ClassVar[Text] = Text(
        "100% 为与平日一致。不看承诺的减排比例；淡旺季和检修也会使其变化，须与预案对照。",
        "100% is as usual. It does not ask what was pledged; season and repairs change it too: look at the plan.",
    )
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int] = 0

    earlier_weeks: int = parameter(4, "weeks", 1, 26, title=Text("对照此前几周", "Weeks before to compare with"))

    def over(self, asked: Asked) -> dict[int, Told]:
        """Power under warnings over usual power."""
        now, owners = clock.now(), enterprises_asked(asked)
        whole = asked.since(asked.start - timedelta(weeks=self.earlier_weeks))
        declared = [one for one in warnings_over((whole.start, whole.end)) if one.was_known(now)]
        day = asked.end.astimezone(clock.SHANGHAI).date()
        meters = asked.once(("meters", day), lambda: meters_of(asked.enterprises, day, now))
        made = {
            one: [meter for role, meter in meters.get(one, ()) if role is MeterRole.PRODUCTION and tells_power(meter)]
            for one in asked.enterprises
        }
        series = series_of(whole, [one for several in made.values() for one in several])
        exempt = {one.enterprise_id for one in plans_of(asked.enterprises) if one.exempt and _holds(one, asked)}
        told = {}
        for one in asked.enterprises:
            over = [warning for warning in declared if covers(warning, owners[one].cell.path)]
            power = power_of(series[meter.pk] for meter in made[one]) if made[one] else {}
            told[one] = self._told(asked, over, made[one], power) if one not in exempt else Told(
                None, Text("应急预案豁免该企业", "the emergency plan exempts the enterprise")
            )  # fmt: skip
        return told

    def _told(
        self, asked: Asked, declared: Sequence[PollutionWarning], meters: list[Channel], power: dict[int, float]
    ) -> Told:
        at = np.array(sorted(power), dtype=np.int64)
        warned = _warned(at, declared)
        begins = microseconds(asked.start)
        if not any(one.valid.upper is None or one.valid.upper > asked.start for one in declared):
            return Told(None, NO_WARNING)
        usual: dict[int, list[float]] = defaultdict(list)
        for instant in at[~warned & (at < begins)].tolist():
            usual[_hour_of_week(instant)].append(power[instant])
        hours = [one for one in at[warned & (at >= begins)].tolist() if usual.get(_hour_of_week(one))]
        expected = sum(float(np.mean(usual[_hour_of_week(one)])) for one in hours)
        if len(hours) < LEAST_HOURS or expected <= 0.0:
            return Told(None, NO_POWER)
        value = 100.0 * sum(power[one] for one in hours) / expected
        mean, before, words = (sum(power[one] for one in hours) / len(hours), expected / len(hours), asked.words)
        sentence = Text(
            f"{words.zh}预警 {len(hours)} 个小时生产用电平均 {mean:.0f} kW，平日同时段 {before:.0f} kW，"
            f"为平日的 {value:.0f}%",
            f"production drew {mean:.0f} kW on average in {len(hours)} hours under warnings {words.en}, usual at these "
            f"hours {before:.0f} kW: {value:.0f}%",
        )
        stations = {one.station.code: one for one in meters}
        return Told(
            value, sentence, tuple(Link.to_station(one.station, asked, one.factor) for one in stations.values())
        )


def _holds(plan: EmergencyPlan, asked: Asked) -> bool:
    return plan.holds(asked.end.astimezone(clock.SHANGHAI).date(), clock.now())


def _warned(at: NDArray[np.int64], declared: Sequence[PollutionWarning]) -> NDArray[np.bool_]:
    """Which hours lie wholly or in part under a warning."""
    found = np.zeros(at.size, dtype=np.bool_)
    for one in declared:
        upper = microseconds(one.valid.upper) if one.valid.upper else np.iinfo(np.int64).max
        found |= (at + HOUR > microseconds(one.valid.lower)) & (at < upper)
    return found


def _hour_of_week(instant: int) -> int:
    """The hour of the day in China, with working days and weekends apart."""
    local = np.array([instant], dtype=np.int64)
    weekday = (instant // HOUR + 8) // DAY_HOURS + 3  # 1 January 1970 was a Thursday
    return int(local_hours(local)[0]) + (DAY_HOURS if weekday % 7 >= 5 else 0)
