"""What shows a finding: the chart around its window, and where it is."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.judging.queries import Finding
from qingyuan.people.queries import User
from qingyuan.places.queries import Point, Station
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
    if found.channel is None:
        return None
    around = AROUND[found.kind]
    span = f"from={utc(found.started_at - around)}&to={utc(found.ended_at + around)}"
    kinds = ALSO_COMPUTED.get(found.kind, found.kind)
    address = reverse("series", kwargs={"code": found.place.code})
    return {"url": f"{address}?factor={found.channel.factor}&basis={found.channel.basis}&kind={kinds}&{span}"}


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


def utc(at: datetime) -> str:
    """An instant as addresses of this site take it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
