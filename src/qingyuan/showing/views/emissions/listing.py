"""What enterprises emitted: every one of the territory, and the outlets of one."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import Enterprise, Station, enterprises, stations
from qingyuan.recording.queries import CARRIERS
from qingyuan.showing.logic.emissions.listing import LOAD_SOURCE, Emitted, by_enterprise, by_outlet, outlets_in
from qingyuan.showing.logic.environment.asked import Look
from qingyuan.showing.logic.environment.levels import clauses
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.factors import Measured, measured
from qingyuan.showing.logic.filters import EVERY
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.places import industry_of

PER_PAGE = 50
Key = Callable[[Emitted], Any]
SORTS: dict[str, Key] = {
    "name": lambda row: row.place.code,
    "factor": lambda row: row.factor,
    "mass": lambda row: row.now.amount,
    "known": lambda row: row.now.share,
    "change": lambda row: row.change,
    "used": lambda row: row.used,
}
USUAL = "-used"


def page(request: Request) -> HttpResponse:
    """Every enterprise with what it emitted of each pollutant."""
    look = Look.asked(request.user, request.GET)
    outlets = outlets_in(look)
    rows, drawn = _asked(look, request, outlets)
    listed = page_of(rows, request.GET, PER_PAGE)
    kept = {name: request.GET.get(name, "") for name in ("factor", "industry", "sort")}
    values = {
        **look.controls(),
        **listed,
        "page_title": _("Emissions"),
        "page_lead": _(
            "Added up from automatic data, hour by hour; what is not known adds nothing and is shown as missing."
        ),
        "look": look,
        "period": look.period,
        "rows": [row_of(one, look) for one in listed["page"]],
        "heads": _heads(request.GET.get("sort") or USUAL),
        "clauses": clauses([LOAD_SOURCE]),
        "table_address": reverse("emissions-table") + look.address(**kept),
        "outlets": len(outlets),
    }
    values["filters"] += drawn
    for way in ("earlier", "later"):
        values[way] = values[way] and f"{values[way]}&{_query(kept)}".rstrip("&")
    return render(request, "showing/emissions/listing.html", values)


def table(request: Request) -> HttpResponse:
    """The rows to take away, all of them."""
    return _sheet(request).taken_as(request.GET.get("form", ""))


def data(request: Request) -> HttpResponse:
    """The same for programs."""
    return _sheet(request).as_json()


def enterprise(request: Request, code: str) -> HttpResponse:
    """The outlets of one enterprise with what each emitted of each pollutant."""
    found = enterprise_asked(request, code)
    look = Look.asked(request.user, request.GET)
    rows = by_outlet(look, outlets_of(request, found))
    whole = by_enterprise(look, outlets_of(request, found))
    values = {
        **look.controls(),
        "page_title": found.title,
        "page_lead": _("What its outlets emitted"),
        "crumbs": [{"title": _("Emissions"), "href": reverse("emissions") + look.address()}],
        "enterprise": found,
        "tab": "outlets",
        "look": look,
        "period": look.period,
        "whole": [row_of(one, look) for one in whole],
        "rows": [row_of(one, look) for one in rows],
        "clauses": clauses([LOAD_SOURCE]),
    }
    values["filters"] = [one for one in values["filters"] if one["name"] != "area"]
    return render(request, "showing/emissions/enterprise.html", values)


def enterprise_asked(request: Request, code: str) -> Enterprise:
    """The enterprise that an address names."""
    found = enterprises(request.user).filter(code=code).select_related("cell").first()
    if found is None:
        raise NotFound(_("There is no enterprise %(code)s in your territory.") % {"code": code})
    return found


def outlets_of(request: Request, owner: Enterprise) -> list[Station]:
    """The outlets of an enterprise of which masses are known."""
    return list(stations(request.user).filter(enterprise=owner, kind__in=CARRIERS))


def row_of(one: Emitted, look: Look) -> dict[str, Any]:
    """One row as the pages draw it."""
    words = measured(one.contents[0])
    outlet = one.contents[0].station
    is_outlet = isinstance(one.place, Station)
    own = reverse("emissions-outlet", kwargs={"code": outlet.code}) + look.address(area="", factor=one.factor)
    whole = (
        "" if is_outlet else reverse("emissions-enterprise", kwargs={"code": one.place.code}) + look.address(area="")
    )
    of_year = urlencode({"year": look.period.year, "factor": one.factor})
    return {
        "row": one,
        "words": words,
        "title": one.place.title,
        "code": one.place.code,
        "href": whole or own,
        "year_href": "?".join(((own if len(one.contents) == 1 else whole).partition("?")[0], of_year)),
        "mass_href": own if len(one.contents) == 1 else f"{whole}#{outlet.code}-{one.factor}",
        "outlets": len(one.contents),
        "change": None if one.change is None else one.change * 100.0,
        "sign": "+" if one.change and one.change > 0 else "",
    }


def _asked(look: Look, request: Request, found: Sequence[Station]) -> tuple[list[Emitted], list[dict[str, Any]]]:
    """The rows that the address asks for of some outlets, in its order; the filters on pollutant and industry."""
    industries = {one.enterprise.industry_code: industry_of(one.enterprise) for one in found if one.enterprise}
    industry = request.GET.get("industry") or EVERY
    if industry in industries:
        found = [one for one in found if one.enterprise and one.enterprise.industry_code == industry]
    rows = by_enterprise(look, found)
    factors = {one.factor: measured(one.contents[0]) for one in rows}
    factor = request.GET.get("factor") or EVERY
    if factor in factors:
        rows = [one for one in rows if one.factor == factor]
    drawn = [
        _filter("factor", _("Pollutant"), _pollutants(factors), factor),
        _filter("industry", _("Industry"), sorted(industries.items()), industry),
    ]
    return _sorted(rows, request.GET.get("sort") or USUAL), drawn


def _pollutants(factors: dict[str, Measured]) -> list[tuple[str, str]]:
    return [(code, words.short) for code, words in sorted(factors.items(), reverse=True)]


def _filter(name: str, title: str, options: Sequence[tuple[str, str]], value: str) -> dict[str, Any]:
    offered = [(EVERY, _("All")), *options]
    chosen = [{"value": code, "title": words, "chosen": code == value} for code, words in offered]
    return {"name": name, "title": title, "options": chosen}


def _sorted(rows: list[Emitted], sort: str) -> list[Emitted]:
    """By one column, what has no value last; equal ones by enterprise and pollutant."""
    name, falling = sort.removeprefix("-"), sort.startswith("-")
    key = SORTS.get(name, SORTS["used"])
    rows = sorted(rows, key=lambda row: (row.place.code, row.factor))
    known = sorted((row for row in rows if key(row) is not None), key=key, reverse=falling)
    return [*known, *(row for row in rows if key(row) is None)]


def _heads(sort: str) -> list[dict[str, Any]]:
    titles = (
        ("name", _("Enterprise"), False), ("factor", _("Pollutant"), False), ("mass", _("Emitted, kg"), True),
        ("known", f"{_('Time known')}, %", True), ("change", f"{_('Year on year')}, %", True),
        ("used", f"{_('Permit of the year used')}, %", True),
    )  # fmt: skip
    return [
        {
            "title": title,
            "number": number,
            "way": "descending" if sort == f"-{name}" else "ascending" if sort == name else "none",
            "next": name if sort == f"-{name}" or (not number and sort != name) else f"-{name}",
        }
        for name, title, number in titles
    ]


def _query(kept: dict[str, str]) -> str:
    return urlencode({name: value for name, value in kept.items() if value})


def _sheet(request: Request) -> Sheet:
    look = Look.asked(request.user, request.GET)
    rows, _drawn = _asked(look, request, outlets_in(look))
    keys = [
        "code", "name", "factor", "factor_name", "medium", "kilograms", "hours_known", "hours_stopped", "hours",
        "year_before_kilograms", "change_percent", "year_kilograms", "permit_kilograms", "permit_used_percent",
    ]  # fmt: skip
    heads = [
        _("Code"), _("Name"), _("Factor code"), _("Factor"), _("Medium"), _("Emitted, kg"), _("Hours known"),
        _("Hours stopped"), _("Hours in all"), _("Year before, kg"), f"{_('Year on year')}, %",
        _("This year so far, kg"),
        _("Permit of the year, kg"), f"{_('Permit of the year used')}, %",
    ]  # fmt: skip
    mediums = {"water": _("Waste water"), "gas": _("Flue gas")}
    lines = [
        [
            one.place.code, one.place.title, one.factor, measured(one.contents[0]).short, mediums[one.medium],
            one.now.amount, one.now.hours, one.now.stopped, one.now.due, one.before.amount,
            None if one.change is None else one.change * 100.0, one.year.amount, one.total,
            None if one.used is None else one.used * 100.0,
        ]
        for one in rows
    ]  # fmt: skip
    about = {"area": look.title, "first": look.period.first.isoformat(), "last": look.period.until.isoformat()}
    return Sheet(f"emissions-{look.period.title}".replace(" ", "-"), keys, heads, lines, about, clauses([LOAD_SOURCE]))
