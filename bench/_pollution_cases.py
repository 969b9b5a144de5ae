"""Incidents of known cause for `pollution_type.py`: another water mixed into a river or an outlet, by mass balance.

Only domestic sewage is a measured water (the inflow of a real plant, day by day). The spans of the others are set
here, some after published ones, and are not drawn from the table that is scored; what is simulated is said so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qingyuan_science.assess.pollution import Window, window_of
from qingyuan_science.series import SECOND, Series

Floats = NDArray[np.float64]
HOUR = 3600 * SECOND
PH, TURBIDITY, OXYGEN, CONDUCTIVITY, COD, PERMANGANATE = "w01001", "w01003", "w01009", "w01014", "w01018", "w01019"
NITROGEN, AMMONIA, PHOSPHORUS, FLOW, LEAD, COPPER = "w21001", "w21003", "w21011", "w00000", "w20120", "w20122"
UNIT = {PH: "dimensionless", TURBIDITY: "NTU", CONDUCTIVITY: "µS/cm", FLOW: "L/s", LEAD: "µg/L"}
HOURS, AFTER = 190, 6
START = 1_790_000_000 * SECOND // HOUR * HOUR
RIVER = {PH: (7.5, 8.1), TURBIDITY: (6, 40), OXYGEN: (6.5, 9.0), CONDUCTIVITY: (180, 700), COD: (8, 22),
         PERMANGANATE: (2, 5), NITROGEN: (1.0, 3.5), AMMONIA: (0.08, 0.6), PHOSPHORUS: (0.04, 0.16), FLOW: (800, 9000),
         LEAD: (1, 5), COPPER: (0.005, 0.03)}  # fmt: skip
ALWAYS, OFTEN, SELDOM = (PH, OXYGEN, AMMONIA, PERMANGANATE), (TURBIDITY, CONDUCTIVITY, PHOSPHORUS, NITROGEN), (
    COD, FLOW, LEAD, COPPER,
)  # fmt: skip
SHARE_OFTEN, SHARE_SELDOM, SHARE_RAIN = 0.75, 0.35, 0.5


@dataclass(frozen=True)
class Incident:
    """A window with the type that it is of, and whether the water is a measured one."""

    type: str
    window: Window
    measured_water: bool = False


Water = dict[str, float]


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw between two figures, evenly by their logarithm."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def organic(rng: np.random.Generator) -> Water:
    """Dyeing or food water: COD of 600 to 4500 mg/L, little nitrogen, often salt and alkaline."""
    cod = between(rng, 600, 4500)
    water = {COD: cod, PERMANGANATE: cod * rng.uniform(0.15, 0.4), NITROGEN: cod * rng.uniform(0.005, 0.04)}
    water |= {AMMONIA: water[NITROGEN] * rng.uniform(0.1, 0.8), PHOSPHORUS: cod * rng.uniform(0.0005, 0.006)}
    return water | {CONDUCTIVITY: between(rng, 600, 12_000), PH: rng.uniform(6.0, 10.5), OXYGEN: 1.0}


def metal(rng: np.random.Generator) -> Water:
    """Plating water: metals, acid, some salt."""
    return {LEAD: between(rng, 300, 8000), COPPER: between(rng, 1, 40), PH: rng.uniform(2.5, 6.5),
            CONDUCTIVITY: between(rng, 900, 6000)}  # fmt: skip


def acid_alkali(rng: np.random.Generator) -> Water:
    """Pickling or washing water: far from neutral, salt."""
    return {PH: rng.choice([rng.uniform(1.0, 3.5), rng.uniform(11.0, 13.0)]), CONDUCTIVITY: between(rng, 3000, 30_000)}


def salt(rng: np.random.Generator) -> Water:
    """Brine or membrane concentrate."""
    return {CONDUCTIVITY: between(rng, 8000, 80_000), COD: between(rng, 20, 300), PERMANGANATE: between(rng, 5, 60)}


def nutrient(rng: np.random.Generator) -> Water:
    """Fertiliser or semiconductor water, or removal that failed: nitrogen or phosphorus, little else."""
    water = {COD: between(rng, 40, 250), PERMANGANATE: between(rng, 8, 50), CONDUCTIVITY: between(rng, 600, 3000)}
    if rng.random() < 0.5:
        return water | {PHOSPHORUS: between(rng, 8, 80), AMMONIA: between(rng, 1, 12)}
    ammonia = between(rng, 60, 600)
    return water | {AMMONIA: ammonia, NITROGEN: ammonia * rng.uniform(1.05, 1.4), PHOSPHORUS: between(rng, 0.2, 3)}


def runoff(rng: np.random.Generator) -> Water:
    """Storm water of streets: solids, little salt, some organic matter and phosphorus."""
    return {TURBIDITY: between(rng, 120, 1500), CONDUCTIVITY: between(rng, 40, 150), COD: between(rng, 25, 160),
            PERMANGANATE: between(rng, 6, 35), AMMONIA: between(rng, 0.15, 1.3), NITROGEN: between(rng, 1.2, 4.5),
            PHOSPHORUS: between(rng, 0.12, 0.8), OXYGEN: 7.5, PH: rng.uniform(6.6, 7.8)}  # fmt: skip


def farm(rng: np.random.Generator) -> Water:
    """Water of pig sheds, washed or scraped."""
    cod = between(rng, 2500, 30_000)
    water = {COD: cod, PERMANGANATE: cod * rng.uniform(0.15, 0.35), AMMONIA: cod * rng.uniform(0.02, 0.11)}
    water |= {NITROGEN: water[AMMONIA] * rng.uniform(1.2, 1.7), PHOSPHORUS: cod * rng.uniform(0.005, 0.018)}
    return water | {CONDUCTIVITY: between(rng, 3000, 12_000), OXYGEN: 0.0, TURBIDITY: between(rng, 800, 4000)}


WATERS: dict[str, Callable[[np.random.Generator], Water]] = {
    "organic": organic, "metal": metal, "acid_alkali": acid_alkali, "salt": salt, "nutrient": nutrient,
    "runoff": runoff, "farm": farm,
}  # fmt: skip
SHARES = {"organic": (0.01, 0.1), "metal": (0.01, 0.1), "acid_alkali": (0.01, 0.1), "salt": (0.01, 0.1),
          "nutrient": (0.005, 0.06),
          "runoff": (0.2, 0.85), "farm": (0.0007, 0.006), "sewage": (0.02, 0.2)}  # fmt: skip


def sewage_days(data: Path) -> list[tuple[str, Water]]:
    """The inflow of Melbourne's Eastern plant by day: ammonia, COD and total nitrogen as measured."""
    found = pl.read_parquet(data / "wwtp_melbourne_daily/train_2014_201806.parquet").sort("date")
    columns = ("date", "Ammonia", "Chemical Oxygen Demand", "Total Nitrogen")
    return [
        (str(day), {AMMONIA: ammonia, COD: cod, PERMANGANATE: 0.3 * cod, NITROGEN: total, OXYGEN: 0.5})
        for day, ammonia, cod, total in found.select(columns).iter_rows()
        if min(ammonia, cod, total) > 0
    ]


