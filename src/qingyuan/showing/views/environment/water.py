"""The quality of surface water: an area in a period with its sections, and one section with its months and days."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import stations
from qingyuan.sensing.queries import channels
from qingyuan.showing.logic.environment.asked import WHOLE_YEAR, Look
from qingyuan.showing.logic.environment.hours import start_of
from qingyuan.showing.logic.environment.levels import Square, calendar, clauses, water_chip, weekdays
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.environment.water import (
    MONTHS_OF_A_YEAR_NEEDED,
    STATION_KIND,
    Section,
    WaterArea,
    sections_of,
    unit_of_item,
    water_clauses,
)
from qingyuan.showing.logic.factors import capital, limit_figure, unit_of
from qingyuan.showing.request import Request
from qingyuan.showing.wording import said
from qingyuan_science.standards.water import CLASSES, classes_of, section_factors, water_items
from qingyuan_science.standards.water.classes import ItemJudged

SHARES = (("best", "I–II"), ("good", "I–III"), ("fifth", "V"), ("worst", ""))
FULL = sum(not one.apart for one in water_items("basic").values())
DECIMALS = {"pH": 2, "DO": 1, "temperature": 1, "CODMn": 1, "COD": 1, "BOD5": 1, "coliforms": 0, "TP": 3, "NH3-N": 2}


def page(request: Request) -> HttpResponse:
    """Shares of classes, their change, and every section with what decides its class."""
    look = Look.asked(request.user, request.GET)
    area = WaterArea.asked(look)
    change, status = area.change, area.status
    values = {
        **look.controls(),
        "page_title": _("Environment quality"),
        "tab": "water",
        "look": look,
        "period": look.period,
        "before_address": look.before_address,
        "sections": area.sections,
        "judged": area.shares.sections,
        "lines": _lines(area),
        "classes": [
            {"chip": water_chip(code), "days": area.shares.counts[code]} for code in CLASSES if area.shares.counts[code]
        ],
        "status": said(status[0]) if status else "",
        "change": None if change is None else {"points": change[0], "words": said(change[1]), "of": area.compared},
        "main_pollutants": [{"name": said(name), "share": share} for name, share in area.main_pollutants],
        "legend": [water_chip(code) for code in CLASSES],
        "rows": [_row(one, look) for one in area.sections],
        "notes": _notes(area),
        "clauses": clauses(
            [*water_clauses(area.sections, look.period), *(found[-1] for found in (status, change) if found)]
        ),
        "table_address": reverse("water-table") + look.address(),
    }  # fmt: skip
    return render(request, "showing/environment/water.html", values)


def table(request: Request) -> HttpResponse:
    """The sections to take away."""
    return _sheet(WaterArea.asked(Look.asked(request.user, request.GET))).taken_as(request.GET.get("form", ""))


def data(request: Request) -> HttpResponse:
    """The same for programs."""
    return _sheet(WaterArea.asked(Look.asked(request.user, request.GET))).as_json()


def station(request: Request, code: str) -> HttpResponse:
    """One section in a period: every item with its class and its multiple, the months, and the days behind them."""
    look = Look.asked(request.user, request.GET)
    found = stations(request.user).filter(code=code, kind=STATION_KIND).first()
    if found is None:
        raise NotFound(_("There is no surface-water station %(code)s in your territory.") % {"code": code})
    (section,) = sections_of(look, [found])
    judged = section.now.judged
    values = {
        **look.controls(),
        "page_title": _("%(name)s: water quality") % {"name": found.title},
        "crumbs": [
            {"title": _("Environment quality"), "href": reverse("water") + look.address()},
            {"title": found.title, "href": reverse("station", kwargs={"code": code})},
        ],
        "look": look,
        "period": look.period,
        "before_address": look.before_address,
        "section": section,
        "chip": water_chip(judged.code),
        "before": water_chip(section.before.judged.code),
        "main_pollutants": [said(one.label) for one in judged.main_pollutants],
        "deciding": [_item_title(one) for one in judged.deciding],
        "target": water_chip(section.now.target),
        "items": [_item_row(one, section) for one in (*judged.items, *judged.apart)],
        "beside": _beside(section),
        "trophic": _trophic(section),
        "months": _months_of(section, look),
        "days": _days_of(section, request, code),
        "legend": [water_chip(one) for one in CLASSES],
        "weekdays": weekdays(),
        "notes": _section_notes(section, look),
        "clauses": clauses(water_clauses([section], look.period)),
    }
    return render(request, "showing/environment/water_station.html", values)


def _lines(area: WaterArea) -> list[dict[str, Any]]:
    """The shares that are published, beside those of the year before [%]."""
    titles = {
        "best": _("Classes I and II"), "good": _("Classes I to III"), "fifth": _("Class V"),
        "worst": _("Worse than class V"),
    }  # fmt: skip
    now, before = (_percents(one) for one in (area.shares, area.shares_before))
    counts = area.shares.counts
    of = {
        "best": counts["I"] + counts["II"], "good": counts["I"] + counts["II"] + counts["III"],
        "fifth": counts["V"], "worst": counts["worse"],
    }  # fmt: skip
    return [
        {
            "title": titles[key],
            "now": now[key],
            "before": before[key],
            "change": None if np.isnan(now[key] - before[key]) else now[key] - before[key],
            "sections": of[key],
        }
        for key, _short in SHARES
    ]


def _percents(shares: Any) -> dict[str, float]:
    fifth = 100.0 * shares.counts["V"] / shares.sections if shares.sections else float("nan")
    return {"best": shares.best, "good": shares.good, "fifth": round(fifth, 1), "worst": shares.worst}


def _row(one: Section, look: Look) -> dict[str, Any]:
    judged = one.now.judged
    return {
        "station": one.station,
        "lake": one.now.body == "lake",
        "section": one.part.section,
        "drinking_source": one.part.drinking_source,
        "chip": water_chip(judged.code),
        "before": water_chip(one.before.judged.code),
        "target": water_chip(one.now.target),
        "bound": one.bound,
        "attained": one.attained,
        "deciding": ", ".join(_item_title(item) for item in judged.deciding),
        "main_pollutants": ", ".join(said(item.label) for item in judged.main_pollutants),
        "used": len(judged.items),
        "apart": ", ".join(_item_title(item) for item in judged.apart),
        "months": _months_of(one, look),
        "trophic": _trophic(one),
        "href": reverse("water-station", kwargs={"code": one.station.code}) + look.address(),
    }


def _months_of(one: Section, look: Look) -> list[dict[str, Any]]:
    """The class of each month, with the way to it."""
    page = reverse("water-station", kwargs={"code": one.station.code})
    return [
        {
            "month": month,
            "chip": water_chip(code if code >= 0 else None),
            "href": page + look.address(year=str(month.year), part=str(month.month)),
        }
        for month, code in zip(one.now.months, one.now.classes, strict=True)
    ]


def _item_title(one: ItemJudged) -> str:
    return capital(said(one.item.name))


def _item_row(one: ItemJudged, section: Section) -> dict[str, Any]:
    name = one.item.item
    return {
        "title": _item_title(one),
        "unit": unit_of(unit_of_item(name)),
        "value": one.value,
        "decimals": DECIMALS.get(name, 3),
        "before": section.before.whole.get(name),
        "days": section.now.counts[name],
        "chip": water_chip(one.code),
        "limit": limit_figure(one.limit),
        "over": one.over,
        "multiple": one.multiple,
        "apart": one.item.apart,
        "deciding": one in section.now.judged.deciding,
    }


def _beside(section: Section) -> list[str]:
    """What is measured and not judged."""
    named = {"TN": _("Total nitrogen"), "temperature": _("Water temperature"), "chla": _("Chlorophyll a"),
             "SD": _("Transparency")}  # fmt: skip
    judged = {one.item.item for one in (*section.now.judged.items, *section.now.judged.apart)}
    return [
        f"{named.get(name, name)} {value:.{DECIMALS.get(name, 2)}f} {unit_of(unit_of_item(name))}"
        for name, value in section.now.whole.items()
        if name not in judged
    ]


def _trophic(section: Section) -> dict[str, Any] | None:
    found = section.now.trophic
    return None if found is None else {"index": found[0], "state": said(found[1])}


def _days_of(section: Section, request: Request, code: str) -> dict[str, Any]:
    """Every day with its class and the readings behind it."""
    months, days = section.now, section.now.days
    if not days or not months.values:
        return {}
    whole, _items = classes_of(months.values, months.body)
    squares = [
        Square(day, water_chip(int(code_of) if code_of >= 0 else None), None, _("no valid value"), f"#day-{day}")
        for day, code_of in zip(days, whole, strict=True)
    ]
    factors = section_factors()
    ids = dict(
        channels(request.user)
        .filter(station__code=code, basis="measured", factor__in=[factors[item] for item in months.values])
        .values_list("factor", "pk")
    )
    return {
        "calendar": calendar(days, squares),
        "heads": [{"name": _name_of(item), "unit": unit_of(unit_of_item(item))} for item in months.values],
        "rows": [
            {
                "day": day,
                "chip": squares[place].chip,
                "cells": [_cell(item, values[place], ids.get(factors[item]), day)
                          for item, values in months.values.items()],
            }
            for place, day in reversed(list(enumerate(days)))
        ],
    }  # fmt: skip


def _cell(item: str, value: float, channel: int | None, day: Any) -> dict[str, Any]:
    at = int(start_of(day).timestamp() * 1000)
    known = channel is not None and not np.isnan(value)
    return {
        "value": float(value),
        "decimals": DECIMALS.get(item, 3),
        "href": reverse("reading", kwargs={"channel": channel, "kind": "d", "at": at}) if known else "",
    }


def _name_of(item: str) -> str:
    known: Mapping[str, Any] = water_items("basic")
    if item in known:
        return capital(said(known[item].name))
    return {"temperature": _("Water temperature"), "chla": _("Chlorophyll a"), "SD": _("Transparency")}.get(item, item)


def _notes(area: WaterArea) -> list[str]:
    notes = []
    without = len(area.sections) - area.shares.sections
    if without:
        notes.append(
            _("Sections without a valid value in this period, and so without a class: %(count)d.") % {"count": without}
        )
    if area.look.period.running and area.look.period.days:
        notes.append(
            _("The period runs until %(last)s; means are of the days up to %(until)s.")
            % {"last": area.look.period.last.isoformat(), "until": area.look.period.until.isoformat()}
        )
    unbound = sum(not one.bound for one in area.sections)
    if unbound:
        notes.append(_("Sections without a target class, held against class III: %(count)d.") % {"count": unbound})
    return notes


def _section_notes(section: Section, look: Look) -> list[str]:
    used = len(section.now.judged.items)
    notes = []
    if used:
        notes.append(
            _("%(used)d items decide, of %(full)d in a full assessment; water temperature, total nitrogen and faecal "
              "coliforms do not decide.") % {"used": used, "full": FULL}
        )  # fmt: skip
    if look.period.part == WHOLE_YEAR and section.now.months_with_values < MONTHS_OF_A_YEAR_NEEDED:
        notes.append(
            _("A year is judged on at least %(needed)d months; %(found)d have values.")
            % {"needed": MONTHS_OF_A_YEAR_NEEDED, "found": section.now.months_with_values}
        )
    if not section.bound:
        notes.append(_("No target class is entered for this section; it is held against class III."))
    if section.now.body == "river" and "TN" in section.now.whole:
        notes.append(_("Rivers have no limit for total nitrogen: it is not judged."))
    return notes


def _sheet(area: WaterArea) -> Sheet:
    period = area.look.period
    measured = sorted({item for one in area.sections for item in one.now.whole})
    keys = [
        "code", "name", "body", "class", "class_year_before", "target", "attained", "deciding", "main_pollutants",
        "items_used", *measured,
    ]  # fmt: skip
    heads = [
        _("Code"), _("Name"), _("Water body"), _("Class"), _("Class of the year before"), _("Target class"),
        _("Attained"), _("Deciding items"), _("Main pollutants"), _("Items used"),
        *(f"{_name_of(item)}, {unit_of(unit_of_item(item))}".rstrip(", ") for item in measured),
    ]  # fmt: skip
    rows = [
        [
            one.station.code, one.station.title, one.now.body, one.now.judged.code, one.before.judged.code,
            one.now.target, one.attained, ", ".join(_item_title(item) for item in one.now.judged.deciding),
            ", ".join(said(item.label) for item in one.now.judged.main_pollutants), len(one.now.judged.items),
            *(one.now.whole.get(item) for item in measured),
        ]
        for one in area.sections
    ]  # fmt: skip
    shares = {name: value for name, value in _percents(area.shares).items() if not np.isnan(value)}
    about = {
        "area": area.look.title, "first": period.first.isoformat(), "last": period.until.isoformat(),
        "sections": area.shares.sections, "counts": area.shares.counts, "shares_percent": shares,
    }  # fmt: skip
    name = f"water-quality-{period.title}".replace(" ", "-")
    return Sheet(name, keys, heads, rows, about, clauses(water_clauses(area.sections, period)))
