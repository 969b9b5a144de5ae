"""The fleet of the district: how many vehicles of each kind, what they give off in a year, and how that was made."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import sees_whole_district
from qingyuan.sensing.queries.records import MAY_DEFINE_LISTS, data_lists, may_bring
from qingyuan.sensing.queries.vehicles import FACTORS, KILOMETRES, fleet, registries
from qingyuan.showing.logic.environment.levels import clauses
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.records.narrowing import Counted
from qingyuan.showing.logic.records.words import IN_TABLE, heads, record_rows
from qingyuan.showing.logic.vehicles.inventory import (
    NOWHERE,
    Asked,
    Told,
    part_rows,
    pollutant_title,
    product_row,
    told_of,
    totals,
)
from qingyuan.showing.logic.vehicles.listed import listed
from qingyuan.showing.request import Request
from qingyuan_science.assess.vehicles.factors import POLLUTANTS
from qingyuan_science.plugins import Source

_KEPT = ("list", "on", "known", "division", "pollutant", "temperature", "altitude", "speed")
_OF_FLEET = ("list", "on", "known", "division")
MOST_UNREAD = 20


def page(request: Request) -> HttpResponse:
    """The fleet, the shares, and each product behind them."""
    asked = Asked.of(request.user, request.GET)
    values = {
        "page_title": _("Motor vehicles"),
        "page_lead": _("The registered fleet, what it gives off in a year, and whose share that is."),
        "asked": asked,
        "lists": _own_lists(request),
        "may_define": request.user.role in MAY_DEFINE_LISTS,
    }
    if asked.found is not None:
        values |= _told(request, asked)
    return render(request, "showing/vehicles/page.html", values)


def table(request: Request) -> HttpResponse:
    """Every product as a file: kind by kind and pollutant by pollutant, with where each figure comes from."""
    asked = Asked.of(request.user, request.GET)
    if asked.found is None:
        raise NotFound(_("No registry of vehicles was delivered."))
    return _sheet(asked, told_of(asked)).taken_as(request.GET.get("form", ""))


def fleet_listing(request: Request) -> HttpResponse:
    """The vehicles behind a count, each with the way to its record, which leads to its file and row."""
    asked = Asked.of(request.user, request.GET)
    if asked.found is None:
        raise NotFound(_("No registry of vehicles was delivered."))
    counted = fleet(asked.viewer, asked.found, on=asked.on, known=asked.known, division=asked.division)
    found = listed(asked, counted, request.GET)
    shown = page_of(Counted(found.rows, found.number), request.GET)  # type: ignore[arg-type]
    back = {name: request.GET[name] for name in _OF_FLEET if request.GET.get(name)}
    values = {
        "page_title": _("Vehicles of the fleet"),
        "page_lead": _("Each leads to its record, and that to the file and row that brought it."),
        "crumbs": [{"title": _("Motor vehicles"), "href": f"{reverse('vehicles')}?{urlencode(back)}"}],
        "asked": asked,
        "list": asked.found,
        "number": found.number,
        "chips": [*found.chips, *([asked.division or _("not told")] if asked.division is not None else [])],
        "heads": heads(asked.found, IN_TABLE),
        "rows": record_rows(asked.found, shown["page"], request.user),
    }
    return render(request, "showing/vehicles/fleet.html", shown | values)


def _told(request: Request, asked: Asked) -> dict[str, Any]:
    told = told_of(asked)
    whole = told.inventory.total(asked.pollutant)
    kept = {name: request.GET[name] for name in _KEPT if request.GET.get(name)}
    of_fleet = {name: kept[name] for name in _OF_FLEET if name in kept}
    return {
        "kept": urlencode({name: value for name, value in kept.items() if name != "pollutant"}),
        "fleet_address": f"{reverse('vehicles-fleet')}?{urlencode(of_fleet)}",
        "anywhere": urlencode({name: value for name, value in of_fleet.items() if name != "division"}),
        "told": told,
        "controls": _controls(request, asked, told),
        "totals": totals(told),
        "pollutants": [pollutant_title(one) for one in POLLUTANTS],
        "parts": [
            {"title": title, "code": part, "rows": part_rows(told, part)}
            for part, title in (("class", _("Class of vehicle")), ("fuel", _("Fuel")), ("stage", _("Emission stage")))
        ],
        "counts": _counts(asked, told),
        "products": [product_row(row, whole, told.own) for row in told.inventory.of(asked.pollutant)],
        "pollutant": pollutant_title(asked.pollutant),
        "own_factors": len(told.own.factors),
        "unread": told.own.unread[:MOST_UNREAD],
        "clauses": clauses(_sources(told)),
        "whole_district": sees_whole_district(request.user),
        "table_address": f"{reverse('vehicles-table')}?{urlencode(kept)}",
    }


def _own_lists(request: Request) -> list[dict[str, Any]]:
    """The two lists in which an authority says its own, there or not."""
    there = {one.code: one for one in data_lists(request.user).filter(code__in=(KILOMETRES, FACTORS))}
    titles = ((KILOMETRES, _("Own kilometres of a year")), (FACTORS, _("Own emission factors")))
    return [
        {"title": title, "list": there.get(code), "code": code,
         "may_bring": code in there and may_bring(request.user, there[code])}
        for code, title in titles
    ]  # fmt: skip


def _controls(request: Request, asked: Asked, told: Told) -> list[dict[str, Any]]:
    known = sorted(one for one in told.fleet.divisions if one)
    if asked.division and asked.division not in known:
        known.append(asked.division)
    places = [*((one, one) for one in known), (NOWHERE, _("not told"))]
    listed = registries(request.user)
    drawn = [
        drawn_choice(Choice("division", _("Division"), places), request.GET),
        drawn_choice(
            Choice("pollutant", _("Products of"), [(one, pollutant_title(one)) for one in POLLUTANTS], default="NOx"),
            request.GET, offers_all=False,
        ),
    ]  # fmt: skip
    if len(listed) > 1:
        options = [(one.code, one.title) for one in listed]
        default = asked.found.code if asked.found else EVERY
        drawn.insert(0, drawn_choice(Choice("list", _("Registry"), options, default=default), request.GET,
                                     offers_all=False))  # fmt: skip
    return drawn


def _counts(asked: Asked, told: Told) -> list[dict[str, Any]]:
    """The fleet by use, division and year of registration."""
    years = sorted(told.fleet.years.items(), key=lambda one: (one[0] is None, -(one[0] or 0)))
    known = [(asked.on.year - year, number) for year, number in years if year is not None]
    vehicles = sum(number for _age, number in known)
    mean = sum(age * number for age, number in known) / vehicles if vehicles else None
    divisions = sorted(told.fleet.divisions.items(), key=lambda one: -one[1])
    return [
        {"title": _("Used for"), "asks": "use", "rows": _bars(list(told.uses.items()))},
        {"title": _("Division"), "asks": "division", "rows": _bars(divisions)},
        {"title": _("Registered in"), "asks": "year", "mean": mean,
         "rows": _bars([(str(year) if year is not None else "", number) for year, number in years])},
    ]  # fmt: skip


def _bars(rows: list[tuple[str, int]]) -> list[dict[str, Any]]:
    whole = sum(number for _title, number in rows) or 1
    most = max((number for _title, number in rows), default=1) or 1
    return [
        {
            "title": title or _("not told"),
            "code": title or NOWHERE,
            "vehicles": number,
            "share": number / whole,
            "width": round(100 * number / most),
        }
        for title, number in rows
    ]  # fmt: skip


def _sources(told: Told) -> list[Source]:
    return [source for row in told.inventory.rows if not row.lacks for source in row.sources]


def _sheet(asked: Asked, told: Told) -> Sheet:
    heads = [
        _("Class of vehicle"), _("Fuel"), _("Emission stage"), _("Pollutant"), _("Vehicles"), _("Kilometres of a year"),
        _("Source of the kilometres"), _("Emission factor"), _("Unit"), _("Source of the factor"), _("Own factor"),
        _("Correction"), _("Emitted, t"), f"{_('Share')}, %", _("Lacks"),
    ]  # fmt: skip
    keys = [
        "class", "fuel", "stage", "pollutant", "vehicles", "kilometres", "kilometres_source", "factor", "unit",
        "factor_source", "own", "correction", "tonnes", "share_percent", "lacks",
    ]  # fmt: skip
    lines = []
    for row in told.inventory.rows:
        drawn = product_row(row, told.inventory.total(row.pollutant))
        factor, far = row.factor, row.kilometres
        lines.append([
            drawn["class"], drawn["fuel"], drawn["stage"], row.pollutant, row.cell.vehicles,
            far.value if far else None, _named(far.source) if far else None,
            factor.value if factor else None, factor.unit if factor else None,
            _named(factor.source) if factor else None, (_("yes") if factor.own else _("no")) if factor else None,
            row.correction if factor else None, row.tonnes,
            None if drawn["share"] is None else 100 * drawn["share"],
            drawn["lacks"] or (_("no exhaust") if drawn["no_exhaust"] else None),
        ])  # fmt: skip
    about = {"registry": asked.found.code, "on": asked.on.isoformat(), "known": asked.known.isoformat()}
    return Sheet(f"vehicles-{asked.on:%Y%m%d}", keys, heads, lines, about, clauses(_sources(told)))


def _named(source: Source) -> str:
    (one,) = clauses([source])
    return " · ".join(filter(None, (one.document, str(one.clause), str(one.note))))
