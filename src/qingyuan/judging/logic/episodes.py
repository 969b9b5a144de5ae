"""From what a detector says about a window to episodes: what belongs together, and whether it is over.

An episode is one run of the detector, or several with no valid value in order between them. It lasts until the
detector says that nothing can lengthen it any more and a later valid value is in order.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from qingyuan.judging.logic import seeing
from qingyuan.judging.logic.passes import Pass
from qingyuan.judging.logic.surroundings import Surroundings
from qingyuan_science import detect
from qingyuan_science.detect import Context, Detector
from qingyuan_science.series import Series, moment


@dataclass(frozen=True)
class Episode:
    """Runs of a detector that are one happening, and whether it is over."""

    runs: tuple[detect.Finding, ...]
    over: bool

    @property
    def start(self) -> datetime:
        return moment(self.runs[0].start)

    @property
    def end(self) -> datetime:
        return moment(self.runs[-1].end)

    @property
    def worst(self) -> detect.Finding:
        return max(self.runs, key=lambda run: run.times_over)


@dataclass(frozen=True)
class Seen:
    """What was looked at, by which detector with which settings, and what came of it."""

    at: Pass
    detector: Detector
    series: Series
    context: Context
    episodes: tuple[Episode, ...]

    @property
    def new(self) -> tuple[Episode, ...]:
        """The episodes at the new readings, and those that late readings cut off from a finding."""
        news = [self.at.news, *((row.started_at, row.ended_at) for row in self.at.rows)]
        return tuple(one for one in self.episodes if any(one.end > first and one.start <= last for first, last in news))


Ask = Callable[[Pass, Detector, Series, Context], Iterable[detect.Finding]]


def asked(_one: Pass, detector: Detector, series: Series, context: Context) -> Iterable[detect.Finding]:
    """What the detector says."""
    return detector.findings(series, context)


def see(one: Pass, found: Surroundings, known_at: datetime | None = None, ask: Ask = asked) -> Seen:
    """Run the detector over the readings of a pass; writes nothing."""
    detector = seeing.detector(one.look.detector, one.look.parameters)
    series = seeing.series(one, found)
    context = seeing.context(one, found, known_at)
    runs = ask(one, detector, series, context) if len(series) else ()
    return Seen(one, detector, series, context, tuple(episodes(series, runs)))


def episodes(series: Series, runs: Iterable[detect.Finding]) -> list[Episode]:
    """Put runs together that have no valid value in order between them."""
    groups: list[list[detect.Finding]] = []
    for run in runs:
        if groups and not valid_between(series, groups[-1][-1].end, run.start):
            groups[-1].append(run)
        else:
            groups.append([run])
    return [
        Episode(tuple(group), not group[-1].ongoing and valid_between(series, group[-1].end, None)) for group in groups
    ]


def valid_between(series: Series, start: int, end: int | None) -> bool:
    """Whether there is a valid value from an instant on, and before another where one is given."""
    first, after = series.at.searchsorted(start), None if end is None else series.at.searchsorted(end)
    return bool(np.any(series.valid[first:after]))
