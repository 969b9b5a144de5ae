"""What the mass of one day was added up of: each hour's concentration and flow, each with the way to its bytes.

What stands in for hours and days without valid data is told beside it, with the rule and what it was taken from.
"""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import Station
from qingyuan.recording.api import HOURLY, AmountParts, amount_made_of
from qingyuan.recording.queries import AMOUNT, day_values
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.emissions.stood_in import gaps_of, hours_put_in, put_in_around
from qingyuan.showing.logic.emissions.sums import contents_of
from qingyuan.showing.logic.factors import mark_title, measured
from qingyuan.showing.request import Request
from qingyuan.showing.views.emissions.outlet import chosen_content, outlet_asked
from qingyuan.showing.wayback import reading_address


def page(request: Request, code: str, day: str) -> HttpResponse:
    """The hours of a day, or its day means where no hour came."""
    station, on = outlet_asked(request, code), _day(day)
    content = chosen_content(contents_of(request.user, [station]), request)
    made = amount_made_of(content, on) if content is not None else None
    if content is None or made is None:
        raise NotFound(_("Nothing is measured at %(code)s of which a mass can be made.") % {"code": code})
    words = measured(content)
    kept = day_values([content.pk], on, on, (AMOUNT,)).get((content.pk, AMOUNT))
    filled = put_in_around(content, made.flow, on)
    hours = hours_put_in(filled, on) if filled and made.kinds == HOURLY else {}
    values: dict[str, Any] = {
        "page_title": _("%(factor)s of %(day)s") % {"factor": words.short, "day": f"{on:%Y-%m-%d}"},
        "page_lead": _("Out of which readings the mass of the day is added up"),
        "crumbs": _crumbs(station, content, on),
        "words": words,
        "flow_words": measured(made.flow),
        "rows": _rows(content, made, hours),
        "gaps": gaps_of(content, filled, on) if filled else [],
        "put_in": filled.between(on, on) if filled else None,
        "by_the_hour": bool(hours),
        "is_hourly": made.kinds == HOURLY,
        "kept": None if kept is None or np.isnan(kept[0]) else float(kept[0]),
    }
    return render(request, "showing/emissions/day.html", values)


def _day(text: str) -> date:
    try:
        on = date.fromisoformat(text)
    except ValueError:
        raise NotFound(_("Found day “%(found)s”, expected one such as 2026-11-22.") % {"found": text[:20]}) from None
    clock.check_day(on)
    return on


def _rows(content: Channel, made: AmountParts, put_in: dict[int, float]) -> list[dict[str, Any]]:
    """The hours of which something came, and those for which something stands in."""
    came = {one.at: one for one in made.parts}
    return [
        {
            "micros": at,
            "at": datetime.fromtimestamp(at / 1e6, UTC),
            "cells": [_cell(content, one.content, at), _cell(made.flow, one.flow, at)] if one else [None, None],
            "mass": one.amount if one else None,
            "put_in": put_in.get(at),
        }
        for at, one in ((at, came.get(at)) for at in sorted({*came, *put_in}))
    ]


def _cell(channel: Channel, stood: Any, at: int) -> dict[str, Any] | None:
    if stood is None:
        return None
    return {
        "value": stood.value,
        "mark": "" if stood.valid else mark_title(stood.mark),
        "decimals": measured(channel).decimals,
        "href": reading_address(channel.pk, stood.kind, datetime.fromtimestamp(at / 1e6, UTC)),
    }


def _crumbs(station: Station, content: Channel, on: date) -> list[dict[str, str]]:
    own = reverse("emissions-outlet", kwargs={"code": station.code})
    month = f"{own}?year={on.year}&part={on.month}&factor={content.factor}"
    return [{"title": _("Emissions"), "href": reverse("emissions")}, {"title": station.title, "href": month}]
