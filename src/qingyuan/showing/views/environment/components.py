"""Superstations, photochemical component stations and transport-channel stations: what the air there is made of."""

from datetime import timedelta
from typing import Any

import numpy as np
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import Purpose, Station, StationKind, stations
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.environment.asked import Look
from qingyuan.showing.logic.environment.components import (
    FAMILIES,
    MASS,
    UNIT,
    Components,
    Days,
    Made,
    Species,
    is_of,
)
from qingyuan.showing.logic.environment.levels import clauses
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.environment.special import special_stations
from qingyuan.showing.logic.environment.stacked import rose, stacked
from qingyuan.showing.logic.factors import Measured, measured
from qingyuan.showing.logic.filters import EVERY, Choice, value_of
from qingyuan.showing.logic.paging import number_in, page_of
from qingyuan.showing.request import Request
from qingyuan.showing.wording import said
from qingyuan_science.assess.components import (
    calm_source,
    mass_sources,
    mean_direction,
    mir_of,
    mir_source,
)
from qingyuan_science.plugins import Source
from qingyuan_science.standards import factor
from qingyuan_science.standards.factors import PM25, WIND_DIRECTION, WIND_SPEED

HOURS_A_PAGE = 24
BESIDE_WIND = (PM25, "a34002", "a05024", "a21004", "a21026", "a21005")


def listing(request: Request) -> HttpResponse:
    """The special stations of the territory, each with the sums of its newest hour."""
    look = Look.asked(request.user, request.GET)
    controls = look.controls()
    values = {
        "filters": [one for one in controls["filters"] if one["name"] == "area"],
        "page_title": _("Environment quality"),
        "tab": "components",
        "look": look,
        "rows": special_stations(look),
        "purposes": [one.label for one in Purpose if one],
    }
    return render(request, "showing/environment/components.html", values)


def page(request: Request, code: str) -> HttpResponse:
    """What was measured of components at a station in a day, a week or a month."""
    found = _asked(request, code)
    days = found.days
    later = days.moved(1)
    values: dict[str, Any] = {
        "page_title": found.station.title,
        "page_lead": f"{found.station.kind_title} · {days.title}",
        "crumbs": _crumbs(found),
        "station": found.station,
        "found": found,
        "days": days,
        "periods": [(name, title, name == days.period) for name, title in _period_titles()],
        "earlier": before.address if (before := days.moved(-1)) else "",
        "later": later.address if later else "",
        "newest": found.at(found.newest) if found.newest is not None else None,
        "families": [_family(found, name) for name in FAMILIES if found.family(name)],
        "mass": _mass(found),
        "wind": _wind(found, request.GET.get("factor", ""), number_in(request.GET.get("sector"))),
        "clauses": _clauses(found),
        "table_address": reverse("components-table", kwargs={"code": code}) + days.address,
        "span": f"from={days.first.isoformat()}&to={(days.last + timedelta(days=1)).isoformat()}",
        "hours_address": reverse("components-table", kwargs={"code": code}) + days.address + "&what=hours",
    }
    return render(request, "showing/environment/component_station.html", values)


def parts(request: Request, code: str) -> HttpResponse:
    """The hours of a sum: each with every species that it is made of, which leads to its bytes."""
    found = _asked(request, code)
    of = request.GET.get("of", "")
    made = found.made_of(of)
    if made is None:
        raise NotFound(_("There is no sum “%(found)s” at this station in this period.") % {"found": of[:20]})
    which = value_of(Choice("which", "", [("incomplete", "")]), request.GET)
    places = np.flatnonzero(made.incomplete if which != EVERY else made.counts)[::-1].tolist()
    listed = page_of(places, request.GET, HOURS_A_PAGE)
    station = reverse("component-station", kwargs={"code": code}) + found.days.address
    values: dict[str, Any] = {
        "page_title": said(made.title),
        "page_lead": f"{found.station.title} · {found.days.title}",
        "crumbs": [*_crumbs(found), {"title": found.station.title, "href": station}],
        "made": made,
        "incomplete": which != EVERY,
        "heads": [(words(one), f"{made.weights[code]:g}") for code, one in made.species.items()],
        "rows": [_hour_of(found, made, place) for place in listed["page"]],
    }
    return render(request, "showing/environment/component_parts.html", listed | values)


def _hour_of(found: Components, made: Made, place: int) -> dict[str, Any]:
    cells = [
        {"value": float(one.values[place]), "href": one.read.href(place) if np.isfinite(one.values[place]) else "",
         "words": words(one)}
        for one in made.species.values()
    ]  # fmt: skip
    return {"at": found.at(place), "value": float(made.values[place]), "cells": cells}


def _parts_address(found: Components, of: str) -> str:
    address = reverse("component-parts", kwargs={"code": found.station.code})
    return f"{address}{found.days.address}&of={of}"


