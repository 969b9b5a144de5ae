"""What the passes of a batch are judged by, fetched together: the number of queries does not grow with the channels."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import asin, atan2, cos, degrees, radians, sin, sqrt

import numpy as np

from qingyuan.judging.logic.passes import Pass
from qingyuan.places.queries import AppliedStandard, Station
from qingyuan.recording import queries as recording
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import MeterRole, Record, RecordKind
from qingyuan_science.plugins import Text
from qingyuan_science.series import Series, microseconds
from qingyuan_science.standards import marking

NEAR_KM = 30.0
MOST_NEAR = 5
EARTH_KM = 6371.0
POWER = "kW"
ROLES = {"d2": MeterRole.PRODUCTION, "d3": MeterRole.TREATMENT}  # HJ 212: how the codes of electricity begin
ROLE_WORDS = {"治理": MeterRole.TREATMENT, "治污": MeterRole.TREATMENT, "生产": MeterRole.PRODUCTION}
RECORDS = {
    "maintenance": RecordKind.MAINTENANCE,
    "calibration": RecordKind.CALIBRATION,
    "fault": RecordKind.MAINTENANCE,
}


@dataclass(frozen=True)
class Near:
    """A channel of the same factor at another station, how far away and where."""

    channel: Channel
    km: float
    bearing: float


@dataclass
class Surroundings:
    """Readings by channel; by station its other channels, its records and the standards applied; and what lies near."""

    series: dict[int, Series] = field(default_factory=dict)
    applied: dict[int, list[AppliedStandard]] = field(default_factory=dict)
    beside: dict[int, list[Channel]] = field(default_factory=dict)
    near: dict[int, list[Near]] = field(default_factory=dict)
    records: dict[int, list[Record]] = field(default_factory=dict)
    meters: dict[int, list[tuple[MeterRole, Channel]]] = field(default_factory=dict)
    arrivals: dict[int, Series] = field(default_factory=dict)


def fetch(group: Sequence[Pass]) -> Surroundings:
    """Fetch what a group of passes takes, and nothing that none of them does."""
    kinds = group[0].look.kinds
    span = min(one.past for one in group), max(one.end for one in group)

    def taking(name: str) -> list[Channel]:
        return [one.look.channel for one in group if name in one.takes]

    found = Surroundings()
    own = {one.look.channel.pk for one in group}
    found.applied = _applied(taking("limits"))
    found.beside = _beside(taking("beside"))
    found.near = _near(taking("neighbours"))
    found.meters = _meters(taking("electricity"))
    found.records = _records(taking("records"), span)
    others = {
        *(one.pk for several in found.beside.values() for one in several),
        *(one.channel.pk for several in found.near.values() for one in several),
        *(one.pk for several in found.meters.values() for _role, one in several),
    }
    found.series = readings(sorted(own | others), kinds, *span)
    found.arrivals = _arrivals(taking("arrivals"), kinds, span)
    return found


def standing(channels: Sequence[Channel], takes: Collection[str]) -> Surroundings:
    """What stands around channels whatever is measured: the standards applied, and the channels beside."""
    found = Surroundings()
    found.applied = _applied(channels if "limits" in takes else ())
    found.beside = _beside(channels if "beside" in takes else ())
    return found


def readings(ids: Collection[int], kinds: str, start: datetime, end: datetime) -> dict[int, Series]:
    """The readings of channels, where a kind in front goes before those behind it at the same instant."""
    parts = [recording.windows(list(ids), kind, start, end) for kind in kinds]
    return {channel: _first([part[channel] for part in parts]) for channel in ids}


def _first(parts: Sequence[Series]) -> Series:
    filled = [part for part in parts if len(part)]
    if len(filled) < 2:
        return filled[0] if filled else parts[0]
    at = np.concatenate([part.at for part in filled])
    times, chosen = np.unique(at, return_index=True)  # the first of equal times, so what stands in front
    return Series(
        at=times,
        value=np.concatenate([part.value for part in filled])[chosen],
        mark=np.concatenate([part.mark for part in filled])[chosen],
        unit=filled[0].unit,
        step=filled[0].step,
    )


def _applied(channels: Iterable[Channel]) -> dict[int, list[AppliedStandard]]:
    stations = {one.station_id for one in channels}
    found: dict[int, list[AppliedStandard]] = {station: [] for station in stations}
    for one in AppliedStandard.objects.filter(station__in=stations).order_by("pk") if stations else ():
        found[one.station_id].append(one)
    return found


def _beside(channels: Iterable[Channel]) -> dict[int, list[Channel]]:
    stations = {one.station_id for one in channels}
    found: dict[int, list[Channel]] = defaultdict(list)
    for one in Channel.objects.filter(station__in=stations).order_by("pk") if stations else ():
        found[one.station_id].append(one)
    return found


def _near(channels: Sequence[Channel]) -> dict[int, list[Near]]:
    """The nearest channels of the same factor and basis at stations of the same kind."""
    if not channels:
        return {}
    same = Channel.objects.filter(
        factor__in={one.factor for one in channels}, station__kind__in={one.station.kind for one in channels}
    )
    alike: dict[tuple[str, str, str], list[Channel]] = defaultdict(list)
    for one in same.select_related("station").order_by("pk"):
        alike[one.factor, one.basis, one.station.kind].append(one)
    found = {}
    for channel in channels:
        others = alike[channel.factor, channel.basis, channel.station.kind]
        placed = [
            Near(one, *_apart(channel.station, one.station)) for one in others if one.station_id != channel.station_id
        ]
        close = sorted((one for one in placed if one.km <= NEAR_KM), key=lambda one: (one.km, one.channel.pk))
        found[channel.pk] = close[:MOST_NEAR]
    return found


def _apart(one: Station, other: Station) -> tuple[float, float]:
    """Distance [km] and bearing [°] of another station, on a sphere."""
    lat, other_lat, turn = radians(one.lat), radians(other.lat), radians(other.lon - one.lon)
    half = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin(turn / 2) ** 2
    east = sin(turn) * cos(other_lat)
    north = cos(lat) * sin(other_lat) - sin(lat) * cos(other_lat) * cos(turn)
    return 2 * EARTH_KM * asin(sqrt(half)), degrees(atan2(east, north)) % 360


def _meters(channels: Iterable[Channel]) -> dict[int, list[tuple[MeterRole, Channel]]]:
    """Channels of mean power at the same enterprises of which it can be told what they feed."""
    owners = {one.station.enterprise_id for one in channels if one.station.enterprise_id}
    found: dict[int, list[tuple[MeterRole, Channel]]] = defaultdict(list)
    metered = Channel.objects.filter(station__enterprise__in=owners, unit=POWER).select_related("station")
    for one in metered.order_by("pk") if owners else ():
        words = (role for word, role in ROLE_WORDS.items() if word in one.station.title_zh)
        role = ROLES.get(one.factor[:2]) or next(words, None)
        if role is not None and one.station.enterprise_id is not None:
            found[one.station.enterprise_id].append((role, one))
    return found


def _records(channels: Iterable[Channel], span: tuple[datetime, datetime]) -> dict[int, list[Record]]:
    """What people marked of the stations' time and did not withdraw."""
    stations = {one.station_id for one in channels}
    found: dict[int, list[Record]] = defaultdict(list)
    marked = recording.MarkedSpan.objects.filter(
        station__in=stations, starts_at__lt=span[1], ends_at__gt=span[0], withdrawn_at=None, code__in=RECORDS
    )
    for one in marked.order_by("starts_at", "pk") if stations else ():
        title = marking(one.code).title
        words = Text(f"{title.zh}:{one.reason}", f"{title.en}: {one.reason}")
        times = microseconds(one.starts_at), microseconds(one.ends_at)
        found[one.station_id].append(Record(RECORDS[one.code], *times, words))
    return found


def _arrivals(channels: Iterable[Channel], kinds: str, span: tuple[datetime, datetime]) -> dict[int, Series]:
    """How long after the end of its period each value arrived [s]."""
    ids = sorted({one.pk for one in channels})
    found: dict[int, list[tuple[int, float]]] = defaultdict(list)
    step = recording.STEPS[kinds[0]] or 0.0
    for one in recording.stored(ids, kinds[0], *span) if ids else ():
        found[one.channel_id].append((microseconds(one.at), (one.received_at - one.at).total_seconds() - step))
    return {
        channel: Series(
            np.array([at for at, _delay in rows]),
            np.array([delay for _at, delay in rows]),
            np.full(len(rows), "N"),
            "s",
            recording.STEPS[kinds[0]],
        )
        for channel, rows in found.items()
    }
