"""Devices for administrators: the registered ones, the quarantine with adoption, their packets, counted faults."""

from pathlib import PurePosixPath
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.forwarding.api import handed_on_to
from qingyuan.forwarding.queries import deliveries_of
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.kit.faults.sentences import in_words
from qingyuan.kit.faults.titles import title_of
from qingyuan.people.queries import Organisation, Role, User
from qingyuan.places.queries import stations
from qingyuan.sensing.api import adopt_device, name_department
from qingyuan.sensing.queries import (
    KEY_HOLDS,
    Device,
    DeviceState,
    DialectProfile,
    RawPacket,
    devices,
    dialect_of,
    faults,
    feed_of,
    keys_changed,
    keys_too_old,
    odd_packets_of,
    packet_bytes,
    packets_of,
    packets_of_fault,
    quarantined,
    reports_of,
    silences_of,
)
from qingyuan.showing.forms import InspectForm
from qingyuan.showing.logic.devices.devicefile import (
    clock_offset,
    listed_commands,
    packets_an_hour,
    request_choices,
    spoken_offset,
)
from qingyuan.showing.logic.devices.inspector import bytes_of, inspected
from qingyuan.showing.logic.devices.letters import again, packet_kind, packet_state
from qingyuan.showing.logic.devices.packets import RESULT_WORDS, command_title, explained, may_see
from qingyuan.showing.logic.devices.selftold import packets_telling, report_rows
from qingyuan.showing.logic.filters import Choice, chosen, words_in
from qingyuan.showing.logic.hub.delivering import department_fact
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import number_in, page_of
from qingyuan.showing.request import Request
from qingyuan.showing.states import SILENT_AFTER

PACKETS_SHOWN = 50
SAMPLES = 10
ENDINGS = {".csv", ".json", ".geojson", ".xlsx", ".txt"}
STATE_KINDS = {DeviceState.ACTIVE: "good", DeviceState.QUARANTINED: "warning", DeviceState.RETIRED: "idle"}


def listing(request: Request) -> HttpResponse:
    """The registered devices; above them, for administrators, the quarantine with the stations to adopt for."""
    adopts = request.user.role == Role.ADMINISTRATOR
    registered = devices(request.user).exclude(state=DeviceState.QUARANTINED)
    found = words_in(
        registered, request.GET.get("q", ""), ("mn", "station__title_zh", "station__title_en", "station__code")
    )
    listed = page_of(found.order_by("station__code", "mn"), request.GET)
    now, page = clock.now(), list(listed["page"])
    old = keys_too_old(page, now) if adopts else {}
    rows = [
        {
            "device": one,
            "kind": STATE_KINDS[DeviceState(one.state)],
            "silent": _is_silent(one, now),
            "old_key": one.pk in old,
        }
        for one in page
    ]
    values = {
        "page_title": _("Devices"),
        "waiting": quarantined() if adopts else (),
        "is_administrator": adopts,
        "stations": list(stations(request.user)) if adopts else [],
        "rows": rows,
        "stream_url": reverse("stream"),
    }
    return render(request, "showing/devices.html", listed | values)


def _is_silent(device: Device, now: Any) -> bool:
    return device.last_seen_at is None or now - device.last_seen_at > SILENT_AFTER


@require_POST
def adopt(request: Request, mn: str) -> HttpResponse:
    """Give a device in quarantine its station."""
    device = device_for(request.user, mn)
    station = stations(request.user).filter(code=request.POST.get("station", "")).first()
    if station is None:
        raise BadInput(_("Choose the station that the device %(mn)s stands at.") % {"mn": mn}, "station")
    adopt_device(device.pk, station, origin_of(request))
    message = _("%(mn)s now belongs to %(station)s. What it sent so far is being decoded.")
    messages.success(request, message % {"mn": mn, "station": station.title})
    return redirect("device", mn=mn)


@require_POST
def attribute(request: Request, mn: str) -> HttpResponse:
    """Say which department a device's data come from."""
    device, code = device_for(request.user, mn), request.POST.get("department", "")
    named = Organisation.objects.filter(code=code).first()
    if code and named is None:
        raise BadInput(_("Found organisation %(code)s, expected the code of one.") % {"code": code}, "department")
    name_department(device, named, origin_of(request))
    messages.success(request, _("The source department of %(mn)s was set.") % {"mn": mn})
    return redirect("device", mn=mn)


