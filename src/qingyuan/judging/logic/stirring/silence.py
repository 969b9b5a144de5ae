"""Channels that have fallen silent: nothing comes that would make anybody look, so the clock does."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from qingyuan.judging.logic import listening
from qingyuan.judging.logic.passes import period
from qingyuan.judging.logic.watching import Look, kinds_of, looks
from qingyuan.judging.models import Finding, FindingState
from qingyuan.judging.rules import Rulebook
from qingyuan.places.queries import MOVES
from qingyuan.recording import queries as recording
from qingyuan.sensing.queries import Channel, Device, DeviceState
from qingyuan_science.detect import DETECTORS
from qingyuan_science.series import microseconds

LOOKED_BACK = timedelta(days=60)  # a channel silent for longer has been told long ago
TOLD_AGAIN = timedelta(hours=6)  # how often a finding that is open says how long it has lasted


def silent(now: datetime) -> Iterator[Look]:
    """A look at each watched channel that has sent nothing for two periods, with the time up to now as new.

    What moves, and what has only retired devices, is not expected to send. A platform that noted nothing yet has just
    been started, and nobody can have been silent towards it.
    """
    if not listening.heard(now):
        return
    book = Rulebook.of_today()
    known = {one.code for one in DETECTORS if "now" in one.uses}
    stations = _expected()
    for kind in sorted({kind for detector, kind in book.asked if detector in known}):
        yield from _silent(now, kind, known, (book, stations))


def _silent(now: datetime, kind: str, detectors: set[str], asked: tuple[Rulebook, dict[int, int]]) -> Iterator[Look]:
    book, stations = asked
    newest = _newest(kind, stations)
    quiet = {channel: at for channel, at in newest.items() if now - at > 2 * period(kind)}
    speaking = {stations[channel] for channel in newest.keys() - quiet.keys()}
    several = Counter(stations[channel] for channel in newest)
    told = _told_lately(detectors, kind, quiet, now)

    def among(channel: int, detector: str, of_kind: str) -> bool:
        return of_kind == kind and detector in detectors and (channel, detector) not in told

    spans = [(channel, kind, microseconds(at), microseconds(now)) for channel, at in quiet.items()]
    for look in looks(spans, book, among=among):
        if look.first <= quiet[look.channel.pk]:  # the rule of the day on which it fell silent
            station = look.channel.station_id
            whole = station not in speaking and several[station] > 1
            yield replace(look, last=now, now=now, whole_station=whole)


def _expected() -> dict[int, int]:
    """The station of each channel that is expected to send."""
    devices = Device.objects.exclude(station=None).values_list("station", "state")
    alive = {station for station, state in devices if state != DeviceState.RETIRED}
    retired = {station for station, _state in devices} - alive
    rows = Channel.objects.exclude(station__kind__in=MOVES).values_list("pk", "station")
    return {channel: station for channel, station in rows if station not in retired}


def _newest(kind: str, channels: dict[int, int]) -> dict[int, datetime]:
    """When each channel's newest reading of a kind begins."""
    found = dict[int, datetime]()
    for letter in kinds_of(kind):
        for channel, one in recording.latest(channels, letter, LOOKED_BACK).items():
            found[channel] = max(found.get(channel, one.at), one.at)
    return found


def _told_lately(detectors: set[str], kind: str, channels: dict[int, datetime], now: datetime) -> set[tuple[int, str]]:
    """The channels whose finding tells of the last hours, or was dismissed: what a person settled is not told again."""
    rows = Finding.objects.filter(
        detector__in=detectors, kind=kind, channel__in=channels, ended_at__gt=now - TOLD_AGAIN
    ).exclude(state=FindingState.CLEARED)
    return set(rows.values_list("channel", "detector"))
