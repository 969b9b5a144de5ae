"""Findings brought in line with what was seen: opened, merged, grown, cleared."""

from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import version
from typing import Any

from django.db.models import Max, Q

from qingyuan.judging.events import FindingCleared, FindingGrew, FindingMerged, FindingOpened
from qingyuan.judging.logic.episodes import Episode, Seen, valid_between
from qingyuan.judging.logic.passes import period
from qingyuan.judging.models import Finding, FindingState
from qingyuan.kit import clock, log
from qingyuan_science import detect
from qingyuan_science.detect import Detector
from qingyuan_science.plugins import Text, parameters_of
from qingyuan_science.series import microseconds

POINTS_KEPT = 1000  # of the newest values that show a finding; the store has them all


def settle(seen: Seen, *, adding: bool = False) -> list[Finding]:
    """Bring the findings of the channel in line with what was seen; answers those that were opened.

    `adding` only opens what no finding tells of, of whatever detector; those on file stay as they are.
    """
    opened: list[Finding] = []
    unmatched = {row.pk: row for row in seen.at.rows if row.state == FindingState.OPEN}
    new = set(map(id, seen.new))
    for number, episode in enumerate(seen.episodes):
        row = _row_of(episode, seen.at.rows)
        if row is None and id(episode) not in new:
            continue
        if adding and (row is not None or _told_of(episode, seen)):
            continue
        opens = not episode.over and (row is None or row.state == FindingState.CLEARED)
        if opens:  # only one is open at a time: what it takes the place of is over
            for one in [one for one in unmatched.values() if not _met_by(seen.episodes[number:], one)]:
                _clear(unmatched.pop(one.pk))
        if row is None:
            opened.append(_open(episode, seen))
        else:
            unmatched.pop(row.pk, None)
            _update(row, episode, seen)
    for row in () if adding else unmatched.values():
        if valid_between(seen.series, microseconds(row.started_at), None):
            _clear(row, corrected=row.ended_at > seen.at.start)
    return opened


def _met_by(episodes: Iterable[Episode], row: Finding) -> bool:
    return any(_row_of(episode, (row,)) is not None for episode in episodes)


def _row_of(episode: Episode, rows: Iterable[Finding]) -> Finding | None:
    """The finding that the episode overlaps or adjoins: the open one, else the last one."""
    met = [row for row in rows if row.started_at <= episode.end and row.ended_at >= episode.start]
    return max(met, key=lambda row: (row.state == FindingState.OPEN, row.started_at), default=None)


def _open(episode: Episode, seen: Seen) -> Finding:
    now = clock.now()
    look = seen.at.look
    described = _described(episode, seen)
    cause = seen.detector.cause or seen.detector.code
    head = _head(seen, cause, (episode.start, episode.end))
    row = Finding.objects.create(
        detector=seen.detector.code, cause=cause, merged_into=head,
        channel=look.channel, station=look.channel.station, kind=look.kind, opened_at=now,
        state=FindingState.CLEARED if episode.over else FindingState.OPEN, cleared_at=now if episode.over else None,
        edition=_edition(seen, now), **described,
    )  # fmt: skip
    if head is not None:
        _merge(row, head)
        return row
    log.write(
        FindingOpened(
            id=row.pk, detector=row.detector, channel=look.channel.pk, station=look.channel.station.code,
            severity=row.severity, started_at=row.started_at.isoformat(),
            sentence_zh=row.sentence_zh, sentence_en=row.sentence_en,
        )
    )  # fmt: skip
    if episode.over:
        _tell_cleared(row)
    return row


def _told_of(episode: Episode, seen: Seen) -> bool:
    """Whether a finding of another detector or averaging time tells of the same."""
    return _head(seen, seen.detector.cause or seen.detector.code, (episode.start, episode.end)) is not None


def _head(seen: Seen, cause: str, span: tuple[datetime, datetime]) -> Finding | None:
    """The finding that tells of the same already: of the same station, factor and cause, and of a time that overlaps.

    Where channels of a station fail together, the factor need not be the same if it begins within a period. One that a
    person dismissed takes nothing in: what comes after was not looked at by that person.
    """
    channel = seen.at.look.channel
    alike = Q(channel__factor=channel.factor)
    if seen.detector.of_station:
        apart = period(seen.at.look.kind)
        alike |= Q(detector=seen.detector.code, started_at__range=(span[0] - apart, span[0] + apart))
    same = Finding.objects.filter(
        alike, station=channel.station_id, cause=cause, merged_into=None,
        started_at__lt=span[1], ended_at__gt=span[0],
    )  # fmt: skip
    others = same.exclude(state=FindingState.DISMISSED).exclude(
        detector=seen.detector.code, channel=channel, kind=seen.at.look.kind
    )
    return others.select_for_update(of=("self",)).order_by("started_at", "pk").first()


