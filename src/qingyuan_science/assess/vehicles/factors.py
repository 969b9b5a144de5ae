"""Emission factors of vehicles and their corrections, those of the table and those that an authority brings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from qingyuan_science.assess.vehicles.naming import STAGES
from qingyuan_science.plugins import Source
from qingyuan_science.standards.sourced import SourcedTable, table_on

POLLUTANTS: Final = ("CO", "HC", "NOx", "PM2.5", "PM10")
EVAPORATED: Final = "HC evaporated"
"""Beside what leaves the exhaust; no factor of it is in the table, an authority brings its own."""
PER_KM, PER_DAY = "g/km", "g/d"
_FILE = "mobile/vehicles"
_BASE_SPEED = 30.0  # km/h, for which the factors hold
_SPEEDS = (20.0, 30.0, 40.0, 80.0)
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Factor:
    """What one vehicle of a kind gives off.

    Parameters
    ----------
    vehicle_class, fuel, stage, pollutant : str
        Codes of `naming`, and a pollutant of `POLLUTANTS` or `EVAPORATED`.
    value : float [unit]
    unit : str
        ``g/km`` or, each day whether it runs or not, ``g/d``.
    source : Source
    own : bool
        Whether the authority brought it.
    """

    vehicle_class: str
    fuel: str
    stage: str
    pollutant: str
    value: float
    unit: str
    source: Source
    own: bool = False

    @property
    def key(self) -> Key:
        """By what it is found."""
        return self.vehicle_class, self.fuel, self.stage, self.pollutant


@dataclass(frozen=True)
class Conditions:
    """Under which vehicles run; None where nothing is to be corrected for it.

    Parameters
    ----------
    temperature : float or None [°C]
        Mean of the time.
    altitude : float or None [m]
    speed : float or None [km/h]
        Mean on the roads.
    """

    temperature: float | None = None
    altitude: float | None = None
    speed: float | None = None


@dataclass(frozen=True)
class Correction:
    """By how much a factor is multiplied, and why.

    Parameters
    ----------
    by : str
        ``temperature``, ``altitude`` or ``speed``.
    value : float or None [1]
        None where nothing is known for this kind; it then counts as 1.
    source : Source
    """

    by: str
    value: float | None
    source: Source


@cache
def shipped_factors(on: date) -> Mapping[Key, Factor]:
    """Return the factors of the table in force on a day.

    Parameters
    ----------
    on : datetime.date

    Returns
    -------
    mapping of tuple to Factor
        By class, fuel, stage and pollutant.

    Raises
    ------
    NoEdition
        No edition holds on that day.

    Examples
    --------
    >>> shipped_factors(date(2026, 1, 1))["heavy_truck", "diesel", "4", "NOx"].value
    5.554
    """
    table = table_on(_FILE, "factors", on)
    found = (
        Factor(row["class"], row["fuel"], stage, row["pollutant"], float(value), table.unit, table.source)
        for row in table.rows
        for stage, value in zip(STAGES, row["values"], strict=False)  # no row has a value for the last stage
    )
    return {one.key: one for one in found}


def with_own(shipped: Mapping[Key, Factor], own: Iterable[Factor]) -> dict[Key, Factor]:
    """Put an authority's factors in the place of those of the table.

    Parameters
    ----------
    shipped : mapping of tuple to Factor
    own : iterable of Factor

    Returns
    -------
    dict of tuple to Factor
    """
    return {**shipped, **{one.key: one for one in own}}


def corrections(one: Factor, under: Conditions, on: date) -> tuple[Correction, ...]:
    """Say by how much a factor of the table is multiplied under some conditions.

    Parameters
    ----------
    one : Factor
        An authority's own factor, and what does not depend on distance, is left as it is.
    under : Conditions
    on : datetime.date

    Returns
    -------
    tuple of Correction
        One for each condition that is given.
    """
    if one.own or one.unit != PER_KM:
        return ()
    told = (
        ("temperature", under.temperature, _temperature_band),
        ("altitude", under.altitude, lambda value: 0 if value > 1500 else None),
        ("speed", under.speed, _speed_band),
    )
    found = []
    for by, value, band in told:
        if value is None:
            continue
        table, place = table_on(_FILE, by, on), band(value)
        found.append(Correction(by, 1.0 if place is None else _value(table, one, place), table.source))
    return tuple(found)


def _temperature_band(value: float) -> int | None:
    return 0 if value < 10 else 1 if value > 25 else None


def _speed_band(value: float) -> int | None:
    if value == _BASE_SPEED:
        return None
    return sum(value >= bound for bound in _SPEEDS[:-1]) + (value > _SPEEDS[-1])


def _value(table: SourcedTable, one: Factor, place: int) -> float | None:
    """The first row that fits; a row without classes fits all, one without values says that nothing is known."""
    for row in table.rows:
        fits = one.vehicle_class in row.get("classes", (one.vehicle_class,))
        if fits and (row["fuel"], row["pollutant"]) == (one.fuel, one.pollutant):
            return float(row["values"][place]) if row["values"] else None
    return None
