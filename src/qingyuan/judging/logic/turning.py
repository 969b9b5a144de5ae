"""Running a detector again on what a finding is about, as it was set then or otherwise."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q

from qingyuan.judging.logic.episodes import see
from qingyuan.judging.logic.passes import Pass, passes
from qingyuan.judging.logic.surroundings import Read, Surroundings, fetch
from qingyuan.judging.logic.watching import Look
from qingyuan.judging.models import Finding, FindingState
from qingyuan_science import detect
from qingyuan_science.detect import DETECTORS
from qingyuan_science.plugins import Parameter, parameters_of
from qingyuan_science.series import microseconds

STEPS = 12  # halvings between the value that finds it and the bound that does not
Fetched = list[tuple[Pass, Surroundings]]


def again(
    row: Finding, parameters: dict[str, Any], fetched: Fetched | None = None, known_at: datetime | None = None
) -> tuple[detect.Finding, ...]:
    """What the detector says about the finding's time with some settings, and the standards of when it was judged.

    `known_at` is another instant for which it is asked.
    """
    known_at = known_at or datetime.fromisoformat(row.edition["known_at"])
    found: list[detect.Finding] = []
    for one, around in fetched if fetched is not None else what_it_saw(row):
        look = Look(
            row.detector, row.kind, parameters, one.look.channel, *_span(row),
            now=row.ended_at if row.state == FindingState.OPEN else None,
            whole_station=bool(row.edition.get("whole_station")),
        )  # fmt: skip
        seen = see(Pass(look, (), one.past, one.start, one.end, one.by_days, one.takes, one.odd), around, known_at)
        found += [run for episode in seen.episodes for run in episode.runs]
    return tuple(
        run for run in found if run.start < microseconds(row.ended_at) and run.end > microseconds(row.started_at)
    )


def what_it_saw(row: Finding, read: Read | None = None) -> Fetched:
    """The readings and surroundings of a finding's time, fetched once; `read` stands in for the readings of now."""
    if row.channel is None:
        return []
    look = Look(row.detector, row.kind, row.parameters, row.channel, *_span(row))
    past = min(one.past for one in passes(look, whole=True))
    earlier = Finding.objects.filter(
        Q(state=FindingState.OPEN) | Q(ended_at__gte=past),
        detector=row.detector, channel=row.channel, kind=row.kind, started_at__lt=row.started_at,
    ).defer("evidence", "signs")  # fmt: skip
    return [(one, fetch([one], read)) for one in passes(look, tuple(earlier), whole=True)]


def turnings(row: Finding) -> Iterator[tuple[Parameter, float, float | None]]:
    """Each setting, its value then, and the value nearest to it at which nothing is found, or None."""
    fetched = what_it_saw(row)
    specs = parameters_of(DETECTORS.get(row.detector))
    if not again(row, row.parameters, fetched):
        return
    for spec in specs:
        value = row.parameters.get(spec.name, spec.default)
        if isinstance(spec.default, bool):
            continue
        ends = [_turn(row, fetched, spec, (float(value), float(bound))) for bound in (spec.low, spec.high)]
        told = [end for end in ends if end is not None]
        yield spec, float(value), min(told, key=lambda end: abs(end - value), default=None)


def _turn(row: Finding, fetched: Fetched, spec: Parameter, span: tuple[float, float]) -> float | None:
    """Between the value that finds it and a bound: the value nearest to the first that does not, by halving."""
    whole = isinstance(spec.default, int)

    def finds(value: float) -> bool:
        return bool(again(row, row.parameters | {spec.name: round(value) if whole else value}, fetched))

    holds, fails = span
    if finds(fails):
        return None
    for _step in range(STEPS):
        if whole and abs(fails - holds) <= 1:
            break
        middle = float(round((holds + fails) / 2)) if whole else (holds + fails) / 2
        holds, fails = (middle, fails) if finds(middle) else (holds, middle)
    return fails


def _span(row: Finding) -> tuple[datetime, datetime, datetime]:
    return row.started_at, row.ended_at, row.started_at