def device_for(viewer: User, mn: str) -> Device:
    """Administrators see every device, others those of the stations in their territory."""
    known = Device.objects.all() if viewer.role == Role.ADMINISTRATOR else devices(viewer)
    device = known.filter(mn=mn).select_related("station__enterprise__organisation", "dialect", "department").first()
    if device is None:
        raise NotFound(_("No device has the number %(mn)s.") % {"mn": mn})
    return device


def record(request: Request, mn: str) -> HttpResponse:
    """One device: how it stands, its newest packets, the faults that it made."""
    device = device_for(request.user, mn)
    state = DeviceState(device.state)
    sent = packets_of(device).select_related("segment").defer("segment__body")
    if (before := number_in(request.GET.get("before"))) is not None:
        sent = sent.filter(pk__lt=before)
    packets, told = list(sent[: PACKETS_SHOWN + 1]), list(reports_of(device)[:SAMPLES])
    values = {
        "page_title": device.mn,
        "crumbs": [{"title": _("Devices"), "href": reverse("devices")}],
        "device": device,
        "state_kind": STATE_KINDS[state],
        "is_waiting": state == DeviceState.QUARANTINED,
        "stations": list(stations(request.user)) if state == DeviceState.QUARANTINED else [],
        "facts": _facts(device),
        "packets": [_packet_row(packet) for packet in packets[:PACKETS_SHOWN]],
        "odd": _odd(request.user, device),
        "older": packets[PACKETS_SHOWN - 1].pk if len(packets) > PACKETS_SHOWN else None,
        "faults": faults().filter(mn=mn)[:SAMPLES],
        "requests": request_choices(device) if state == DeviceState.ACTIVE else [],
        **listed_commands(device, request.GET),
        "reports": report_rows(told, packets_telling(device, told)),
        "online": _online(device),
        "key_since": _key_since(request.user, device),
        "silences": silences_of(device)[:SAMPLES],
        "handed_on_to": handed_on_to(device) if request.user.role == Role.ADMINISTRATOR else (),
        "organisations": Organisation.objects.all() if request.user.role == Role.ADMINISTRATOR else (),
        "stream_url": reverse("stream"),
    }
    return render(request, "showing/device.html", values)


def _online(device: Device) -> dict[str, str] | None:
    """Whether an active device is on line: heard within the time in which each has something to say."""
    if device.state != DeviceState.ACTIVE:
        return None
    if device.last_seen_at is None:
        return {"title": _("Never heard"), "kind": "idle"}
    silent = _is_silent(device, clock.now())
    return {"title": _("Off line") if silent else _("On line"), "kind": "warning" if silent else "good"}


def _key_since(viewer: User, device: Device) -> dict[str, Any] | None:
    """Since when a device has its key, and whether that is too long ago; for administrators, who may set another."""
    if viewer.role != Role.ADMINISTRATOR or not device.key or dialect_of(device.dialect).cipher == "none":
        return None
    since = keys_changed([device]).get(device.pk)
    too_old = device.pk in keys_too_old([device], clock.now())
    return {"since": since, "too_old": too_old, "days": KEY_HOLDS.days}


def _odd(viewer: User, device: Device) -> int:
    """How many packets an administrator may have read again."""
    may = viewer.role == Role.ADMINISTRATOR and device.state == DeviceState.ACTIVE
    return odd_packets_of(device).count() if may else 0


def _packet_row(packet: RawPacket) -> dict[str, Any]:
    became = {"kind": packet_kind(packet), "state": packet_state(packet)}
    return {"packet": packet, "command": command_title(packet.cn), **became}


def _facts(device: Device) -> list[dict[str, Any]]:
    station = device.station
    return [
        {
            "label": _("Station"),
            "value": station.title if station else "",
            "href": reverse("station", kwargs={"code": station.code}) if station else "",
        },
        department_fact(device),
        {"label": _("Dialect"), "value": str(device.dialect), "note": _code_beside(device.dialect)},
        {"label": _("Packets"), "value": f"{device.packets:,}"},
        {"label": _("In the last hour"), "value": f"{packets_an_hour(device):,}"},
        {"label": _("Its clock"), "value": spoken_offset(clock_offset(device))},
        {"label": _("Last address"), "value": device.last_peer},
        {"label": _("Retains samples"), "value": _("when a limit is exceeded") if device.keeps_samples else _("no")},
    ]


