"""What people wrote down of a place: permits, orders, plans, meters, reaches and complaints; and the weather there.

Papers are fetched whenever they were known, by queries whose number does not grow with the channels; what a detector
gets to see is chosen from them by what was known at an instant.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import cos, hypot, radians, sin
from typing import Any

from django.db.models import Q

from qingyuan.judging.models import Finding
from qingyuan.judging.queries import REPORTED
from qingyuan.kit.clock import SHANGHAI
from qingyuan.places import queries as places
from qingyuan.places.geometry import distance
from qingyuan.places.queries import (
    Alarms,
    EmergencyPlan,
    MeterUse,
    Order,
    OrderKind,
    PermitLimit,
    PermitTotal,
    Point,
    PollutionWarning,
    Reach,
    Station,
    StationKind,
    Use,
)
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import MeterRole, Record, RecordKind, Upstream
from qingyuan_science.plugins import Text
from qingyuan_science.series import Series, microseconds
from qingyuan_science.standards.factors import WASTEWATER_FLOW

COMPLAINTS_KM = 20.0  # the widest radius that a detector of complaints may be set to
WEATHER_KM = 15.0
WEATHER = "a01"  # HJ 212: how the codes of weather begin
POWER = "kW"
ROLES = {"d2": MeterRole.PRODUCTION, "d3": MeterRole.TREATMENT}  # HJ 212: how the codes of electricity begin
USES = {Use.PRODUCTION: MeterRole.PRODUCTION, Use.TREATMENT: MeterRole.TREATMENT}
STOPS = (OrderKind.STOP_PRODUCTION, OrderKind.STOP_DISCHARGE)  # nothing flows
CUTS = (OrderKind.STOP_PRODUCTION, OrderKind.CUT_PRODUCTION)  # less power is drawn, none for a stop
LEVELS = {"yellow": Text("黄色", "yellow"), "orange": Text("橙色", "orange"), "red": Text("红色", "red")}
FOR_EVER = datetime(2200, 1, 1, tzinfo=UTC)
Span = tuple[datetime, datetime]
Part = Callable[[int], Series]


@dataclass
class Written:
    """Papers by the station or enterprise that they bind; meters, inflows and weather stations with their channels."""

    limits: dict[int, list[PermitLimit]] = field(default_factory=dict)
    alarms: dict[int, Alarms] = field(default_factory=dict)
    totals: dict[int, list[PermitTotal]] = field(default_factory=dict)
    orders: dict[int, list[Order]] = field(default_factory=dict)
    plans: dict[int, list[EmergencyPlan]] = field(default_factory=dict)
    warnings: list[PollutionWarning] = field(default_factory=list)
    clues: list[Finding] = field(default_factory=list)
    meters: dict[int, list[Channel]] = field(default_factory=dict)
    uses: dict[int, list[MeterUse]] = field(default_factory=dict)
    reaches: dict[int, list[Reach]] = field(default_factory=dict)
    inflows: dict[int, list[Channel]] = field(default_factory=dict)
    weather: dict[int, list[Channel]] = field(default_factory=dict)

    def channels(self) -> Iterator[int]:
        """Every channel whose readings are needed too."""
        for several in (self.meters, self.inflows, self.weather):
            yield from (one.pk for rows in several.values() for one in rows)


def fetch(taking: Callable[[str], list[Channel]], span: Span) -> Written:
    """Fetch the papers that the channels of a group take, each for those that `taking` its name."""
    found = Written()
    found.limits = limits_of(taking("limits"))
    found.alarms = alarms_of(taking("thresholds"))
    if capped := taking("annual_permit"):
        found.totals = _by(places.permit_totals(_owners(capped)), "permit.enterprise_id")
    if recorded := taking("records"):
        _fetch_records(found, recorded, span)
    if metered := _owners(taking("electricity")):
        found.meters = _by(_meters(metered), "station.enterprise_id")
        found.uses = _by(places.meter_uses(metered), "station_id")
    if low := taking("upstream"):
        found.reaches = _by(places.reaches_to(_stations(low)), "station_id")
        found.inflows = _inflows(low, found.reaches)
    if aired := taking("weather"):
        found.weather = _weather(aired)
    return found


def limits_of(channels: Collection[Channel]) -> dict[int, list[PermitLimit]]:
    """The limits that permits state for the stations of channels, by station."""
    return _by(places.permit_limits(_stations(channels)), "station_id") if channels else {}


def alarms_of(channels: Collection[Channel]) -> dict[int, Alarms]:
    """What the authority set for itself at the stations of channels, by station."""
    return places.alarms_at(_stations(channels)) if channels else {}


def _fetch_records(found: Written, channels: Sequence[Channel], span: Span) -> None:
    _fetch_orders(found, channels, span)
    reported = Finding.objects.filter(
        detector=REPORTED, merged_into=None, started_at__gte=span[0], started_at__lt=span[1]
    )
    # nobody noticed what a screening lists or a satellite sees
    reported = reported.exclude(edition__has_any_keys=["screening", "suspected_problem"])
    found.clues = list(reported.select_related("station", "cell").order_by("started_at", "pk"))


def orders_of(channels: Collection[Channel], span: Span) -> Written:
    """The orders, plans and warnings over a span that may bind the stations of channels, and nothing else."""
    found = Written()
    _fetch_orders(found, channels, span)
    return found


def _fetch_orders(found: Written, channels: Iterable[Channel], span: Span) -> None:
    owners = _owners(channels)
    if owners:
        found.orders = _by(places.orders_over(owners, span), "enterprise_id")
        found.plans = _by(places.plans_of(owners), "enterprise_id")
        found.warnings = list(places.warnings_over(span))


def records(found: Written, channel: Channel, at: datetime) -> Iterator[Record]:
    """Orders, emergency cuts and complaints that concern a channel, as known at an instant."""
    yield from bound(found, channel.station, at)
    yield from _complaints(found.clues, channel.station, at)


def bound(found: Written, station: Station, at: datetime) -> Iterator[Record]:
    """Orders and emergency cuts that bind a station, as known at an instant."""
    for order in found.orders.get(station.enterprise_id or 0, ()):
        if order.station_id in (None, station.pk) and order.was_known(at):
            title = Text(order.number, f"order {order.number}")
            if order.kind in STOPS:
                yield Record(RecordKind.STOP_ORDER, *_span(order.valid), title)
            if order.kind in CUTS:
                yield Record(RecordKind.ORDERED_CUT, *_span(order.valid), title, order.cut)
    for plan, warning in cuts(found.plans.get(station.enterprise_id or 0, ()), found.warnings, at):
        share = next((one.cut for one in plan.cuts.all() if one.level == warning.level), 0.0)
        if share and covers(warning, plan.enterprise.cell.path):
            title = Text(f"{LEVELS[warning.level].zh}预警", f"{LEVELS[warning.level].en} warning")
            yield Record(RecordKind.EMERGENCY_CUT, *_span(warning.valid), title, share)


def ordered(found: Written, station: Station) -> Iterator[datetime]:
    """When the orders that concern a station began, of every edition."""
    for order in found.orders.get(station.enterprise_id or 0, ()):
        if order.station_id in (None, station.pk):
            yield order.valid.lower


def cuts(
    plans: Iterable[EmergencyPlan], warnings: Iterable[PollutionWarning], at: datetime
) -> Iterator[tuple[EmergencyPlan, PollutionWarning]]:
    """The plan that holds on the day on which each warning begins, where it does not exempt; as known at an instant."""
    several = [one for one in plans if not one.exempt]
    for warning in warnings:
        if warning.was_known(at):
            day = warning.valid.lower.astimezone(SHANGHAI).date()
            yield from ((plan, warning) for plan in several if plan.holds(day, at))


def covers(warning: PollutionWarning, path: str) -> bool:
    """Whether a warning is over a cell."""
    return path == warning.cell.path or path.startswith(f"{warning.cell.path}/")


def _complaints(clues: Iterable[Finding], station: Station, at: datetime) -> Iterator[Record]:
    for clue in clues:
        east, north = apart(station, clue.place)
        withdrawn = clue.dismissed_at is not None and clue.dismissed_at <= at
        if clue.opened_at <= at and not withdrawn and is_heard_at(station, clue.place):
            begins = microseconds(clue.started_at)
            title = Text(clue.sentence_zh, clue.sentence_en)
            yield Record(RecordKind.COMPLAINT, begins, begins + 1, title, 1.0, east, north)


def annual_permit(found: Written, channel: Channel, days: tuple[date, date, date], at: datetime) -> dict[int, float]:
    """What a channel's outlet may emit of its factor [kg] in each year of the first to the last of `days`.

    As known at an instant. In the year of the second day the permit of that day counts, in earlier years the one that
    held at their end. Where only the whole enterprise has a total, the outlet may not pass that one alone.
    """
    first, today, last = days
    station = channel.station
    permitted = {}
    for year in range(first.year, last.year + 1):
        day = max(date(year, 1, 1), min(date(year, 12, 31), today))
        stated = [
            one.kilograms
            for one in found.totals.get(station.enterprise_id or 0, ())
            if one.factor == channel.factor and one.station_id in (None, station.pk) and one.permit.holds(day, at)
        ]
        if stated:
            permitted[year] = min(stated)
    return permitted


def roles(found: Written, looked_at: Channel, day: date, at: datetime) -> list[tuple[MeterRole, Text, Channel]]:
    """Channels of an enterprise's meters with what they feed; a meter that is looked at stands alone for its role."""
    every = list(_roles(found, looked_at.station.enterprise_id, day, at))
    own = {role for role, _title, channel in every if channel.pk == looked_at.pk}
    return [one for one in every if one[0] not in own or one[2].pk == looked_at.pk]


