"""What happened last: findings and cases together, newest first."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from django.urls import reverse

from qingyuan.dispatching.queries import cases
from qingyuan.judging.queries import findings
from qingyuan.people.queries import User

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


def newest(viewer: User) -> list[Item]:
    """The newest findings and cases of the viewer's territory."""
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
        for one in findings(viewer)[:LENGTH]
    ]
    items += [
        Item(f"case-{one.pk}", "case", one.opened_at, one.severity, one.number, one.title, _address("case", one.pk))
        for one in cases(viewer)[:LENGTH]
    ]
    return sorted(items, key=attrgetter("at"), reverse=True)[:LENGTH]


def _address(what: str, number: int) -> str:
    return reverse(what, kwargs={f"{what}_id": number})
