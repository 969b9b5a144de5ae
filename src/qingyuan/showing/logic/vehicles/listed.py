"""The vehicles behind a count of the fleet, as an address asks for them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from qingyuan.sensing.queries.records import Record
from qingyuan.sensing.queries.vehicles import Fleet, Kind, Those, vehicles_of
from qingyuan.showing.logic.paging import number_in
from qingyuan.showing.logic.vehicles.inventory import NOWHERE, PARTS, Asked
from qingyuan.showing.wording import said
from qingyuan_science.assess.vehicles.naming import fuel_of, stage_of, vehicle_class

_CODES: dict[str, Callable[[Kind], str]] = {
    "class": lambda one: vehicle_class(one.type, one.use),
    "fuel": lambda one: fuel_of(one.fuel),
    "stage": lambda one: stage_of(one.stage),
    "use": lambda one: one.use,
}
"""What an address can ask of a kind of vehicle."""


@dataclass(frozen=True)
class Listed:
    """The vehicles that are asked for: their records, how many they are, and by what they were chosen."""

    rows: QuerySet[Record]
    number: int
    chips: list[str]


def listed(asked: Asked, counted: Fleet, query: QueryDict) -> Listed:
    """The records of the vehicles of a fleet that an address asks for, and their number as the fleet counts it."""
    told = {name: str(query[name]) for name in (*_CODES, "year", "left") if query.get(name)}
    wanted = {name: "" if told[name] == NOWHERE else told[name] for name in _CODES if name in told}
    kinds = [one for one in counted.kinds if all(_CODES[name](one) == code for name, code in wanted.items())]
    chips = [_title(name, code) for name, code in wanted.items()]
    years, number = None, sum(one.vehicles for one in kinds)
    if "year" in told:
        years = [number_in(told["year"])]
        number = counted.years.get(years[0], 0)
        chips.append(str(years[0] or _("not told")))
    left = "left" in told
    if left:
        number = counted.left
        chips.append(_("No longer of it: moved away, written off"))
    those = Those(
        types={(one.type, one.use) for one in kinds} if {"class", "use"} & wanted.keys() else None,
        fuels={one.fuel for one in kinds} if "fuel" in wanted else None,
        stages={one.stage for one in kinds} if "stage" in wanted else None,
        division=asked.division, years=years, left=left,
    )  # fmt: skip
    return Listed(vehicles_of(asked.viewer, asked.found, those, on=asked.on, known=asked.known), number, chips)


def _title(name: str, code: str) -> str:
    titles: dict[str, Any] = dict(PARTS[name][1]) if name in PARTS else {}
    return said(titles[code]) if code in titles else code or _("not told")
