"""Channels that have fallen silent: nothing comes that would make anybody look, so the clock does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from qingyuan.judging.logic.passes import period
from qingyuan.judging.logic.watching import Look, kinds_of, looks
from qingyuan.judging.models import Finding, FindingState
from qingyuan.judging.rules import Rulebook
from qingyuan.recording import queries as recording
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import DETECTORS
from qingyuan_science.series import microseconds

LOOKED_BACK = timedelta(days=60)  # a channel silent for longer has been told long ago
TOLD_AGAIN = timedelta(hours=6)  # how often a finding that is open says how long it has lasted


def silent(now: datetime) -> Iterator[Look]:
    """A look at each watched channel that has sent nothing for two periods, with the time up to now as new."""
    book = Rulebook.of_today()
    known = {one.code for one in DETECTORS if "now" in one.uses}
    for kind in sorted({kind for detector, kind in book.asked if detector in known}):
        yield from _silent(now, kind, known, book)


def _silent(now: datetime, kind: str, detectors: set[str], book: Rulebook) -> Iterator[Look]:
    quiet = {channel: at for channel, at in _newest(kind).items() if now - at > 2 * period(kind)}
    told = _told_lately(detectors, kind, quiet, now)

    def among(channel: int, detector: str, asked: str) -> bool:
        return asked == kind and detector in detectors and (channel, detector) not in told

    spans = [(channel, kind, microseconds(at), microseconds(now)) for channel, at in quiet.items()]
    for look in looks(spans, book, among=among):
        if look.first <= quiet[look.channel.pk]:  # the rule of the day on which it fell silent
            yield replace(look, last=now, now=now)


def _newest(kind: str) -> dict[int, datetime]:
    """When each channel's newest reading of a kind begins."""
    every, found = list(Channel.objects.values_list("pk", flat=True)), dict[int, datetime]()
    for letter in kinds_of(kind):
        for channel, one in recording.latest(every, letter, LOOKED_BACK).items():
            found[channel] = max(found.get(channel, one.at), one.at)
    return found


def _told_lately(detectors: set[str], kind: str, channels: dict[int, datetime], now: datetime) -> set[tuple[int, str]]:
    rows = Finding.objects.filter(
        detector__in=detectors, kind=kind, channel__in=channels, state=FindingState.OPEN, ended_at__gt=now - TOLD_AGAIN
    )
    return set(rows.values_list("channel", "detector"))
