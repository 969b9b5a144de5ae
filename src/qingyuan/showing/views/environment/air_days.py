"""From the figures of a period down: a station's calendar, an area's day by stations, a station's day by hours."""

from datetime import date
from typing import Any

import numpy as np
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import Station, stations
from qingyuan.recording.air_days import ITEMS, STATION_KIND, AirDays, read_days, unit_of_item
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.environment.air import channels_of
from qingyuan.showing.logic.environment.asked import Look
from qingyuan.showing.logic.environment.hours import HOUR, AirHours, HourValues, start_of
from qingyuan.showing.logic.environment.levels import (
    air_chip,
    clauses,
    item_name,
    previous_and_next,
    shares_of_levels,
    weekdays,
)
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.factors import unit_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.environment.air import (
    DECIMALS,
    calendar_of,
    edition_clauses,
    exceeding_names,
    lines_of,
    notes_of,
    primary_names,
    why_not,
)
from qingyuan_science.standards.air import air_edition, air_editions, figure_clauses, index_of_days
from qingyuan_science.standards.air.city import city_mean
from qingyuan_science.standards.air.editions import Item
from qingyuan_science.standards.air.running import HOURS_OF_DAY, daily_maximum_8h, least_counts


def station(request: Request, code: str) -> HttpResponse:
    """One station in a period: figures, calendar, days."""
    look, found = Look.asked(request.user, request.GET), _station(request, code)
    period = look.period
    measured = channels_of(look, [found])
    days = read_days([found], measured, period.days).of(0)
    before = read_days([found], measured, period.year_before.days).of(0)
    figures = days.figures(period.first, period.last)
    values = {
        **look.controls(),
        "page_title": _("%(name)s: air quality") % {"name": found.title},
        "crumbs": [
            {"title": _("Environment quality"), "href": reverse("air") + look.address()},
            {"title": found.title, "href": reverse("station", kwargs={"code": code})},
        ],
        "look": look,
        "period": period,
        "before_address": look.before_address,
        "figures": figures,
        "lines": lines_of(figures, before.figures(period.year_before.first, period.year_before.last)),
        "levels": shares_of_levels(figures.by_level),
        "months": calendar_of(days, lambda day: _hours_address(code, day)),
        "weekdays": weekdays(),
        "items": _heads(days),
        "rows": [_day_row(days, place, code) for place in reversed(range(len(days.days)))],
        "notes": notes_of(figures, period),
        "clauses": clauses([*edition_clauses(days.days), *figure_clauses(period.last)]),
        "table_address": reverse("air-station-table", kwargs={"code": code}) + look.address(),
    }
    return render(request, "showing/environment/air_station.html", values)


def station_table(request: Request, code: str) -> HttpResponse:
    """The days of a station to take away."""
    look, found = Look.asked(request.user, request.GET), _station(request, code)
    days = read_days([found], channels_of(look, [found]), look.period.days).of(0)
    keys = ["day", "aqi", "level", "primary", "exceeding", *ITEMS, *(f"iaqi_{name}" for name in ITEMS)]
    heads = [
        _("Day"), "AQI", _("Level"), _("Primary pollutant"), _("Exceeding pollutants"),
        *(f"{item_name(name)}, {unit_of(unit_of_item(name))}" for name in ITEMS),
        *(f"IAQI {item_name(name)}" for name in ITEMS),
    ]  # fmt: skip
    rows = [_day_cells(days, place) for place in range(len(days.days))]
    used = clauses(edition_clauses(days.days))
    name = f"air-days-{code}-{look.period.title}".replace(" ", "-")
    return Sheet(name, keys, heads, rows, {}, used).taken_as(request.GET.get("form", ""))


