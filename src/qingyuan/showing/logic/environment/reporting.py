"""The net that finds problems by itself: of each domain what stands, reports and warns, and where it gaps."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from qingyuan.judging.queries import Finding, FindingState, effective_rules, heads
from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import Role
from qingyuan.places.queries import Station, StationKind, cells
from qingyuan.recording.quality import quality
from qingyuan.recording.queries import latest
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.environment.asked import Look
from qingyuan.showing.logic.environment.hours import HOUR
from qingyuan_science.series.delivery import Delivery, together

REPORTS_WITHIN = timedelta(hours=2)  # from the end of an hour to the next hour value, with up to an hour's delay
LOOKED_BACK = timedelta(days=400)
KINDS = "rmhH"
WATERS, OUTLETS = (StationKind.SURFACE_WATER,), (StationKind.OUTLET_WATER, StationKind.OUTLET_GAS)
TOWN_LEVEL = 2
MOST_NAMED = 12


@dataclass(frozen=True)
class Reporting:
    """A station: when its newest value was measured, how its hours came yesterday, what it warns of, who watches."""

    station: Station
    newest: datetime | None  # when it was measured; of an hour, when it was over
    now: datetime
    yesterday: Delivery | None
    warnings: tuple[Finding, ...]
    watched: bool

    @property
    def reports(self) -> bool:
        return self.newest is not None and self.now - self.newest <= REPORTS_WITHIN

    @property
    def valid_yesterday(self) -> float | None:
        """Valid hours of those due yesterday [1]."""
        return self.yesterday.effective if self.yesterday else None

    @property
    def in_order(self) -> bool:
        """Whether there is nothing to say of it."""
        return self.reports and self.watched and not self.warnings


@dataclass(frozen=True)
class Domain:
    """One domain of the net; `note` says what the ledger leaves open, `gaps` where it does not reach.

    Of a domain with `brief` only the stations that need a look are listed.
    """

    key: str
    title: str
    rows: list[Reporting]
    note: str = ""
    gaps: tuple[str, ...] = ()
    brief: bool = False

    @property
    def reporting(self) -> int:
        return sum(one.reports for one in self.rows)

    @property
    def warnings(self) -> int:
        return sum(len(one.warnings) for one in self.rows)

    @property
    def yesterday(self) -> float | None:
        """Valid hours of those due yesterday [1]; None where nothing was due."""
        return together(one.yesterday for one in self.rows if one.yesterday).effective

    @property
    def shown(self) -> list[Reporting]:
        """What is listed: stations with a warning first, then those that are silent."""
        listed = [one for one in self.rows if not self.brief or not one.in_order]
        return sorted(listed, key=lambda one: (not one.warnings, one.reports))


def domains(look: Look) -> list[Domain]:
    """Ambient air, key sections, drinking-water sources and polluters' outlets of an area."""
    rows = _rows(look, [one for kind in (StationKind.AMBIENT_AIR, *WATERS, *OUTLETS) for one in look.stations(kind)])
    air, water, outlets = (
        [one for one in rows if one.station.kind in kinds] for kinds in ((StationKind.AMBIENT_AIR,), WATERS, OUTLETS)
    )
    parts = look.parts([one.station for one in water])
    key = [one for one in water if parts[one.station.pk].section]
    sources = [one for one in water if parts[one.station.pk].drinking_source]
    untold = _("No section is entered as a key section yet, so every surface-water station counts here.")
    return [
        Domain("air", _("Ambient air"), air, gaps=(*_towns_without(look, air), *_gaps(air))),
        Domain("sections", _("Key sections"), key or water, "" if key or not water else untold, _gaps(key or water)),
        Domain("sources", _("Drinking-water sources"), sources, gaps=_gaps(sources)),
        Domain("outlets", _("Outlets of polluters"), outlets, gaps=_gaps(outlets), brief=True),
    ]


def _gaps(rows: Sequence[Reporting]) -> tuple[str, ...]:
    """What keeps the stations of a domain from warning."""
    never = [one.station for one in rows if one.newest is None]
    unwatched = [one.station for one in rows if one.newest is not None and not one.watched]
    said = (
        (_("Nothing was ever received from: %(stations)s"), never),
        (_("No watch rule looks at: %(stations)s"), unwatched),
    )
    return tuple(words % {"stations": _named([one.title for one in several])} for words, several in said if several)


def _towns_without(look: Look, air: Sequence[Reporting]) -> tuple[str, ...]:
    """The towns in which no station of ambient air stands."""
    if look.viewer.role == Role.ENTERPRISE:
        return ()  # it sees towns for orientation, and answers for none
    within = f"{look.area.path}/" if look.area else ""
    towns = [one for one in cells(look.viewer, TOWN_LEVEL) if f"{one.path}/".startswith(within)]
    held = {"/".join(one.station.cell.path.split("/")[:TOWN_LEVEL]) for one in air}
    without = [one.title for one in towns if one.path not in held]
    return (_("Towns without a station: %(towns)s") % {"towns": _named(without)},) if without else ()


def _named(titles: Sequence[str]) -> str:
    more = len(titles) - MOST_NAMED
    return ", ".join(titles[:MOST_NAMED]) + (f" +{more}" if more > 0 else "")


def _rows(look: Look, found: Sequence[Station]) -> list[Reporting]:
    measured = list(channels(look.viewer).filter(station__in=found).select_related("station__enterprise"))
    newest, came = newest_of(measured), _yesterday(look, measured)
    today = look.now.astimezone(SHANGHAI).date()
    watched = {one.channel.station_id for one in effective_rules(measured, today) if one.rule is not None}
    warnings: dict[int, list[Finding]] = defaultdict(list)
    for one in heads(look.viewer).filter(station__in=found, state=FindingState.OPEN).order_by("-opened_at"):
        warnings[one.station_id or 0].append(one)
    return [
        Reporting(
            one, newest.get(one.pk), look.now, came.get(one.pk), tuple(warnings[one.pk]), watched=one.pk in watched
        )
        for one in found
    ]


def newest_of(measured: Sequence[Channel]) -> dict[int, datetime]:
    """When the newest value of each station was measured, of an hour when it was over; by station."""
    of_station = {one.pk: one.station_id for one in measured}
    newest: dict[int, datetime] = {}
    for kind in KINDS:
        for channel, one in latest(of_station, kind, since=LOOKED_BACK).items():
            station = of_station[channel]
            over = one.at + HOUR if kind in "hH" else one.at
            newest[station] = max(newest.get(station, over), over)
    return newest


def _yesterday(look: Look, measured: Sequence[Channel]) -> dict[int, Delivery]:
    """How the hours of each station came yesterday."""
    day = look.now.astimezone(SHANGHAI).date() - timedelta(days=1)
    at = {one.pk: one.station_id for one in measured if one.basis == "measured"}
    parts: dict[int, list[Delivery]] = defaultdict(list)
    for one in quality(list(at), (day, day), "h", look.now) if at else ():
        parts[at[one.channel_id]].append(one.delivery)
    return {station: together(several) for station, several in parts.items()}