def incident(rng: np.random.Generator, kind: str, sewage: Water | None = None) -> Incident:
    """One incident of a type at a river station that measures what such stations measure."""
    river = {code: between(rng, *span) for code, span in RIVER.items()}
    length, first = int(rng.integers(3, 11)), HOURS - AFTER - 10
    hour = int(rng.integers(11, 16)) if kind == "algae" else int(rng.integers(0, 24))
    at = START + (np.arange(HOURS) + hour - first % 24) * HOUR
    hours = (at // HOUR + 8) % 24
    course = {code: _ordinary(rng, code, level, hours) for code, level in river.items()}
    shape = np.zeros(HOURS)
    shape[first : first + length] = np.sin(np.pi * (np.arange(length) + 1) / (length + 1))
    focus = _disturb(rng, kind, course, shape, sewage)
    shown = {code for code in (*ALWAYS, focus)}
    shown |= {code for code in OFTEN if rng.random() < SHARE_OFTEN}
    shown |= {code for code in SELDOM if rng.random() < SHARE_SELDOM}
    marks = np.full(HOURS, "N")
    series = {code: Series(at, course[code], marks, UNIT.get(code, "mg/L"), 3600.0) for code in sorted(shown)}
    rain = _rain(rng, kind, at, first) if rng.random() < SHARE_RAIN else None
    span = (int(at[first]), int(at[first + length - 1]) + HOUR)
    return Incident(kind, window_of(series, span, focus, rain=rain), sewage is not None)


def _ordinary(rng: np.random.Generator, code: str, level: float, hours: NDArray[np.int64]) -> Floats:
    """A level with a slow wander, quick noise, and the day's course of oxygen and pH."""
    if code == PH:
        return level + 0.12 * np.cos((hours - 15) / 24 * 2 * np.pi) + 0.03 * rng.normal(size=HOURS)
    slow, quick = np.zeros(HOURS), rng.normal(size=HOURS)
    for at in range(1, HOURS):
        slow[at] = 0.95 * slow[at - 1] + 0.3 * quick[at]
    wave = 0.08 * np.cos((hours - 15) / 24 * 2 * np.pi) if code == OXYGEN else 0.0
    spread = 0.15 if code == TURBIDITY else 0.05
    return np.asarray(level * np.maximum(1 + wave + spread * slow + 0.02 * rng.normal(size=HOURS), 0.05))


def _disturb(
    rng: np.random.Generator, kind: str, course: dict[str, Floats], shape: Floats, sewage: Water | None
) -> str:
    """Put the incident into the courses; answers the factor at which it is found."""
    if kind == "algae":
        course[OXYGEN] += shape * rng.uniform(3, 9)
        course[PH] += shape * rng.uniform(0.5, 1.4)
        return OXYGEN
    if kind == "fault":
        return _break(rng, course, shape)
    if kind == "dilution":
        water: Water = {code: 0.05 * RIVER[code][0] for code in RIVER if code not in (PH, FLOW, OXYGEN)}
        shape = np.minimum(shape * 2, 1.0)
        share = rng.uniform(0.4, 0.8)
    else:
        water = sewage if sewage is not None else WATERS[kind](rng)
        share = between(rng, *SHARES[kind])
    if sewage is not None:
        water = water | {PHOSPHORUS: water[NITROGEN] / rng.uniform(4, 8), CONDUCTIVITY: between(rng, 700, 1400)}
    before = {code: one.copy() for code, one in course.items()}
    for code, value in water.items():
        part = share * shape
        if code == PH:  # buffered: pH moves by a part of what the shares of water would suggest
            course[code] += (value - course[code]) * np.minimum(part * rng.uniform(4, 10), 0.9)
        else:
            course[code] = course[code] * (1 - part) + part * value
    if kind in ("runoff", "dilution"):
        course[FLOW] = course[FLOW] * (1 + shape * rng.uniform(0.3, 3.0))
    return max((code for code in water if code in (*ALWAYS, *OFTEN, COD, LEAD)), key=lambda code: float(
        np.abs(course[code] - before[code]).max() / max(before[code].std(), 1e-9)))  # fmt: skip


def _break(rng: np.random.Generator, course: dict[str, Floats], shape: Floats) -> str:
    """One instrument spikes, sticks, jumps about, or reads below zero."""
    focus = str(rng.choice([PH, OXYGEN, AMMONIA, PERMANGANATE, CONDUCTIVITY, TURBIDITY]))
    inside, values = np.flatnonzero(shape), course[focus]
    how, level = rng.integers(0, 4), float(np.median(values))
    if how == 0:
        values[inside[len(inside) // 2]] = level * rng.uniform(2, 8)
    elif how == 1:
        values[inside] = level * rng.uniform(1.3, 2.5)
    elif how == 2:
        values[inside] = level * rng.uniform(0.3, 3.0, size=inside.size)
    else:
        values[inside] = -rng.uniform(0.1, 5.0, size=inside.size)
    return focus


def _rain(rng: np.random.Generator, kind: str, at: NDArray[np.int64], first: int) -> Series:
    """Rain by the hour: always before runoff, else on three days of ten."""
    fell = np.zeros(HOURS)
    if kind == "runoff" or rng.random() < 0.3:
        begins = first - int(rng.integers(1, 8))
        fell[begins : begins + 4] = between(rng, 4, 60) / 4 if kind == "runoff" else between(rng, 0.3, 30) / 4
    return Series(at, fell, np.full(HOURS, "N"), "mm", 3600.0)
