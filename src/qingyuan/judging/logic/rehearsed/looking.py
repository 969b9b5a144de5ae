"""What a task of a rehearsal finds: the lake's files read, and looked at by the steps of `judging.would_find`.

No database is asked here, so that any process can do it.
"""

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from qingyuan.judging.logic import judging
from qingyuan.judging.logic.episodes import Episode, asked
from qingyuan.judging.logic.passes import Pass
from qingyuan.judging.logic.rehearsed.recalling import Answer, Recalling
from qingyuan.judging.logic.rehearsed.remembering import Remembering
from qingyuan.judging.logic.surroundings import Surroundings, together
from qingyuan.judging.logic.watching import Look
from qingyuan.kit import clock
from qingyuan.recording import queries as recording
from qingyuan_science.series import Series, microseconds

SELDOM = 20_000, 20, 50  # of `gc.set_threshold`
_TAKEN_AS = {"beside": "beside", "near": "neighbours"}
Found = list[tuple[int, Episode]]
Blind = Counter[tuple[str, str]]


@dataclass(frozen=True)
class Around:
    """What the looks at readings of some kinds take; the readings themselves still to be read."""

    known: Surroundings
    unread: tuple[recording.Unread, ...]


@dataclass(frozen=True)
class Task:
    """Looks at some channels, with all that the database knows for them, as it stands now.

    In `kept` lies what detectors said before; None where nothing is kept.
    """

    looks: tuple[Look, ...]
    around: dict[str, Around]
    now: datetime
    kept: Path | None = None


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look seldom for objects that hold each other: findings and their evidence are many, stay, and hold no circles."""
    before = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def work(task: Task) -> tuple[Found, Blind]:
    """What the looks of a task find, by the number of the look, and what could not be judged; asks no database."""
    whole = {kinds: _read(one) for kinds, one in task.around.items()}
    memory = Remembering(task.kept) if task.kept else None
    with clock.wound_to(task.now), seldom_collected():
        answers = _recalled(task, whole, memory) if memory else _answers(task.looks, whole, None)
        number_of = {id(look): number for number, look in enumerate(task.looks)}
        told = ((look, one) for look, (episodes, _blind) in zip(task.looks, answers, strict=True) for one in episodes)
        found = [(number_of[id(look)], episode) for look, episode in judging.joined(told)]
    if memory:
        memory.keep()
    every = zip(task.looks, answers, strict=True)
    return found, Counter((look.detector, reason) for look, (_episodes, blind) in every for reason in blind)


def _recalled(task: Task, whole: dict[str, Surroundings], memory: Remembering) -> list[Answer]:
    """The answers of all looks of a task, of which those that are not kept are taken."""
    kept = Recalling(memory, task.looks, whole, task.now)
    known = [kept.get(look) for look in task.looks]
    missing = [look for look, answer in zip(task.looks, known, strict=True) if answer is None]
    taken = _answers(missing, whole, memory)
    for look, answer in zip(missing, taken, strict=True):
        kept.put(look, answer)
    anew = iter(taken)
    return [next(anew) if answer is None else answer for answer in known]


def _answers(looks: Sequence[Look], whole: dict[str, Surroundings], memory: Remembering | None) -> list[Answer]:
    """What each of some looks finds."""
    answers = {id(look): Answer([], []) for look in looks}

    def note(look: Look, reason: Exception) -> None:
        answers[id(look)].blind.append(f"{type(reason).__name__}: {reason}")

    def fetched(group: Sequence[Pass]) -> Surroundings:
        if memory:
            memory.turn()
        return _part(whole[group[0].look.kinds], group)

    for look, episode in judging.would_find(looks, note, fetched, memory.findings if memory else asked):
        answers[id(look)].episodes.append(episode)
    return list(answers.values())


def _read(one: Around) -> Surroundings:
    return replace(one.known, series=together([part.read() for part in one.unread]))


class _Cut(dict[int, Series]):
    """Series cut to a span when they are asked for."""

    def __init__(self, whole: dict[int, Series], span: tuple[datetime, datetime]) -> None:
        super().__init__()
        self._whole, self._span = whole, span

    def __missing__(self, channel: int) -> Series:
        whole = self._whole[channel]
        whole.valid  # noqa: B018 told once for all that is cut from it
        self[channel] = whole.between(*self._span)
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
    nothing: dict[str, Any] = {name: {} for name, field in _TAKEN_AS.items() if field not in taken}
    return replace(whole, series=_Cut(whole.series, span), records=records, arrivals=arrivals, **nothing)
