"""What shows a finding: the chart around its window, and where it is."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.judging.queries import EXPECTED, Finding
from qingyuan.kit import clock
from qingyuan.people.queries import User
from qingyuan.places.queries import Point, Station, outfalls_at
from qingyuan.sensing.queries import footage_between

AROUND = {
    "r": timedelta(hours=1),
    "m": timedelta(hours=2),
    "h": timedelta(hours=24),
    "d": timedelta(days=20),
}
PERIOD = {"r": timedelta(), "m": timedelta(minutes=10), "h": timedelta(hours=1), "d": timedelta(days=1)}
"""How long one value of a kind stands for."""

FILMED_AROUND = timedelta(minutes=30)
ALSO_COMPUTED = {"h": "hH", "d": "dD"}


def chart_of(found: Finding) -> dict[str, str] | None:
    """The props of the chart island; None for what was reported without a measurement."""
    if found.edition.get("seen", {}).get("readings"):
        return {"url": reverse("finding-readings", kwargs={"finding_id": found.pk})}
    if found.channel is None:
        return None
    around = AROUND[found.kind]
    ends = found.ended_at + around
    if found.detector != EXPECTED:
        ends = min(ends, max(clock.now(), found.ended_at))  # what has not come yet shows nothing of it
    span = f"from={utc(found.started_at - around)}&to={utc(ends)}"
    kinds = ALSO_COMPUTED.get(found.kind, found.kind)
    asked = f"factor={found.channel.factor}&basis={found.channel.basis}&kind={kinds}&{span}&finding={found.pk}"
    return {"url": f"{reverse('series', kwargs={'code': found.place.code})}?{asked}"}


def video_of(viewer: User, found: Finding) -> str:
    """The address of what cameras filmed while it lasted, on one axis with the readings; empty where there is none."""
    if found.channel is None or not isinstance(found.place, Station):
        return ""
    start, end = found.started_at - FILMED_AROUND, found.ended_at + PERIOD[found.kind] + FILMED_AROUND
    if not footage_between(viewer, found.place, start, end).filter(removed_at=None).exists():
        return ""
    address = reverse("station-video", kwargs={"code": found.place.code})
    factor = f"factor={found.channel.factor}&basis={found.channel.basis}"
    return f"{address}?{factor}&from={utc(start)}&to={utc(end)}&at={utc(found.started_at)}"


def place_fact(place: Station | Point) -> dict[str, Any]:
    """Where it is, as a fact: a station with its page, or a grid cell with the point in it."""
    if isinstance(place, Station):
        return {"label": _("Station"), "value": place.title, "href": reverse("station", kwargs={"code": place.code})}
    return {"label": _("Place"), "value": place.title, "note": f"{place.lon:.5f}, {place.lat:.5f} (WGS-84)"}


def mass_facts(found: Finding) -> list[dict[str, Any]]:
    """Where the masses stand that make a total."""
    if found.detector != "annual_total" or found.station is None:
        return []
    masses = reverse("emissions-outlet", kwargs={"code": found.station.code})
    return [{"label": _("Masses"), "value": _("Concentration, flow and mass by day"), "href": masses}]


def outfall_facts(viewer: User, place: Station | Point) -> list[dict[str, Any]]:
    """The outfalls that a station watches, as facts."""
    if not isinstance(place, Station):
        return []
    return [
        {"label": _("River outfall"), "value": one.title, "note": one.code,
         "href": reverse("outfall", kwargs={"code": one.code})}
        for one in outfalls_at(viewer, [place.pk]).get(place.pk, [])
    ]  # fmt: skip


def utc(at: datetime) -> str:
    """An instant as addresses of this site take it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
