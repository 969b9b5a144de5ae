"""What whole looks found, kept beside what detectors said (`remembering`), so that no context is made again either.

What a look finds is a function of this program, of the look, of what the database holds for its task, and of the
readings of every channel that may stand around its own. The digest of these leaves nothing out that could matter and
takes in much that cannot: one paper changed makes all looks of its task be taken anew, out of what detectors said.

The hour counts only in so far as something had been written down by then, so each instant is spelt with whether it has
passed.
"""

import pickle
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import qingyuan
from qingyuan.judging.logic.episodes import Episode
from qingyuan.judging.logic.rehearsed import remembering
from qingyuan.judging.logic.rehearsed.remembering import Remembering
from qingyuan.judging.logic.surroundings import Surroundings
from qingyuan.judging.logic.watching import Look
from qingyuan_science.detect import DETECTORS, Finding
from qingyuan_science.series import Series


class Answer(NamedTuple):
    """What a look found, and for each pass that could not be judged, why."""

    episodes: list[Episode]
    blind: list[str]


class Recalling:
    """The answers of a task's looks, found by what the task was given."""

    def __init__(
        self, memory: Remembering, looks: Iterable[Look], around: dict[str, Surroundings], now: datetime
    ) -> None:
        self._memory, self._around, self._now = memory, around, now
        channels = {look.channel.pk: look.channel for look in looks}
        self._told = {kinds: self._digest(channels, known) for kinds, known in around.items()}

    def get(self, look: Look) -> Answer | None:
        """What the look found before; None where that is not kept."""
        key = self._key(look)
        kept = self._memory.drawer(look.channel.pk).get(key) if key else None
        if kept is None or (said := remembering.unpacked(kept)) is None:
            return None
        episodes, blind = said or ((), ())
        return Answer([Episode(*one) for one in episodes], list(blind))

    def put(self, look: Look, answer: Answer) -> None:
        """Keep what a look found."""
        if key := self._key(look):
            told: list[tuple[tuple[Finding, ...], bool]] = [(one.runs, one.over) for one in answer.episodes]
            said = (tuple(told), tuple(answer.blind)) if told or answer.blind else ()
            self._memory.drawer(look.channel.pk).put(key, remembering.packed(said))

    def _key(self, look: Look) -> bytes | None:
        """None for a look that is sooner taken than found, and for one by a detector from elsewhere."""
        if not is_kept(look) or not edition():
            return None
        known, channel = self._around[look.kinds], look.channel
        here = {
            channel.pk,
            *(one.pk for one in known.beside.get(channel.station_id, ())),
            *(one.channel.pk for one in known.near.get(channel.pk, ())),
        }
        own = (
            look.detector, look.kind, look.parameters, channel.pk, look.first, look.last, look.since, look.now,
            look.whole_station, known.arrivals.get(channel.pk),
            [(pk, known.series[pk].fingerprint) for pk in sorted(here)],
        )  # fmt: skip
        return sha256(f"{edition()} {self._told[look.kinds]} ".encode() + spelt(own, self._now)).digest()

    def _digest(self, channels: dict[int, Any], known: Surroundings) -> str:
        """Of what looks share: every paper and place, and the readings that papers lead to."""
        papers = replace(known, series={}, arrivals={}, heard=())
        led_to = [(pk, known.series[pk]) for pk in sorted(set(known.written.channels()))]
        return sha256(spelt((channels, papers, led_to), self._now)).hexdigest()


def is_kept(look: Look) -> bool:
    """Whether what a look found is kept: only of detectors of ours that learn from the days before.

    When the platform listened changes by the minute, so what a detector finds by that is not kept.
    """
    if look.detector not in DETECTORS:
        return False
    made = DETECTORS.get(look.detector)
    learns = bool(made.looks_back_days) and made.learns
    return learns and "unheard" not in made.takes() and made.__module__.startswith(remembering.OUR_OWN)


def spelt(thing: Any, now: datetime) -> bytes:
    """A spelling of all that is in an object: another one if anything in it is another, or has come to pass since."""
    written = BytesIO()
    _Spelling(written, now).dump(thing)
    return written.getvalue()


class _Spelling(pickle.Pickler):
    """Writes a series as its fingerprint, and an instant with whether it has passed."""

    def __init__(self, into: BytesIO, now: datetime) -> None:
        super().__init__(into, protocol=5)
        self._now = now

    def reducer_override(self, thing: Any) -> Any:
        if type(thing) is datetime and thing.tzinfo is not None:
            return datetime.fromisoformat, (thing.isoformat(), (thing > self._now) - (thing < self._now))
        if type(thing) is Series:
            return bytes, (thing.fingerprint,)
        return NotImplemented


@cache
def edition() -> str:
    """A digest of this program with the science library; empty where a file of either is newer than this process."""
    science = remembering.edition()
    return science and remembering.sources(Path(qingyuan.__file__).parent, "*.py", science.encode())
