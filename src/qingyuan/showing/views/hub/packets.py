"""What one source brought lately, packet by packet: the list behind the counts of the hub."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import User, departments
from qingyuan.sensing.queries import DEVICE, Feed, RawPacket, Source, packets_sent_by, sources, waiting_names
from qingyuan.sensing.queries.records import record_files
from qingyuan.showing.logic.devices.letters import packet_kind, packet_state
from qingyuan.showing.logic.devices.packets import command_title, may_see
from qingyuan.showing.logic.filters import Choice, drawn_choice, value_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request
from qingyuan.showing.rights import ADMINISTRATORS, COMMANDERS, may_open

REFUSED = "refused"


def listing(request: Request, sender: str) -> HttpResponse:
    """The packets of an hour, of today or of a day, all or those refused, each with the way to its bytes."""
    source = next((one for one in sources(request.user, departments()) if one.sender == sender), None)
    if source is None:
        raise NotFound(_("There is no source %(sender)s in your territory.") % {"sender": sender[:40]})
    spans = [("hour", _("last hour")), ("today", _("today")), ("day", _("last 24 hours"))]
    since = Choice("since", _("Received in the"), spans, default="day")
    state = Choice("state", _("State"), [(REFUSED, _("Refused or waiting"))])
    refused = value_of(state, request.GET) == REFUSED
    found = packets_sent_by(sender, _begin(value_of(since, request.GET), clock.now()), refused=refused)
    listed = page_of(found, request.GET)
    feed = Feed.objects.filter(pk=source.feed).first() if source.feed else None
    files = _files_of(request.user, listed["page"])
    values = {
        "page_title": source.title,
        "page_lead": _("What this source brought; each packet leads to its bytes."),
        "crumbs": _crumbs(),
        "href": page_of_source(request, source),
        "filters": [drawn_choice(since, request.GET, offers_all=False), drawn_choice(state, request.GET)],
        "packets": found.aggregate(number=Sum("packets"))["number"] or 0,
        "rows": [
            _row(one, seen=source.kind == DEVICE or may_see(request.user, one))
            | {"file": files.get((one.segment_id, one.mn, one.length))}
            for one in listed["page"]
        ],
        "waiting": waiting_names(feed) if feed else (),
    }
    return render(request, "showing/hub/packets.html", listed | values)


def _files_of(viewer: User, packets: Iterable[RawPacket]) -> dict[tuple[int, str, int], int]:
    """The deliveries of data lists that packets brought, for who may see those; by segment, sender and size."""
    brought = record_files(viewer).filter(segment__in={one.segment_id for one in packets})
    return {(one.segment, one.feed.sender, one.size): one.pk for one in brought if one.segment and one.feed}


def page_of_source(request: Request, source: Source) -> str:
    """The page of a source, for whom it is there."""
    if source.kind != DEVICE:
        return reverse("feed", kwargs={"code": source.code}) if may_open(request.user, ADMINISTRATORS) else ""
    if may_open(request.user, COMMANDERS):
        return reverse("device", kwargs={"mn": source.code})
    return reverse("station", kwargs={"code": source.station_code})


def _begin(span: str, now: datetime) -> datetime:
    midnight = datetime.combine(now.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    return {"hour": now - timedelta(hours=1), "today": midnight}.get(span, now - timedelta(days=1))


def _crumbs() -> list[dict[str, str]]:
    return [
        {"title": _("Dispatch hub"), "href": reverse("hub")},
        {"title": _("Sources of data"), "href": reverse("hub-sources")},
    ]


def _row(packet: RawPacket, *, seen: bool) -> dict[str, Any]:
    return {
        "packet": packet,
        "command": command_title(packet.cn),
        "state": packet_state(packet),
        "kind": packet_kind(packet),
        "may_see": seen,
    }
