"""Everything about one outfall, gathered for its page, along one time."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import Case, cases
from qingyuan.judging.queries import Finding, findings
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.queries import Entry
from qingyuan.people.queries import User
from qingyuan.places.queries import (
    OutfallEdition,
    OutfallState,
    OutfallStep,
    Permit,
    Station,
    known_now,
    outfall_steps,
    permits,
    stations,
)
from qingyuan.showing.logic.board import Group, board
from qingyuan.showing.logic.environment.newest import now_of
from qingyuan.showing.logic.lines import for_people
from qingyuan.showing.logic.outfalls.lights import Light, lights_of

MOST = 40
MOVES = ("OutfallMoved", "OutfallStepWithdrawn")


@dataclass(frozen=True)
class OutfallFile:
    """What the page of an outfall shows."""

    row: OutfallEdition
    light: Light
    monitors: list[Group]
    section: dict[str, Any] | None
    findings: list[Finding]
    cases: list[Case]
    permits: list[Permit]
    steps: list[OutfallStep]
    timeline: list[dict[str, Any]]

    @property
    def stations(self) -> list[Station]:
        """The stations that watch it, as far as the viewer sees them."""
        return [row.station for group in self.monitors for row in group.rows]


def file_of(viewer: User, row: OutfallEdition, now: datetime) -> OutfallFile:
    """Gather it, as far as the viewer may see it."""
    watching = list(stations(viewer).filter(pk__in=[one.station_id for one in row.monitors.all()]))
    section = stations(viewer).filter(pk=row.section_id).first() if row.section_id else None
    found = list(findings(viewer).filter(station__in=watching, merged_into=None)[:MOST])
    held = list(cases(viewer).filter(station__in=watching)[:MOST])
    owners = [one.enterprise_id for one in row.dischargers.all()]
    steps = list(outfall_steps(row.outfall))
    return OutfallFile(
        row,
        lights_of(viewer, [row], now)[row.pk],
        board(watching, now),
        now_of(viewer, section, now) if section else None,
        found,
        held,
        list(known_now(permits(viewer)).filter(enterprise__in=owners, valid__contains=_day(now)).order_by("number")),
        steps,
        _story(row, steps, found, held),
    )


def _day(now: datetime) -> Any:
    return now.astimezone(SHANGHAI).date()


def _story(
    row: OutfallEdition, steps: list[OutfallStep], found: list[Finding], held: list[Case]
) -> list[dict[str, Any]]:
    entries = [_step(one) for one in steps]
    lines = Entry.objects.filter(subject=f"outfall/{row.outfall_id}").exclude(act__in=MOVES).order_by("-seq")[:MOST]
    entries += [
        {"at": one.at, "title": one.title, "who": one.who, "text": one.why, "kind": "working"}
        for one in for_people(lines)
    ]
    entries += [
        {"at": one.opened_at, "title": one.title, "text": one.sentence, "kind": "warning",
         "href": reverse("finding", kwargs={"finding_id": one.pk})}
        for one in found
    ]  # fmt: skip
    entries += [
        {"at": one.opened_at, "title": _("Case %(number)s") % {"number": one.number}, "text": one.title, "kind": "bad",
         "href": reverse("case", kwargs={"case_id": one.pk})}
        for one in held
    ]  # fmt: skip
    return sorted(entries, key=lambda entry: entry["at"], reverse=True)


def _step(one: OutfallStep) -> dict[str, Any]:
    title = str(OutfallState(one.state).label)
    text = one.note
    if one.withdrawn_at is not None:
        title = _("%(state)s (taken back)") % {"state": title}
        text = one.withdrawn_why
    return {
        "at": datetime.combine(one.on, time(), SHANGHAI), "title": title, "text": text,
        "who": one.by.name if one.by else "", "kind": "idle" if one.withdrawn_at else "good",
    }  # fmt: skip
