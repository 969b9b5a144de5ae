"""What is known of a source beside its readings: papers, findings there, and what came of naming it before."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q

from qingyuan.judging.queries import Finding, FindingState
from qingyuan.kit import clock
from qingyuan.places import queries as places
from qingyuan.places.queries import Enterprise, Outfall, Station
from qingyuan.recording import queries as recording
from qingyuan.sensing.queries import Channel
from qingyuan.tracing.logic.related import shown_by
from qingyuan.tracing.models import NamedSource, Outcome
from qingyuan_science.plugins import Text
from qingyuan_science.series import Series, overlaid
from qingyuan_science.trace import Candidate, Sight

DOUBTFUL = ("treatment_off", "mark_abuse", "clock_offset", "step_after_service", "ordered_stop", "emergency_cut")
DISTORTED = "distorted data"  # the cause that detectors of manipulated values share
DOUBTED_FOR = timedelta(days=90)  # our own choice: how much of the past tells how often that is found
A_LIST = 3  # substances from which on a permit is taken as written down whole: our own choice
KINDS = "hH"  # hour values as sent, then as computed here
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Source:
    """A known source with where its water or air passes; it becomes a candidate of the tracer."""

    code: str
    name: Text
    enterprise: Enterprise | None = None
    outfall: Outfall | None = None
    own: dict[int, float] = field(default_factory=dict)  # travel time [s] by number of the station
    passed: dict[int, float] = field(default_factory=dict)
    travel_s: float | None = None
    is_estimated: bool = False  # the travel time, where nobody entered one
    bearing: float | None = None
    distance_m: float | None = None


def code_of(source: Enterprise | Outfall) -> str:
    """How a source is named in a trace."""
    return f"{type(source).__name__.lower()}:{source.code}"


def of_enterprise(one: Enterprise) -> Source:
    return Source(code_of(one), Text(one.title_zh, one.title_en), enterprise=one)


@dataclass(frozen=True)
class Monitors:
    """The hour values of a substance at stations: of each the channel that shows it best."""

    channels: dict[int, Channel]
    series: dict[int, Series]

    @classmethod
    def at(cls, stations: Collection[int], factor: str, span: Span) -> "Monitors":
        wanted = shown_by(factor)
        measured = Channel.objects.filter(station__in=stations, factor__in=wanted, basis="measured")
        ranked = sorted(measured.select_related("station"), key=lambda one: (wanted.index(one.factor), one.pk))
        channels: dict[int, Channel] = {}
        for one in ranked:
            channels.setdefault(one.station_id, one)
        return cls(channels, hours([one.pk for one in channels.values()], span))

    def sights(self, travel: dict[int, float]) -> tuple[Sight, ...]:
        """What the stations see, the farthest first; one without such a channel sees nothing and is left out."""
        rows = sorted(((seconds, pk) for pk, seconds in travel.items() if pk in self.channels), reverse=True)
        return tuple(self._sight(self.channels[pk], seconds) for seconds, pk in rows)

    def _sight(self, channel: Channel, seconds: float) -> Sight:
        station = channel.station
        name = Text(station.title_zh, station.title_en)
        return Sight(station.code, name, self.series[channel.pk], seconds)


def hours(channel_ids: Sequence[int], span: Span) -> dict[int, Series]:
    """Hour values of channels, as sent, or where nothing was sent as computed here."""
    if not channel_ids:
        return {}
    parts = [recording.windows(channel_ids, kind, *span) for kind in KINDS]
    return {pk: overlaid([part[pk] for part in parts]) for pk in channel_ids}


def candidates(found: Finding, sources: Sequence[Source], looks_back: timedelta) -> tuple[Candidate, ...]:
    """The sources with all that is known of each at the time of the data."""
    travel = timedelta(seconds=2.0 * max((one.travel_s or 0.0 for one in sources), default=0.0))
    span = (found.started_at - looks_back - travel, found.ended_at + timedelta(hours=1))
    stations = {pk for one in sources for pk in (*one.own, *one.passed)}
    factor = found.channel.factor if found.channel else ""
    monitors = Monitors.at(stations, factor, span)
    firms = [one.enterprise.pk for one in sources if one.enterprise]
    papers = Papers(
        permitted=_permitted(firms, shown_by(factor), found.started_at.astimezone(clock.SHANGHAI).date()),
        doubts=_doubts(firms, (found.started_at - travel, found.ended_at)),
        shares=_doubtful_shares(firms, found.started_at),
        settled=_settled(found),
    )
    return tuple(papers.candidate(one, monitors) for one in sources)


@dataclass(frozen=True)
class Papers:
    """What is written down of enterprises, by number, and what came of naming sources, by their code."""

    permitted: dict[int, bool]
    doubts: dict[int, tuple[Text, ...]]
    shares: dict[int, float]
    settled: dict[str, tuple[int, int]]

    def candidate(self, one: Source, monitors: Monitors) -> Candidate:
        """A source with its monitors and with what is written down of it."""
        firm = one.enterprise.pk if one.enterprise else 0
        confirmed, refuted = self.settled.get(one.code, (0, 0))
        return Candidate(
            one.code, one.name, own=monitors.sights(one.own), passed=monitors.sights(one.passed),
            bearing=one.bearing, distance_m=one.distance_m, permitted=self.permitted.get(firm),
            doubts=self.doubts.get(firm, ()), doubtful_share=self.shares.get(firm, 0.0),
            confirmed=confirmed, refuted=refuted,
        )  # fmt: skip


def _permitted(firms: Collection[int], factors: Collection[str], day: date) -> dict[int, bool]:
    """Whether the permit of the day names the substance; no entry where too few are written down to be all it names."""
    permits = (
        places.known_now(places.permits_of(firms)).filter(valid__contains=day).prefetch_related("limits", "totals")
    )
    named: dict[int, set[str]] = defaultdict(set)
    for one in permits:
        named[one.enterprise_id] |= {row.factor for rows in (one.limits.all(), one.totals.all()) for row in rows}
    return {
        firm: not found.isdisjoint(factors)
        for firm, found in named.items()
        if len(found) >= A_LIST or not found.isdisjoint(factors)
    }


def _doubting() -> Q:
    return (Q(cause=DISTORTED) | Q(detector__in=DOUBTFUL)) & ~Q(state=FindingState.DISMISSED)


def _doubts(firms: Collection[int], span: Span) -> dict[int, tuple[Text, ...]]:
    """What was found at enterprises in a span that hides or explains a discharge."""
    rows = Finding.objects.filter(
        _doubting(), station__enterprise__in=firms, merged_into=None, started_at__lt=span[1], ended_at__gt=span[0]
    )
    columns = ("station__enterprise", "sentence_zh", "sentence_en")
    told: dict[int, list[Text]] = defaultdict(list)
    for firm, zh, en in rows.order_by("started_at", "pk").values_list(*columns):
        told[firm].append(Text(zh, en))
    return {firm: tuple(several) for firm, several in told.items()}


def _doubtful_shares(firms: Collection[int], until: datetime) -> dict[int, float]:
    """The share of days before on which something of the kind began at enterprises."""
    rows = Finding.objects.filter(
        _doubting(), station__enterprise__in=firms, started_at__gte=until - DOUBTED_FOR, started_at__lt=until
    )
    days: dict[int, set[date]] = defaultdict(set)
    for firm, at in rows.values_list("station__enterprise", "started_at"):
        days[firm].add(at.astimezone(clock.SHANGHAI).date())
    return {firm: len(several) / DOUBTED_FOR.days for firm, several in days.items()}


def _settled(found: Finding) -> dict[str, tuple[int, int]]:
    """How often each source was confirmed and refuted for other findings at the same station."""
    told: dict[str, tuple[int, int]] = {}
    rows = NamedSource.objects.filter(finding__station=found.station_id).exclude(finding=found.pk)
    for source, outcome in rows.exclude(outcome=Outcome.OPEN).values_list("source", "outcome"):
        yes, no = told.get(source, (0, 0))
        told[source] = (yes + 1, no) if outcome == Outcome.CONFIRMED else (yes, no + 1)
    return told


def own_stations(firms: Collection[int], kind: str) -> dict[int, list[Station]]:
    """The outlets of enterprises, by enterprise."""
    told: dict[int, list[Station]] = defaultdict(list)
    for one in Station.objects.filter(enterprise__in=firms, kind=kind).order_by("pk"):
        told[one.enterprise_id or 0].append(one)
    return told
