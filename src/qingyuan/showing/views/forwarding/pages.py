"""The list of platforms above, the page of one, and the packets that did not arrive there."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from qingyuan.forwarding.listing import COLUMNS, LISTS, Ended, of_run
from qingyuan.forwarding.queries import (
    Asked,
    Cipher,
    Destination,
    Form,
    Network,
    OwnLate,
    OwnMean,
    OwnUndelivered,
    Run,
    Undelivered,
    What,
    asked_by,
    destination,
    destinations,
    own_undelivered_of,
    runs_of,
    undelivered_counts,
    undelivered_of,
)
from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import StationKind
from qingyuan.sensing.queries import RawPacket
from qingyuan.showing.logic.devices.packets import RESULT_WORDS, command_title
from qingyuan.showing.logic.filters import Choice, value_of
from qingyuan.showing.logic.paging import number_in, page_of
from qingyuan.showing.logic.papers.words import days_words
from qingyuan.showing.request import Request
from qingyuan_science.hj212.codes import EXE_RETURNS, QN_RETURNS

SHOWN = 10
A_PAGE = 50
STALE_S = 60  # nobody has looked after it for so long
LISTED = {
    "accepted": gettext_lazy("Handed on"),
    "waiting": gettext_lazy("Waiting"),
    "refused": gettext_lazy("Not arrived"),
    "corrected": gettext_lazy("Of devices, in place of ours"),
    "left_out": gettext_lazy("Left out as too old"),
    "withheld": gettext_lazy("Withheld, came enciphered"),
}
OUTCOMES = {
    "history": gettext_lazy("answered out of the store"),
    "passed-on": gettext_lazy("passed on to the device"),
    "refused": gettext_lazy("turned down"),
    "new-key": gettext_lazy("new key taken over"),
}


def listing(request: Request) -> HttpResponse:
    """All platforms above, each with how it stands."""
    found = list(destinations())
    counts = undelivered_counts(found)
    values = {
        "page_title": _("Platforms above"),
        "page_lead": _("To whom data are handed on: province, ministry, or another authority."),
        "crumbs": [{"title": _("Devices"), "href": reverse("devices")}],
        "rows": [{"one": one, "undelivered": counts[one.pk], **standing(one)} for one in found],
        "stream_url": reverse("stream"),
    }
    return render(request, "showing/forwarding/destinations.html", values)


def standing(one: Destination) -> dict[str, Any]:
    """In a word how a platform above stands, and the kind of that word."""
    today = clock.now().astimezone(clock.SHANGHAI).date()
    if not one.enabled:
        return {"state": _("Switched off"), "kind": "idle"}
    if one.valid.lower > today:
        return {"state": _("Not begun"), "kind": "idle"}
    if one.lagging_since is not None:
        return {"state": _("Lags"), "kind": "bad"}
    if one.looked_at is None or (clock.now() - one.looked_at).total_seconds() > STALE_S:
        over = one.valid.upper is not None and one.valid.upper <= today
        return {"state": _("Ended") if over else _("Not attended"), "kind": "idle" if over else "warning"}
    if one.trouble or one.connected_at is None:
        return {"state": _("Not connected"), "kind": "warning"}
    return {"state": _("Connected"), "kind": "good"}


def found_destination(code: str) -> Destination:
    """The platform above of that code.

    Raises
    ------
    NotFound
    """
    one = destination(code)
    if one is None:
        raise NotFound(_("There is no platform above with the code %(code)s.") % {"code": code})
    return one


def record(request: Request, code: str) -> HttpResponse:
    """One platform above: how it stands now, what was handed on, what did not arrive, what it asked for."""
    one = found_destination(code)
    values = {
        "page_title": one.title,
        "crumbs": _crumbs(),
        "one": one,
        **standing(one),
        "facts": _facts(one),
        "chosen": _chosen(one),
        "undelivered": [undelivered_row(row) for row in undelivered_of(one)[:SHOWN]],
        "undelivered_count": undelivered_of(one).count(),
        "own_undelivered": [_own_row(row) for row in own_undelivered_of(one)[:A_PAGE]],
        "own_undelivered_count": own_undelivered_of(one).count(),
        "lets_out": one.cipher != Cipher.NONE or one.enciphered_in_clear,
        "runs": runs_of(one)[:SHOWN],
        "asked": [_asked_row(row) for row in asked_by(one)[:SHOWN]],
        "identities": one.identities.all(),
        "stream_url": reverse("stream"),
    }
    return render(request, "showing/forwarding/destination.html", values)


def undelivered(request: Request, code: str) -> HttpResponse:
    """Everything that did not arrive at a platform above."""
    one = found_destination(code)
    listed = page_of(undelivered_of(one), request.GET, A_PAGE)
    values = {
        "page_title": _("Not arrived"),
        "page_lead": _("Refused by the platform above, or not answered though others were. Nothing of it is lost."),
        "crumbs": [*_crumbs(), {"title": one.title, "href": reverse("destination", kwargs={"code": code})}],
        "one": one,
        "undelivered": [undelivered_row(row) for row in listed["page"]],
    }
    return render(request, "showing/forwarding/undelivered.html", listed | values)


def packets(request: Request, code: str) -> HttpResponse:
    """The packets that one number of a platform above counts, or one number of a run, each leading to its bytes."""
    one = found_destination(code)
    run = _run_of(one, request.GET.get("run"))
    known = COLUMNS if run else LISTS
    of = value_of(Choice("of", "", [(name, "") for name in known], default="accepted"), request.GET)
    of = of if of in known else "accepted"
    found = of_run(run, of) if run else LISTS[of](one)
    listed = page_of(found, request.GET, A_PAGE)
    there = RawPacket.objects.in_bulk([row.packet for row in listed["page"]])
    values = {
        "page_title": LISTED[of],
        "page_lead": _("Of the run that settled packets %(first)s to %(last)s.")
        % {"first": run.after + 1, "last": run.up_to}
        if run
        else "",
        "crumbs": [*_crumbs(), {"title": one.title, "href": reverse("destination", kwargs={"code": code})}],
        "tabs": [{"of": name, "title": LISTED[name], "chosen": name == of} for name in LISTED if name in known],
        "run": run,
        "unlisted": 0
        if run
        else max(0, {"left_out": one.left_out, "corrected": one.own_corrected}.get(of, 0) - len(found)),
        "of": of,
        "rows": [_packet_row(row, there.get(row.packet)) for row in listed["page"]],
    }
    return render(request, "showing/forwarding/packets.html", listed | values)


def _run_of(one: Destination, text: str | None) -> Run | None:
    if not text:
        return None
    number = number_in(text)
    run = runs_of(one).filter(pk=number).first() if number is not None else None
    if run is None:
        raise NotFound(_("There is no run %(id)s.") % {"id": text[:20]})
    return run


def _packet_row(row: Ended, packet: RawPacket | None) -> dict[str, Any]:
    result = RESULT_WORDS.get(row.result, row.result)
    return {"row": row, "packet": packet, "command": command_title(packet.cn) if packet else "", "result": result}


def _crumbs() -> list[dict[str, str]]:
    return [
        {"title": _("Devices"), "href": reverse("devices")},
        {"title": _("Platforms above"), "href": reverse("destinations")},
    ]


def undelivered_row(row: Undelivered) -> dict[str, Any]:
    """A packet that did not arrive, with what the platform above said in words."""
    return {"row": row, "command": command_title(row.cn), "said": said_above(row.said)}


def _own_row(row: OwnUndelivered) -> dict[str, Any]:
    """A mean computed here that did not arrive."""
    return {"row": row, "said": said_above(row.said)}


def said_above(text: str) -> str:
    """What the platform above said, in words."""
    code = text.rpartition("QnRtn=")[2] if "QnRtn=" in text else ""
    number = number_in(code)
    return text if number is None else _return_words(QN_RETURNS, number)


def _return_words(table: Any, code: int | None) -> str:
    """What a return code means, with the code."""
    if code is None:
        return ""
    known = table.get(code)
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    title = getattr(known, f"title_{language}", "") if known is not None else ""
    return f"{code} {title}".strip()


def _asked_row(row: Asked) -> dict[str, Any]:
    return {
        "row": row,
        "command": command_title(row.cn),
        "content": row.content.replace(";", "; "),
        "outcome": OUTCOMES.get(row.outcome, row.outcome),
        "answer": _return_words(QN_RETURNS, row.qn_rtn),
        "result": _return_words(EXE_RETURNS, row.exe_rtn),
    }


def _facts(one: Destination) -> list[dict[str, Any]]:
    return [
        {"label": _("Code"), "value": one.code},
        {"label": _("Address"), "value": f"{one.host}:{one.port}", "note": "TLS" if one.tls else ""},
        {"label": _("Edition"), "value": one.get_edition_display()},
        {"label": _("Form"), "value": Form(one.form).label},
        {"label": _("Security"), **_security(one)},
        {"label": _("Valid"), "value": days_words(one.valid)},
        {"label": _("Reason"), "value": one.reason},
        {"label": _("Clock of the platform"), "value": _clock(one)},
        {"label": _("Its commands"), "value": _("passed on") if one.passes_commands else _("turned down")},
        {"label": _("Waits for an answer, s"), "value": one.over_time_s},
        {"label": _("Repeats"), "value": one.re_count},
        {"label": _("Lags after, minutes"), "value": one.lag_minutes},
    ]


def _security(one: Destination) -> dict[str, str]:
    """How content leaves, and how far that is known to be what a platform of 2025 expects."""
    if one.cipher == Cipher.NONE:
        return {"value": str(Cipher(one.cipher).label)}
    note = _("key kept, not shown; by annex A of 2025 at second hand, tried with no real platform yet")
    return {"value": str(Cipher(one.cipher).label), "note": note}


def _own_means(one: Destination) -> dict[str, str]:
    """Which means computed here are handed on, and by what they can be told from those of devices."""
    chosen = _(", ").join(str(OwnMean(kind).label) for kind in one.own_means)
    if not chosen:
        return {"value": _("not handed on")}
    marked = _("marked %(mark)s in EFlag") % {"mark": one.own_mark}
    bare = not one.own_mark or one.edition == "2005"
    return {"value": chosen, "note": _("nothing in the message tells them from those of devices") if bare else marked}


def _own_late(one: Destination) -> dict[str, str]:
    """What becomes of a device's own mean that comes after ours."""
    return {"value": str(OwnLate(one.own_late).label)}


