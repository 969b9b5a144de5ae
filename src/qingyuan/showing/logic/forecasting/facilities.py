"""Treatment facilities and production beside an outlet, as their meters and working-condition points tell just now."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.judging.facilities import Facility, facilities_of
from qingyuan.people.queries import User
from qingyuan.places.queries import Station, StationKind
from qingyuan.recording.queries import latest
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.wayback import reading_address
from qingyuan_science.detect import MeterRole

MOST = 12
A_MONTH = timedelta(days=28)


def facilities_at(viewer: User, station: Station, now: datetime) -> list[dict[str, Any]]:
    """Every meter with its state and power, then the newest values of working-condition points, in the territory."""
    if station.enterprise_id is None:
        return []
    own = channels(viewer).filter(station__enterprise=station.enterprise_id)
    seen = set(own.values_list("pk", flat=True))
    metered = [one for one in facilities_of(station.enterprise_id, now) if one.channel.pk in seen]
    taken = {one.channel.pk for one in metered}
    points = [one for one in own.filter(station__kind=StationKind.WORKING_CONDITIONS) if one.pk not in taken]
    return [*(_metered(one) for one in metered), *_points(points[:MOST])]


def _metered(one: Facility) -> dict[str, Any]:
    states = {True: (_("Running"), "good"), False: (_("Standing still"), "warning"), None: (_("Not known"), "idle")}
    return _row(one.channel) | {
        "role": _("Treatment equipment") if one.role is MeterRole.TREATMENT else _("Production equipment"),
        "state": states[one.running][0],
        "kind": states[one.running][1],
        "value": one.power,
        "at": one.at,
        "from": one.load.running if one.load else None,
    }


def _points(points: list[Channel]) -> list[dict[str, Any]]:
    ids = [one.pk for one in points]
    newest = [latest(ids, kind, A_MONTH) for kind in "rmh"] if ids else []
    rows = []
    for one in points:
        known = [(kind, part[one.pk]) for kind, part in zip("rmh", newest, strict=False) if one.pk in part]
        kind, last = max(known, key=lambda told: told[1].at, default=("", None))
        told = {"value": last.value, "at": last.at, "origin": reading_address(one.pk, kind, last.at)} if last else {}
        rows.append(_row(one) | {"value": None, "at": None} | told)
    return rows


def _row(channel: Channel) -> dict[str, Any]:
    address = reverse("station", kwargs={"code": channel.station.code})
    return {
        "title": channel.station.title,
        "words": measured(channel),
        "href": f"{address}?factor={channel.factor}&basis={channel.basis}",
    }
