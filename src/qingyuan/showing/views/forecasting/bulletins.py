"""Bulletins of air quality forecasts: brought, looked at row by row, entered; without script, and with no way back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.forecasting.api import bring_bulletin, enter_bulletin, preview_bulletin
from qingyuan.forecasting.queries import Bulletin, ForetoldDay, bulletin, bulletins, digest_holds, foretold_of
from qingyuan.kit.errors import BadInput, Forbidden
from qingyuan.sensing.queries import BadPayload, feed_by_code
from qingyuan.showing.logic.bringing import file_in, file_state, settings_given, settings_of
from qingyuan.showing.logic.forecasting.air import index_words, level_chip, names_of
from qingyuan.showing.logic.importing import FAULTS_SHOWN, fault_rows
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request
from qingyuan.showing.rights import FORETELLERS, may_open

SHOWN = 200  # days of a bulletin that its page draws; all are in the table of scores
CONNECTOR = "bulletins"


def listing(request: Request) -> HttpResponse:
    """Bring a bulletin, and those that came so far, through whatever door."""
    error, given = "", {}
    if request.method == "POST":
        given = settings_given(CONNECTOR, request)
        try:
            return redirect("air-bulletin", bulletin_id=_brought(request, given).pk)
        except (BadInput, Forbidden) as refusal:
            error = str(refusal)
    values: dict[str, Any] = {
        "page_title": _("Bulletins of air quality forecasts"),
        "page_lead": _("Only what came before a day is scored. What was entered stays; nobody can take it back."),
        "crumbs": _crumbs()[:1],
        "tab": "bulletins",
        "error": error,
        "may_bring": may_open(request.user, FORETELLERS),
        "settings": settings_of(CONNECTOR, given),
        **page_of(bulletins(request.user), request.GET),
    }
    values["rows"] = [{"bulletin": one, "by": _by(one), **_state(one)} for one in values["page"]]
    return render(request, "showing/forecasting/bulletins.html", values, status=422 if error else 200)


def _brought(request: Request, given: dict[str, str]) -> Bulletin:
    name, raw = file_in(request, "CSV, Excel (.xlsx)")
    return bring_bulletin(request.user, name, raw, settings=given, origin=origin_of(request))


def record(request: Request, bulletin_id: int) -> HttpResponse:
    """What it would enter; once it is entered, what it says of each day, when it came, and what could not be read."""
    one = bulletin(request.user, bulletin_id)
    values: dict[str, Any] = {
        "page_title": one.name,
        "crumbs": _crumbs(),
        "tab": "bulletins",
        "bulletin": one,
        "by": _by(one),
        "came": one.received_at or one.brought_at,
        "may_enter": one.segment is None and one.brought_by_id == request.user.pk,
        "packet": one.packet,
        **_state(one),
    }
    if one.segment is None:
        try:
            found = preview_bulletin(one)
        except BadPayload as error:
            return render(request, "showing/forecasting/bulletin.html", values | {"error": str(error)}, status=422)
        days, faults = list(found.new), list(found.faults)
        values |= {"preview": True, "page_lead": _("Look at what it would do; nothing is entered yet.")}
        counts = {"days": len(days), "known": found.known, "late": sum(day.late for day in days), "faulty": len(faults)}
    else:
        days, faults = list(foretold_of(request.user, one.pk)), [(name, detail) for name, detail in one.faults]
        counts = {"days": one.days, "known": one.known, "late": one.late, "faulty": one.faulty}
        values["holds"] = digest_holds(one.pk, one.digest)
    values |= {
        "counts": counts,
        "counted": [
            (counts["days"], _("Days foretold")),
            (counts["late"], _("Came too late")),
            (counts["known"], _("On file before")),
            (counts["faulty"], _("Faulty rows")),
        ],
        "days": [_day(day) for day in days[:SHOWN]],
        "more": max(len(days) - SHOWN, 0),
        "faults": fault_rows(faults[:FAULTS_SHOWN]),
    }
    return render(request, "showing/forecasting/bulletin.html", values)


@require_POST
def enter(request: Request, bulletin_id: int) -> HttpResponse:
    """Enter what was looked at."""
    one = enter_bulletin(bulletin_id, request.user, origin_of(request))
    messages.success(request, _("Entered: %(count)d days. The file is kept as evidence.") % {"count": one.days})
    return redirect("air-bulletin", bulletin_id=one.pk)


def _day(day: ForetoldDay) -> dict[str, Any]:
    only_level = day.given == "level"
    return {
        "day": day,
        "area": day.cell,
        "index": "" if only_level else index_words(day),
        "chips": [level_chip(value, day.day) for value in _ends(day)],
        "primary": names_of(day.primary),
    }


def _ends(day: ForetoldDay) -> list[float]:
    """The AQI of the levels that were published, the better first; one where both ends have one level."""
    if day.low is None or day.high is None:
        return [day.value]
    ends = [day.low, day.high]
    return ends if level_chip(ends[0], day.day) != level_chip(ends[1], day.day) else ends[:1]


def _by(one: Bulletin) -> str:
    if one.brought_by is not None:
        return one.brought_by.name
    feed = feed_by_code(one.feed)
    return feed.title if feed else one.feed


def _state(one: Bulletin) -> dict[str, Any]:
    if one.days and one.late == one.days:
        return {"state": _("Came too late to be scored"), "state_kind": "idle"}
    return file_state(entered=one.segment is not None, undone=False)


def _crumbs() -> list[dict[str, str]]:
    return [
        {"title": _("Air quality forecasts"), "href": reverse("air-forecasts")},
        {"title": _("Bulletins"), "href": reverse("air-bulletins")},
    ]
