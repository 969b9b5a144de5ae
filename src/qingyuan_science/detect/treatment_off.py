"""Treatment off: production draws power while its treatment plant does not."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.detect import (
    DETECTORS,
    HOURS,
    Context,
    Detector,
    Finding,
    Meter,
    MeterRole,
    Severity,
    Sign,
    WorkedExample,
)
from qingyuan_science.detect._days import A_DAY
from qingyuan_science.detect._figures import values_at
from qingyuan_science.detect._ordinary import STACK, covering, hourly, ordinary
from qingyuan_science.detect._power import LEARN_DAYS, meters, usual_load
from qingyuan_science.detect._stretches import Told, stretch_finding, stretches
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Averaging, Series

_CLAUSE = Text("排污许可管理条例", "Regulation on Pollutant Discharge Permits")
_TREATMENT = Text("治理设施用电", "electricity of treatment")
_PRODUCTION = Text("生产设施用电", "electricity of production")


def _meters(series: Series, off: bool) -> dict[str, Any]:
    production = ordinary(29 * 24, 500.0, 20.0, seed=41, decimals=0)
    treatment = [round(0.1 * one, 1) for one in production]
    if off:
        treatment[28 * 24 + 6 : 28 * 24 + 12] = [1.0] * 6
    return {
        "electricity": (
            Meter(MeterRole.PRODUCTION, Text("1 号炉", "furnace 1"), covering(series, 28, production, "kWh")),
            Meter(MeterRole.TREATMENT, Text("脱硫", "desulphurisation"), covering(series, 28, tuple(treatment), "kWh")),
        )
    }


@DETECTORS
@dataclass(frozen=True)
class TreatmentOff(Detector):
    """Find times at which production runs and treatment is off, or runs far below what that load needs.

    Notes
    -----
    Stand-by and full load of each meter are learned from the four weeks before the series, or else from its first days.
    Start and stop of treatment may lag behind production by the grace time.
    """

    code: ClassVar[str] = "treatment_off"
    title: ClassVar[Text] = Text("治理设施未运行", "Treatment off")
    of_factor: ClassVar[bool] = False
    source: ClassVar[Source] = Source("排污许可管理条例", "", note=Text("分表计电", "separate meters"))
    validity: ClassVar[Text] = Text(
        "生产与治理分表计量，且学习期内治理设施正常运行；共用电表或批次生产的企业需核对。",
        "Production and treatment on separate meters, with treatment in order in the time learned from. Shared meters "
        "and batch processes need a look.",
    )
    averagings: ClassVar[tuple[Averaging, ...]] = HOURS
    needs: ClassVar[tuple[str, ...]] = ("electricity",)
    at_once: ClassVar[bool] = True
    looks_back_days: ClassVar[int] = LEARN_DAYS
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text(
                "6 时至 12 时炉子照常用电，脱硫几乎不用电",
                "from 6 to 12 o'clock the furnace draws power as usual and desulphurisation hardly any",
            ),
            (
                Text(
                    "热电厂 1 号排口二氧化硫：1 号炉生产而脱硫未运行（排污许可管理条例），2026-11-22 06:00 "
                    "至 2026-11-22 12:00，"
                    "治理设施用电 1 kWh（应不低于"
                    " 15 kWh），生产设施用电 480 kWh，此为线索，需现场核实",
                    "SO2 at stack 1 of the power station: furnace 1 runs while desulphurisation is off (Regulation "
                    "on Pollutant Discharge Permits), from 2026-11-22 06:00 to 2026-11-22 12:00, electricity of "
                    "treatment 1 kWh (should be at least 15 kWh), electricity of production 480 kWh, this is a lead "
                    "to be checked on site",
                ),
            ),
            ordinary(24, 60.0, 5.0, seed=42),
            lambda series: _meters(series, True),
            factor="a21026",
            place=STACK,
        ),
        hourly(
            Text("两者同步用电", "both draw power together"),
            (),
            ordinary(24, 60.0, 5.0, seed=42),
            lambda series: _meters(series, False),
            factor="a21026",
            place=STACK,
        ),
    )

    off_share: float = parameter(
        0.3,
        "1",
        0.05,
        0.9,
        title=Text("低于正常治理用电的该比例视为未运行", "share of usual treatment power that is off"),
    )
    grace_minutes: float = parameter(
        30.0, "min", 0.0, 240.0, title=Text("允许的启停滞后", "time by which treatment may lag")
    )

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find times at which production runs without treatment.

        Parameters
        ----------
        series : Series
            Values of a factor of the outlet; their times bound what is judged.
        context : Context
            The meters.

        Returns
        -------
        list[Finding]
            One finding a pair of meters and stretch, earliest first.
        """
        if not len(series) or (series.step is None and len(series) < 2):
            return []
        found = [
            one
            for production in meters(context, MeterRole.PRODUCTION)
            for treatment in meters(context, MeterRole.TREATMENT)
            for one in self._of_pair(series, context, production, treatment)
        ]
        return sorted(found, key=lambda one: (one.start, one.end))

    def _of_pair(self, series: Series, context: Context, production: Meter, treatment: Meter) -> list[Finding]:
        start, end = int(series.at[0]), int(series.at[-1]) + series.period
        until = start if (treatment.series.at < start - 2 * A_DAY).any() else start + LEARN_DAYS // 4 * A_DAY
        made, plant = usual_load(production.series, until), production.series
        if made is None or not len(plant):
            return []
        running = plant.value > made.running
        drawn = values_at(plant.at, treatment.series)
        learned = running & (plant.at < until) & np.isfinite(drawn) & (plant.at >= until - LEARN_DAYS * A_DAY)
        if not learned.any():
            return []
        usual = float(np.median(drawn[learned]))
        judged = (plant.at >= max(start, until if until > start else start)) & (plant.at + plant.period <= end)
        flags = plant.valid & running & (drawn < self.off_share * usual) & judged
        least = int(self.grace_minutes * 60e6 // plant.period) + 1
        found = []
        for group in stretches(flags, plant, least=least, gap=0):
            span = (int(plant.at[group[0]]), int(plant.at[group[-1]]) + plant.period)
            ongoing = span[1] + plant.period > end
            lowest = float(drawn[group].min())
            signs = (
                Sign(_TREATMENT, float(np.mean(drawn[group])), self.off_share * usual, None, treatment.series.unit),
                Sign(_PRODUCTION, float(np.mean(plant.value[group])), None, None, plant.unit),
            )
            says = Text(
                f"{production.name.zh}生产而{treatment.name.zh}未运行",
                f"{production.name.en} runs while {treatment.name.en} is off",
            )
            over = 1.0 - lowest / (self.off_share * usual) if usual > 0.0 else 0.0
            told = Told(says, _CLAUSE, signs, Severity.MAJOR, over)
            found.append(stretch_finding(self.code, series, context, (*span, ongoing), told=told))
        return found