def table(request: Request, code: str) -> HttpResponse:
    """The species of a period, or with `what=hours` every hour of every species, to take away."""
    found = _asked(request, code)
    made = _hours_sheet(found) if request.GET.get("what") == "hours" else _sheet(found)
    return made.as_json() if request.GET.get("form") == "json" else made.taken_as(request.GET.get("form", ""))


def _asked(request: Request, code: str) -> Components:
    station = _station(request, code)
    now = clock.now()
    return Components.of(request.user, station, Days.asked(request.GET, now), now)


def _station(request: Request, code: str) -> Station:
    found = stations(request.user).filter(code=code, kind=StationKind.AMBIENT_AIR).first()
    if found is None:
        raise NotFound(_("There is no ambient-air station %(code)s in your territory.") % {"code": code})
    return found


def _crumbs(found: Components) -> list[dict[str, str]]:
    return [
        {"title": _("Environment quality"), "href": reverse("air")},
        {"title": _("Component stations"), "href": reverse("components")},
    ]


def _period_titles() -> list[tuple[str, str]]:
    return [("day", _("1 day")), ("week", _("7 days")), ("month", _("30 days"))]


def _family(found: Components, name: str) -> dict[str, Any]:
    groups = found.family(name)
    ozone = {code: _mean(values) for code, values in found.ozone.items()} if name == "voc" else {}
    of_family = [one for code, one in found.species.items() if is_of(code, name)]
    whole = sum(one.mean for one in of_family if _counts(one, found))
    potential = sum(value for value in ozone.values() if not np.isnan(value))
    place = found.newest
    return {
        "name": name,
        "title": _("Volatile organic compounds") if name == "voc" else _("Components of PM2.5"),
        "chart": stacked(found, name),
        "groups": [
            {
                "title": said(one.group.title),
                "href": _parts_address(found, one.group.code),
                "now": None if place is None else float(one.values[place]),
                "present": 0 if place is None else int(one.present[place]),
                "expected": one.expected,
                "mean": _mean(one.values),
                "incomplete": int((one.incomplete & np.isfinite(one.values)).sum()),
            }
            for one in groups
        ],
        "species": [_line(one, found, whole, (ozone, potential)) for one in of_family],
        "ozone": potential if ozone else None,
        "without_mir": [
            words(one).short for one in of_family if name == "voc" and mir_of(one.code) is None and _counts(one, found)
        ],
        "silent": [words(one).short for one in of_family if not one.valid],
        "scale": mir_source(),
    }


def words(one: Species) -> Measured:
    """What people call a species."""
    return measured(one.read.channel)


def _counts(one: Species, found: Components) -> bool:
    return one.valid > 0 and one.code not in found.left_out


def _line(one: Species, found: Components, whole: float, ozone: tuple[dict[str, float], float]) -> dict[str, Any]:
    by_code, potential = ozone
    formed = by_code.get(one.code)
    counted = _counts(one, found)
    place, greatest = found.newest, one.greatest
    return {
        "words": words(one),
        "code": one.code,
        "now": None if place is None else float(one.values[place]),
        "now_href": "" if place is None else one.read.href(place),
        "mean": one.mean,
        "greatest": None if greatest is None else float(one.values[greatest]),
        "greatest_at": None if greatest is None else found.at(greatest),
        "href": "" if greatest is None else one.read.href(greatest),
        "share": one.mean / whole if counted and whole > 0 else None,
        "valid": one.valid,
        "mir": "" if (mir := mir_of(one.code)) is None else f"{mir:g}",
        "ozone": formed,
        "ozone_share": formed / potential if formed is not None and potential > 0 and not np.isnan(formed) else None,
        "left_out": one.code in found.left_out,
    }


def _mass(found: Components) -> dict[str, Any] | None:
    """PM2.5 out of its parts over the hours in which all parts have a value, beside what was weighed then."""
    made = found.mass
    if not made.parts:
        return None
    weighed, both = found.pm25, found.mass_hours
    means = {part: _mean(values[both]) for part, values in made.parts.items()}
    total = _mean(made.total[both])
    beside = _mean(weighed[both]) if weighed is not None else float("nan")
    return {
        "hours": int(both.sum()),
        "parts": [
            {"title": said(made.titles[part]), "mean": mean, "share": mean / total if total > 0 else None,
             "href": _parts_address(found, f"{MASS}-{part}")}
            for part, mean in means.items()
        ],
        "href": _parts_address(found, MASS),
        "missing": [
            {"title": said(made.titles[part]), "species": ", ".join(_name_of(code) for code in codes)}
            for part, codes in made.missing.items()
        ],
        "total": total,
        "weighed": beside,
        "ratio": total / beside if beside > 0 else None,
    }  # fmt: skip


def _name_of(code: str) -> str:
    return said(factor(code).short)


