"""Annual total against the permit: what was discharged since New Year passes what the permit allows."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.detect import DETECTORS, Context, Detector, Finding, Severity, Sign, WorkedExample
from qingyuan_science.detect._days import days_of
from qingyuan_science.detect._figures import values_at
from qingyuan_science.detect._ordinary import covering, hourly
from qingyuan_science.detect._stretches import Told, stretch_finding
from qingyuan_science.detect._tables import Floats
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import CHINA_OFFSET, Averaging, Series, local_days
from qingyuan_science.standards.factors import EXHAUST_FLOW, WASTEWATER_FLOW
from qingyuan_science.units import convert

_TOTAL = Text("本年累计排放量", "discharged since New Year")
_SHARE = Text("有数据时段占比", "share of the time with values")
_CLAUSE = Text("排污许可管理条例 许可排放量", "Regulation on Pollutant Discharge Permits, permitted total")


def _permit(series: Series, kilograms: float) -> dict[str, Any]:
    year = int(str(local_days(series.at)[0])[:4])
    flow = covering(series, 0, (100.0,) * len(series), "L/s")
    return {"beside": {(WASTEWATER_FLOW, ""): flow}, "annual_permit": {year: kilograms}}


@DETECTORS
@dataclass(frozen=True)
class AnnualTotal(Detector):
    """Find the moment at which the total of a calendar year passes the permit.

    Notes
    -----
    Concentration times flow, summed over the valid values of the year in China that the series and its baseline hold.
    Times without values add nothing: the sign says how much of the time since New Year is known. Of a series converted
    to reference oxygen the values as measured count. Day means weighted by flow give the same total as the hours they
    are made of.
    """

    code: ClassVar[str] = "annual_total"
    title: ClassVar[Text] = Text("年排放总量超许可", "Annual total over the permit")
    source: ClassVar[Source] = Source(
        "排污许可管理条例",
        Text("许可排放量", "permitted amount"),
        note=Text("总量 = Σ 浓度×流量", "total = Σ concentration × flow"),
    )
    validity: ClassVar[Text] = Text(
        "需流量通道和许可年排放量，数据应自 1 月 1 日起；缺失时段不补算，故为下限。",
        "Needs a flow channel and the permitted total, with values from 1 January on. What is missing is not made up "
        "for, so the total is a lower bound.",
    )
    averagings: ClassVar[tuple[Averaging, ...]] = (Averaging.HOUR, Averaging.DAY)
    needs: ClassVar[tuple[str, ...]] = ("beside", "annual_permit")
    uses: ClassVar[tuple[str, ...]] = ("unconverted",)
    looks_back_days: ClassVar[int] = 366
    learns: ClassVar[bool] = False
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text(
                "四小时 COD 50 mg/L、流量 100 L/s，许可 60 kg",
                "four hours of COD 50 mg/L at 100 L/s with a permit of 60 kg",
            ),
            (
                Text(
                    "城东污水处理厂总排口 COD：年累计排放量超过许可排放量（排污许可管理条例 "
                    "许可排放量），2026-11-22 03:00 至 2026-11-22 04:00，本年累计排放量 72 kg（应不超过 60 kg"
                    "），有数据时段占比 0.0513%（应不低于 90%），此为线索，需现场核实",
                    "COD at the main outlet of the East Sewage Works: the total of the year passes the "
                    "permit (Regulation on Pollutant Discharge Permits, permitted total), from 2026-11-22 "
                    "03:00 to 2026-11-22 04:00, discharged since New Year 72 kg (should be at most 60 kg), "
                    "share of the time with values 0.0513% (should be at least 90%), this is a lead to be "
                    "checked on site",
                ),
            ),
            (50.0, 50.0, 50.0, 50.0),
            lambda series: _permit(series, 60.0),
        ),
        hourly(Text("许可 600 kg", "with a permit of 600 kg"), (), (50.0,) * 4, lambda series: _permit(series, 600.0)),
    )

    told_share: float = parameter(
        1.0, "1", 0.5, 2.0, title=Text("达到许可量的该比例即提示", "share of the permit that is told")
    )

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find years whose total passes the permit.

        Parameters
        ----------
        series : Series
            Concentrations at the outlet.
        context : Context
            Flow beside, and the permitted total.

        Returns
        -------
        list[Finding]
            One finding a year, from the value at which the permit is passed, which may be one of the baseline, to the
            last of the year.
        """
        codes = (WASTEWATER_FLOW, EXHAUST_FLOW)
        flow = next((one for code in codes if (one := context.channel(code)) is not None), None)
        if flow is None or not context.annual_permit or not len(series) or (series.step is None and len(series) < 2):
            return []
        whole = days_of(series, context.baseline, 0).whole
        load = _kilograms(whole, flow, context.unconverted)
        year = local_days(whole.at).astype("datetime64[Y]")
        made = (self._of_year(series, context, whole, (load, year == one)) for one in np.unique(year))
        return [one for one in made if one is not None]

    def _of_year(
        self, series: Series, context: Context, whole: Series, loads: tuple[Floats, np.ndarray[Any, Any]]
    ) -> Finding | None:
        load, chosen = loads
        at, sums = whole.at[chosen], np.cumsum(np.nan_to_num(load[chosen]))
        year = local_days(at[:1]).astype("datetime64[Y]")
        permitted = context.annual_permit.get(int(year.astype(np.int64)[0]) + 1970)
        if permitted is None or at[-1] < series.at[0]:
            return None
        bound = self.told_share * permitted
        passed = np.flatnonzero(sums > bound)
        if not passed.size:
            return None
        start, end = int(at[passed[0]]), int(at[-1]) + whole.period
        begins, new_year = (int((year + more).astype("datetime64[us]").astype(np.int64)[0]) - CHINA_OFFSET
                            for more in (0, 1))  # fmt: skip
        known = min(1.0, float(np.isfinite(load[chosen]).sum()) * whole.period / (end - begins))
        signs = (Sign(_TOTAL, float(sums[-1]), None, bound, "kg"), Sign(_SHARE, 100.0 * known, 90.0, None, "%"))
        says = Text("年累计排放量超过许可排放量", "the total of the year passes the permit")
        told = Told(says, _CLAUSE, signs, Severity.MAJOR, float(sums[-1] / bound - 1.0))
        ongoing = bool(series.at[-1] < new_year)
        return stretch_finding(self.code, whole, context, (start, end, ongoing), told=told)


def _kilograms(whole: Series, flow: Series, measured: Series | None) -> Floats:
    """Mass of each period; NaN where concentration or flow is unknown [kg]."""
    if measured is not None:
        whole = Series(whole.at, values_at(whole.at, measured), np.full(len(whole), "N"), measured.unit, whole.step)
    rate = convert(values_at(whole.at, flow), flow.unit, "m3/h")
    content = convert(np.where(whole.valid, whole.value, np.nan), whole.unit, "g/m3")
    return np.asarray(content * rate * (whole.period / 3.6e12))
