"""How air and water stand now: the newest hour's level of air, the newest day's class of water."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import Station, StationKind, network_parts
from qingyuan.recording.air_days import in_unit, unit_of_item
from qingyuan.recording.queries import Latest, day_values, latest
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.environment.levels import Chip, air_chip, item_name, water_chip
from qingyuan.showing.logic.environment.water import unit_of_item as unit_of_water
from qingyuan.showing.logic.factors import capital
from qingyuan.showing.wording import said
from qingyuan_science.series import Mark
from qingyuan_science.standards.air import MEAN, air_edition, index_by, pollutant_factors
from qingyuan_science.standards.water import classes_of, section_factors, water_items

NEWEST_WITHIN = timedelta(hours=3)  # an hour older than that says nothing of now
DAYS_BACK = 7


@dataclass(frozen=True)
class Now:
    """How a station stands now: its level or class, what decides it, and of when."""

    station: Station
    chip: Chip | None
    words: str
    at: datetime | date | None

    def shown(self) -> dict[str, Any]:
        """As the station's page draws it, with the way to the figures behind it."""
        air = self.station.kind == StationKind.AMBIENT_AIR
        return {
            "chip": self.chip,
            "words": self.words,
            "at": self.at,
            "href": reverse("air-station" if air else "water-station", kwargs={"code": self.station.code}),
        }


def air_now(viewer: User, at: datetime, code: str = "") -> list[Now]:
    """Stations of ambient air by their newest hour: of each station the values of one and the same hour."""
    factors = {factor: pollutant for pollutant, factor in pollutant_factors().items()}
    measured = _measured(viewer, StationKind.AMBIENT_AIR, list(factors), code)
    newest: dict[int, Latest] = {}
    for kind in "hH":  # what was computed here goes before what was sent of the same hour
        for pk, one in latest([channel.pk for channel in measured], kind, since=NEWEST_WITHIN).items():
            if one.mark == Mark.NORMAL and one.value is not None and (pk not in newest or one.at >= newest[pk].at):
                newest[pk] = one
    by_station: dict[Station, list[Channel]] = {}
    for channel in measured:
        by_station.setdefault(channel.station, []).append(channel)
    return [_air(station, several, factors, newest) for station, several in by_station.items()]


def _air(station: Station, measured: list[Channel], factors: Mapping[str, str], newest: Mapping[int, Latest]) -> Now:
    hour = max((newest[one.pk].at for one in measured if one.pk in newest), default=None)
    if hour is None:
        return Now(station, None, "", None)
    edition = air_edition(hour.astimezone(SHANGHAI).date())
    counted = {item.name for item in edition.items["hour"]}
    given = {}
    for one in measured:
        name, found = factors[one.factor], newest.get(one.pk)
        if found is not None and found.at == hour and found.value is not None and name in counted:
            given[name] = in_unit(np.array([found.value]), one, unit_of_item(name))
    if not given:
        return Now(station, None, "", hour)
    index = index_by(edition, given, "hour")
    chip = air_chip(float(index.level[0]))
    primary = ", ".join(item_name(name) for name, flags in index.primary.items() if flags[0])
    words = f"AQI {index.aqi[0]:.0f}" + (f" {chip.short}" if chip else "") + (f" · {primary}" if primary else "")
    return Now(station, chip, words if chip else "", hour)


def water_now(viewer: User, at: datetime, code: str = "") -> list[Now]:
    """Stations of surface water by the class of their newest valid day, a week back at most."""
    factors = {factor: item for item, factor in section_factors().items()}
    measured = _measured(viewer, StationKind.SURFACE_WATER, list(factors), code)
    last = at.astimezone(SHANGHAI).date() - timedelta(days=1)
    days = [last - timedelta(days=back) for back in range(DAYS_BACK - 1, -1, -1)]
    kept = day_values([one.pk for one in measured], days[0], days[-1])
    parts = network_parts({one.station_id for one in measured})
    by_station: dict[Station, dict[str, Any]] = {}
    for one in measured:
        item, values = factors[one.factor], kept.get((one.pk, MEAN))
        given = by_station.setdefault(one.station, {})
        if values is not None:
            given[item] = in_unit(values, one, unit_of_water(item))
    return [
        _water(station, given, "lake" if parts[station.pk].body == "lake" else "river", days)
        for station, given in by_station.items()
    ]


def _water(station: Station, given: Mapping[str, Any], body: Any, days: list[date]) -> Now:
    if not given:
        return Now(station, None, "", None)
    whole, items = classes_of(given, body)
    known = np.flatnonzero(whole >= 0)
    if not known.size:
        return Now(station, None, "", None)
    place = int(known[-1])
    chip = water_chip(int(whole[place]))
    names = water_items("basic")
    deciding = [
        capital(said(names[item].name))
        for item, classes in items.items()
        if classes[place] == whole[place] > 0 and not names[item].apart
    ]
    words = chip.name if chip else ""
    if deciding:
        words += " · " + _("decided by %(items)s") % {"items": ", ".join(deciding)}
    return Now(station, chip, words, days[place])


def now_of(viewer: User, station: Station, at: datetime) -> dict[str, Any] | None:
    """How one station of air or water stands; None of another kind."""
    read = {StationKind.AMBIENT_AIR: air_now, StationKind.SURFACE_WATER: water_now}.get(StationKind(station.kind))
    found = read(viewer, at, station.code) if read else []
    return found[0].shown() if found else None


def _measured(viewer: User, kind: str, factors: list[str], code: str) -> list[Channel]:
    found = channels(viewer).filter(station__kind=kind, factor__in=factors, basis="measured")
    return list((found.filter(station__code=code) if code else found).order_by("station__code", "factor"))
