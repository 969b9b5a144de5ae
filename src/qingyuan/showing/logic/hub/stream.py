"""What was found last, whichever department it came from, with the duty officer's next act."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from qingyuan.dispatching.queries import Case, cases, cases_of_findings, giving_move
from qingyuan.judging.queries import Finding, FindingState, came_from, heads
from qingyuan.people.queries import Role, User
from qingyuan.showing.logic.hub.rows import Origins
from qingyuan.showing.standing import Standing, standing_of
from qingyuan.showing.wording import said

LENGTH = 30


@dataclass(frozen=True)
class Line:
    """One finding: whose data show it, its case and who holds that, and what the viewer may do at once."""

    finding: Finding
    department: str
    case: Case | None
    standing: Standing | None
    act_title: str
    act_href: str
    may_open_case: bool


def newest_lines(viewer: User, origins: Origins, now: datetime) -> list[Line]:
    """The newest findings of the viewer's territory; the queries do not grow with what is found."""
    newest = heads(viewer).order_by("-opened_at", "-pk")
    numbers = list(newest.values_list("pk", flat=True)[:LENGTH])  # sorted without their texts, of which there are many
    found = list(newest.filter(pk__in=numbers))
    came, opened = came_from(numbers), cases_of_findings(cases(viewer), numbers)
    return [_line(one, origins.title_of(came[one.pk]), opened.get(one.pk), (viewer, now)) for one in found]


def _line(finding: Finding, department: str, case: Case | None, by: tuple[User, datetime]) -> Line:
    viewer, now = by
    if case is None:
        opens = viewer.role == Role.DUTY_OFFICER and finding.state == FindingState.OPEN
        return Line(finding, department, None, None, "", "", opens)
    move = giving_move(case, viewer)
    href = reverse("case-act", kwargs={"case_id": case.pk, "verb": move.verb}) if move else ""
    return Line(
        finding, department, case, standing_of(case, now), said(move.title) if move else "", href, may_open_case=False
    )