def _roles(
    found: Written, enterprise_id: int | None, day: date, at: datetime
) -> Iterator[tuple[MeterRole, Text, Channel]]:
    """As written down, else by the codes of HJ 212."""
    for channel in found.meters.get(enterprise_id or 0, ()):
        written = [
            one
            for one in found.uses.get(channel.station_id, ())
            if one.holds(day, at) and (one.factor == channel.factor or (not one.factor and channel.unit == POWER))
        ]
        if written:
            use = max(written, key=lambda one: bool(one.factor))
            if use.use in USES:
                yield USES[Use(use.use)], Text(use.title_zh, use.title_en), channel
        elif channel.unit == POWER and channel.factor[:2] in ROLES:
            yield ROLES[channel.factor[:2]], Text(channel.station.title_zh, channel.station.title_en), channel


def meters_of(owners: Collection[int], day: date, at: datetime) -> dict[int, list[tuple[MeterRole, Channel]]]:
    """Channels of meters at enterprises with what they feed on a day, as known at an instant.

    Parameters
    ----------
    owners : collection of int
        Numbers of enterprises.
    day : date
    at : datetime

    Returns
    -------
    dict of int to list of (MeterRole, Channel)
        An entry for every enterprise asked for; the channels with their station and enterprise.
    """
    found = Written()
    if owners:
        found.meters = _by(_meters(owners), "station.enterprise_id")
        found.uses = _by(places.meter_uses(owners), "station_id")
    return {one: [(role, channel) for role, _title, channel in _roles(found, one, day, at)] for one in owners}


