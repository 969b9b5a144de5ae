"""A rule set over a long time of many channels, cut by channels into tasks that any process can take.

The database is asked by this process alone, by a number of queries for each task that does not grow with its channels.
Whoever takes the task reads the lake's files and looks by the steps of `judging.would_find`: what is found is the same.
"""

import pickle
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from qingyuan.judging.logic import elsewhere, judging, watching
from qingyuan.judging.logic.episodes import Episode
from qingyuan.judging.logic.passes import Pass, passes
from qingyuan.judging.logic.surroundings import Surroundings, fetch, together
from qingyuan.judging.logic.watching import Look
from qingyuan.judging.rules import Rulebook
from qingyuan.kit import clock
from qingyuan.recording import queries as recording
from qingyuan.recording.api import spread_work
from qingyuan_science.series import Series, microseconds

CHANNELS_A_TASK = 500  # a year of hours of these is 4.4 million readings, some 250 MB on their way
AHEAD = 3  # tasks that wait beside those at work
_TAKEN_AS = {"beside": "beside", "near": "neighbours", "meters": "electricity"}
Found = list[tuple[int, Episode]]
Blind = Counter[tuple[str, str]]


@dataclass(frozen=True)
class Around:
    """What the looks at readings of some kinds take; the readings themselves still to be read."""

    known: Surroundings
    unread: tuple[recording.Unread, ...]


@dataclass(frozen=True)
class Task:
    """Looks at some channels, with all that the database knows for them, as it stands now."""

    looks: tuple[Look, ...]
    around: dict[str, Around]
    now: datetime


@dataclass(frozen=True)
class Rehearsed:
    """What was found at some of the channels, and what could not be judged: by detector and reason, how many looks."""

    channels: int
    found: list[tuple[Look, Episode]]
    blind: Blind


def over(
    book: Rulebook, channel_ids: Sequence[int], span: tuple[datetime, datetime], *, at_once: int = CHANNELS_A_TASK
) -> Iterator[Rehearsed]:
    """What rules would find at channels in a span, task by task in the order of the channels; writes nothing."""
    parts = [channel_ids[first : first + at_once] for first in range(0, len(channel_ids), at_once)]
    if len(parts) < 2:  # done before another process would have started
        for part in parts:
            task = _task(book, part, span)
            yield _rehearsed(len(part), task.looks, work(task))
        return
    asked: list[tuple[Look, ...]] = []

    def tasks() -> Iterator[bytes]:
        for part in parts:
            task = _task(book, part, span)
            asked.append(task.looks)
            yield pickle.dumps(task)

    for number, answer in enumerate(spread_work(elsewhere.judged, tasks(), ahead=AHEAD)):
        yield _rehearsed(len(parts[number]), asked[number], answer)
        asked[number] = ()


def work(task: Task) -> tuple[Found, Blind]:
    """What the looks of a task find, by the number of the look, and what could not be judged; asks no database."""
    blind: Blind = Counter()
    whole = {kinds: _read(one) for kinds, one in task.around.items()}
    number_of = {id(look): number for number, look in enumerate(task.looks)}

    def note(look: Look, reason: Exception) -> None:
        blind[look.detector, f"{type(reason).__name__}: {reason}"] += 1

    with clock.wound_to(task.now):
        found = judging.would_find(task.looks, note, lambda group: _part(whole[group[0].look.kinds], group))
        return [(number_of[id(look)], episode) for look, episode in judging.joined(found)], blind


def _task(book: Rulebook, channel_ids: Collection[int], span: tuple[datetime, datetime]) -> Task:
    looks = tuple(watching.over(channel_ids, *span, book))
    wanted: dict[str, list[Pass]] = defaultdict(list)
    for look in looks:
        wanted[look.kinds] += passes(look, whole=True)
    return Task(looks, {kinds: _around(several) for kinds, several in wanted.items()}, clock.now())


def _around(several: Sequence[Pass]) -> Around:
    unread: list[recording.Unread] = []

    def later(ids: Collection[int], kinds: str, start: datetime, end: datetime) -> dict[int, Series]:
        unread.extend(recording.unread(list(ids), kind, start, end) for kind in kinds)
        return {}

    return Around(fetch(several, later), tuple(unread))


def _read(one: Around) -> Surroundings:
    return replace(one.known, series=together([part.read() for part in one.unread]))


def _rehearsed(channels: int, looks: Sequence[Look], answer: tuple[Found, Blind]) -> Rehearsed:
    found, blind = answer
    return Rehearsed(channels, [(looks[number], episode) for number, episode in found], blind)


class _Cut(dict[int, Series]):
    """Series cut to a span when they are asked for."""

    def __init__(self, whole: dict[int, Series], span: tuple[datetime, datetime]) -> None:
        super().__init__()
        self._whole, self._span = whole, span

    def __missing__(self, channel: int) -> Series:
        self[channel] = self._whole[channel].between(*self._span)
        return self[channel]


def _part(whole: Surroundings, group: Sequence[Pass]) -> Surroundings:
    """What `fetch` gives for a group of passes, out of what was fetched for all of them."""
    start, end = span = min(one.past for one in group), max(one.end for one in group)
    first, after = microseconds(start), microseconds(end)
    taken = frozenset().union(*(one.takes for one in group))
    records = {
        station: [one for one in several if one.start < after and one.end > first]
        for station, several in whole.records.items()
    }
    arrivals = {channel: cut for channel, one in whole.arrivals.items() if len(cut := one.between(*span))}
    nothing = {name: {} for name, field in _TAKEN_AS.items() if field not in taken}
    return replace(whole, series=_Cut(whole.series, span), records=records, arrivals=arrivals, **nothing)
