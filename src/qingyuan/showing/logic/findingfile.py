"""What shows a finding: the chart around its window, and where it is."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.judging.queries import Finding
from qingyuan.kit import clock
from qingyuan.people.queries import User
from qingyuan.places.queries import Order, Point, Station, known_now, orders_over, outfalls_at
from qingyuan.sensing.queries import footage_between

AROUND = {
    "r": timedelta(hours=1),
    "m": timedelta(hours=2),
    "h": timedelta(hours=24),
    "d": timedelta(days=20),
}
OF_ORDERS = ("ordered_stop", "ordered_cut")
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


def paper_facts(found: Finding) -> list[dict[str, Any]]:
    """What a finding rests on beside readings: the orders of that time, and the masses that make a total."""
    station = found.station
    if station is None or station.enterprise is None:
        return []
    if found.detector == "annual_total":
        masses = reverse("emissions-outlet", kwargs={"code": station.code})
        return [{"label": _("Masses"), "value": _("Concentration, flow and mass by day"), "href": masses}]
    if found.detector not in OF_ORDERS:
        return []
    address = reverse("enterprise", kwargs={"code": station.enterprise.code}) + "#orders"
    held = known_now(orders_over([station.enterprise.pk], (found.started_at, found.ended_at)))
    return [
        {"label": _("Order in force then"), "value": one.number, "href": address, "note": _order_words(one)}
        for one in held
    ]


def _order_words(order: Order) -> str:
    last = f" – {_shanghai(order.valid.upper)}" if order.valid.upper else ""
    return f"{order.get_kind_display()} · {order.issued_by} · {_shanghai(order.valid.lower)}{last}"


def _shanghai(at: datetime) -> str:
    """A moment in China, with its year."""
    return at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")


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
