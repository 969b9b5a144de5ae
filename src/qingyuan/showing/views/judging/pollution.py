"""What was learned from types of pollution that people settled."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.showing.logic.judging.pollution import learned_page
from qingyuan.showing.request import Request


def learned(request: Request) -> HttpResponse:
    """What was learned from settled types, and whether it helped."""
    values = {
        "page_title": _("How types of pollution are told"),
        "crumbs": [{"title": _("Findings"), "href": reverse("findings")}],
    }
    return render(request, "showing/pollution_types.html", values | learned_page())
