"""Enforcement in three layers, on one page."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.showing.logic.enforcing.layers import Line, layers_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request


def page(request: Request) -> HttpResponse:
    """What senses, what is known, what was judged; and each enterprise through the three."""
    layers = layers_of(request.user, clock.now())
    values = {
        "page_title": _("Enforcement in three layers"),
        "page_lead": _(
            "What senses from afar, what of it is brought together for each enterprise, and what the judging made of "
            "it in the last 30 days."
        ),
        "layers": [
            _layer("sensing", _("Remote sensing"), _("With a value of the last two hours, of all."), layers.sensing),
            _layer("joined", _("Integration"), _("Enterprises of which it is known."), layers.joined),
            _layer("judged", _("Judgement"), _("In the last 30 days."), layers.judged),
        ],
        "unseen": sum(one.eyes == 0 for one in layers.firms),
    }
    known = request.GET.get("known", "")
    only = next((line.title for line in layers.joined if line.href.endswith(f"?known={known}#firms")), "")
    firms = [one for one in layers.firms if one.is_known_by(known)] if only else layers.firms
    return render(request, "showing/enforcing/layers.html", page_of(firms, request.GET) | values | {"only": only})


def _layer(key: str, title: str, about: str, lines: list[Line]) -> dict[str, Any]:
    return {"key": key, "title": title, "help": about, "lines": lines}
