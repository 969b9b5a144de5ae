"""Making a hot spot of a scan a clue."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.judging.api import report_seen
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.sensing.queries import scan
from qingyuan.showing.logic.lidars.looking import HotspotSeen, ScanLook
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.lidars.pages import show


@require_POST
def enter(request: Request, scan_id: int) -> HttpResponse:
    """Enter a hot spot into the list of findings, with what the scan says of it."""
    look = ScanLook(request.user, scan(request.user, scan_id), request.POST.dict())
    chosen = next((one for one in look.hotspots if one.key == request.POST.get("hotspot")), None)
    if chosen is None:
        return show(request, look, _("This hot spot is not above the threshold any more; look again."))
    try:
        found = report_seen(
            request.user, origin_of(request), at=(chosen.spot.lon, chosen.spot.lat), what=request.POST.get("what", ""),
            span=(look.scan.starts_at, look.scan.ends_at), seen=_seen(look, chosen),
        )  # fmt: skip
    except (BadInput, Refused) as error:
        return show(request, look, str(error))
    messages.success(request, _("Entered as finding %(id)s; it stands in the list of findings.") % {"id": found.pk})
    return redirect("finding", finding_id=found.pk)


def _seen(look: ScanLook, one: HotspotSeen) -> dict[str, Any]:
    scan, spot = look.scan, one.spot
    return {
        "by": "scan", "number": scan.pk, "key": one.key, "station": scan.station.code, "factor": scan.quantity,
        "unit": scan.unit, "at": scan.starts_at.isoformat(), "value": spot.value, "mean": spot.mean,
        "threshold": look.threshold, "area_m2": spot.area, "height_m": spot.height, "metres_away": spot.metres,
        "sha256": scan.sha256, "segment": scan.segment,
        "wind_from": one.wind.came if one.wind else None, "wind_speed": one.wind.speed if one.wind else None,
        "wind_station": one.wind.station.code if one.wind else "",
        "upwind": [{"code": each.enterprise.code, "metres": round(each.metres)} for each in one.upwind],
    }  # fmt: skip