def _code_beside(dialect: DialectProfile) -> str:
    """The code of a profile where its title does not say it already."""
    return "" if dialect.code == str(dialect) else dialect.code


def packet(request: Request, packet_id: int) -> HttpResponse:
    """One packet as it came, and what is decoded from it; for whoever may see its station, and administrators."""
    found = _packet(request.user, packet_id)
    device = Device.objects.filter(mn=found.mn).select_related("dialect", "station").first()
    crumbs = [{"title": _("Devices"), "href": reverse("devices")}] if request.user.role == Role.ADMINISTRATOR else []
    values = {
        "page_title": _("Packet %(id)s") % {"id": packet_id},
        "crumbs": crumbs,
        "device": device,
        "feed": feed_of(found),
        "explained": explained(
            found,
            device,
            request.user,
            number_in(request.GET.get("number")) or 1,
            as_now=request.GET.get("settings") == "now",
        ),
        "again": again(found) if request.user.role == Role.ADMINISTRATOR else None,
        "state_kind": packet_kind(found),
        "state_title": packet_state(found),
        "is_administrator": request.user.role == Role.ADMINISTRATOR,
        "deliveries": _deliveries(request.user, found),
    }
    return render(request, "showing/packet.html", values)


def _deliveries(viewer: User, packet: RawPacket) -> list[dict[str, Any]]:
    """To whom a packet was handed on, when, and how that ended; for administrators."""
    if viewer.role != Role.ADMINISTRATOR:
        return []
    return [{"one": one, "result": RESULT_WORDS.get(one.result, one.result)} for one in deliveries_of(packet)]


def as_it_came(request: Request, packet_id: int) -> HttpResponse:
    """The bytes of one packet as a file; those of a device hold its password, so they are for administrators."""
    found = _packet(request.user, packet_id)
    if request.user.role != Role.ADMINISTRATOR and feed_of(found) is None:
        raise PermissionDenied
    ending = PurePosixPath(found.peer).suffix.lower() if feed_of(found) else ""
    answer = HttpResponse(packet_bytes(found).raw, content_type="application/octet-stream")
    name = f"packet-{found.pk}{ending if ending in ENDINGS else '.bin'}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _packet(viewer: User, packet_id: int) -> RawPacket:
    found = RawPacket.objects.filter(pk=packet_id).first()
    if found is None or not may_see(viewer, found):
        raise NotFound(_("There is no packet %(id)s in your territory.") % {"id": packet_id})
    return found


def inspector(request: Request) -> HttpResponse:
    """Any packet that somebody pastes, taken apart to the last byte; nothing of it is kept."""
    form = InspectForm(request.POST if request.method == "POST" else None)
    values: dict[str, Any] = {
        "page_title": _("Packet inspector"),
        "page_lead": _("Paste a packet to see every field of it and what is wrong with it. Nothing is kept."),
        "form": form,
    }
    if form.is_valid():
        try:
            raw = bytes_of(form.cleaned_data["raw"])
            dialect = dialect_of(form.cleaned_data["dialect"])
            values["inspection"] = inspected(raw, dialect, form.keys(), hide_password=False)
        except BadInput as error:
            form.add_error("raw", str(error))
    return render(request, "showing/inspector.html", values, status=422 if form.errors else 200)


def fault_listing(request: Request) -> HttpResponse:
    """Faults by day, sender and kind, each with packets that show it."""
    names = [(name, title_of(name)) for name in faults().order_by("error").values_list("error", flat=True).distinct()]
    found, filters = chosen(faults(), (Choice("error", _("Fault"), names, "error"),), request.GET)
    listed = page_of(words_in(found, request.GET.get("q", ""), ("mn", "peer", "detail")), request.GET)
    values = {"page_title": _("Faults"), "filters": filters}
    return render(request, "showing/faults.html", listed | values)


def fault_samples(request: Request, fault_id: int) -> HttpResponse:
    """The packets that show one counted fault."""
    fault = faults().filter(pk=fault_id).first()
    if fault is None:
        raise NotFound(_("There is no fault %(id)s.") % {"id": fault_id})
    samples = [explained(one, None, request.user) for one in packets_of_fault(fault)[:SAMPLES]]
    values = {
        "page_title": title_of(fault.error),
        "page_lead": in_words(fault.detail),
        "crumbs": [{"title": _("Faults"), "href": reverse("faults")}],
        "fault": fault,
        "samples": samples,
    }
    return render(request, "showing/fault.html", values)
