"""From what a detector says about a window to the findings on file: open, grow, clear.

An episode is one run of the detector, or several with no valid value in order between them. It lasts until the
detector says that nothing can lengthen it any more and a later valid value is in order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import numpy as np
from django.db.models import Q

from qingyuan.judging.events import FindingCleared, FindingGrew, FindingOpened
from qingyuan.judging.logic import seeing
from qingyuan.judging.logic.watching import Look, kinds_of
from qingyuan.judging.models import Finding, FindingState
from qingyuan.kit import clock, log
from qingyuan_science import detect
from qingyuan_science.detect import Context, Detector
from qingyuan_science.plugins import parameters_of
from qingyuan_science.series import Series, microseconds, moment

POINTS_KEPT = 1000  # of the newest values that show a finding; the store has them all


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

    look: Look
    detector: Detector
    series: Series
    context: Context
    rows: tuple[Finding, ...]
    episodes: tuple[Episode, ...]


def see(look: Look) -> Seen:
    """Run the detector over the readings around the new ones, with the findings there locked; writes nothing."""
    around = seeing.around(look.watch.kind)
    rows = tuple(_rows(look, look.first - around, look.last + around))
    start = min([look.first - around, *(row.started_at for row in rows)])
    end = max([look.last, *(row.ended_at for row in rows)]) + around
    series = seeing.series(look.channel, kinds_of(look.watch), start, end)
    context = seeing.context(look.channel, look.watch.kind, (start, end))
    detector = seeing.detector_of(look.watch)
    found = episodes(series, detector.findings(series, context))
    return Seen(look, detector, series, context, rows, tuple(found))


def settle(seen: Seen) -> None:
    """Bring the findings of the channel in line with what was seen."""
    unmatched = {row.pk: row for row in seen.rows if row.state == FindingState.OPEN}
    # new are the episodes at the new readings, and those that late readings cut off from a finding
    news = [(seen.look.first, seen.look.last), *((row.started_at, row.ended_at) for row in seen.rows)]
    for episode in seen.episodes:
        row = _row_of(episode, seen.rows)
        if row is not None:
            unmatched.pop(row.pk, None)
            _update(row, episode, seen)
        elif any(episode.end > first and episode.start <= last for first, last in news):
            _open(episode, seen)
    for row in unmatched.values():
        if _valid_between(seen.series, microseconds(row.started_at), None):
            _clear(row, corrected=True)


def episodes(series: Series, runs: Iterable[detect.Finding]) -> list[Episode]:
    """Put runs together that have no valid value in order between them."""
    groups: list[list[detect.Finding]] = []
    for run in runs:
        if groups and not _valid_between(series, groups[-1][-1].end, run.start):
            groups[-1].append(run)
        else:
            groups.append([run])
    return [
        Episode(tuple(group), not group[-1].ongoing and _valid_between(series, group[-1].end, None)) for group in groups
    ]


def _valid_between(series: Series, start: int, end: int | None) -> bool:
    inside = (series.at >= start) if end is None else (series.at >= start) & (series.at < end)
    return bool(np.any(series.valid & inside))


def _rows(look: Look, start: datetime, end: datetime) -> Iterable[Finding]:
    """Findings near the new readings, and the open one wherever it is."""
    of_channel = Finding.objects.filter(detector=look.watch.detector, channel=look.channel, kind=look.watch.kind)
    near = Q(ended_at__gte=start, started_at__lte=end)
    return of_channel.filter(near | Q(state=FindingState.OPEN)).select_for_update(of=("self",)).order_by("started_at")


def _row_of(episode: Episode, rows: Iterable[Finding]) -> Finding | None:
    """The finding that the episode overlaps or adjoins: the open one, else the last one."""
    met = [row for row in rows if row.started_at <= episode.end and row.ended_at >= episode.start]
    return max(met, key=lambda row: (row.state == FindingState.OPEN, row.started_at), default=None)


def _open(episode: Episode, seen: Seen) -> None:
    now = clock.now()
    factor, title = seen.context.factor, seen.detector.title
    english = f"{factor.short.en} {title.en.lower()}"
    row = Finding.objects.create(
        detector=seen.detector.code, channel=seen.look.channel, kind=seen.look.watch.kind, opened_at=now,
        state=FindingState.CLEARED if episode.over else FindingState.OPEN, cleared_at=now if episode.over else None,
        title_zh=f"{factor.short.zh}{title.zh}", title_en=english[:1].upper() + english[1:],
        edition=_edition(seen, now), **_described(episode, seen),
    )  # fmt: skip
    log.write(
        FindingOpened(
            id=row.pk, detector=row.detector, channel=row.channel_id, station=seen.look.channel.station.code,
            severity=row.severity, started_at=row.started_at.isoformat(),
            sentence_zh=row.sentence_zh, sentence_en=row.sentence_en,
        )
    )  # fmt: skip
    if episode.over:
        _tell_cleared(row)


def _update(row: Finding, episode: Episode, seen: Seen) -> None:
    described = _described(episode, seen)
    changed = [name for name, value in described.items() if getattr(row, name) != value]
    if changed:
        for name in changed:
            setattr(row, name, described[name])
        row.edition = _edition(seen, clock.now())
        row.save(update_fields=[*changed, "edition"])
        fact = FindingGrew(
            id=row.pk, severity=row.severity, ended_at=row.ended_at.isoformat(),
            sentence_zh=row.sentence_zh, sentence_en=row.sentence_en,
        )  # fmt: skip
        log.write(fact)
    if episode.over and row.state == FindingState.OPEN:
        _clear(row)
    elif not episode.over and row.state == FindingState.CLEARED:
        row.state, row.cleared_at = FindingState.OPEN, None
        row.save(update_fields=["state", "cleared_at"])


def _clear(row: Finding, *, corrected: bool = False) -> None:
    row.state, row.cleared_at = FindingState.CLEARED, clock.now()
    row.save(update_fields=["state", "cleared_at"])
    _tell_cleared(row, corrected=corrected)


def _tell_cleared(row: Finding, *, corrected: bool = False) -> None:
    log.write(FindingCleared(id=row.pk, ended_at=row.ended_at.isoformat(), corrected=corrected))


def _described(episode: Episode, seen: Seen) -> dict[str, Any]:
    worst, last = episode.worst, episode.runs[-1]
    limit = worst.limit.in_unit(seen.series.unit) if worst.limit else None
    points = [list(point) for run in episode.runs for point in run.evidence]
    return {
        "severity": int(worst.severity),
        "started_at": episode.start,
        "ended_at": episode.end,
        "peak": worst.peak,
        "unit": seen.series.unit,
        "limit_low": limit.low if limit else None,
        "limit_high": limit.high if limit else None,
        "limit_code": limit.code if limit else "",
        "limit_title_zh": limit.title.zh if limit else "",
        "limit_title_en": limit.title.en if limit else "",
        "standard": limit.standard if limit else "",
        "clause_zh": worst.clause.zh,
        "clause_en": worst.clause.en,
        "times_over": worst.times_over,
        "confidence": min(run.confidence for run in episode.runs),
        "sentence_zh": last.sentence.zh,
        "sentence_en": last.sentence.en,
        "evidence": points[-POINTS_KEPT:],
        "parameters": _settings(seen.detector),
    }


def _settings(detector: Detector) -> dict[str, Any]:
    """Every parameter as it stood, defaults included: a later release may have other defaults."""
    return {spec.name: getattr(detector, spec.name) for spec in parameters_of(type(detector))}


def _edition(seen: Seen, known_at: datetime) -> dict[str, Any]:
    return {
        "program": version("qingyuan"),
        "known_at": known_at.isoformat(),
        "limits": [limit.code for limit in seen.context.limits],
        "watch": seen.look.watch.pk,
    }
