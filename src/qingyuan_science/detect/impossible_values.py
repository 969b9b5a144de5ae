"""Impossible values: beyond what nature allows, or at odds with another channel of the station."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from qingyuan_science.detect import DETECTORS, Calm, Context, Detector, Finding, Part, Severity, Sign, WorkedExample
from qingyuan_science.detect._figures import values_at
from qingyuan_science.detect._law import falsifying
from qingyuan_science.detect._ordinary import covering, hourly
from qingyuan_science.detect._stretches import Told, span_of, stretch_finding, stretches
from qingyuan_science.detect._tables import Floats
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Series
from qingyuan_science.standards import factor as factor_of
from qingyuan_science.standards import factors as of
from qingyuan_science.units import IncompatibleUnits, convert

_VALUE = Text("数值", "value")
_CONCENTRATIONS = ("water", "air_emission", "ambient_air", "air")
_GAP = 1
_TOGETHER = 2
_AIR_OXYGEN = 20.0  # [%]; above it a stack draws in air
_RANGES: dict[str, tuple[float, float, str]] = {
    of.PH: (0.0, 14.0, ""),
    of.WATER_TEMPERATURE: (-1.0, 60.0, "°C"),
    of.DISSOLVED_OXYGEN: (0.0, 40.0, "mg/L"),
    of.OXYGEN: (0.0, 21.5, "%"),
    of.FLUE_GAS_MOISTURE: (0.0, 100.0, "%"),
    of.FLUE_GAS_TEMPERATURE: (-40.0, 1200.0, "°C"),
    of.HUMIDITY: (0.0, 100.0, "%"),
    of.NOISE: (0.0, 160.0, "dB"),
}
_OFFSET = 10.0  # µg/m³; what an analyser of particles may be off by beside its share
_HOUR, _DAY = 3_600_000_000, 86_400_000_000  # µs
# a part can never be more than its whole
_WHOLE_OF = {
    of.AMMONIA_NITROGEN: of.TOTAL_NITROGEN,
    of.BOD5: of.COD,
    of.PERMANGANATE_INDEX: of.COD,
    of.PM25: of.PM10,
    of.NO2: of.NOX,
}


# nor can the parts together
_PARTS_OF = {of.TOTAL_NITROGEN: (of.AMMONIA_NITROGEN, of.NITRATE, of.NITRITE)}
_BOILING = 100.0  # °C; above it air may be all steam
_ATMOSPHERE = 1013.25  # hPa


_DECIDES = {of.FLUE_GAS_MOISTURE: (of.FLUE_GAS_TEMPERATURE,)}


_HELD_AGAINST = {part: frozenset((whole,)) for part, whole in _WHOLE_OF.items()} | {
    factor: frozenset(others) for table in (_PARTS_OF, _DECIDES) for factor, others in table.items()
}


class _Found(NamedTuple):
    says: Text
    low: float | Floats | None
    high: Floats  # what each value must not pass [unit of the series]
    over: Floats  # how far it does; nought or less where it does not
    least: int | None = None  # values in a stretch, where they are not as many as with other rules


def _with_total_nitrogen(series: Series) -> dict[str, Any]:
    return {"beside": {(of.TOTAL_NITROGEN, ""): covering(series, 0, (10.1, 10.3, 10.2, 10.4))}}


@DETECTORS
@dataclass(frozen=True)
class ImpossibleValues(Detector):
    """Find values that cannot be: beyond nature, above a whole or below the parts, air or too much steam in flue gas.

    Notes
    -----
    Small negative values inside the zero drift are no error, and a part may pass its whole within the error of both
    analysers: both have a margin. Analysers of particles may stray from the reference by a slope of 15 % and by
    10 µg/m³ (HJ 653-2013, comparison with the reference method on day samples; figures at second hand). So PM2.5 may
    pass PM10 by the margin and by 14 µg/m³, two such offsets that know nothing of each other; and as the tolerance is
    one of days, it must last for a day. Shorter inversions are common where PM10 is measured by an oscillating balance
    that loses what evaporates (Pan and others 2014, 中国环境监测 30(5), p. 90), and are no lead.
    """

    code: ClassVar[str] = "impossible_values"
    title: ClassVar[Text] = Text("数据逻辑矛盾", "Impossible values")
    source: ClassVar[Source] = Source(
        "生态环境监测条例", Text("第二十五条", "article 25"), note=Text("逻辑关系", "order of items")
    )
    validity: ClassVar[Text] = Text(
        "部分与整体的比较须两台仪器同站同时；PM2.5 与 PM10 的短时倒挂属常见误差，超出仪器允差且持续一天才提示，"
        "短于小时的颗粒物数据不比较。含湿量与温度的比较以一个标准大气压为准，海拔 1300 米以上须放宽比例。",
        "Part and whole must be measured at one station at one time. PM2.5 above PM10 for some hours is common error: "
        "it is told beyond the tolerance of both analysers and when it lasts for a day; means shorter than an hour are "
        "not compared. Steam is held against saturation at one atmosphere: above 1300 m the share must be wider.",
    )
    uses: ClassVar[tuple[str, ...]] = ("beside",)
    held_against: ClassVar[Mapping[str, frozenset[str]]] = _HELD_AGAINST
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("氨氮 15 而总氮只有 10", "ammonia nitrogen is 15 where total nitrogen is 10"),
            (
                Text(
                    "城东污水处理厂总排口氨氮：数值高于总氮（生态环境监测条例 第二十五条），2026-11-22 00:00 "
                    "至 2026-11-22 04:00，"
                    "数值 15 mg/L（应不超过"
                    " 10.1 mg/L），此为线索，需现场核实",
                    "Ammonia nitrogen at the main outlet of the East Sewage Works: values are higher than total "
                    "nitrogen, of which they are a part (Regulation on Ecological and Environmental Monitoring art. "
                    "25), from 2026-11-22 00:00 to 2026-11-22 04:00, value 15 mg/L (should be at most 10.1 mg/L), "
                    "this is a lead to be checked on site",
                ),
            ),
            (15.0, 15.2, 15.1, 15.3),
            _with_total_nitrogen,
            factor=of.AMMONIA_NITROGEN,
        ),
        hourly(
            Text("氨氮 5，总氮 10", "ammonia nitrogen is 5, total nitrogen 10"),
            (),
            (5.0, 5.2, 5.1, 5.3),
            _with_total_nitrogen,
            factor=of.AMMONIA_NITROGEN,
        ),
    )

    margin: float = parameter(
        0.15, "1", 0.0, 1.0, title=Text("部分可超过整体的比例", "share by which a part may pass its whole")
    )
    minimum_periods: int = parameter(
        3, "periods", 1, 48, title=Text("至少多少个数据", "values that must be impossible")
    )
    particle_hours: int = parameter(
        24, "h", 1, 48, title=Text("PM2.5 高于 PM10 至少持续", "PM2.5 must be above PM10 for")
    )

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find impossible stretches.

        Parameters
        ----------
        series : Series
            Values of one factor at one place.
        context : Context
            The other channels of the station.

        Returns
        -------
        list[Finding]
            One finding a rule and stretch, earliest first.
        """
        if not len(series) or (series.step is None and len(series) < 2):
            return []
        rules = (_out_of_range, self._more_than_whole, self._less_than_parts, _air_in_flue, self._wetter_than_saturated)
        found = [one for one in (rule(series, context) for rule in rules) if one is not None]
        made = []
        for one in found:
            least = self.minimum_periods if one.least is None else one.least
            for group in stretches(one.over > 0.0, series, least=least, gap=_GAP):
                worst = int(group[one.over[group].argmax()])
                value, high = float(series.value[worst]), float(one.high[worst])
                low = float(one.low[worst]) if isinstance(one.low, np.ndarray) else one.low
                sign = Sign(_VALUE, value, low, high if np.isfinite(high) else None, series.unit)
                span = span_of(group, series, _GAP)
                told = Told(one.says, falsifying(span[1]), (sign,), Severity.MINOR, float(one.over[worst]), value)
                made.append(stretch_finding(self.code, series, context, span, told=told))
        return sorted(made, key=lambda finding: (finding.start, finding.end))

    def calm(self, unit: str, context: Context) -> Calm | None:
        """Nothing is found within the physical range, or from nought up; and up to its whole, if it is part of one."""
        code = context.factor.code
        if self._is_held_against_others(context):
            return None
        if code not in _RANGES:
            low = 0.0 if context.factor.medium in _CONCENTRATIONS else -np.inf
            return Calm(low=low, part=self._part(unit, context))
        low, high, printed = _RANGES[code]
        if printed:
            low, high = _in_unit(np.array([low, high]), printed, unit).tolist()
        if code == of.OXYGEN and context.channel(of.EXHAUST_FLOW) is not None:
            high = min(high, _AIR_OXYGEN)
        return Calm(low=low, high=high)

    def _is_held_against_others(self, context: Context) -> bool:
        """Whether two parts measured beside, or a temperature, may show it to be impossible."""
        code = context.factor.code
        parts = [one for one in _PARTS_OF.get(code, ()) if context.channel(one) is not None]
        deciding = (context.channel(one) for one in _DECIDES.get(code, ()))
        return len(parts) >= _TOGETHER or any(one is not None for one in deciding)

    def _part(self, unit: str, context: Context) -> Part | None:
        """How much of its whole a part may be; of several that are measured, the one that it is held against."""
        code = context.factor.code
        whole = _WHOLE_OF.get(code)
        beside = context.channel(whole) if whole else None
        if whole is None or beside is None:
            return None
        share = (1.0 + self.margin) * float(_in_unit(np.ones(1), beside.unit, unit)[0])
        more = _offset_of_particles(unit) if code == of.PM25 else 0.0
        basis = min(basis for known, basis in context.beside if known == whole)
        inside = 1.0 - 1e-9  # what rounding of the quotient may do
        return Part((whole, basis), share * inside, more * inside) if np.isfinite(share) else None

    def _more_than_whole(self, series: Series, context: Context) -> _Found | None:
        code = context.factor.code
        whole = _WHOLE_OF.get(code)
        beside = context.channel(whole) if whole else None
        if whole is None or beside is None or (code == of.PM25 and series.period < _HOUR):
            return None
        total = _in_unit(values_at(series.at, beside), beside.unit, series.unit)
        positive = np.where(total > 0.0, total, np.nan)
        offset, least = self._of_particles(series) if code == of.PM25 else (0.0, None)
        over = np.where(series.valid, (series.value - offset) / positive - 1.0 - self.margin, np.nan)
        name = factor_of(whole).short
        says = Text(f"数值高于{name.zh}", f"values are higher than {name.en}, of which they are a part")
        return _Found(says, None, total, np.nan_to_num(over, nan=-1.0), least)

    def _less_than_parts(self, series: Series, context: Context) -> _Found | None:
        """Where two parts at least are measured beside, their sum; one alone is held against the whole by itself."""
        beside = [one for code in _PARTS_OF.get(context.factor.code, ()) if (one := context.channel(code)) is not None]
        if len(beside) < _TOGETHER:
            return None
        parts = np.array([_in_unit(values_at(series.at, one), one.unit, series.unit) for one in beside])
        total: Floats = np.asarray(parts.sum(axis=0))
        positive = np.where(series.valid & (series.value > 0.0), series.value, np.nan)
        over = np.nan_to_num(total / positive - 1.0 - self.margin, nan=-1.0)
        says = Text("数值低于各分项之和", "values are lower than the sum of their parts")
        return _Found(says, total, np.full(len(series), np.inf), over)

    def _wetter_than_saturated(self, series: Series, context: Context) -> _Found | None:
        """Steam beyond what saturates the gas at its temperature (Magnus form of Alduchov and Eskridge 1996)."""
        warmth = context.channel(of.FLUE_GAS_TEMPERATURE)
        if context.factor.code != of.FLUE_GAS_MOISTURE or warmth is None:
            return None
        degrees = _in_unit(values_at(series.at, warmth), warmth.unit, "°C")
        steam = 6.1094 * np.exp(17.625 * degrees / (243.04 + degrees))  # hPa
        most = np.where((degrees > -40.0) & (degrees < _BOILING), 100.0 * steam / _ATMOSPHERE, np.nan)
        over = np.where(series.valid, series.value / most - 1.0 - self.margin, np.nan)
        says = Text("含湿量高于该温度下的饱和含湿量", "flue gas holds more steam than saturates it at its temperature")
        return _Found(says, None, most, np.nan_to_num(over, nan=-1.0))

    def _of_particles(self, series: Series) -> tuple[float, int]:
        """By how much two analysers of particles together may be off, and how many values in a row must be beyond."""
        hours = series.period / _HOUR
        offset = _offset_of_particles(series.unit)
        return offset, self.minimum_periods if series.period >= _DAY else max(1, round(self.particle_hours / hours))


