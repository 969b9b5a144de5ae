"""The quality of ambient air: an area in a period, with its stations, as page, table and JSON."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.recording.air_days import AirDays, unit_of_item
from qingyuan.showing.logic.environment.air import AirArea, AirStation
from qingyuan.showing.logic.environment.asked import Look, Period
from qingyuan.showing.logic.environment.levels import (
    Square,
    air_chip,
    calendar,
    categories,
    clauses,
    item_name,
    shares_of_levels,
    weekdays,
)
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.factors import unit_of
from qingyuan.showing.request import Request
from qingyuan.showing.wording import said
from qingyuan_science.plugins import Source
from qingyuan_science.standards.air import AirFigures, air_editions, days_needed, figure_clauses
from qingyuan_science.standards.air.figures import STATISTICS

DECIMALS = {"CO": 1}


def page(request: Request) -> HttpResponse:
    """The area's figures beside those of the year before, its calendar, and its stations in order."""
    look = Look.asked(request.user, request.GET)
    area = AirArea.asked(look)
    href: Callable[[date], str] = lambda day: reverse("air-day", kwargs={"day": day.isoformat()}) + look.address()  # noqa: E731
    values = {
        **look.controls(),
        "page_title": _("Environment quality"),
        "tab": "air",
        "look": look,
        "period": look.period,
        "before_address": look.before_address,
        "stations": area.stations,
        "points": len(area.points),
        "figures": area.figures,
        "lines": lines_of(area.figures, area.figures_before),
        "items": [{"name": item_name(name), "unit": unit_of(unit_of_item(name))} for name in STATISTICS],
        "levels": shares_of_levels(area.figures.by_level),
        "months": calendar_of(area.whole, href),
        "weekdays": weekdays(),
        "legend": [air_chip(one.level) for one in categories()],
        "rows": [_row(place, one, look) for place, one in enumerate(area.rows, start=1)],
        "notes": [*_notes(area), *notes_of(area.figures, look.period)],
        "clauses": clauses([*edition_clauses(area.days.days), *figure_clauses(look.period.last)]),
        "table_address": reverse("air-table") + look.address(),
    }
    return render(request, "showing/environment/air.html", values)


def table(request: Request) -> HttpResponse:
    """The stations and the area to take away."""
    return _sheet(AirArea.asked(Look.asked(request.user, request.GET))).taken_as(request.GET.get("form", ""))


def data(request: Request) -> HttpResponse:
    """The same for programs."""
    return _sheet(AirArea.asked(Look.asked(request.user, request.GET))).as_json()


def lines_of(now: AirFigures, before: AirFigures) -> list[dict[str, Any]]:
    """The figures of a period with those of the year before, one a line."""
    titles = {
        "CO": _("CO, 95th percentile"),
        "O3_8h": _("O3 daily maximum 8 h, 90th percentile"),
    }
    share = _line(_("Good-day ratio"), "%", (now.share, before.share), 1)
    composite = _line(_("Composite index"), "", (now.composite, before.composite), 2)
    items = [
        _line(
            titles.get(name) or _("%(item)s, mean") % {"item": item_name(name)},
            unit_of(unit_of_item(name)),
            (now.statistics[name], before.statistics[name]),
            DECIMALS.get(name, 0),
        )
        | {"days": now.counts[name], "thin": name in now.thin}
        for name in STATISTICS
    ]
    return [share | {"days": now.valid, "more_is_better": True}, *items, composite]


def _line(title: str, unit: str, values: tuple[float, float], decimals: int) -> dict[str, Any]:
    now, before = values
    change = now - before
    return {
        "title": title, "unit": unit, "now": now, "before": before, "decimals": decimals,
        "change": None if np.isnan(change) else round(change, 9), "sign": "+" if change > 0 else "",
    }  # fmt: skip


def calendar_of(days: AirDays, href: Callable[[date], str]) -> list[dict[str, Any]]:
    """A calendar of one place."""
    squares = [
        Square(
            day,
            air_chip(float(days.index.level[place])),
            None if np.isnan(days.index.aqi[place]) else float(days.index.aqi[place]),
            why_not(days, place),
            href(day),
        )
        for place, day in enumerate(days.days)
    ]
    return calendar(days.days, squares)


def why_not(days: AirDays, place: int) -> str:
    """Why a day has no index; empty where it has one."""
    if not np.isnan(days.index.aqi[place]):
        return ""
    missing = ", ".join(item_name(name) for name, flags in days.index.missing.items() if flags[place])
    if bool(days.index.withheld[place]) and missing:
        return _("no AQI: %(items)s missing, and the rest does not exceed 100") % {"items": missing}
    if bool(days.index.withheld[place]):
        return _("no AQI: beyond the table of the standard")
    return _("no valid value")