def _wind(found: Components, asked: str, sector: int | None) -> dict[str, Any] | None:
    """The hours by the direction from which the wind came; None where the station measures no wind."""
    if not found.has_wind:
        return None
    usable = _beside_wind(found)
    if not usable:
        return None
    chosen = next((one for one in usable if one.factor == asked), usable[0])
    sectors, name = found.sectors(chosen.factor), measured(chosen)
    most = max((one.mean for one in sectors if not np.isnan(one.mean)), default=0.0)
    hours = sum(one.hours for one in sectors)
    return {
        "words": name,
        "choices": [(measured(one), one == chosen) for one in usable],
        "rows": [
            {"title": said(one.title), "sector": one, "share": one.hours / hours if hours else None,
             "length": 0.0 if np.isnan(one.mean) or most <= 0 else max(one.mean, 0.0) / most,
             "href": f"{found.days.address}&factor={chosen.factor}&sector={place}#wind-hours"}
            for place, one in enumerate(sectors)
        ],
        "of_sector": _hours_of(found, chosen, sector) if sector is not None and sector < len(sectors) else None,
        "sector": said(sectors[sector].title) if sector is not None and sector < len(sectors) else "",
        "petals": rose(sectors, name.unit, name.decimals),
        "hours": hours,
        "direction": mean_direction(found.read[WIND_DIRECTION].values, found.read[WIND_SPEED].values),
    }  # fmt: skip


def _hours_of(found: Components, chosen: Channel, sector: int) -> list[dict[str, Any]]:
    """The hours of a direction: the wind and the concentration, each with the way to its bytes."""
    several = [found.read[code] for code in (WIND_DIRECTION, WIND_SPEED, chosen.factor)]
    return [
        {
            "at": found.at(place),
            "cells": [
                {"value": float(one.values[place]), "href": one.href(place), "words": measured(one.channel)}
                for one in several
            ],
        }
        for place in found.hours_of_sector(sector)
    ]


def _beside_wind(found: Components) -> list[Channel]:
    codes = [*(code for code in BESIDE_WIND if code in found.read), *found.species]
    return [found.read[code].channel for code in codes]


def _clauses(found: Components) -> list[Source]:
    used: list[Source] = []
    if found.ozone:
        used.append(mir_source())
    if found.mass.parts:
        used += mass_sources()
    if found.has_wind:
        used.append(calm_source())
    return clauses(used)


def _sheet(found: Components) -> Sheet:
    keys = [
        "code", "name", "group", "unit", "newest_hour", "mean", "greatest", "greatest_at", "share", "valid_hours",
        "hours_due", "mir", "ozone_formation_potential",
    ]  # fmt: skip
    heads = [
        _("Factor code"), _("Species"), _("Group"), _("Unit"), _("Newest hour"), _("Mean"), _("Greatest"),
        _("Time of the greatest"), _("Share"), _("Valid hours"), _("Hours due"), "MIR, g O3/g",
        _("Ozone formation potential, µg/m³"),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for name in FAMILIES:
        lines = {line["code"]: line for line in _family(found, name)["species"]} if found.family(name) else {}
        for group in found.family(name):
            rows += [
                [
                    code, line["words"].title, said(group.group.title), UNIT, line["now"], line["mean"],
                    line["greatest"], _stamp(line["greatest_at"]), line["share"], line["valid"], found.due,
                    mir_of(code), line["ozone"],
                ]
                for code in group.group.species
                if (line := lines.get(code))
            ]  # fmt: skip
    return Sheet(_file(found, "components"), keys, heads, rows, _about(found), _clauses(found))


def _hours_sheet(found: Components) -> Sheet:
    """Every hour that is over: the species in µg/m3, then what is measured beside them as it is kept."""
    beside = [one for code, one in found.read.items() if code not in found.species]
    species = list(found.species.values())
    names = [(words(one), UNIT, one.values) for one in species]
    names += [(measured(one.channel), one.channel.unit, one.values) for one in beside]
    keys = ["hour", *(one.code for one in species), *(one.channel.factor for one in beside)]
    heads = [_("Hour"), *(f"{name.title}, {unit}" for name, unit, _values in names)]
    rows = [
        [_stamp(found.at(place)), *(float(values[place]) for _name, _unit, values in names)]
        for place in range(found.due)
    ]
    return Sheet(_file(found, "component-hours"), keys, heads, rows, _about(found), ())


def _stamp(at: Any) -> str | None:
    return None if at is None else at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _file(found: Components, what: str) -> str:
    return f"{what}-{found.station.code}-{found.days.first.isoformat()}-{found.days.last.isoformat()}"


def _about(found: Components) -> dict[str, Any]:
    days = found.days
    return {"station": found.station.code, "first": days.first.isoformat(), "last": days.last.isoformat(), "unit": UNIT}


def _mean(values: Any) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
