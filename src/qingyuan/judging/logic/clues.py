"""Entering a clue into the list of findings: what a person noticed, a screening listed, or satellites saw."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from qingyuan.judging.events import FindingOpened
from qingyuan.judging.models import Finding, FindingState
from qingyuan.judging.queries import REPORTED
from qingyuan.kit import clock, log
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.places.queries import Point, Station
from qingyuan_science.plugins import Text


@dataclass(frozen=True)
class Clue:
    """What a clue says, of which time, how grave; `edition` says where it came from where no person noticed it."""

    title: Text
    sentence: Text
    span: tuple[datetime, datetime]
    severity: int
    signs: list[dict[str, Any]] = field(default_factory=list)
    edition: dict[str, Any] = field(default_factory=dict)


def enter(place: Station | Point, clue: Clue, user: User | None, origin: Origin) -> Finding:
    """Enter it under the user's name, or the platform's where no person did it."""
    at = {"station": place} if isinstance(place, Station) else {"cell": place.cell, "lon": place.lon, "lat": place.lat}
    row = Finding.objects.create(
        detector=REPORTED, cause=REPORTED, **at, state=FindingState.OPEN, severity=clue.severity,
        started_at=clue.span[0], ended_at=clue.span[1], opened_at=clock.now(), reported_by=user,
        peak=0.0, times_over=0.0, confidence=1.0, title_zh=clue.title.zh, title_en=clue.title.en,
        sentence_zh=clue.sentence.zh, sentence_en=clue.sentence.en, signs=clue.signs, edition=clue.edition,
    )  # fmt: skip
    fact = FindingOpened(
        id=row.pk, detector=REPORTED, channel=None, station=place.code, severity=clue.severity,
        started_at=row.started_at.isoformat(), sentence_zh=row.sentence_zh, sentence_en=row.sentence_en,
    )  # fmt: skip
    log.write(fact, Origin(user.username, origin.place) if user else origin)
    return row