def upstream(found: Written, channel: Channel, when: tuple[date, datetime], part: Part) -> tuple[Upstream, ...]:
    """The same factor at every station upstream; none at all where one of them does not measure it."""
    made = []
    for reach in found.reaches.get(channel.station_id, ()):
        if not reach.holds(*when):
            continue
        there = {one.factor: one for one in reversed(found.inflows.get(reach.upstream_id, ()))}
        if channel.factor not in there:
            return ()
        flow = there.get(WASTEWATER_FLOW) if reach.flows else None
        title = Text(reach.upstream.title_zh, reach.upstream.title_en)
        made.append(
            Upstream(
                title, part(there[channel.factor].pk), 3600.0 * reach.travel_hours, part(flow.pk) if flow else None
            )
        )
    return tuple(made)


def _meters(owners: Collection[int]) -> Iterable[Channel]:
    """Channels of mean power, and those of stations that count electricity in another way."""
    kind = Q(unit=POWER) | Q(station__kind=StationKind.POWER_METER)
    found = Channel.objects.filter(kind, station__enterprise__in=owners)
    return found.select_related("station__enterprise").order_by("pk")


def _inflows(channels: Sequence[Channel], reaches: dict[int, list[Reach]]) -> dict[int, list[Channel]]:
    above = {one.upstream_id for several in reaches.values() for one in several}
    factors = {one.factor for one in channels} | {WASTEWATER_FLOW}
    measured = Channel.objects.filter(station__in=above, factor__in=factors, basis="measured").order_by("pk")
    return _by(measured, "station_id") if above else {}


def _weather(channels: Sequence[Channel]) -> dict[int, list[Channel]]:
    """By station, the channels of weather at the nearest one that has any within `WEATHER_KM`."""
    measured = Channel.objects.filter(factor__startswith=WEATHER, station__kind__in=places.MEASURES_WEATHER)
    measured = measured.select_related("station")
    at = _by(measured.order_by("pk"), "station_id")
    found = {}
    for station in {one.station for one in channels}:
        near = [(hypot(*apart(station, rows[0].station)), pk) for pk, rows in at.items()]
        closest = min((one for one in near if one[0] <= WEATHER_KM), default=None)
        found[station.pk] = at[closest[1]] if closest else []
    return found


def is_heard_at(here: Station | Point, there: Station | Point) -> bool:
    """Whether a complaint from one place may count at another."""
    return hypot(*apart(here, there)) <= COMPLAINTS_KM


def apart(one: Station | Point, other: Station | Point) -> tuple[float, float]:
    """How far east and north another station lies [km], on a sphere."""
    km, bearing = distance(one, other)
    return km * sin(radians(bearing)), km * cos(radians(bearing))


def _stations(channels: Iterable[Channel]) -> set[int]:
    return {one.station_id for one in channels}


def _owners(channels: Iterable[Channel]) -> set[int]:
    return {one.station.enterprise_id for one in channels if one.station.enterprise_id}


def _by(rows: Iterable[Any], name: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        value = row
        for step in name.split("."):
            value = getattr(value, step)
        found[value].append(row)
    return dict(found)


def _span(valid: Any) -> tuple[int, int]:
    return microseconds(valid.lower), microseconds(valid.upper or FOR_EVER)
