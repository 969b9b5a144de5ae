"""Enforcement in three layers: what senses from afar, what of it is brought together, what the judging made of it."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import cases
from qingyuan.judging.queries import FindingState, heads, problems, screening_rows
from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import (
    Enterprise,
    StationKind,
    disclosures,
    enterprises,
    known_now,
    meter_uses,
    permits,
    plans,
    stations,
)
from qingyuan.sensing.queries import channels, spots
from qingyuan.showing.logic.enforcing.narrowing import ANY, LATELY, found_any
from qingyuan.showing.logic.environment.reporting import REPORTS_WITHIN, newest_of
from qingyuan.showing.logic.filters import CLUES, DETECTORS

LOOKED_BACK = timedelta(days=LATELY)
WATCHED = "monitors"
OUTLETS = (StationKind.OUTLET_WATER, StationKind.OUTLET_GAS)


@dataclass(frozen=True)
class Line:
    """One line of a layer: what there is of it, and of how much; `href` lists what was counted."""

    title: str
    number: int
    of: int | None = None
    href: str = ""


@dataclass(frozen=True)
class Paper:
    """Something that is known of enterprises beside readings; `place` is where it stands in an enterprise's file."""

    code: str
    title: str
    place: str


@dataclass(frozen=True)
class Firm:
    """One enterprise through the three layers; `papers` are named, the numbers counted."""

    enterprise: Enterprise
    eyes: int
    speaking: int
    papers: tuple[Paper, ...]
    findings: int
    cases: int

    @property
    def rank(self) -> tuple[bool, int, str]:
        """Those that nothing senses first, then those with most to look at."""
        return self.eyes > 0, -self.findings - self.cases, self.enterprise.code

    def is_known_by(self, code: str) -> bool:
        """Whether a line of the middle layer counts it."""
        return self.eyes > 0 if code == WATCHED else any(one.code == code for one in self.papers)


@dataclass(frozen=True)
class Layers:
    """The three layers of a territory."""

    sensing: list[Line]
    joined: list[Line]
    judged: list[Line]
    firms: list[Firm]


def layers_of(viewer: User, now: datetime) -> Layers:
    """The layers of what the viewer answers for; the queries do not grow with its size.

    Parameters
    ----------
    viewer : User
    now : datetime
        Aware; the last thirty days count.

    Returns
    -------
    Layers
    """
    owners = list(enterprises(viewer).order_by("code"))
    held = list(stations(viewer).values_list("pk", "kind", "enterprise_id"))
    newest = newest_of(list(channels(viewer).filter(station__in=[pk for pk, _kind, _owner in held])))
    speaking = {pk for pk, at in newest.items() if now - at <= REPORTS_WITHIN}
    papers = _papers([one.pk for one in owners], viewer, now)
    eyes: dict[int | None, list[int]] = defaultdict(list)
    for pk, _kind, owner in held:
        eyes[owner].append(pk)
    open_now = heads(viewer).filter(state=FindingState.OPEN, station__enterprise__isnull=False)
    found = Counter(open_now.values_list("station__enterprise_id", flat=True))
    going = Counter(cases(viewer).filter(closed_at=None).values_list("station__enterprise_id", flat=True))
    firms = [
        Firm(
            one, len(eyes[one.pk]), len(speaking.intersection(eyes[one.pk])),
            tuple(paper for paper, whose in papers if one.pk in whose), found[one.pk], going[one.pk],
        )
        for one in owners
    ]  # fmt: skip
    joined = [Line(one.title, len(whose), len(owners), _firms_of(one.code)) for one, whose in papers]
    watched = Line(_("With monitors"), sum(one.eyes > 0 for one in firms), len(owners), _firms_of(WATCHED))
    return Layers(
        _sensing(viewer, now, held, speaking), [watched, *joined], _judged(viewer, now),
        sorted(firms, key=lambda one: one.rank),
    )  # fmt: skip


def _firms_of(code: str) -> str:
    """The enterprises below that a line of the middle layer counts."""
    return f"{reverse('layers')}?known={code}#firms"


def _sensing(viewer: User, now: datetime, held: list[Any], speaking: set[int]) -> list[Line]:
    lines = []
    for kind in StationKind:
        those = [pk for pk, own, _owner in held if own == kind]
        if those:
            listed = f"{reverse('places')}?kind={kind.value}"
            lines.append(Line(str(kind.label), len(speaking.intersection(those)), len(those), listed))
    seen = spots(viewer).filter(observed_at__gte=now - LOOKED_BACK).count()
    return [*lines, Line(_("Satellite spots of 30 days"), seen, href=reverse("spots"))]


def _papers(ids: list[int], viewer: User, now: datetime) -> list[tuple[Paper, set[int]]]:
    """What is known of which enterprises beside readings."""
    today = now.astimezone(SHANGHAI).date()
    uses = known_now(meter_uses(ids)).values_list("station__enterprise_id", flat=True)
    return [
        (Paper("electricity", _("Electricity by use"), "meters"), set(uses)),
        (Paper("permit", _("Permit in force"), "permit"),
         _whose(known_now(permits(viewer)).filter(valid__contains=today))),
        (Paper("plan", _("Emergency plan"), "plan"), _whose(known_now(plans(viewer)).filter(valid__contains=today))),
        (Paper("disclosure", _("Disclosure"), "disclosures"), _whose(known_now(disclosures(viewer)))),
        (Paper("cases", _("Cases"), "cases"), set(cases(viewer).values_list("station__enterprise_id", flat=True))),
    ]  # fmt: skip


def _whose(rows: Any) -> set[int]:
    return set(rows.values_list("enterprise_id", flat=True))


def _judged(viewer: User, now: datetime) -> list[Line]:
    since = now - LOOKED_BACK
    found = heads(viewer).filter(opened_at__gte=since)
    listed = screening_rows(viewer).filter(run__ended_at__gte=since)
    determined = cases(viewer).filter(found_any(), violation_at__gte=since)
    lately = f"?state=all&since={LOOKED_BACK.days}"
    return [
        Line(_("Found by detectors"), found.filter(channel__isnull=False).count(),
             href=f"{reverse('findings')}{lately}&by={DETECTORS}"),
        Line(_("Clues of people, screenings and satellites"), found.filter(channel=None).count(),
             href=f"{reverse('findings')}{lately}&by={CLUES}"),
        Line(_("Enterprises and cells listed by screenings"), listed.count(),
             href=f"{reverse('screened-rows')}?since={LATELY}"),
        Line(_("Suspected problems seen by satellite"), problems(viewer).filter(last_at__gte=since).count(),
             href=reverse("satellite")),
        Line(_("Cases opened"), cases(viewer).filter(opened_at__gte=since).count(), href=reverse("cases") + lately),
        Line(_("Violations determined"), determined.count(),
             href=f"{reverse('cases')}?state=all&violation={ANY}&determined={LATELY}d"),
    ]  # fmt: skip
