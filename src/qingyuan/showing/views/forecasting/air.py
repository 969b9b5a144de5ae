"""What forecasts of air quality were worth, beside rivals, with all that is needed to compute the score again."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.forecasting.queries import question_of
from qingyuan.showing.logic.forecasting.air import FIGURES, OWN, RIVALS, TOPIC, WRONG_SHOWN, AirScores, wrong_row
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
        "unscored": scores.unscored,
        "any": bool(scores.areas),
        "heads": [words for name, words in FIGURES if name in MAIN],
        "rival_heads": [(title, [dict(FIGURES)[name] for name in OF_RIVALS]) for _code, title in RIVALS],
        "groups": [(title, [_row(one) for one in some]) for title, some in groups if some],
        "wrong": [wrong_row(one) for one in scores.wrong[:WRONG_SHOWN]],
        "wrong_count": len(scores.wrong),
        "level_only": scores.level_only,
        "rule": scores.rule,
        "clauses": scores.clauses,
        "topic": TOPIC,
        "table_address": reverse("air-forecasts-table") + scores.address(),
        "scores_address": reverse("air-forecasts-scores") + scores.address(form="xlsx"),
        "question_address": reverse("air-forecasts-question") + scores.address(),
    }
    return render(request, "showing/forecasting/air.html", values)


def _row(one: dict[str, Any]) -> dict[str, Any]:
    words = dict(FIGURES)
    return {
        "title": one["title"],
        "forecasts": one["forecasts"],
        "cells": [{"label": words[name], "value": one[OWN].get(name)} for name in MAIN],
        "rivals": [
            {"label": f"{title}: {words[name]}", "value": one[code].get(name)}
            for code, title in RIVALS
            for name in OF_RIVALS
        ],
        "counts": one["counts"],
    }


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
