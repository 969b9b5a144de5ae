"""What shows a finding: the chart around its window, and where it is."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.judging.queries import Finding
from qingyuan.people.queries import User
from qingyuan.places.queries import Point, Station, outfalls_at

AROUND = {
    "r": timedelta(hours=1),
    "m": timedelta(hours=2),
    "h": timedelta(hours=24),
    "d": timedelta(days=20),
}
ALSO_COMPUTED = {"h": "hH", "d": "dD"}


def chart_of(found: Finding) -> dict[str, str] | None:
    """The props of the chart island; None for what was reported without a measurement."""
    if found.channel is None:
        return None
    around = AROUND[found.kind]
    span = f"from={_utc(found.started_at - around)}&to={_utc(found.ended_at + around)}"
    kinds = ALSO_COMPUTED.get(found.kind, found.kind)
    address = reverse("series", kwargs={"code": found.place.code})
    return {"url": f"{address}?factor={found.channel.factor}&basis={found.channel.basis}&kind={kinds}&{span}"}


def place_fact(place: Station | Point) -> dict[str, Any]:
    """Where it is, as a fact: a station with its page, or a grid cell with the point in it."""
    if isinstance(place, Station):
        return {"label": _("Station"), "value": place.title, "href": reverse("station", kwargs={"code": place.code})}
    return {"label": _("Place"), "value": place.title, "note": f"{place.lon:.5f}, {place.lat:.5f} (WGS-84)"}


def outfall_facts(viewer: User, place: Station | Point) -> list[dict[str, Any]]:
    """The outfalls that a station watches, as facts."""
    if not isinstance(place, Station):
        return []
    return [
        {"label": _("River outfall"), "value": one.title, "note": one.code,
         "href": reverse("outfall", kwargs={"code": one.code})}
        for one in outfalls_at(viewer, [place.pk]).get(place.pk, [])
    ]  # fmt: skip


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
