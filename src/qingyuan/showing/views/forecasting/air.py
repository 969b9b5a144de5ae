"""What forecasts of air quality were worth, beside rivals, with all that is needed to compute the score again."""

import statistics
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.forecasting.queries import areas_foretold, question_of, usual_days
from qingyuan.kit.errors import BadInput
from qingyuan.showing.logic.forecasting.air import (
    FIGURES,
    OWN,
    RIVALS,
    TOPIC,
    WRONG_SHOWN,
    AirScores,
    level_chip,
    wrong_row,
)
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.timespans import day_in
from qingyuan.showing.request import Request

MAIN = ("spanning_level", "strict_level", "in_range", "primary_hit", "hit_rate", "false_alarm_ratio")
OF_RIVALS = ("strict_level", "primary_hit")


def page(request: Request) -> HttpResponse:
    """The score by lead day beside persistence and climatology, the days that were wrong, and what was not scored."""
    scores = AirScores.asked(request.user, request.GET)
    look = scores.look
    groups = [
        (_("By lead day"), scores.by_lead()),
        (_("By forecaster"), scores.by_forecaster()),
        (_("By month"), scores.by_month()),
        (_("By area"), scores.by_area()),
        (_("By the level that came"), scores.by_level()),
    ]
    values: dict[str, Any] = {
        "page_title": _("Air quality forecasts"),
        "page_lead": _("What others foretold before the day, held against the assessed day."),
        "crumbs": [{"title": _("Forecast and early warning"), "href": reverse("forecasts")}],
        "tab": "air",
        "filters": scores.filters,
        "earlier": scores.address(**look.period.moved(-1).query),
        "later": scores.address(**look.period.moved(1).query) if look.period.moved(1).first < look.period.today else "",
        "title": look.title,
        "period": look.period,
        "scored": len(scores.scored),
        "unscored": [one | {"href": _days(scores, show=one["show"])} for one in scores.unscored],
        "any": bool(scores.areas),
        "heads": [words for name, words in FIGURES if name in MAIN],
        "rival_heads": [(title, [dict(FIGURES)[name] for name in OF_RIVALS]) for _code, title in RIVALS],
        "groups": [(title, [_row(one, scores) for one in some]) for title, some in groups if some],
        "wrong": [wrong_row(one) for one in scores.wrong[:WRONG_SHOWN]],
        "wrong_count": len(scores.wrong),
        "level_only": scores.level_only,
        "rule": scores.rule,
        "clauses": scores.clauses,
        "topic": TOPIC,
        "days_address": _days(scores),
        "wrong_address": _days(scores, show="wrong"),
        "table_address": reverse("air-forecasts-table") + scores.address(),
        "scores_address": reverse("air-forecasts-scores") + scores.address(form="xlsx"),
        "question_address": reverse("air-forecasts-question") + scores.address(),
    }
    return render(request, "showing/forecasting/air.html", values)


def _days(scores: AirScores, **named: str) -> str:
    """The list of the forecasts that a number counts."""
    return reverse("air-forecast-days") + scores.address(**named)


def _row(one: dict[str, Any], scores: AirScores) -> dict[str, Any]:
    words = dict(FIGURES)
    return {
        "title": one["title"],
        "href": _days(scores, **one["named"]),
        "forecasts": one["forecasts"],
        "cells": [{"label": words[name], "value": one[OWN].get(name)} for name in MAIN],
        "rivals": [
            {"label": f"{title}: {words[name]}", "value": one[code].get(name)}
            for code, title in RIVALS
            for name in OF_RIVALS
        ],
        "counts": one["counts"],
    }


def days(request: Request) -> HttpResponse:
    """The forecasts that one number of the page counts, each beside the day, with the ways to the bytes of both."""
    scores = AirScores.asked(request.user, request.GET)
    found = scores.listed()
    listed = page_of(found, request.GET)
    values: dict[str, Any] = {
        "page_title": _("Forecasts of days beside the days"),
        "page_lead": _("Each forecast leads to the bulletin in which it came, each day to the readings it is made of."),
        "crumbs": [
            {"title": _("Forecast and early warning"), "href": reverse("forecasts")},
            {"title": _("Air quality forecasts"), "href": reverse("air-forecasts") + scores.address()},
        ],
        "title": scores.look.title,
        "period": scores.look.period,
        "rows": [wrong_row(one) for one in listed["page"]],
        "every": _days(scores),
        "narrowed": len(found) < len(scores.scored),
    }
    return render(request, "showing/forecasting/air_days.html", listed | values)


def usual(request: Request) -> HttpResponse:
    """The days of which the AQI that counts as usual is the median."""
    code, on, arrived = (request.GET.get(name, "") for name in ("cell", "day", "arrived"))
    area = next((one for one in areas_foretold(request.user) if one.code == code), None)
    if area is None:
        raise BadInput(_("Found area “%(found)s”, expected one of your territory.") % {"found": code[:20]}, "cell")
    day, known = day_in(on), day_in(arrived)
    if day is None or known is None:
        told = {"found": (arrived if day else on)[:20]}
        raise BadInput(_("Found day “%(found)s”, expected one like 2026-01-31.") % told, "arrived" if day else "day")
    found = usual_days(area, day, known)
    values: dict[str, Any] = {
        "page_title": _("What was usual for %(day)s") % {"day": day.isoformat()},
        "page_lead": _(
            "The median of these days, which were over when the bulletin came: those around the date in three earlier"
            " years, or where fewer than ten of them have an AQI, the thirty days before."
        ),
        "crumbs": [{"title": _("Air quality forecasts"), "href": reverse("air-forecasts")}],
        "area": area,
        "median": statistics.median([aqi for _on, aqi in found]) if found else None,
        "rows": [{"day": one, "aqi": aqi, "chip": level_chip(aqi, one)} for one, aqi in found],
    }
    return render(request, "showing/forecasting/usual.html", values)


def table(request: Request) -> HttpResponse:
    """Every forecast with its day, to compute the score again."""
    return AirScores.asked(request.user, request.GET).sheet().taken_as(request.GET.get("form", ""))


def score_table(request: Request) -> HttpResponse:
    """The scores to take away."""
    return AirScores.asked(request.user, request.GET).score_sheet().taken_as(request.GET.get("form", ""))


def question(request: Request) -> HttpResponse:
    """The question that `qingyuan calc` answers with the scores of the page."""
    scores = AirScores.asked(request.user, request.GET)
    answer = JsonResponse(question_of(scores.scored), json_dumps_params={"ensure_ascii": False, "indent": 1})
    name = f"{TOPIC}-{scores.look.period.title}".replace(" ", "-")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return answer
