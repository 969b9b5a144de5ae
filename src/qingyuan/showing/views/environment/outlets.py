"""Waste-water outlets beside their limits, and how far the automatic net reports."""

from typing import Any

import numpy as np
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.showing.logic.environment.asked import Look
from qingyuan.showing.logic.environment.hours import start_of
from qingyuan.showing.logic.environment.outlets import FactorDays, Outlet, outlet_clauses, outlets_of
from qingyuan.showing.logic.environment.reporting import REPORTS_WITHIN, domains
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.factors import limit_words, measured
from qingyuan.showing.request import Request

MOST_DAYS_NAMED = 5


def page(request: Request) -> HttpResponse:
    """Every outlet with the share of its valid days that kept the limits, and the factors that did not."""
    look = Look.asked(request.user, request.GET)
    rows = outlets_of(look)
    values = {
        **look.controls(),
        "page_title": _("Environment quality"),
        "tab": "outlets",
        "look": look,
        "period": look.period,
        "rows": [_row(one) for one in rows],
        "valid": sum(one.valid for one in rows),
        "kept": sum(one.kept for one in rows),
        "unjudged": sum(not factor.valid for one in rows for factor in one.factors),
        "clauses": outlet_clauses(rows),
        "table_address": reverse("outlets-table") + look.address(),
    }
    return render(request, "showing/environment/outlets.html", values)


def table(request: Request) -> HttpResponse:
    """The outlets to take away, one line a factor."""
    return _sheet(Look.asked(request.user, request.GET)).taken_as(request.GET.get("form", ""))


def data(request: Request) -> HttpResponse:
    """The same for programs."""
    return _sheet(Look.asked(request.user, request.GET)).as_json()


def reporting(request: Request) -> HttpResponse:
    """Of each domain how many stations there are, how many report now, what they warn of, and where the net gaps."""
    look = Look.asked(request.user, request.GET)
    values = {
        **look.controls(),
        "page_title": _("Environment quality"),
        "tab": "reporting",
        "look": look,
        "domains": domains(look),
        "hours": int(REPORTS_WITHIN.total_seconds() // 3600),
    }
    return render(request, "showing/environment/reporting.html", values)


def _row(one: Outlet) -> dict[str, Any]:
    return {
        "outlet": one,
        "station": one.station,
        "share": None if np.isnan(one.share) else one.share,
        "share_before": None if np.isnan(one.share_before) else one.share_before,
        "factors": [_factor(factor, one) for factor in one.factors],
    }


def _factor(one: FactorDays, outlet: Outlet) -> dict[str, Any]:
    words = measured(one.channel)
    beyond = [day for day, over in zip(outlet.days, one.beyond.tolist(), strict=False) if over]
    return {
        "words": words,
        "limit": limit_words(one.limits[-1]),
        "valid": one.valid,
        "kept": one.kept,
        "share": None if np.isnan(one.share) else one.share,
        "multiple": one.multiple,
        "days": [
            {
                "day": day,
                "href": reverse(
                    "reading",
                    kwargs={"channel": one.channel.pk, "kind": "d", "at": int(start_of(day).timestamp() * 1000)},
                ),
            }
            for day in beyond[:MOST_DAYS_NAMED]
        ],
        "more": max(len(beyond) - MOST_DAYS_NAMED, 0),
    }


def _sheet(look: Look) -> Sheet:
    rows = outlets_of(look)
    keys = ["code", "name", "factor", "factor_name", "limit", "valid_days", "days_kept", "share", "largest_multiple"]
    heads = [
        _("Code"), _("Name"), _("Factor code"), _("Factor"), _("Limit"), _("Valid days"), _("Days within the limit"),
        _("Share"), _("Largest multiple"),
    ]  # fmt: skip
    lines = [
        [
            one.station.code, one.station.title, factor.channel.factor, measured(factor.channel).name,
            limit_words(factor.limits[-1]), factor.valid, factor.kept, factor.share, factor.multiple,
        ]
        for one in rows
        for factor in one.factors
    ]  # fmt: skip
    about = {"area": look.title, "first": look.period.first.isoformat(), "last": look.period.until.isoformat()}
    name = f"outlets-{look.period.title}".replace(" ", "-")
    return Sheet(name, keys, heads, lines, about, outlet_clauses(rows))
