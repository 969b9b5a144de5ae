"""Emissions of a fleet: vehicles × kilometres of a year × factor × corrections, and each part's share.

Named for the guide for emission inventories of road vehicles (2014): for each kind of vehicle the number, the mean
kilometres of a year and the factor are multiplied; what does not depend on distance is counted by the day. A kind
without factor or without kilometres adds nothing and is told.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import prod

from qingyuan_science.assess.vehicles.factors import (
    EVAPORATED,
    PER_DAY,
    PER_KM,
    POLLUTANTS,
    Conditions,
    Correction,
    Factor,
    Key,
    corrections,
)
from qingyuan_science.plugins import Source

GRAMS_A_TONNE = 1e6
DAYS = 365
Kind = tuple[str, str, str]


class Lacks(StrEnum):
    """Why vehicles of a kind add nothing to a pollutant."""

    NOTHING = ""
    CLASS = "class"  # the registry does not tell the class
    FUEL = "fuel"
    STAGE = "stage"
    FACTOR = "factor"  # no table has one
    KILOMETRES = "kilometres"


@dataclass(frozen=True)
class Cell:
    """Vehicles of one kind.

    Parameters
    ----------
    vehicle_class, fuel, stage : str
        Codes of `naming`; empty where the registry does not tell it.
    vehicles : int
    """

    vehicle_class: str
    fuel: str
    stage: str
    vehicles: int

    @property
    def has_exhaust(self) -> bool:
        """False for electric vehicles and trailers, which give off nothing while they run."""
        return self.fuel != "electric" and self.vehicle_class != "trailer"


@dataclass(frozen=True)
class Kilometres:
    """How far a vehicle of a class goes in a year.

    Parameters
    ----------
    vehicle_class : str
    fuel, stage : str
        Empty where it holds for all.
    value : float [km]
    source : Source
    """

    vehicle_class: str
    fuel: str
    stage: str
    value: float
    source: Source


@dataclass(frozen=True)
class Emitted:
    """What the vehicles of one kind give off of one pollutant in a year.

    Parameters
    ----------
    cell : Cell
    pollutant : str
    tonnes : float or None [t]
        None where something is lacking.
    lacks : Lacks
    factor : Factor or None
    kilometres : Kilometres or None
    corrected : tuple of Correction
    """

    cell: Cell
    pollutant: str
    tonnes: float | None
    lacks: Lacks = Lacks.NOTHING
    factor: Factor | None = None
    kilometres: Kilometres | None = None
    corrected: tuple[Correction, ...] = ()

    @property
    def correction(self) -> float:
        """All corrections together."""
        return prod(one.value if one.value is not None else 1.0 for one in self.corrected)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where factor, kilometres and corrections come from."""
        named = (self.factor.source if self.factor else None, self.kilometres.source if self.kilometres else None)
        return (*(one for one in named if one is not None), *(one.source for one in self.corrected))


@dataclass(frozen=True)
class Inventory:
    """What a fleet gives off in a year, kind by kind.

    Parameters
    ----------
    rows : tuple of Emitted
        One for each kind of vehicle and pollutant.
    """

    rows: tuple[Emitted, ...]

    def of(self, pollutant: str) -> tuple[Emitted, ...]:
        """Return the rows of one pollutant.

        Parameters
        ----------
        pollutant : str

        Returns
        -------
        tuple of Emitted
        """
        return tuple(row for row in self.rows if row.pollutant == pollutant)

    def total(self, pollutant: str) -> float | None:
        """Add up one pollutant.

        Parameters
        ----------
        pollutant : str

        Returns
        -------
        float or None [t]
            None where nothing is known of any vehicle.
        """
        known = [row.tonnes for row in self.of(pollutant) if row.tonnes is not None]
        return sum(known) if known else None

    def uncounted(self, pollutant: str) -> float:
        """Say which share of the vehicles adds nothing because something is lacking.

        Parameters
        ----------
        pollutant : str

        Returns
        -------
        float [1]
            0 for a fleet without vehicles.
        """
        rows = self.of(pollutant)
        vehicles = sum(row.cell.vehicles for row in rows)
        return sum(row.cell.vehicles for row in rows if row.lacks) / vehicles if vehicles else 0.0

    def by(self, part: Callable[[Cell], str], pollutant: str) -> dict[str, float]:
        """Add up one pollutant by a part of the kind.

        Parameters
        ----------
        part : callable
            From a cell to its class, its fuel or its stage.
        pollutant : str

        Returns
        -------
        dict of str to float [t]
            Only parts of which something is known and that have an exhaust.
        """
        sums: dict[str, float] = defaultdict(float)
        for row in self.of(pollutant):
            if row.tonnes is not None and row.cell.has_exhaust:
                sums[part(row.cell)] += row.tonnes
        return dict(sums)