def _merge(row: Finding, head: Finding) -> None:
    log.write(FindingMerged(id=row.pk, into=head.pk, detector=row.detector))
    if row.severity > head.severity:
        head.severity = row.severity
        head.save(update_fields=["severity"])
        fact = FindingGrew(
            id=head.pk, severity=head.severity, ended_at=head.ended_at.isoformat(),
            sentence_zh=row.sentence_zh, sentence_en=row.sentence_en,
        )  # fmt: skip
        log.write(fact)


def _update(row: Finding, episode: Episode, seen: Seen) -> None:
    described = _described(episode, seen)
    if row.started_at < seen.at.start:
        described |= _carried_on(row, described, microseconds(seen.at.start))
    if row.ended_at > seen.at.end and episode.end <= seen.at.end:
        described["ended_at"] = row.ended_at  # it goes on in a later block
    parts = row.parts.aggregate(most=Max("severity"))["most"] or 0
    described["severity"] = max(described["severity"], parts)
    changed = [name for name, value in described.items() if getattr(row, name) != value]
    if changed:
        for name in changed:
            setattr(row, name, described[name])
        row.edition = _edition(seen, clock.now())
        row.save(update_fields=[*changed, "edition"])
        if row.merged_into_id is None:
            log.write(
                FindingGrew(
                    id=row.pk, severity=row.severity, ended_at=row.ended_at.isoformat(),
                    sentence_zh=row.sentence_zh, sentence_en=row.sentence_en,
                )
            )  # fmt: skip
    if episode.over and row.state == FindingState.OPEN:
        _clear(row)
    elif not episode.over and row.state == FindingState.CLEARED:
        row.state, row.cleared_at = FindingState.OPEN, None
        row.save(update_fields=["state", "cleared_at"])


def _carried_on(row: Finding, described: dict[str, Any], start: int) -> dict[str, Any]:
    """What an earlier block showed of the same, kept."""
    before = [point for point in row.evidence if point[0] < start]
    graver = row if row.times_over > described["times_over"] else None
    return {
        "started_at": row.started_at,
        "evidence": [*before, *described["evidence"]][-POINTS_KEPT:],
        "severity": max(row.severity, described["severity"]),
        "peak": graver.peak if graver else described["peak"],
        "times_over": graver.times_over if graver else described["times_over"],
        "signs": graver.signs if graver else described["signs"],
        "confidence": min(row.confidence, described["confidence"]),
    }


def _clear(row: Finding, *, corrected: bool = False) -> None:
    row.state, row.cleared_at = FindingState.CLEARED, clock.now()
    row.save(update_fields=["state", "cleared_at"])
    _tell_cleared(row, corrected=corrected)


def _tell_cleared(row: Finding, *, corrected: bool = False) -> None:
    if row.merged_into_id is None:
        log.write(FindingCleared(id=row.pk, ended_at=row.ended_at.isoformat(), corrected=corrected))


def _described(episode: Episode, seen: Seen) -> dict[str, Any]:
    worst, last = episode.worst, episode.runs[-1]
    limit = worst.limit.in_unit(seen.series.unit) if worst.limit else None
    points = [list(point) for run in episode.runs for point in run.evidence]
    title = _title(worst, seen)
    return {
        "title_zh": title.zh,
        "title_en": title.en,
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
        "signs": [
            {
                "name_zh": sign.name.zh, "name_en": sign.name.en, "value": sign.value,
                "low": sign.low, "high": sign.high, "unit": sign.unit,
                **{name: True for name in ("of_each", "told_at") if getattr(sign, name)},
            }
            for sign in worst.signs
        ],
        "parameters": _settings(seen.detector),
    }  # fmt: skip


def _title(worst: detect.Finding, seen: Seen) -> Text:
    """What was found, with the factor that it was found of; not what it would be by a limit that does not judge it."""
    factor, said = seen.context.factor.short, worst.title or seen.detector.title
    if not seen.detector.of_factor or seen.context.whole_station:
        return said
    english = f"{factor.en} {said.en[:1].lower()}{said.en[1:]}"
    return Text(after_symbol(factor.zh, said.zh), english[:1].upper() + english[1:])


def after_symbol(name: str, words: str) -> str:
    """Chinese words behind a name, with a space where the name ends as a Latin symbol does."""
    return f"{name} {words}" if name[-1:].isascii() else f"{name}{words}"


def _settings(detector: Detector) -> dict[str, Any]:
    """Every parameter as it stood, defaults included: a later release may have other defaults."""
    return {spec.name: getattr(detector, spec.name) for spec in parameters_of(type(detector))}


def _edition(seen: Seen, known_at: datetime) -> dict[str, Any]:
    whole = {"whole_station": True} if seen.context.whole_station else {}
    return {
        "program": version("qingyuan"),
        "known_at": known_at.isoformat(),
        "limits": [limit.code for limit in (*seen.context.limits, *seen.context.thresholds)],
        "watch": seen.at.look.watch,
        "overrides": list(seen.at.look.overrides),
        **whole,
    }
