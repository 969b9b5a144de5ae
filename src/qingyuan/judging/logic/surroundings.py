"""What the passes of a batch are judged by, fetched together: the number of queries does not grow with the channels."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan.judging.logic import listening, written
from qingyuan.judging.logic.days import A_DAY, past_days
from qingyuan.judging.logic.passes import Pass
from qingyuan.judging.logic.written import Written
from qingyuan.kit import clock
from qingyuan.places.geometry import EARTH_KM, distance
from qingyuan.places.queries import AppliedStandard
from qingyuan.recording import queries as recording
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import DETECTORS, ORDERS, Record, RecordKind
from qingyuan_science.plugins import Text
from qingyuan_science.series import Series, microseconds, overlaid
from qingyuan_science.standards import marking

Made = TypeVar("Made")
_Places = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
NEAR_KM = 30.0
MOST_NEAR = 5
A_MILLIMETRE = 1e-6 / EARTH_KM  # on a sphere of radius 1

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
    arrivals: dict[int, Series] = field(default_factory=dict)
    written: Written = field(default_factory=Written)
    before_orders: dict[int, Series] = field(default_factory=dict)
    heard: tuple[tuple[int, int], ...] = ()
    _made: dict[tuple[Any, ...], Any] = field(default_factory=dict, init=False, repr=False)

    def once(self, key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        """What is made of these under a name; made once, however many detectors and channels ask for it."""
        if key not in self._made:
            self._made[key] = make()
        made: Made = self._made[key]
        return made

    def part(self, channel: int, start: datetime, end: datetime) -> Series:
        """The readings of a channel in a span; the same object for all that ask."""
        return self.once(("part", channel, start, end), lambda: self.series[channel].between(start, end))


Read = Callable[[Collection[int], str, datetime, datetime], dict[int, Series]]


def fetch(group: Sequence[Pass], read: Read | None = None) -> Surroundings:
    """Fetch what a group of passes takes, and nothing that none of them does; `read` stands in for `readings`."""
    kinds = group[0].look.kinds
    span = min(one.past for one in group), max(one.end for one in group)

    def taking(name: str) -> list[Channel]:
        return [one.look.channel for one in group if name in one.takes]

    found = Surroundings()
    own = {one.look.channel.pk for one in group}
    found.applied = _applied(taking("limits"))
    found.beside = _beside(taking("beside"))
    found.near = _near(taking("neighbours"))
    found.written = written.fetch(taking, span)
    found.records = _records(taking("records"), span)
    others = {
        *(one.pk for several in found.beside.values() for one in several),
        *(one.channel.pk for several in found.near.values() for one in several),
        *found.written.channels(),
    }
    found.series = (read or readings)(sorted(own | others), kinds, *span)
    found.arrivals = _arrivals(taking("arrivals"), kinds, span)
    found.before_orders = _before_orders(group, found)
    found.heard = listening.heard(clock.now()) if taking("unheard") else ()
    return found


def standing(channels: Sequence[Channel], takes: Collection[str]) -> Surroundings:
    """What stands around channels whatever is measured: the standards applied, and the channels beside."""
    found = Surroundings()
    found.applied = _applied(channels if "limits" in takes else ())
    found.beside = _beside(channels if "beside" in takes else ())
    found.written.limits = written.limits_of(channels if "limits" in takes else ())
    found.written.alarms = written.alarms_of(channels if "thresholds" in takes else ())
    return found


def readings(ids: Collection[int], kinds: str, start: datetime, end: datetime) -> dict[int, Series]:
    """The readings of channels, where a kind in front goes before those behind it at the same instant."""
    return together([recording.windows(list(ids), kind, start, end) for kind in kinds])


def together(parts: Sequence[dict[int, Series]]) -> dict[int, Series]:
    """Readings of several kinds by channel, the kind that goes first in front."""
    return {channel: overlaid([part[channel] for part in parts]) for channel in parts[0]}


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
    channels = list({one.pk: one for one in channels}.values())  # of a long time there is a pass for each month
    same = Channel.objects.filter(
        factor__in={one.factor for one in channels}, station__kind__in={one.station.kind for one in channels}
    )
    alike: dict[tuple[str, str, str], list[tuple[float, ...]]] = defaultdict(list)
    columns = "factor", "basis", "station__kind", "pk", "station", "station__lon", "station__lat"
    for factor, basis, kind, *place in same.order_by("pk").values_list(*columns):
        alike[factor, basis, kind].append(tuple(place))
    places = {key: _placed(several) for key, several in alike.items()}
    chosen = {one.pk: _closest(one, places[one.factor, one.basis, one.station.kind]) for one in channels}
    others = Channel.objects.select_related("station__enterprise").in_bulk(sorted(set().union(*chosen.values())))
    found = {}
    for channel in channels:
        placed = [Near(others[pk], *distance(channel.station, others[pk].station)) for pk in chosen[channel.pk]]
        close = sorted((one for one in placed if one.km <= NEAR_KM), key=lambda one: (one.km, one.channel.pk))
        found[channel.pk] = close[:MOST_NEAR]
    return found


def _placed(several: Sequence[tuple[float, ...]]) -> _Places:
    """Numbers of channels and of their stations, and where they lie on a sphere of radius 1."""
    pk, station, lon, lat = np.array(several, dtype=np.float64).T
    return pk, station, _on_sphere(lon, lat)


def _closest(channel: Channel, places: _Places) -> list[int]:
    """Numbers of the channels at the nearest other stations, and of all as near as the last of them."""
    pk, station, placed = places
    chord = np.linalg.norm(placed - _on_sphere(channel.station.lon, channel.station.lat), axis=-1)
    chord[station == channel.station_id] = np.inf
    last = np.partition(chord, min(MOST_NEAR, chord.size) - 1)[min(MOST_NEAR, chord.size) - 1]
    return [int(one) for one in pk[(chord <= last + A_MILLIMETRE) & np.isfinite(chord)]]


def _on_sphere(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.float64]:
    """Where places lie on a sphere of radius 1."""
    east, north = np.radians(lon), np.radians(lat)
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=-1)


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


def _before_orders(group: Sequence[Pass], found: Surroundings) -> dict[int, Series]:
    """What was read before orders that are older than the past of a pass: there it stands what was usual."""
    asked: dict[tuple[datetime, datetime], set[int]] = defaultdict(set)
    for one in (one for one in group if learns_before_orders(one)):
        channel, learned = one.look.channel, past_days(one.look.detector) * A_DAY
        for start in written.ordered(found.written, channel.station):
            if start - learned < one.past:
                asked[start - learned, start] |= {
                    channel.pk,
                    *(at.pk for at in found.beside.get(channel.station_id, ())),
                    *(at.pk for at in found.written.meters.get(channel.station.enterprise_id or 0, ())),
                }
    parts = [readings(sorted(ids), group[0].look.kinds, *span) for span, ids in sorted(asked.items())]
    return {pk: overlaid([part[pk] for part in parts if pk in part]) for pk in set().union(*parts)}


def learns_before_orders(one: Pass) -> bool:
    """Whether a detector holds other channels of the station, or meters of its enterprise, against orders."""
    beside = not one.takes.isdisjoint({"beside", "electricity"})
    return one.by_days and beside and DETECTORS.get(one.look.detector).heeds_any(ORDERS)


def _arrivals(channels: Iterable[Channel], kinds: str, span: tuple[datetime, datetime]) -> dict[int, Series]:
    """How long after the end of its period each value arrived [s]."""
    ids = sorted({one.pk for one in channels})
    step = recording.STEPS[kinds[0]] or 0.0
    late = recording.delays(ids, kinds[0], *span) if ids else {}
    return {
        channel: Series(one.at, one.value - step, one.mark, "s", one.step) for channel, one in late.items() if len(one)
    }
