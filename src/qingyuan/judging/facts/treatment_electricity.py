"""Electricity of treatment against production, beside the enterprise's own earlier weeks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import numpy as np

from qingyuan.judging.fact import FACTS, Asked, Comparison, Link, OverDays, Told
from qingyuan.judging.facts._readings import series_of
from qingyuan.judging.logic.written import POWER, meters_of
from qingyuan.kit import clock
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import MeterRole
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Series, microseconds
from qingyuan_science.units import UnitError, convert, scale

LEAST_HOURS = 24  # our own choice: a ratio of less than a day of hours says nothing
NO_METERS = Text("没有生产与治理分表计电的功率数据", "no power from separate meters of production and treatment")


@FACTS
@dataclass(frozen=True)
class TreatmentElectricity(OverDays):
    """Electricity of treatment for one unit of production, as a share of what it was in the weeks before.

    Only hours in which both roles have a valid value count. All meters of a role are added up.
    """

    code: ClassVar[str] = "treatment_electricity"
    title: ClassVar[Text] = Text("治理用电强度（与此前几周相比）", "Treatment power beside the weeks before")
    source: ClassVar[Source] = Source(
        "排污许可管理条例", "", note=Text("分表计电；该指标为本平台自定", "separate meters; the figure is our own")
    )
    validity: ClassVar[Text] = Text(
        "100% 为与此前一致。需生产与治理分表计电；产品或工艺改变也会使其变化。",
        "100% is as before. Needs separate meters of production and treatment; another product changes it too.",
    )
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int] = 0
    usual: ClassVar[Comparison] = Comparison.AT_MOST

    earlier_weeks: int = parameter(4, "weeks", 1, 26, title=Text("对照此前几周", "Weeks before to compare with"))

    def over(self, asked: Asked) -> dict[int, Told]:
        """The ratio now over the ratio before."""
        day = asked.end.astimezone(clock.SHANGHAI).date()
        meters = asked.once(("meters", day), lambda: meters_of(asked.enterprises, day, clock.now()))
        whole = asked.since(asked.start - timedelta(weeks=self.earlier_weeks))
        series = series_of(whole, [one for several in meters.values() for _role, one in several])
        return {one: self._told(asked, meters.get(one, []), series) for one in asked.enterprises}

    def _told(self, asked: Asked, meters: list[tuple[MeterRole, Channel]], series: dict[int, Series]) -> Told:
        roles: dict[MeterRole, list[Channel]] = defaultdict(list)
        for role, channel in meters:
            if tells_power(channel):
                roles[role].append(channel)
        if not (roles[MeterRole.PRODUCTION] and roles[MeterRole.TREATMENT]):
            return Told(
                None,
                Text("没有生产与治理分表计电的功率数据", "no power from separate meters of production and treatment"),
            )
        made = power_of(series[one.pk] for one in roles[MeterRole.PRODUCTION])
        spent = power_of(series[one.pk] for one in roles[MeterRole.TREATMENT])
        begins = microseconds(asked.start)
        both = sorted(made.keys() & spent.keys())
        now, before = [at for at in both if at >= begins], [at for at in both if at < begins]
        ratios = [_ratio(part, made, spent) for part in (now, before)]
        if ratios[0] is None or not ratios[1]:
            return Told(
                None, Text("此时段或此前几周的用电数据不足", "too little electricity, now or in the weeks before")
            )
        value, window = 100.0 * ratios[0] / ratios[1], asked.words
        sentence = Text(
            f"{window.zh}每度生产用电对应治理用电 {ratios[0]:.3f} 度，"
            f"此前 {self.earlier_weeks} 周为 {ratios[1]:.3f} 度，"
            f"为此前的 {value:.0f}%",
            f"{ratios[0]:.3f} kWh of treatment for each kWh of production {window.en}, {ratios[1]:.3f} in the "
            f"{self.earlier_weeks} weeks before: {value:.0f}%",
        )
        stations = {one.station.code: one for one in (*roles[MeterRole.TREATMENT], *roles[MeterRole.PRODUCTION])}
        links = (Link.to_station(one.station, asked, one.factor, one.basis) for one in stations.values())
        return Told(value, sentence, tuple(links))


def tells_power(meter: Channel) -> bool:
    """Not what counts in another way, such as amperes or a counter's reading: that adds up with nothing."""
    try:
        return scale(meter.unit, POWER) > 0
    except UnitError:
        return False


def power_of(parts: Iterable[Series]) -> dict[int, float]:
    """The sum of the meters' mean power at each hour that all of them have [kW]."""
    valid = [
        dict(zip(one.at[one.valid].tolist(), convert(one.value[one.valid], one.unit, POWER).tolist(), strict=True))
        for one in parts
    ]
    common = set.intersection(*(set(one) for one in valid))
    return {at: float(np.sum([one[at] for one in valid])) for at in common}


def _ratio(hours: list[int], made: dict[int, float], spent: dict[int, float]) -> float | None:
    """Electricity of treatment for one unit of production; None where production hardly ran."""
    produced = sum(made[at] for at in hours)
    return sum(spent[at] for at in hours) / produced if len(hours) >= LEAST_HOURS and produced > 0.0 else None
