"""What happened last: findings and cases together, newest first."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from django.db.models import QuerySet
from django.urls import reverse

from qingyuan.dispatching.queries import Case
from qingyuan.judging.queries import Finding

LENGTH = 20


@dataclass(frozen=True)
class Item:
    """One finding or case in the feed."""

    key: str
    what: str
    at: datetime
    severity: int
    title: str
    text: str
    href: str


def newest(seen: QuerySet[Finding], opened: QuerySet[Case]) -> list[Item]:
    """The newest of the findings and cases that a viewer may see."""
    items = [
        Item(
            f"finding-{one.pk}",
            "finding",
            one.opened_at,
            one.severity,
            one.title,
            one.sentence,
            _address("finding", one.pk),
        )
        for one in seen[:LENGTH]
    ]
    items += [
        Item(f"case-{one.pk}", "case", one.opened_at, one.gravest, one.number, one.title, _address("case", one.pk))
        for one in opened[:LENGTH]
    ]
    return sorted(items, key=attrgetter("at"), reverse=True)[:LENGTH]


def _address(what: str, number: int) -> str:
    return reverse(what, kwargs={f"{what}_id": number})