def _clock(one: Destination) -> str:
    """How its clock differs from ours, as the numbers of its requests say."""
    if one.clock_offset_s is None:
        return _("not told yet")
    seconds = round(one.clock_offset_s)
    if not seconds:
        return _("as ours")
    ahead = ngettext("%(count)d second ahead", "%(count)d seconds ahead", abs(seconds)) % {"count": abs(seconds)}
    behind = ngettext("%(count)d second behind", "%(count)d seconds behind", abs(seconds)) % {"count": abs(seconds)}
    return ahead if seconds > 0 else behind


def _chosen(one: Destination) -> list[dict[str, Any]]:
    """Which data of which stations are handed on."""
    comma = _(", ")
    levels = comma.join(str(Network(level).label) for level in one.levels)
    return [
        {"label": _("What is handed on"), "value": comma.join(str(What(letter).label) for letter in one.what)},
        {"label": _("Means computed here"), **_own_means(one)},
        *([{"label": _("The device’s own, after ours went"), **_own_late(one)}] if one.own_means else []),
        {"label": _("Kinds"), "value": comma.join(str(StationKind(kind).label) for kind in one.kinds) or _("all")},
        {
            "label": _("Levels of the network"),
            "value": levels or _("all"),
        },
        {"label": _("Area"), "value": one.cell.title if one.cell else _("all")},
        {"label": _("Stations by name"), "value": comma.join(station.title for station in one.stations.all())},
    ]