def area_day(request: Request, day: str) -> HttpResponse:
    """An area on one day: each station's values and index, and the area's own."""
    on, look = _date(day), Look.asked(request.user, request.GET)
    found = look.assessed(STATION_KIND)
    days = read_days(found, channels_of(look, found), [on])
    parts = look.parts(found)
    points = [place for place, one in enumerate(found) if not parts[one.pk].background] or list(range(len(found)))
    items = {name: city_mean(values[points], len(points))[0] for name, values in days.items.items()}
    whole = AirDays([on], items, index_of_days([on], items))
    values = {
        "page_title": _("Air quality of %(day)s") % {"day": on.isoformat()},
        "page_lead": look.title,
        "crumbs": [{"title": _("Environment quality"), "href": reverse("air") + look.address()}],
        "day": on,
        "look": look,
        **_around("air-day", on, look),
        "items": _heads(days),
        "whole": _day_row(whole, 0, ""),
        "rows": [
            _day_row(days.of(place), 0, one.code) | {"station": one, "background": parts[one.pk].background}
            for place, one in enumerate(found)
        ],
        "clauses": clauses(edition_clauses([on])),
    }
    return render(request, "showing/environment/air_day.html", values)


def hours(request: Request, code: str, day: str) -> HttpResponse:
    """A station on one day: the index of the day, and every hour with its readings."""
    on, look, found = _date(day), Look.asked(request.user, request.GET), _station(request, code)
    now = clock.now()
    measured = channels_of(look, [found])
    counted = HOURS_OF_DAY if start_of(on) + HOURS_OF_DAY * HOUR <= now else max((now - start_of(on)) // HOUR, 0)
    by_hour = AirHours.of(measured, start_of(on), HOURS_OF_DAY)
    days = read_days([found], measured, [on]).of(0)
    values = {
        "page_title": _("%(name)s: air of %(day)s") % {"name": found.title, "day": on.isoformat()},
        "crumbs": [
            {"title": _("Environment quality"), "href": reverse("air")},
            {"title": found.title, "href": reverse("air-station", kwargs={"code": code}) + _month(on)},
        ],
        "station": found,
        "day": on,
        **_around("air-hours", on, look, code=code),
        "over": counted == HOURS_OF_DAY,
        "whole": _day_row(days, 0, code) if counted == HOURS_OF_DAY else None,
        "parts": _parts(days, by_hour, measured),
        "pollutants": [{"name": item_name(name), "unit": unit_of(unit_of_item(name))} for name in by_hour.hours],
        "rows": [_hour_row(by_hour, place) for place in range(counted)],
        "clauses": clauses(
            [*edition_clauses([on]), *(least_counts(on)[1][name] for name in ("hours_of_day", "windows_of_day"))]
        ),
    }
    return render(request, "showing/environment/air_hours.html", values)


def _station(request: Request, code: str) -> Station:
    found = stations(request.user).filter(code=code, kind=STATION_KIND).first()
    if found is None:
        raise NotFound(_("There is no ambient-air station %(code)s in your territory.") % {"code": code})
    return found


def _date(text: str) -> date:
    try:
        on = date.fromisoformat(text)
    except ValueError:
        raise NotFound(_("Found day “%(found)s”, expected a form such as 2026-11-22.") % {"found": text}) from None
    clock.check_day(on)
    if on < air_editions()[0].valid_from:
        first = air_editions()[0].valid_from.isoformat()
        raise NotFound(_("Found day %(found)s, expected one from %(first)s on.") % {"found": text, "first": first})
    return on


def _around(name: str, on: date, look: Look, **values: str) -> dict[str, str]:
    address = look.address() if name == "air-day" else ""
    return {
        key: reverse(name, kwargs={**values, "day": day}) + address if day else ""
        for key, day in previous_and_next(on, look.now.astimezone(SHANGHAI).date()).items()
    }


def _month(on: date) -> str:
    return f"?year={on.year}&part={on.month}"


def _hours_address(code: str, day: date) -> str:
    return reverse("air-hours", kwargs={"code": code, "day": day.isoformat()})


def _heads(days: AirDays) -> list[dict[str, str]]:
    shown = [name for name in ITEMS if name != "O3_1h" or not np.isnan(days.index.iaqi.get(name, np.nan)).all()]
    return [{"key": name, "name": item_name(name), "unit": unit_of(unit_of_item(name))} for name in shown]


def _day_row(days: AirDays, place: int, code: str) -> dict[str, Any]:
    index = days.index
    return {
        "day": days.days[place],
        "aqi": float(index.aqi[place]),
        "chip": air_chip(float(index.level[place])),
        "primary": primary_names(days, place),
        "exceeding": exceeding_names(days, place),
        "why": why_not(days, place),
        "cells": [
            {
                "value": float(days.items[one["key"]][place]),
                "iaqi": float(index.iaqi[one["key"]][place]) if one["key"] in index.iaqi else float("nan"),
                "decimals": DECIMALS.get(one["key"], 0),
            }
            for one in _heads(days)
        ],
        "href": _hours_address(code, days.days[place]) if code else "",
    }


def _day_cells(days: AirDays, place: int) -> list[Any]:
    index = days.index
    none = np.full(len(days.days), np.nan)
    return [
        days.days[place], float(index.aqi[place]), float(index.level[place]), primary_names(days, place),
        exceeding_names(days, place), *(float(days.items[name][place]) for name in ITEMS),
        *(float(index.iaqi.get(name, none)[place]) for name in ITEMS),
    ]  # fmt: skip


def _parts(days: AirDays, by_hour: AirHours, measured: list[Channel]) -> list[dict[str, Any]]:
    """Each item of the day: its value, its index, and how many valid hours stand behind it."""
    found = []
    for item in air_edition(days.days[0]).items["day"]:
        hours_of_item = by_hour.hours.get(item.pollutant)
        count = int((~np.isnan(hours_of_item.values)).sum()) if hours_of_item else 0
        iaqi = days.index.iaqi.get(item.name, np.array([np.nan]))
        found.append(
            {
                "name": item_name(item.name),
                "unit": unit_of(item.unit),
                "value": float(days.items[item.name][0]),
                "decimals": item.decimals,
                "iaqi": float(iaqi[0]),
                "hours": count,
                "few": _too_few(item, hours_of_item) if hours_of_item else "",
                "measured": hours_of_item is not None,
                "primary": bool(days.index.primary.get(item.name, np.array([False]))[0]),
            }
        )
    return found


def _too_few(item: Item, hours_of_item: HourValues) -> str:
    """What a day lacks to be valid; empty where it lacks nothing."""
    least = {name: int(count) for name, count in least_counts()[0].items()}
    if item.averaging == "8h":
        largest, windows = daily_maximum_8h(hours_of_item.values)
        words = _("%(count)d of %(needed)d 8-hour means needed")
        return words % {"count": windows, "needed": least["windows_of_day"]} if np.isnan(largest) else ""
    count, needed = int((~np.isnan(hours_of_item.values)).sum()), least["hours_of_day"]
    return _("of %(needed)s needed") % {"needed": needed} if count < needed else ""


def _hour_row(by_hour: AirHours, place: int) -> dict[str, Any]:
    index = by_hour.index
    return {
        "at": by_hour.start + place * HOUR,
        "aqi": float(index.aqi[place]),
        "chip": air_chip(float(index.level[place])),
        "primary": ", ".join(item_name(name) for name, flags in index.primary.items() if flags[place]),
        "cells": [_hour_cell(name, one, by_hour, place) for name, one in by_hour.hours.items()],
    }


def _hour_cell(name: str, one: HourValues, by_hour: AirHours, place: int) -> dict[str, Any]:
    counted = [item for item in by_hour.edition.items["hour"] if item.pollutant == name]
    return {
        "value": float(one.values[place]),
        "decimals": DECIMALS.get(name, 0),
        "href": one.href(place),
        "iaqi": [
            {"name": "" if item.averaging == "1h" else item_name(item.name), "value": float(values[place])}
            for item in counted
            if (values := by_hour.index.iaqi.get(item.name)) is not None and not np.isnan(values[place])
        ],
    }
