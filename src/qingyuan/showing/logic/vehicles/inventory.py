"""The fleet as an address asks for it, what it gives off in a year, and whose share that is."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.http import QueryDict
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan.people.queries import User
from qingyuan.sensing.queries.vehicles import (
    FACTORS,
    KILOMETRES,
    Fleet,
    fleet,
    registries,
    said_of_vehicles,
)
from qingyuan.showing.logic.filters import EVERY
from qingyuan.showing.logic.vehicles.own import Own
from qingyuan.showing.wording import said
from qingyuan_science.assess.vehicles.emitted import Cell, Emitted, Inventory, Lacks, emitted
from qingyuan_science.assess.vehicles.factors import (
    EVAPORATED,
    POLLUTANTS,
    Conditions,
    Factor,
    shipped_factors,
    with_own,
)
from qingyuan_science.assess.vehicles.naming import CLASSES, FUELS, STAGES, fuel_of, stage_of, vehicle_class
from qingyuan_science.plugins import Text
from qingyuan_science.standards.errors import NoEdition

NOWHERE = "-"
"""In an address: vehicles of which no division is told."""
PARTS: Mapping[str, tuple[Callable[[Cell], str], Mapping[str, Text]]] = {
    "class": (lambda cell: cell.vehicle_class, CLASSES),
    "fuel": (lambda cell: cell.fuel, FUELS),
    "stage": (lambda cell: cell.stage, STAGES),
}
_CONDITIONS = (("temperature", -60.0, 60.0), ("altitude", -500.0, 9000.0), ("speed", 1.0, 200.0))


@dataclass(frozen=True)
class Asked:
    """What an address asks for: which registry, as it was when, known when, of which division, under what."""

    viewer: User
    found: Any
    on: date
    known: date
    division: str | None
    pollutant: str
    under: Conditions

    @classmethod
    def of(cls, viewer: User, query: QueryDict) -> Self:
        """Read an address.

        Raises
        ------
        BadInput
            A day or a number cannot be; says what was found and expected.
        """
        listed = registries(viewer)
        found = next((one for one in listed if one.code == query.get("list")), listed[0] if listed else None)
        today = clock.now().astimezone(clock.SHANGHAI).date()
        division = query.get("division", EVERY)
        pollutant = query.get("pollutant", "")
        under = Conditions(*(_number(query, *one) for one in _CONDITIONS))
        return cls(
            viewer, found, _day(query, "on", today), _day(query, "known", today),
            None if division in (EVERY, "") else "" if division == NOWHERE else division,
            pollutant if pollutant in (*POLLUTANTS, EVAPORATED) else "NOx", under,
        )  # fmt: skip


def _day(query: QueryDict, name: str, default: date) -> date:
    written = query.get(name, "").strip()
    if not written:
        return default
    try:
        day = date.fromisoformat(written)
    except ValueError as error:
        raise BadInput(
            _("Found “%(found)s”, expected a day such as 2026-11-20.") % {"found": written[:30]}, name
        ) from error
    clock.check_day(day, name)
    return day


def _number(query: QueryDict, name: str, least: float, most: float) -> float | None:
    written = query.get(name, "").strip()
    if not written:
        return None
    try:
        value = float(written)
    except ValueError:
        value = least - 1.0
    if not least <= value <= most:
        told = {"found": written[:30], "least": f"{least:g}", "most": f"{most:g}"}
        raise BadInput(_("Found “%(found)s”, expected a number from %(least)s to %(most)s.") % told, name)
    return value


@dataclass(frozen=True)
class Told:
    """A fleet with what it gives off."""

    fleet: Fleet
    cells: list[Cell]
    uses: dict[str, int]
    inventory: Inventory
    own: Own
    shipped: Mapping[Any, Factor]


def told_of(asked: Asked) -> Told:
    """Count the fleet and calculate."""
    known = asked.known
    counted = fleet(asked.viewer, asked.found, on=asked.on, known=known, division=asked.division)
    cells, uses = Counter[tuple[str, str, str]](), Counter[str]()
    for one in counted.kinds:
        cells[vehicle_class(one.type, one.use), fuel_of(one.fuel), stage_of(one.stage)] += one.vehicles
        uses[one.use] += one.vehicles
    own = Own()
    own.take_kilometres(KILOMETRES, said_of_vehicles(KILOMETRES, on=asked.on, known=known))
    own.take_factors(FACTORS, said_of_vehicles(FACTORS, on=asked.on, known=known))
    try:
        shipped = shipped_factors(asked.on)
    except NoEdition:  # before the guide only the authority's own hold
        shipped = {}
    listed = sorted((Cell(*kind, number) for kind, number in cells.items() if number), key=_order)
    found = emitted(listed, with_own(shipped, own.factors), own.kilometres, on=asked.on,
                    under=asked.under if shipped else None)  # fmt: skip
    return Told(counted, listed, dict(uses.most_common()), found, own, shipped)


def _order(cell: Cell) -> tuple[int, int, int]:
    tables = ((CLASSES, cell.vehicle_class), (FUELS, cell.fuel), (STAGES, cell.stage))
    first, second, third = (list(table).index(code) if code else len(table) for table, code in tables)
    return first, second, third


def part_rows(told: Told, part: str) -> list[dict[str, Any]]:
    """The classes, fuels or stages of a fleet with each one's share of vehicles and of each pollutant."""
    of, titles = PARTS[part]
    vehicles = Counter[str]()
    uncounted: Counter[tuple[str, str]] = Counter()
    for cell in told.cells:
        vehicles[of(cell)] += cell.vehicles
    for row in told.inventory.rows:
        if row.lacks:
            uncounted[of(row.cell), row.pollutant] += row.cell.vehicles
    sums = {name: told.inventory.by(of, name) for name in POLLUTANTS}
    whole = sum(vehicles.values()) or 1
    return [
        {
            "title": said(titles[code]) if code else _("not told"),
            "code": code or NOWHERE,
            "vehicles": vehicles[code],
            "share": vehicles[code] / whole,
            "shares": [
                _share(name, sums[name], code, uncounted[code, name] / vehicles[code] if vehicles[code] else 0.0)
                for name in POLLUTANTS
            ],
        }
        for code in [*titles, ""] if vehicles[code]
    ]  # fmt: skip


