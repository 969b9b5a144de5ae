"""The known sources above a river station: along reaches, and through outfalls into the sections above."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date

from qingyuan.judging.queries import Finding
from qingyuan.kit import clock
from qingyuan.places import queries as places
from qingyuan.places.geometry import distance
from qingyuan.places.queries import OutfallEdition, Station, StationKind
from qingyuan.tracing.logic.sources import Source, code_of, of_enterprise, own_stations
from qingyuan_science.plugins import Text

SPEED_M_S = 0.5  # of rivers where no travel time is known: our own choice, said in the how-to
HOUR = 3600.0


class Above:
    """The stations from which water comes to one, with how long it takes, and which of them lie below others.

    Parameters
    ----------
    station_id : int
    day : date
        On which the reaches hold, as known now.
    """

    def __init__(self, station_id: int, day: date) -> None:
        self.station_id = station_id
        self.travel: dict[int, float] = {station_id: 0.0}
        self.stations: dict[int, Station] = {}
        self._below: dict[int, set[int]] = {}
        self._walk(day)

    def _walk(self, day: date) -> None:
        front: set[int] = {self.station_id}
        while front:  # a station comes again only by a shorter way, so reaches that turn back end too
            rows = (
                places.known_now(places.reaches_to(front)).filter(valid__contains=day).exclude(upstream=self.station_id)
            )
            front = set()
            for one in rows.select_related("upstream__enterprise"):
                self.stations[one.upstream_id] = one.upstream
                self._below.setdefault(one.upstream_id, set()).add(one.station_id)
                seconds = self.travel[one.station_id] + one.travel_hours * HOUR
                if seconds < self.travel.get(one.upstream_id, float("inf")):
                    self.travel[one.upstream_id] = seconds
                    front.add(one.upstream_id)

    def below(self, station_id: int) -> set[int]:
        """The stations between one of them and the station that they lie above; where reaches turn back, not beyond."""
        seen: set[int] = set()
        front = {station_id}
        while front:
            nearer = {lower for one in front for lower in self._below.get(one, ()) if self._is_nearer(lower, one)}
            front = nearer - seen
            seen |= front
        return seen - {self.station_id, station_id}

    def _is_nearer(self, lower: int, upper: int) -> bool:
        return self.travel[lower] <= self.travel[upper]

    def sections(self, among: Collection[int]) -> dict[int, float]:
        """Of stations those of the river itself, with their travel times [s]."""
        return {pk: self.travel[pk] for pk in among if self.stations[pk].kind == StationKind.SURFACE_WATER}


def sources(found: Finding) -> list[Source]:
    """Everybody known whose water comes to the station of a finding, by code."""
    if found.station is None:
        return []
    day = found.started_at.astimezone(clock.SHANGHAI).date()
    above = Above(found.station.pk, day)
    told, estimated = _by_code(_along_reaches(above)), _by_code(_through_outfalls(above, found.station, day))
    for code, one in estimated.items():
        entered = told.get(code)
        if entered is not None:  # its times stand before what is estimated
            own, travel_s = {**one.own, **entered.own}, entered.travel_s
            one = replace(_joined(entered, one), own=own, travel_s=travel_s, is_estimated=False)
        told[code] = one
    return [told[code] for code in sorted(told)]


def _by_code(ways: Iterable[Source]) -> dict[str, Source]:
    told: dict[str, Source] = {}
    for one in ways:
        before = told.get(one.code)
        told[one.code] = one if before is None else _joined(before, one)
    return told


def _along_reaches(above: Above) -> Iterator[Source]:
    for pk, station in above.stations.items():
        if station.enterprise is not None:
            seconds = above.travel[pk]
            passed = above.sections(above.below(pk))
            yield replace(of_enterprise(station.enterprise), own={pk: seconds}, passed=passed, travel_s=seconds)


def _through_outfalls(above: Above, station: Station, day: date) -> Iterator[Source]:
    """Who discharges through outfalls whose receiving section is the station or lies above it."""
    sections = {station.pk: station, **{pk: one for pk, one in above.stations.items() if one.enterprise_id is None}}
    editions = list(places.outfalls_into(sections, day))
    firms = {one.enterprise_id for edition in editions for one in edition.dischargers.all()}
    outlets = own_stations(firms, StationKind.OUTLET_WATER)
    for edition in editions:
        section = sections[edition.section_id or station.pk]
        seconds = above.travel[section.pk] + _estimated(edition, section)
        passed = above.sections({section.pk, *above.below(section.pk)} - {station.pk})
        watching = {one.station_id: one.station.enterprise_id for one in edition.monitors.all()}
        way = Source("", Text("", ""), passed=passed, travel_s=seconds, is_estimated=True)
        discharging = [one.enterprise for one in edition.dischargers.all()]
        for firm in discharging:
            own = [pk for pk, owner in watching.items() if owner in (None, firm.pk)]  # not that of another discharger
            own = own or [one.pk for one in outlets.get(firm.pk, ())]
            at_outlet = dict.fromkeys(own, seconds)
            yield replace(
                way, code=code_of(firm), name=Text(firm.title_zh, firm.title_en), enterprise=firm, own=at_outlet
            )
        if not discharging:
            name = Text(edition.title_zh, edition.title_en)
            own_of = dict.fromkeys(watching, seconds)
            yield replace(way, code=code_of(edition.outfall), name=name, outfall=edition.outfall, own=own_of)


def _estimated(edition: OutfallEdition, section: Station) -> float:
    """How long water takes from an outfall to its section as the crow flies. [s]"""
    return distance(edition, section)[0] * 1000.0 / SPEED_M_S


def _joined(one: Source, other: Source) -> Source:
    """The same source by two ways: the shorter times count, and only sections that both ways pass."""
    own = {pk: min(several) for pk, several in _both(one.own, other.own).items()}
    passed = {pk: seconds for pk, seconds in one.passed.items() if pk in other.passed}
    return replace(one, own=own, passed=passed, travel_s=min(one.travel_s or 0.0, other.travel_s or 0.0))


def _both(one: dict[int, float], other: dict[int, float]) -> dict[int, list[float]]:
    return {pk: [way[pk] for way in (one, other) if pk in way] for pk in {*one, *other}}
