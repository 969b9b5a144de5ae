"""What the automatic data of an enterprise come to for the environmental tax of a quarter."""

import json
import math
import shlex
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.places.queries import Enterprise
from qingyuan.showing.logic.emissions.tax import (
    MEDIUMS,
    Item,
    MonthTax,
    OutletTax,
    Rate,
    Statement,
    rates_asked,
    statement,
)
from qingyuan.showing.logic.environment.asked import QUARTERS, Look
from qingyuan.showing.logic.environment.levels import clauses
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.factors import limit_words, measured
from qingyuan.showing.request import Request
from qingyuan.showing.views.emissions.listing import enterprise_asked, outlets_of
from qingyuan_science.standards.tax.rates import in_fen


def page(request: Request, code: str) -> HttpResponse:
    """Month by month: outlets, equivalents, which of them are taxed, reductions and the tax, with every clause."""
    owner, look, found = _stated(request, code)
    drawn = {one["name"]: one for one in look.controls()["filters"]}
    drawn["part"]["options"] = [one for one in drawn["part"]["options"] if one["value"] in QUARTERS]
    own = reverse("emissions-tax-table", kwargs={"code": owner.code})
    tried = {f"{medium}_rate": request.GET.get(f"{medium}_rate", "") for medium in MEDIUMS}
    values = {
        "page_title": owner.title,
        "page_lead": _("Environmental tax out of automatic data"),
        "crumbs": [
            {"title": _("Emissions"), "href": reverse("emissions") + look.address()},
        ],
        "enterprise": owner,
        "tab": "tax",
        "look": look,
        "period": look.period,
        "filters": [drawn["year"], drawn["part"]],
        "earlier": look.address(area="", **look.period.moved(-1).query, **tried),
        "later": _later(look, tried),
        "statement": found,
        "rates": [_rate(medium, found.rates.get(medium), tried[f"{medium}_rate"]) for medium in MEDIUMS],
        "months": [_month(one) for one in found.months],
        "sums": _sums(found),
        "untaxed": ", ".join(sorted({measured(one).short for one in found.untaxed})),
        "left": [one for one in found.filled.values() if one.left],
        "clauses": clauses(found.sources),
        "table_address": own + look.address(area="", **tried),
    }
    return render(request, "showing/emissions/tax.html", values)


def table(request: Request, code: str) -> HttpResponse:
    """The quarter to take away, a line for each month, outlet and pollutant."""
    owner, look, found = _stated(request, code)
    keys = [
        "month", "outlet", "outlet_name", "medium", "factor", "factor_name", "measured_kilograms", "hours_known",
        "hours_stopped", "hours", "substituted_kilograms", "taxed_kilograms", "equivalent_value", "equivalents",
        "taxed", "rate", "taxed_percent", "tax",
    ]  # fmt: skip
    heads = [
        _("Month"), _("Outlet"), _("Name"), _("Medium"), _("Factor code"), _("Factor"), _("Measured, kg"),
        _("Hours known"), _("Hours stopped"), _("Hours in all"), _("Substituted, kg"), _("Amount, kg"),
        _("Equivalent value, kg"), _("Equivalents"), _("Taxed"), _("Rate, CNY"), f"{_('Share taxed')}, %",
        _("Tax, CNY"),
    ]  # fmt: skip
    lines = [
        _line(month, outlet, item, found.rates.get(outlet.medium))
        for month in found.months
        for outlet in month.outlets
        for item in outlet.items
    ]
    name = f"tax-{owner.code}-{look.period.title}".replace(" ", "-")
    about = {"enterprise": owner.code, "quarter": look.period.title, "tax": found.tax}
    told = Sheet(name, keys, heads, lines, about, clauses(found.sources))
    return told.as_json() if request.GET.get("form") == "json" else told.taken_as(request.GET.get("form", ""))


def _stated(request: Request, code: str) -> tuple[Enterprise, Look, Statement]:
    owner, look = enterprise_asked(request, code), _of_quarter(Look.asked(request.user, request.GET))
    rates = rates_asked(request.GET, look.period.first)
    return owner, look, statement(request.user, outlets_of(request, owner), look.period, rates)


def _of_quarter(look: Look) -> Look:
    """The quarter that holds the period asked for; of a whole year the first."""
    number = (look.period.months[0] + 2) // 3
    return replace(look, period=replace(look.period, part=f"Q{number}"))


def _later(look: Look, tried: dict[str, str]) -> str:
    after = look.period.moved(1)
    return look.address(area="", **after.query, **tried) if after.first < look.period.today else ""


def _rate(medium: str, rate: Rate | None, tried: str) -> dict[str, Any]:
    return {
        "name": f"{medium}_rate",
        "title": {"air": _("Rate for air"), "water": _("Rate for water")}[medium],
        "rate": rate,
        "written": tried,
    }


def _month(one: MonthTax) -> dict[str, Any]:
    asked = json.dumps(one.question, ensure_ascii=False) if one.question else ""
    return {
        "month": one,
        "running": one.until < _last_of(one.month),
        "outlets": [
            {
                "outlet": outlet,
                "items": [
                    {"item": item, "words": measured(item.channel), "limit": _limit(item), "href": _days(item, one)}
                    for item in outlet.items
                ],
            }
            for outlet in one.outlets
        ],
        "question": asked,
        "command": f"echo {shlex.quote(asked)} | qingyuan calc environmental_tax" if asked else "",
    }


def _last_of(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _days(item: Item, month: MonthTax) -> str:
    own = reverse("emissions-outlet", kwargs={"code": item.channel.station.code})
    return f"{own}?year={month.month.year}&part={month.month.month}&factor={item.channel.factor}"


def _limit(item: Item) -> dict[str, Any] | None:
    one = item.limit
    if one is None or one.limit is None:
        return None
    return {"words": limit_words(one.limit), "mean": one.mean, "below": one.below, "over": one.over, "means": one.means}


def _sums(found: Statement) -> list[dict[str, Any]]:
    """What each outlet comes to in each month and in the quarter."""
    rows: dict[str, dict[str, Any]] = {}
    for month in found.months:
        for outlet in month.outlets:
            row = rows.setdefault(outlet.station.code, {"station": outlet.station, "cells": []})
            row["cells"].append({"month": month.month, "tax": outlet.tax})
    for row in rows.values():
        known = [cell["tax"] for cell in row["cells"]]
        row["tax"] = None if None in known else in_fen(math.fsum(known))
    return list(rows.values())


def _line(month: MonthTax, outlet: OutletTax, item: Item, rate: Rate | None) -> list[Any]:
    own = outlet.station
    return [
        f"{month.month:%Y-%m}", own.code, own.title, item.medium, item.channel.factor, measured(item.channel).short,
        item.sums.amount, item.sums.hours, item.sums.stopped, item.sums.due, item.put_in, item.amount,
        item.equivalent_value, item.equivalents, _("yes") if item.taxed else _("no"), rate.value if rate else None,
        item.taxed_share, item.tax,
    ]  # fmt: skip
