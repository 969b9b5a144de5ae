"""What a detector would have found, beside what people know of the same time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingyuan.judging.api import Trial
from qingyuan.judging.queries import Finding, SeverityLevel, findings
from qingyuan.people.queries import User
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.logic.judging.outcomes import Outcome, outcomes_of
from qingyuan.showing.wording import said


@dataclass(frozen=True)
class Compared:
    """Rows of a trial with the findings on file of the same factor and time, and the confirmed ones that it misses."""

    rows: list[dict[str, Any]]
    missed: list[Finding]
    counts: dict[str, int]


def compared(trial: Trial, viewer: User, channels: Sequence[Channel], span: tuple[datetime, datetime]) -> Compared:
    """Hold a trial against what is on file: confirmed and refuted on site, dismissed, not decided, or new."""
    known = list(
        findings(viewer)
        .filter(station__in={one.station_id for one in channels}, started_at__lt=span[1], ended_at__gt=span[0])
        .filter(channel__factor__in={one.factor for one in channels})
    )
    outcomes = outcomes_of(known)
    met: set[int] = set()
    rows = []
    for channel, episode in trial.found:
        same = [one for one in known if _same(one, channel) and _overlaps(one, (episode.start, episode.end))]
        met |= {one.pk for one in same}
        rows.append(_row(channel, episode, same, outcomes))
    missed = [one for one in known if one.pk not in met and outcomes[one.pk] is Outcome.CONFIRMED]
    counts = {key: sum(row["outcome"] == key for row in rows) for key in (*Outcome, "new")}
    return Compared(rows, missed, {str(key): count for key, count in counts.items()} | {"missed": len(missed)})


def _row(channel: Channel, episode: Any, same: list[Finding], outcomes: dict[int, Outcome]) -> dict[str, Any]:
    decided = [outcomes[one.pk] for one in same]
    best = next((one for one in Outcome if one in decided), "new")
    return {
        "factor": measured(channel).name,
        "started_at": episode.start,
        "ended_at": episode.end,
        "severity": int(episode.worst.severity),
        "severity_title": SeverityLevel(int(episode.worst.severity)).label,
        "sentence": said(episode.runs[-1].sentence),
        "outcome": str(best),
        "known": same,
    }


def _same(one: Finding, channel: Channel) -> bool:
    return one.channel is not None and (one.station_id, one.channel.factor) == (channel.station_id, channel.factor)


def _overlaps(one: Finding, span: tuple[datetime, datetime]) -> bool:
    return one.started_at < span[1] and one.ended_at > span[0]