def emitted(
    cells: Sequence[Cell],
    factors: Mapping[Key, Factor],
    kilometres: Iterable[Kilometres],
    *,
    on: date,
    under: Conditions | None = None,
) -> Inventory:
    """Calculate what a fleet gives off in a year.

    Parameters
    ----------
    cells : sequence of Cell
    factors : mapping of tuple to Factor
    kilometres : iterable of Kilometres
        The most particular that fits counts: of class, fuel and stage before class and fuel before class and stage
        before class.
    on : datetime.date
        Which edition of the corrections holds.
    under : Conditions, optional

    Returns
    -------
    Inventory
        Evaporation is in it where a factor of it is given.

    Examples
    --------
    1000 trucks × 75,000 km × 5.554 g/km = 416.55 t:

    >>> from qingyuan_science.assess.vehicles.factors import shipped_factors
    >>> day = date(2026, 1, 1)
    >>> far = Kilometres("heavy_truck", "", "", 75_000, Source("a survey", "table 1"))
    >>> found = emitted([Cell("heavy_truck", "diesel", "4", 1000)], shipped_factors(day), [far], on=day)
    >>> round(found.total("NOx"), 6)
    416.55
    """
    by_kind = {(one.vehicle_class, one.fuel, one.stage): one for one in kilometres}
    names = [*POLLUTANTS, *((EVAPORATED,) if any(key[3] == EVAPORATED for key in factors) else ())]
    return Inventory(
        tuple(_row(cell, name, (factors, by_kind, under or Conditions(), on)) for name in names for cell in cells)
    )


_Run = tuple[Mapping[Key, Factor], Mapping[Kind, Kilometres], Conditions, date]


def _row(cell: Cell, pollutant: str, run: _Run) -> Emitted:
    factors, by_kind, under, on = run
    if not cell.has_exhaust:
        return Emitted(cell, pollutant, 0.0)
    lacks = next(
        (why for why, known in ((Lacks.CLASS, cell.vehicle_class), (Lacks.FUEL, cell.fuel), (Lacks.STAGE, cell.stage))
         if not known), Lacks.NOTHING,
    )  # fmt: skip
    factor = None if lacks else factors.get((cell.vehicle_class, cell.fuel, cell.stage, pollutant))
    if lacks or factor is None:
        return Emitted(cell, pollutant, None, lacks or Lacks.FACTOR)
    if factor.unit == PER_DAY:
        return Emitted(cell, pollutant, cell.vehicles * factor.value * DAYS / GRAMS_A_TONNE, factor=factor)
    far = _far(cell, by_kind)
    if far is None:
        return Emitted(cell, pollutant, None, Lacks.KILOMETRES, factor)
    corrected = corrections(factor, under, on)
    row = Emitted(cell, pollutant, 0.0, Lacks.NOTHING, factor, far, corrected)
    tonnes = cell.vehicles * far.value * factor.value * row.correction / GRAMS_A_TONNE
    return Emitted(cell, pollutant, tonnes, Lacks.NOTHING, factor, far, corrected)


def _far(cell: Cell, by_kind: Mapping[Kind, Kilometres]) -> Kilometres | None:
    kind = cell.vehicle_class
    tried = ((kind, cell.fuel, cell.stage), (kind, cell.fuel, ""), (kind, "", cell.stage), (kind, "", ""))
    return next((by_kind[one] for one in tried if one in by_kind), None)


__all__ = ["DAYS", "PER_DAY", "PER_KM", "Cell", "Emitted", "Inventory", "Kilometres", "Lacks", "emitted"]