def primary_names(days: AirDays, place: int) -> str:
    """The primary pollutants of a day."""
    return ", ".join(item_name(name) for name, flags in days.index.primary.items() if flags[place])


def exceeding_names(days: AirDays, place: int) -> str:
    """The exceeding pollutants of a day, where its edition names them."""
    return ", ".join(item_name(name) for name, flags in days.index.exceeding.items() if flags[place])


def edition_clauses(days: Sequence[date]) -> list[Source]:
    """The clauses of the index in force on some days."""
    found: list[Source] = []
    for edition in air_editions():
        if any(edition.valid_from <= day <= (edition.valid_to or day) for day in days):
            found += [edition.sources["items"], edition.sources["breakpoints"], edition.sources["categories"]]
    return found


def notes_of(figures: AirFigures, period: Period) -> list[str]:
    """What has to be said beside the figures: what is missing, and whether the standard calls them valid."""
    notes = []
    needed = days_needed(period.first, period.last)
    if figures.days > figures.valid:
        notes.append(
            _("%(missing)d of %(days)d days have no AQI; the ratio counts the %(valid)d valid days.")
            % {"missing": figures.days - figures.valid, "days": figures.days, "valid": figures.valid}
        )
    if period.running:
        notes.append(
            _("The period runs until %(last)s; figures are of the %(days)d days up to %(until)s.")
            % {"last": period.last.isoformat(), "days": figures.days, "until": period.until.isoformat()}
        )
    if figures.thin:
        names = ", ".join(item_name(name) for name in figures.thin)
        notes.append(
            _("Fewer than %(needed)d valid days: %(names)s. By the standard these figures are not valid yet.")
            % {"needed": needed, "names": names}
        )
    return notes


def _notes(area: AirArea) -> list[str]:
    notes = []
    if len(area.points) != len(area.stations):
        left_out = len(area.stations) - len(area.points)
        notes.append(_("Background points, which do not count for the area: %(count)d.") % {"count": left_out})
    if area.points:
        notes.append(
            _("Values of the area are means over its %(points)d points, of which %(needed)d must be valid.")
            % {"points": len(area.points), "needed": area.points_needed}
        )
    if area.editions_differ and not np.isnan(area.share_before_alike):
        notes.append(
            _("Each day is judged by the edition in force on it. By %(edition)s throughout, the good-day ratio of the "
              "year before would be %(share).1f %%.")
            % {"edition": area.edition.document, "share": area.share_before_alike}
        )  # fmt: skip
    return notes


def _row(place: int, one: AirStation, look: Look) -> dict[str, Any]:
    figures = one.figures
    largest = figures.largest
    change = figures.share - one.before.share
    return {
        "place": "" if np.isnan(figures.composite) else place,
        "station": one.station,
        "background": one.part.background,
        "figures": figures,
        "change": None if np.isnan(change) else change,
        "levels": shares_of_levels(figures.by_level),
        "largest": item_name(largest.item) if largest else "",
        "cells": [
            {
                "label": f"{item_name(name)}, {unit_of(unit_of_item(name))}",
                "value": figures.statistics[name],
                "decimals": DECIMALS.get(name, 0),
                "thin": name in figures.thin,
            }
            for name in STATISTICS
        ],
        "href": reverse("air-station", kwargs={"code": one.station.code}) + look.address(),
    }


def _sheet(area: AirArea) -> Sheet:
    look, period = area.look, area.look.period
    keys = [
        "code", "name", "days", "valid_days", "good_days", "good_day_ratio", "good_day_ratio_year_before",
        *(f"days_level_{one.level}" for one in categories()), *STATISTICS, "composite_index",
        "composite_index_year_before",
    ]  # fmt: skip
    heads = [
        _("Code"), _("Name"), _("Days"), _("Valid days"), _("Good days"), _("Good-day ratio, %"),
        _("Good-day ratio of the year before, %"), *(said(one.name) for one in categories()),
        *(f"{item_name(name)}, {unit_of(unit_of_item(name))}" for name in STATISTICS), _("Composite index"),
        _("Composite index of the year before"),
    ]  # fmt: skip
    whole = _cells("", look.title, area.figures, area.figures_before)
    rows = [_cells(one.station.code, one.station.title, one.figures, one.before) for one in area.rows]
    about = {"area": look.title, "first": period.first.isoformat(), "last": period.until.isoformat()}
    used = clauses([*edition_clauses(area.days.days), *figure_clauses(period.last)])
    return Sheet(f"air-quality-{period.title}".replace(" ", "-"), keys, heads, [whole, *rows], about, used)


def _cells(code: str, name: str, now: AirFigures, before: AirFigures) -> list[Any]:
    return [
        code, name, now.days, now.valid, now.good, now.share, before.share, *now.by_level,
        *(now.statistics[item] for item in STATISTICS), now.composite, before.composite,
    ]  # fmt: skip
