"""The messages that were made here for a platform above: lists behind its numbers, and the bytes of each."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.forwarding.queries import Asked, Destination, OwnMean, asked_by
from qingyuan.forwarding.sent import (
    Message,
    is_whole,
    keys_of,
    line_of,
    messages_of,
    own_messages,
    sent_row,
    told_channels,
    uploads,
)
from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import Station
from qingyuan.sensing.queries import packets_of
from qingyuan.showing.logic.devices.inspector import inspected
from qingyuan.showing.logic.devices.packets import RESULT_WORDS, command_title
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.logic.filters import EVERY, Choice, value_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.forwarding.pages import A_PAGE, found_destination, said_above
from qingyuan.showing.wayback import reading_address
from qingyuan_science.hj212.dialect import STRICT_BY_EDITION

LISTED = {
    "accepted": gettext_lazy("Handed on"),
    "refused": gettext_lazy("Not arrived"),
    "withheld": gettext_lazy("Withheld, came enciphered"),
}


def own(request: Request, code: str) -> HttpResponse:
    """The messages of means computed here that a number of a platform above counts, each leading to its bytes."""
    one = found_destination(code)
    of = value_of(Choice("of", "", [(name, "") for name in LISTED], default="accepted"), request.GET)
    of = "accepted" if of == EVERY else of
    found = own_messages(one, of)
    counted = {"accepted": one.own_handed, "refused": one.own_refused, "withheld": one.own_withheld}[of]
    listed = page_of(found, request.GET, A_PAGE)
    values = {
        "page_title": _("Means computed here: %(which)s") % {"which": LISTED[of]},
        "crumbs": _crumbs(one),
        "one": one,
        "tabs": [{"of": name, "title": title, "chosen": name == of} for name, title in LISTED.items()],
        "unlisted": max(0, counted - len(found)),
        "rows": _rows(listed["page"].object_list),
    }
    return render(request, "showing/forwarding/sent.html", listed | values)


def asked(request: Request, code: str, number: int) -> HttpResponse:
    """What went up in answer to one request: messages made here, or the packets of the device that was asked."""
    one = found_destination(code)
    row = asked_by(one).filter(pk=number).first()
    if row is None:
        raise NotFound(_("There is no request %(id)s.") % {"id": number})
    found = uploads(row)
    listed = page_of(found, request.GET, A_PAGE)
    packets = _packets(row)
    values = {
        "page_title": _("Answer to %(command)s") % {"command": command_title(row.cn) or row.cn},
        "page_lead": row.content.replace(";", "; "),
        "crumbs": _crumbs(one),
        "one": one,
        "asked": row,
        "unlisted": 0 if row.command_id else max(0, row.uploads - len(found)),
        "rows": _rows(listed["page"].object_list),
        "packets": packets,
    }
    return render(request, "showing/forwarding/sent.html", listed | values)


def _packets(row: Asked) -> list[Any]:
    """The packets of a device that was asked, while it carried the command out; the newest first."""
    command = row.command
    if command is None or command.sent_at is None or command.ended_at is None:
        return []
    during = (command.sent_at, command.ended_at)
    return list(packets_of(command.device).filter(cn=row.cn, received_at__range=during)[:A_PAGE])


def message(request: Request, code: str, sent: int, place: int) -> HttpResponse:
    """One message with its bytes, taken apart; the password that the platform above gave stays hidden."""
    one = found_destination(code)
    row = sent_row(one, sent)
    told = next((each for each in messages_of(row) if each.place == place), None) if row else None
    if row is None or told is None:
        raise NotFound(_("There is no message %(id)s.") % {"id": f"{sent}/{place}"})
    keys = keys_of(one)
    inspection = inspected(told.data, STRICT_BY_EDITION[one.edition], keys) if told.data else None
    values = {
        "page_title": f"{command_title(told.cn) or told.cn} {told.qn}",
        "crumbs": _crumbs(one),
        "one": one,
        "message": told,
        "inspection": inspection,
        "facts": _facts(told),
        "parts": _parts(told),
        "holds": is_whole(row),
        "line": line_of(row),
        "asked": row.asked,
    }
    return render(request, "showing/forwarding/message.html", values)


def _parts(told: Message) -> list[dict[str, Any]]:
    """The means that a message tells, each of which leads to its reading and on to the bytes it was computed from."""
    return [
        {"words": measured(channel), "href": reading_address(channel.pk, told.kind, told.at)}
        for channel in told_channels(told) if told.at is not None
    ]  # fmt: skip


def _facts(told: Message) -> list[dict[str, Any]]:
    result = RESULT_WORDS.get(told.result, told.result)
    station = Station.objects.filter(pk=told.station).first()
    return [
        *(_station(station) if station else ()),
        {"label": "MN", "value": told.mn},
        {"label": "QN", "value": told.qn},
        {"label": _("Result"), "value": result, "note": said_above(told.said)},
        {"label": _("Sent, times"), "value": told.tries},
        {"label": _("Length"), "value": f"{len(told.data):,} B"},
        {"label": "SHA-256", "value": hashlib.sha256(told.data).hexdigest() if told.data else ""},
    ]


def _station(one: Station) -> list[dict[str, Any]]:
    return [{"label": _("Station"), "value": one.title, "href": reverse("station", kwargs={"code": one.code})}]


def _rows(found: Sequence[Message]) -> list[dict[str, Any]]:
    some = list(found)
    stations = Station.objects.in_bulk({one.station for one in some if one.station})
    return [
        {
            "message": one,
            "station": stations.get(one.station),
            "mean": str(OwnMean(one.kind).label) if one.kind else "",
            "command": command_title(one.cn),
            "result": RESULT_WORDS.get(one.result, one.result),
            "said": said_above(one.said),
        }
        for one in some
    ]


def _crumbs(one: Destination) -> list[dict[str, str]]:
    return [
        {"title": _("Platforms above"), "href": reverse("destinations")},
        {"title": one.title, "href": reverse("destination", kwargs={"code": one.code})},
    ]
