"""One reading and the way back to the bytes that brought it; and the series behind the charts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.judging.queries import limits_for_channel
from qingyuan.kit import clock
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.recording.api import made_of
from qingyuan.recording.queries import KINDS, STEPS, Earlier, MadeOf, earlier, received_at, window
from qingyuan.sensing.queries import Channel, channel_named, channels
from qingyuan.showing.logic import charts
from qingyuan.showing.logic.devices import packets
from qingyuan.showing.logic.factors import limit_words, mark_title, measured, over_words
from qingyuan.showing.logic.payloads import Told
from qingyuan.showing.logic.timespans import asked
from qingyuan.showing.request import Request
from qingyuan.showing.wording import listed
from qingyuan_science.series import Series, moment


def series(request: Request, code: str) -> HttpResponse:
    """The readings of a factor at a station, as the chart island reads them."""
    channel = channel_asked(request, code)
    kinds = request.GET.get("kind") or "h"
    if any(kind not in KINDS for kind in kinds) or len(kinds) > len(KINDS):
        known = ", ".join(KINDS)
        raise BadInput(
            _("Found kind “%(found)s”, expected letters out of: %(known)s.") % {"found": kinds, "known": known}, "kind"
        )
    span = asked(request.GET, clock.now(), "24h")
    answered = charts.answer(charts.Asked(channel, kinds, span, request.GET.get("finding", "")))
    return HttpResponse(answered, content_type="application/json")


def channel_asked(request: Request, code: str) -> Channel:
    """The channel that an address names by station, `factor` and `basis`."""
    factor, basis = request.GET.get("factor", ""), request.GET.get("basis") or "measured"
    found = channel_named(request.user, code, factor, basis)
    if found is None:
        message = _("Station %(code)s has no channel %(factor)s (%(basis)s) that you may see.")
        raise NotFound(message % {"code": code, "factor": factor or "—", "basis": basis})
    return found


def reading(request: Request, channel: int, kind: str, at: int) -> HttpResponse:
    """One value: what it is worth, what binds it, and the packet or the shorter values that it comes from."""
    found = channels(request.user).filter(pk=channel).first()
    if found is None:
        raise NotFound(_("There is no channel %(id)s in your territory.") % {"id": channel})
    instant = _instant(at)
    kind = _kind_with(found, kind, instant)
    series = window(found.pk, kind, instant, instant + timedelta(milliseconds=1))
    if not len(series):
        raise NotFound(_("There is no value at that time."))
    instant = moment(int(series.at[0]))  # addresses name the millisecond, senders may name the microsecond
    words = measured(found)
    limits = limits_for_channel(found, kind, instant.astimezone(SHANGHAI).date())
    stands = (found, kind, instant)
    values = {
        "page_title": f"{words.short} {instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
        "crumbs": _crumbs(found),
        "words": words,
        "channel": found.pk,
        "value": float(series.value[0]),
        "valid": bool(series.valid[0]),
        "over": over_words(limits, float(series.value[0]), kind) if series.valid[0] else "",
        "facts": _facts(found, series, instant, kind=kind, limits=[limit_words(limit) for limit in limits]),
        "explained": packets.brought(stands, received_at(found.pk, kind, instant), request.user),
        "parts": [_part(one) for one in made_of(*stands)],
        "computed": kind.isupper(),
        "earlier": [_earlier(stands, one) for one in earlier(found.pk, kind, instant)],
    }
    return render(request, "showing/reading.html", values)


def _instant(at: int) -> datetime:
    try:
        return datetime.fromtimestamp(at / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        raise NotFound(_("There is no value at that time.")) from None


def _kind_with(channel: Channel, kind: str, at: datetime) -> str:
    """The kind asked for, or the same averaging time computed here where the device sent none."""
    if kind not in KINDS:
        raise NotFound(_("There is no kind of reading “%(kind)s”.") % {"kind": kind})
    other = kind.upper()
    if other != kind and other in KINDS and not len(window(channel.pk, kind, at, at + timedelta(milliseconds=1))):
        return other
    return kind


def _crumbs(channel: Channel) -> list[dict[str, str]]:
    address = reverse("station", kwargs={"code": channel.station.code})
    return [{"title": _("Places"), "href": reverse("places")}, {"title": channel.station.title, "href": address}]


def _facts(channel: Channel, one: Series, at: datetime, *, kind: str, limits: list[str]) -> list[dict[str, Any]]:
    mark = str(one.mark[0])
    address = reverse("station", kwargs={"code": channel.station.code})
    step = STEPS[kind]
    ends = at + timedelta(seconds=step or 0)
    period = f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    if step:
        begin, end = at.astimezone(SHANGHAI), ends.astimezone(SHANGHAI)
        form = "%H:%M:%S" if begin.date() == end.date() else "%Y-%m-%d %H:%M:%S"
        period += f" – {end:{form}}"
    return [
        {"label": _("Station"), "value": channel.station.title, "href": address},
        {"label": _("Factor"), "value": measured(channel).title, "note": channel.factor},
        {"label": _("Kind"), "value": charts.kind_title(kind)},
        {"label": _("Time"), "value": period, "note": _("Beijing time (UTC+8)")},
        {"label": _("Mark"), "value": mark_title(mark), "note": mark},
        {"label": _("Limit"), "value": listed(limits)},
    ]


def _part(part: MadeOf) -> dict[str, Any]:
    """Values of which a mean computed here is made, as its page lists them."""
    rows = [
        {
            "at": datetime.fromtimestamp(us / 1e6, UTC),
            "ms": us // 1000,
            "value": value,
            "mark": mark_title(mark),
            "valid": valid,
        }
        for us, value, mark, valid in part.rows
    ]
    return {"words": measured(part.channel), "channel": part.channel.pk, "kind": part.kind, "rows": rows}


def _earlier(stands: Told, one: Earlier) -> dict[str, Any]:
    """What stood before the reading, with the packet that had brought it."""
    packet, number = packets.packet_behind(stands, one.received_at) or (None, 1)
    return {"one": one, "mark": mark_title(one.mark), "packet": packet, "number": number}
