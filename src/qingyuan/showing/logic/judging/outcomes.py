"""What findings turned out to be: confirmed on site, refuted on site or dismissed, or not decided yet."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import Case
from qingyuan.inspecting.queries import Conclusion, Inspection
from qingyuan.judging.queries import REPORTED, Finding, FindingState, findings
from qingyuan.people.queries import User

WAYS = ["screening", "suspected_problem", "seen"]  # what a clue's edition holds of where it came from
MOST_COMPARED = 1000
SHOWN = 5


class Outcome(StrEnum):
    """What became of a finding."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNDECIDED = "undecided"

    @property
    def words(self) -> str:
        """What people call it."""
        return {"confirmed": _("Confirmed"), "refuted": _("Refuted"), "undecided": _("Not decided")}[self.value]


def outcomes_of(found: Iterable[Finding]) -> dict[int, Outcome]:
    """The outcome of each finding: by the newest inspection of its case, or by its dismissal; in two queries.

    What was filed in the case of another finding, or merged into one, turned out as that one did.
    """
    rows = list(found)
    own = {row.pk: row.merged_into_id or row.pk for row in rows}
    concluded = Inspection.objects.filter(case__finding__in=set(own.values())).order_by("at", "pk")
    newest = dict(concluded.values_list("case__finding_id", "conclusion"))
    missing = {number for number in own.values() if number not in newest}
    filed = Case.objects.filter(evidence__subject__in=[f"finding/{number}" for number in missing])
    cases = {int(subject.partition("/")[2]): pk for pk, subject in filed.values_list("pk", "evidence__subject")}
    others = Inspection.objects.filter(case__in=set(cases.values())).order_by("at", "pk")
    by_case = dict(others.values_list("case_id", "conclusion"))
    for number, case in cases.items():
        if case in by_case and number not in newest:
            newest[number] = by_case[case]
    return {row.pk: _outcome(row, newest.get(own[row.pk])) for row in rows}


@dataclass(frozen=True)
class Alike:
    """Findings of the same detector at stations of the same kind: how many turned out how, and the newest of them.

    Of clues those that came in the same way: what satellites, drones or screenings see is not like what people report.

    Of the `newest` those that people decided come first.
    """

    counts: dict[str, int]
    newest: list[tuple[Finding, Outcome]]


def alike(viewer: User, finding: Finding) -> Alike:
    """How findings of the same detector at stations of the same kind turned out, in the viewer's territory."""
    told = _compared(viewer, finding)
    counted = Counter(told.values())
    ranked = sorted(told, key=lambda number: told[number] == Outcome.UNDECIDED)[:SHOWN]  # newest first within each
    named = {one.pk: one for one in findings(viewer).filter(pk__in=ranked).defer("evidence", "signs")}
    counts = {one.value: counted[one] for one in Outcome}
    return Alike(counts, [(named[number], told[number]) for number in ranked])


def those_alike(viewer: User, finding: Finding, outcome: Outcome | None = None) -> list[int]:
    """The findings that `alike` counts, those of one outcome if asked."""
    told = _compared(viewer, finding)
    return [number for number, became in told.items() if outcome is None or became == outcome]


def _compared(viewer: User, finding: Finding) -> dict[int, Outcome]:
    place = {"station__kind": finding.station.kind} if finding.station else {"station": None}
    same = findings(viewer).filter(detector=finding.detector, merged_into=None, **place)
    if finding.detector == REPORTED:
        same = _come_as(same, finding)
    rows = same.exclude(pk=finding.pk).order_by("-opened_at", "-pk")[:MOST_COMPARED]
    return outcomes_of(rows.select_related(None).only("pk", "state", "merged_into"))


def _come_as(rows: QuerySet[Finding], clue: Finding) -> QuerySet[Finding]:
    """The clues that came in the same way as one."""
    ways = [name for name in WAYS if name in clue.edition]
    if not ways:
        return rows.exclude(edition__has_any_keys=WAYS)
    rows = rows.filter(edition__has_any_keys=ways)
    return rows.filter(edition__seen__by=clue.edition["seen"]["by"]) if "seen" in ways else rows


def similar(viewer: User, finding: Finding) -> dict[str, int]:
    """How many of the findings that are alike turned out how."""
    return alike(viewer, finding).counts


def _outcome(row: Finding, conclusion: str | None) -> Outcome:
    if row.state == FindingState.DISMISSED or conclusion == Conclusion.UNFOUNDED:
        return Outcome.REFUTED
    return Outcome.CONFIRMED if conclusion == Conclusion.CONFIRMED else Outcome.UNDECIDED