def _share(pollutant: str, sums: dict[str, float], code: str, uncounted: float) -> dict[str, Any]:
    whole = sum(sums.values())
    share = sums[code] / whole if code in sums and whole else None
    return {
        "pollutant": pollutant_title(pollutant),
        "code": pollutant,
        "share": share,
        "tonnes": sums.get(code),
        "partly": 0 < uncounted < 1 and share is not None,
    }


def totals(told: Told) -> list[dict[str, Any]]:
    """Each pollutant with its mass, the share of vehicles that add nothing, and why."""
    rows = []
    for name in dict.fromkeys(row.pollutant for row in told.inventory.rows):
        whys: Counter[Lacks] = Counter()
        for row in told.inventory.of(name):
            if row.lacks:
                whys[row.lacks] += row.cell.vehicles
        rows.append({
            "pollutant": pollutant_title(name), "code": name, "tonnes": told.inventory.total(name),
            "uncounted": told.inventory.uncounted(name),
            "whys": [{"why": lacks_title(why), "vehicles": number} for why, number in whys.most_common()],
        })  # fmt: skip
    return rows


def pollutant_title(name: str) -> str:
    """A pollutant in the reader's words."""
    return {"HC": _("HC (VOC)"), "HC evaporated": _("HC evaporated")}.get(name, name)


def lacks_title(why: Lacks) -> str:
    """Why vehicles add nothing, in words."""
    return {
        Lacks.CLASS: _("class not told"), Lacks.FUEL: _("fuel not told"), Lacks.STAGE: _("stage not told"),
        Lacks.FACTOR: _("no factor"), Lacks.KILOMETRES: _("no kilometres"),
    }.get(why, "")  # fmt: skip


def product_row(row: Emitted, whole: float | None, own: Own | None = None) -> dict[str, Any]:
    """One product with what it is made of, and the rows of the authority's own lists that say so."""
    cell, records = row.cell, own.records if own else {}
    return {
        "kind": {"class": cell.vehicle_class or NOWHERE, "fuel": cell.fuel or NOWHERE, "stage": cell.stage or NOWHERE},
        "factor_record": records.get(row.factor) if row.factor else None,
        "kilometres_record": records.get(row.kilometres) if row.kilometres else None,
        "row": row,
        "class": said(CLASSES[cell.vehicle_class]) if cell.vehicle_class else _("not told"),
        "fuel": said(FUELS[cell.fuel]) if cell.fuel else _("not told"),
        "stage": said(STAGES[cell.stage]) if cell.stage else _("not told"),
        "no_exhaust": not cell.has_exhaust,
        "lacks": lacks_title(row.lacks),
        "share": row.tonnes / whole if whole and row.tonnes is not None else None,
    }