def _offset_of_particles(unit: str) -> float:
    one = float(_in_unit(np.array([_OFFSET]), "ug/m3", unit)[0])
    return one * math.sqrt(2.0)


def _out_of_range(series: Series, context: Context) -> _Found | None:
    says = Text("数值超出物理上可能的范围", "values lie beyond what is physically possible")
    if context.factor.code in _RANGES:
        low, high, unit = _RANGES[context.factor.code]
        if unit:
            low, high = _in_unit(np.array([low, high]), unit, series.unit).tolist()
        over = np.where(series.valid, np.maximum(low - series.value, series.value - high), -1.0)
        return _Found(says, low, np.full(len(series), high), np.nan_to_num(over, nan=-1.0))
    if context.factor.medium not in _CONCENTRATIONS:
        return None
    # a zero that drifts is no error: a tenth of the level so far is let pass
    over = np.where(series.valid, -series.value - 0.1 * _typical(series), -1.0)
    return _Found(says, 0.0, np.full(len(series), np.inf), over)


def _typical(series: Series) -> Floats:
    """Mean size of the valid values up to each one."""
    size = np.where(series.valid, np.abs(series.value), 0.0)
    typical: Floats = np.cumsum(size) / np.maximum(np.cumsum(series.valid), 1)
    return typical


def _air_in_flue(series: Series, context: Context) -> _Found | None:
    flow = context.channel(of.EXHAUST_FLOW)
    if context.factor.code != of.OXYGEN or flow is None:
        return None
    running = values_at(series.at, flow) > 0.0
    over = np.where(series.valid & running, series.value - _AIR_OXYGEN, -1.0)
    says = Text("烟气流动时含氧量接近空气", "oxygen is that of air while flue gas flows")
    return _Found(says, None, np.full(len(series), _AIR_OXYGEN), over)


def _in_unit(value: Floats, unit: str, wanted: str) -> Floats:
    try:
        return np.asarray(convert(value, unit, wanted), dtype=np.float64)
    except IncompatibleUnits:
        return np.full(value.shape, np.nan)
