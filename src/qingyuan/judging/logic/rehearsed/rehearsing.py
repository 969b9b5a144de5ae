"""A rule set over a long time of many channels, cut by channels into tasks that any process can take.

The database is asked by this process alone, by a number of queries for each task that does not grow with its channels.
"""

import pickle
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from qingyuan.judging.logic import watching
from qingyuan.judging.logic.episodes import Episode
from qingyuan.judging.logic.passes import Pass, passes
from qingyuan.judging.logic.rehearsed import elsewhere, remembering
from qingyuan.judging.logic.rehearsed.looking import Around, Blind, Found, Task, seldom_collected, work
from qingyuan.judging.logic.surroundings import fetch
from qingyuan.judging.logic.watching import Look
from qingyuan.judging.rules import Rulebook
from qingyuan.kit import clock
from qingyuan.recording import queries as recording
from qingyuan.recording.api import spread_work
from qingyuan_science.series import Series

CHANNELS_A_TASK = 500  # a year of hours of these is 4.4 million readings, some 250 MB on their way
AHEAD = 3  # tasks that wait beside those at work


@dataclass(frozen=True)
class Rehearsed:
    """What was found at some of the channels, and what could not be judged: by detector and reason, how many looks."""

    channels: int
    found: list[tuple[Look, Episode]]
    blind: Blind


def over(
    book: Rulebook, channel_ids: Sequence[int], span: tuple[datetime, datetime], *, at_once: int = CHANNELS_A_TASK
) -> Iterator[Rehearsed]:
    """What rules would find at channels in a span, task by task in the order of the channels.

    Nothing is written but what detectors said, so that the next rehearsal need not ask them again.
    """
    parts = [channel_ids[first : first + at_once] for first in range(0, len(channel_ids), at_once)]
    if len(parts) < 2:  # done before another process would have started
        for part in parts:
            task = _task(book, part, span)
            yield _rehearsed(len(part), task.looks, work(task))
        _bound()
        return
    asked: list[tuple[Look, ...]] = []

    def tasks() -> Iterator[bytes]:
        for part in parts:
            task = _task(book, part, span)
            asked.append(task.looks)
            yield pickle.dumps(task)

    with seldom_collected():
        for number, answer in enumerate(spread_work(elsewhere.judged, tasks(), ahead=AHEAD)):
            yield _rehearsed(len(parts[number]), asked[number], answer)
            asked[number] = ()
    _bound()


def _bound() -> None:
    if (folder := _folder()) is not None:
        remembering.bound(folder, settings.LOOKS_BYTES)


def _task(book: Rulebook, channel_ids: Collection[int], span: tuple[datetime, datetime]) -> Task:
    looks = tuple(watching.over(channel_ids, *span, book))
    wanted: dict[str, list[Pass]] = defaultdict(list)
    for look in looks:
        wanted[look.kinds] += passes(look, whole=True)
    return Task(looks, {kinds: _around(several) for kinds, several in wanted.items()}, clock.now(), _folder())


def _folder() -> Path | None:
    """Where answers are kept; nowhere if machines work that do not have this one's data folder."""
    return Path(settings.LOOKS) if settings.LOOKS_BYTES > 0 and not settings.LAKE_CLUSTER else None


def _around(several: Sequence[Pass]) -> Around:
    unread: list[recording.Unread] = []

    def later(ids: Collection[int], kinds: str, start: datetime, end: datetime) -> dict[int, Series]:
        unread.extend(recording.unread(list(ids), kind, start, end) for kind in kinds)
        return {}

    return Around(fetch(several, later), tuple(unread))


def _rehearsed(channels: int, looks: Sequence[Look], answer: tuple[Found, Blind]) -> Rehearsed:
    found, blind = answer
    return Rehearsed(channels, [(looks[number], episode) for number, episode in found], blind)
