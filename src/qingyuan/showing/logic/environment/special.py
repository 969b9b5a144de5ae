"""Stations of ambient air with a purpose of their own, as their newest hour stands."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from qingyuan.kit.clock import SHANGHAI
from qingyuan.places.queries import Station, StationKind
from qingyuan.recording.queries import Latest, latest
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.environment.asked import Look
from qingyuan.showing.logic.environment.components import FAMILIES, UNIT, is_of
from qingyuan.showing.logic.environment.hours import HOUR
from qingyuan.showing.states import StationState, states_of
from qingyuan_science.assess.components import sums_left_out
from qingyuan_science.series import Mark
from qingyuan_science.units import UnitError, convert

LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Special:
    """A station: its state, its newest hour with a component, and the sums of that hour [µg/m³]."""

    station: Station
    state: StationState
    at: datetime | None
    sums: dict[str, float | None]
    present: int
    expected: int

    @property
    def day(self) -> date | None:
        """The day of the newest hour in China."""
        return self.at.astimezone(SHANGHAI).date() if self.at else None


def special_stations(look: Look) -> list[Special]:
    """The special stations of an area in the order of their codes."""
    found = [one for one in look.stations(StationKind.AMBIENT_AIR) if one.purpose]
    measured = channels(look.viewer).filter(station__in=found, basis="measured")
    by_station: dict[int, list[Channel]] = {one.pk: [] for one in found}
    for channel in measured:
        if any(is_of(channel.factor, family) for family in FAMILIES):
            by_station[channel.station_id].append(channel)
    newest = _newest([one.pk for several in by_station.values() for one in several])
    states = states_of([one.pk for one in found], look.now)
    return [_special(one, by_station[one.pk], newest, states[one.pk]) for one in found]


def _newest(channel_ids: list[int]) -> dict[int, Latest]:
    """The newest hour of each channel; what was computed here goes before what was sent."""
    newest: dict[int, Latest] = {}
    for kind in "hH":
        for pk, one in latest(channel_ids, kind, since=LOOKED_BACK).items():
            if pk not in newest or one.at >= newest[pk].at:
                newest[pk] = one
    return newest


def _special(station: Station, measured: list[Channel], newest: dict[int, Latest], state: StationState) -> Special:
    at = max((newest[one.pk].at for one in measured if one.pk in newest), default=None)
    left_out = sums_left_out({one.factor for one in measured})
    counted = [one for one in measured if one.factor not in left_out]
    values = {one.factor: _value(one, newest.get(one.pk), at) for one in counted}
    known = {code: value for code, value in values.items() if value is not None}
    sums: dict[str, float | None] = {}
    for family in FAMILIES:
        of_family = [value for code, value in known.items() if is_of(code, family)]
        sums[family] = sum(of_family) if of_family else None
    return Special(station, state, at, sums, len(known), len(counted))


def _value(channel: Channel, found: Latest | None, at: datetime | None) -> float | None:
    """The valid value of an hour in µg/m³; None of another hour."""
    if found is None or at is None or at - found.at >= HOUR or found.mark != Mark.NORMAL or found.value is None:
        return None
    try:
        return convert(found.value, channel.unit, UNIT)
    except UnitError:
        return None
