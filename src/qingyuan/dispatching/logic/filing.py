"""Putting evidence into a case's file, each piece with the hash of what it held on the day."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from qingyuan.dispatching.events import EvidenceAdded
from qingyuan.dispatching.models import Case, Evidence
from qingyuan.judging.queries import Finding
from qingyuan.kit import canonical, clock, log
from qingyuan.kit.log import PLATFORM, Origin
from qingyuan.people.queries import User
from qingyuan_science.plugins import Text


@dataclass(frozen=True)
class Item:
    """A piece of evidence on its way into a file.

    Parameters
    ----------
    kind : str
        What the case type's needs call it, such as "inspection".
    title : Text
    subject : str
        What it is, as `kind/id`; one piece a subject.
    record : Mapping
        What it holds, as JSON can hold it; its hash goes into the file and the chained log.
    photos : int
    """

    kind: str
    title: Text
    subject: str
    record: Mapping[str, Any] = field(default_factory=dict)
    photos: int = 0


def digest(record: Mapping[str, Any]) -> str:
    """SHA-256 of a record in a fixed form."""
    return hashlib.sha256(canonical.text(record).encode()).hexdigest()


def file(case: Case, item: Item, user: User | None = None, origin: Origin = PLATFORM) -> Evidence:
    """Put one piece into the file; the same subject a second time changes nothing."""
    there = case.evidence.filter(subject=item.subject).first()
    if there is not None:
        return there
    evidence = Evidence.objects.create(
        case=case, kind=item.kind, title_zh=item.title.zh, title_en=item.title.en, subject=item.subject,
        sha256=digest(item.record), record=dict(item.record), photos=item.photos, added_by=user, at=clock.now(),
    )  # fmt: skip
    fact = EvidenceAdded(
        id=case.pk, evidence=evidence.pk, kind=item.kind, about=item.subject, title_zh=item.title.zh,
        title_en=item.title.en, photos=item.photos, sha256=evidence.sha256,
    )  # fmt: skip
    log.write(fact, origin, at=evidence.at)
    return evidence


def file_finding(case: Case, finding: Finding) -> Evidence:
    """Put a finding into the file as it stands."""
    record = {
        "finding": finding.pk,
        "detector": finding.detector,
        "sentence": finding.sentence_zh,
        "limit": finding.limit_code,
        "peak": finding.peak,
        "started_at": finding.started_at.isoformat(),
        "ended_at": finding.ended_at.isoformat(),
        "evidence": finding.evidence,
    }
    if finding.edition.get("spots"):
        record["spots"] = finding.edition["spots"]
    title = Text(f"线索：{finding.title_zh}", f"Finding: {finding.title_en}")
    return file(case, Item("finding", title, f"finding/{finding.pk}", record))


def file_news(case: Case, kind: str, title: Text, subject: str) -> Evidence:
    """Put what became of a finding into the file."""
    return file(case, Item(kind, title, subject, {"subject": subject, "title": title.zh}))


def faults() -> Iterator[str | None]:
    """For each piece of evidence whether it still holds what was filed."""
    for evidence in Evidence.objects.order_by("pk").iterator():
        found = digest(evidence.record)
        same = found == evidence.sha256
        yield None if same else f"evidence {evidence.pk} ({evidence.subject}): found {found}, filed {evidence.sha256}"
