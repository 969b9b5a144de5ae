"""Making a peak of a drive a clue."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.judging.api import report_seen
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.recording.queries import drive
from qingyuan.showing.logic.driving.looking import DriveLook, PeakSeen
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.driving.pages import clue_key, show
from qingyuan_science.series import moment

KEPT = 400  # readings that are kept with the finding


@require_POST
def enter(request: Request, drive_id: int) -> HttpResponse:
    """Enter a peak into the list of findings, with what was measured there."""
    look = DriveLook(request.user, drive(request.user, drive_id), request.POST.dict())
    chosen = next((one for one in look.peaks if one.key == request.POST.get("peak")), None)
    if chosen is None or look.channel is None:
        return show(request, look, _("This peak is not among those of the drive any more; look again."))
    at = look.placed.at
    span = moment(int(at[chosen.peak.first])), moment(int(at[chosen.peak.last]))
    try:
        found = report_seen(
            request.user, origin_of(request), at=(chosen.peak.lon, chosen.peak.lat),
            what=request.POST.get("what", ""), span=span, seen=_seen(look, chosen),
        )  # fmt: skip
    except (BadInput, Refused) as error:
        return show(request, look, str(error))
    messages.success(request, _("Entered as finding %(id)s; it stands in the list of findings.") % {"id": found.pk})
    return redirect("finding", finding_id=found.pk)


def _seen(look: DriveLook, one: PeakSeen) -> dict[str, Any]:
    """What is kept with the finding, so that it can be read though the drive is cut anew."""
    peak, channel = one.peak, look.channel
    part = slice(max(peak.first - KEPT // 4, 0), peak.last + KEPT // 4 + 1)
    every = max(1, -(-len(look.placed.at[part]) // KEPT))
    rows = (look.placed.at[part], look.placed.value[part], look.placed.lon[part], look.placed.lat[part])
    return {
        "by": "drive", "number": look.drive.pk, "key": clue_key(look, one), "station": look.drive.station.code,
        "factor": channel.factor if channel else "", "unit": channel.unit if channel else "", "delay_s": look.delay,
        "channel": channel.pk if channel else None, "at": datetime.fromtimestamp(peak.at / 1e6, UTC).isoformat(),
        "value": peak.value, "background": peak.background, "excess": peak.excess, "metres": peak.metres,
        "wind_from": one.wind.came if one.wind else None, "wind_speed": one.wind.speed if one.wind else None,
        "wind_station": one.wind.station.code if one.wind else "",
        "upwind": [{"code": each.enterprise.code, "metres": round(each.metres)} for each in one.upwind],
        "readings": [
            [int(at), value, round(lon, 6), round(lat, 6)]
            for at, value, lon, lat in zip(*(column[::every].tolist() for column in rows), strict=True)
        ],
    }  # fmt: skip
