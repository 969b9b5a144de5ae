"""What was not stored in whole, of a feed or a device: listed with reason and bytes, read again together or singly."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.kit.errors import NotFound, Refused
from qingyuan.kit.faults.sentences import in_words
from qingyuan.kit.faults.titles import title_of
from qingyuan.recording.api import append
from qingyuan.sensing.api import read_device_again, replay_feed
from qingyuan.sensing.queries import (
    Device,
    DeviceState,
    RawPacket,
    feed_of,
    named_in,
    odd_packets,
    odd_packets_of,
    packet_bytes,
)
from qingyuan.showing.logic.devices.letters import Again, again, again_by_feed, letter_rows
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.feeds.pages import found_feed
from qingyuan.showing.views.sensing.devices import device_for

LETTERS_A_PAGE = 20


def of_feed(request: Request, code: str) -> HttpResponse:
    """Payloads of a feed that wait, were rejected, or of which a part was left out."""
    feed = found_feed(code)
    crumbs = [
        {"title": _("Devices"), "href": reverse("devices")},
        {"title": _("Feeds"), "href": reverse("feeds")},
        {"title": feed.title, "href": reverse("feed", kwargs={"code": code})},
    ]
    listed = page_of(odd_packets(feed), request.GET, LETTERS_A_PAGE)
    address = reverse("feed-read-again", kwargs={"code": code})
    return _listed(request, listed, {"crumbs": crumbs, "again": again_by_feed(feed), "all_href": address})


def of_device(request: Request, mn: str) -> HttpResponse:
    """Packets of a device of the last 30 days that wait, were refused, or were stored in part."""
    device = device_for(request.user, mn)
    crumbs = [
        {"title": _("Devices"), "href": reverse("devices")},
        {"title": mn, "href": reverse("device", kwargs={"mn": mn})},
    ]
    listed = page_of(odd_packets_of(device), request.GET, LETTERS_A_PAGE)
    may = Again(device.state == DeviceState.ACTIVE, _("Only what a device in use sent can be read again."))
    values = {
        "page_lead": _("Of the last 30 days; older ones can be read again one by one, on the page of the packet."),
        "crumbs": crumbs,
        "again": may,
        "all_href": reverse("device-read-again", kwargs={"mn": mn}),
    }
    return _listed(request, listed, values)


def _listed(request: Request, listed: dict[str, Any], values: dict[str, Any]) -> HttpResponse:
    title = {"page_title": _("Not stored in whole"), "letters": letter_rows(listed["page"])}
    return render(request, "showing/letters.html", {**title, **listed, **values})


@require_POST
def read_all_again(request: Request, mn: str) -> HttpResponse:
    """Read again what a device sent and was refused or stored in part."""
    packets, sound = read_device_again(device_for(request.user, mn), append, origin_of(request))
    told = {"packets": packets, "sound": sound}
    messages.success(request, _("%(packets)d packets were read again; %(sound)d of them are sound now.") % told)
    return redirect("device", mn=mn)


@require_POST
def read_again(request: Request, packet_id: int) -> HttpResponse:
    """Read one packet again, whoever sent it."""
    packet = RawPacket.objects.filter(pk=packet_id).first()
    if packet is None:
        raise NotFound(_("There is no packet %(id)s in your territory.") % {"id": packet_id})
    may = again(packet)
    if may is None or not may.may:
        raise Refused(may.why if may else _("This packet was stored in whole."))
    feed, origin = feed_of(packet), origin_of(request)
    if feed is not None:
        _packets, sound = replay_feed(feed, append, origin, packet=packet)
    else:
        device = Device.objects.get(mn=packet.mn or named_in(packet_bytes(packet).raw))
        _packets, sound = read_device_again(device, append, origin, packet=packet)
    packet.refresh_from_db()
    if sound:
        messages.success(request, _("Read again: everything in it is stored now."))
    else:
        fault = title_of(packet.error) if packet.error else in_words(packet.note)
        messages.warning(request, _("Read again, and still: %(fault)s") % {"fault": fault})
    return redirect("packet", packet_id=packet_id)
