"""Every construction-dust site now: what is built there, its newest values beside the thresholds, its alarms."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from qingyuan.judging.queries import Finding, FindingState, findings
from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import SiteProject, Station, StationKind, projects_on, stations
from qingyuan.recording.queries import Latest, latest
from qingyuan.sensing.limits import AVERAGING, thresholds_for_channels
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.factors import Measured, capital, measured, unit_of
from qingyuan.showing.states import states_of
from qingyuan.showing.wording import aside, said
from qingyuan_science.series import Mark, microseconds
from qingyuan_science.standards import Limit

ALARM = "alarm_threshold"
FRESH = timedelta(hours=3)  # our own choice; an older hour says nothing of now
KINDS = "hHrm"  # the newest hour goes first; a real-time value or a minute where no hour came
SHOWN = ("a34002", "a34004", "a34001")


@dataclass(frozen=True)
class Value:
    """The newest value of a factor at a site, and the threshold for such values."""

    channel: Channel
    kind: str
    newest: Latest
    threshold: Limit | None
    words: Measured

    @property
    def is_above(self) -> bool:
        """Whether it lies above the threshold."""
        high = self.threshold.high if self.threshold else None
        value = self.newest.value
        return high is not None and value is not None and value > high and self.newest.mark == Mark.NORMAL

    @property
    def href(self) -> str:
        """The page of the reading."""
        at = microseconds(self.newest.at) // 1000
        return reverse("reading", kwargs={"channel": self.channel.pk, "kind": self.kind, "at": at})


@dataclass(frozen=True)
class Site:
    """A site as the list shows it."""

    station: Station
    state: Any
    project: SiteProject | None
    values: list[Value]
    thresholds: list[Limit]
    alarms: list[Finding]

    @property
    def told(self) -> list[str]:
        """The thresholds in words."""
        return [threshold_words(one) for one in self.thresholds]


def threshold_words(limit: Limit) -> str:
    """A threshold as the lists write it: of what, above which value, for which means."""
    return f"{capital(said(limit.item))} > {limit.high:g} {unit_of(limit.unit)}{aside(said(limit.averaging.label))}"


def sites(viewer: User) -> QuerySet[Station]:
    """Construction-dust sites in the viewer's territory, those with an open alarm first."""
    return stations(viewer).filter(kind=StationKind.DUST).order_by(Exists(_open(OuterRef("pk"))).desc(), "code")


def alarming(found: QuerySet[Station]) -> QuerySet[Station]:
    """Those of the sites that have an open alarm."""
    return found.filter(Exists(_open(OuterRef("pk"))))


def quiet(found: QuerySet[Station]) -> QuerySet[Station]:
    """Those of the sites that have none."""
    return found.filter(~Exists(_open(OuterRef("pk"))))


def _open(station: OuterRef) -> QuerySet[Finding]:
    return Finding.objects.filter(station=station, detector=ALARM, state=FindingState.OPEN)


def standing(viewer: User, listed: Sequence[Station], now: datetime) -> list[Site]:
    """How some sites stand; as many queries for all."""
    ids = [one.pk for one in listed]
    today = now.astimezone(SHANGHAI).date()
    own = list(Channel.objects.filter(station__in=ids).select_related("station"))
    held = thresholds_for_channels(own, today)
    by_station: dict[int, list[Channel]] = defaultdict(list)
    for one in sorted(own, key=_order):
        by_station[one.station_id].append(one)
    values = _values(own, held, now)
    projects, states = projects_on(ids, today), states_of(ids, now)
    open_here: dict[int, list[Finding]] = defaultdict(list)
    for found in findings(viewer).filter(station__in=ids, detector=ALARM, state=FindingState.OPEN):
        open_here[found.station_id or 0].append(found)
    return [
        Site(
            station=one, state=states[one.pk], project=projects.get(one.pk),
            values=[values[channel.pk] for channel in by_station[one.pk] if channel.pk in values],
            thresholds=[limit for channel in by_station[one.pk] for limit in held[channel.pk]],
            alarms=open_here[one.pk],
        )
        for one in listed
    ]  # fmt: skip


def _order(channel: Channel) -> tuple[int, str]:
    place = SHOWN.index(channel.factor) if channel.factor in SHOWN else len(SHOWN)
    return place, channel.factor


def _values(channels: list[Channel], held: dict[int, tuple[Limit, ...]], now: datetime) -> dict[int, Value]:
    """Of each channel the newest hour that is fresh, or else what is newer than hours."""
    found: dict[int, Value] = {}
    by_pk = {one.pk: one for one in channels}
    for kind in KINDS:
        for pk, newest in latest([pk for pk in by_pk if pk not in found], kind, since=FRESH).items():
            limit = next((one for one in held[pk] if one.averaging is AVERAGING[kind]), None)
            found[pk] = Value(by_pk[pk], kind, newest, limit, measured(by_pk[pk]))
    return found
