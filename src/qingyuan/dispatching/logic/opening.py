"""Opening a case for a finding."""

from dataclasses import dataclass

from django.db.models import Q

from qingyuan.dispatching.case_types import CASE_TYPES
from qingyuan.dispatching.events import CaseOpened
from qingyuan.dispatching.logic import filing, tasks
from qingyuan.dispatching.logic.numbering import next_number
from qingyuan.dispatching.models import Case, DispatchRule
from qingyuan.judging.queries import Finding
from qingyuan.kit import clock, log
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Organisation
from qingyuan_science.plugins import Text


@dataclass(frozen=True)
class Ground:
    """Why a case is opened, of which type, and whose department is responsible."""

    case_type: str
    words: Text
    rule: DispatchRule | None = None

    @property
    def organisation(self) -> Organisation | None:
        return self.rule.organisation if self.rule else None


def case_holding(finding: Finding) -> Case | None:
    """The case that has the finding already: as its cause, or in its file."""
    as_cause = Case.objects.filter(finding=finding).first()
    return as_cause or Case.objects.filter(evidence__subject=f"finding/{finding.pk}").first()


def findings_of(case: Case) -> set[int]:
    """Numbers of the findings that a case is about: its cause, and those in its file."""
    filed = case.evidence.filter(kind="finding", voided_at=None).values_list("subject", flat=True)
    return {case.finding_id, *(int(subject.partition("/")[2]) for subject in filed)}


def open_case_at(finding: Finding) -> Case | None:
    """The open case about the same detector at the same channel, locked; it takes further findings into its file.

    What is told of the station as a whole goes to the case about the station as a whole, whichever channel tells it.
    What was seen where no station stands has a case of its own.
    """
    if finding.station_id is None:
        return None
    whole = bool(finding.edition.get("whole_station"))
    same = Case.objects.filter(
        Q(finding__channel=finding.channel_id) | (Q(finding__edition__whole_station=True) if whole else Q()),
        closed_at=None, station=finding.station_id, finding__detector=finding.detector,
    )  # fmt: skip
    return same.select_for_update(of=("self",)).order_by("pk").first()


def open_case(finding: Finding, ground: Ground, origin: Origin, why: str = "") -> Case:
    """Number the case, put the finding into its file, and give its first task."""
    now = clock.now()
    kind = CASE_TYPES.get(ground.case_type)
    place = finding.place
    case = Case(
        number=next_number(now), case_type=kind.code, finding=finding, station=finding.station, cell=place.cell,
        severity=finding.severity, rule=ground.rule, rule_zh=ground.words.zh, rule_en=ground.words.en,
        organisation=ground.organisation, opened_at=now, due_at=now + tasks.within_limit(kind.clock, now),
        title_zh=f"{place.title_zh} {finding.title_zh}", title_en=f"{place.title_en}: {finding.title_en}",
        state=kind.starts_unassigned,
    )  # fmt: skip
    case.save()
    first = kind.state(kind.starts)
    state = first if tasks.somebody_for(case, first) else kind.state(kind.starts_unassigned)
    if state.code != case.state:
        case.state = state.code
        case.save(update_fields=["state"])
    _tell(case, state.title, origin, why)
    filing.file_finding(case, finding)
    tasks.give(case, state, now)
    return case


def _tell(case: Case, state: Text, origin: Origin, why: str) -> None:
    fact = CaseOpened(
        id=case.pk, number=case.number, case_type=case.case_type, state=case.state,
        state_zh=state.zh, state_en=state.en, finding=case.finding_id, station=case.place.code,
        rule_zh=case.rule_zh, rule_en=case.rule_en,
    )  # fmt: skip
    log.write(fact, origin, why, at=case.opened_at)
