"""Facts about cases. Titles are frozen into each fact, so that the timeline reads as it read on the day."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from qingyuan.kit import clock
from qingyuan.kit.events import Event
from qingyuan_science.plugins import Text


@dataclass(frozen=True)
class CaseEvent(Event):
    """A fact about one case; `words` says it in both languages."""

    subject_kind: ClassVar[str] = "case"
    id: int

    def words(self) -> Text:
        """What happened, as a line of the timeline."""
        raise NotImplementedError(f"{type(self).__name__} has no words")

    def stands(self) -> str:
        """The state in which the fact left the case; empty when it moved nothing."""
        return ""


@dataclass(frozen=True)
class CaseOpened(CaseEvent):
    """A case was opened for a finding, by a dispatch rule or by hand."""

    number: str
    case_type: str
    state: str
    state_zh: str
    state_en: str
    finding: int
    station: str
    rule_zh: str
    rule_en: str

    def words(self) -> Text:
        return Text(
            f"立案 {self.number}，{self.state_zh}；依据：{self.rule_zh}",
            f"Case {self.number} opened: {self.state_en}. Rule: {self.rule_en}",
        )

    def stands(self) -> str:
        return self.state


@dataclass(frozen=True)
class CaseMoved(CaseEvent):
    """Somebody did what the case type's table allows, and the case stands elsewhere now."""

    verb: str
    verb_zh: str
    verb_en: str
    source: str
    target: str
    target_zh: str
    target_en: str
    fields: dict[str, Any] = field(default_factory=dict)

    def words(self) -> Text:
        return Text(f"{self.verb_zh} → {self.target_zh}", f"{self.verb_en} → {self.target_en}")

    def stands(self) -> str:
        return self.target


@dataclass(frozen=True)
class TaskGiven(CaseEvent):
    """A task with a time limit was given to a person, to an organisation or to a role."""

    task: int
    state: str
    role: str
    assignee: str
    organisation: str
    to_zh: str
    to_en: str
    due_at: str

    def words(self) -> Text:
        due = _local(self.due_at)
        return Text(f"交给{self.to_zh}，时限 {due}", f"Given to {self.to_en}, due {due}")


@dataclass(frozen=True)
class EvidenceAdded(CaseEvent):
    """Something that proves something was put into the case's file."""

    evidence: int
    kind: str
    about: str
    title_zh: str
    title_en: str
    photos: int
    sha256: str

    def words(self) -> Text:
        zh = f"（照片 {self.photos} 张）" if self.photos else ""
        en = f" ({self.photos} photo{'s' if self.photos > 1 else ''})" if self.photos else ""
        return Text(f"入档：{self.title_zh}{zh}", f"Filed: {self.title_en}{en}")


@dataclass(frozen=True)
class TaskDueSoon(CaseEvent):
    """Three quarters of a task's time are used up."""

    task: int
    state_zh: str
    state_en: str
    due_at: str

    def words(self) -> Text:
        due = _local(self.due_at)
        return Text(f"“{self.state_zh}”即将到期：{due}", f"“{self.state_en}” is due soon: {due}")


@dataclass(frozen=True)
class CaseEscalated(CaseEvent):
    """A time limit has passed; `task` is 0 when it was the limit of the whole case."""

    task: int
    to_role: str
    to_zh: str
    to_en: str
    late_zh: str
    late_en: str
    due_at: str

    def words(self) -> Text:
        due = _local(self.due_at)
        return Text(
            f"督办：“{self.late_zh}”已超过时限 {due}，上报{self.to_zh}",
            f"Escalated to {self.to_en}: “{self.late_en}” was due {due}",
        )


@dataclass(frozen=True)
class CaseClosed(CaseEvent):
    """A case came to its end."""

    number: str
    outcome: str
    outcome_zh: str
    outcome_en: str

    def words(self) -> Text:
        return Text(f"结案：{self.outcome_zh}", f"Ended: {self.outcome_en}")


@dataclass(frozen=True)
class ViolationDetermined(CaseEvent):
    """A person said which violation a case was found to be, or that it is none; the laws as they were known then."""

    violation: str
    violation_zh: str
    violation_en: str
    act_first: str
    act_last: str
    bases: list[dict[str, Any]]

    def words(self) -> Text:
        if not self.bases:
            return Text(f"认定违法行为：{self.violation_zh}", f"Violation found: {self.violation_en}")
        zh = "、".join(_cited(one, "zh", "条款未取得") for one in self.bases)
        en = ", ".join(_cited(one, "en", "article not obtained") for one in self.bases)
        return Text(
            f"认定违法行为：{self.violation_zh}；依据：{zh}", f"Violation found: {self.violation_en}. Basis: {en}"
        )


@dataclass(frozen=True)
class LegalBasisSet(Event):
    """A bureau said on which article it rests a kind of violation."""

    subject_kind: ClassVar[str] = "legal-basis"
    id: int
    violation: str
    law: str
    article: str
    valid_from: str


@dataclass(frozen=True)
class FindingUnrouted(Event):
    """No dispatch rule fits a finding; it waits for a duty officer."""

    subject_kind: ClassVar[str] = "finding"
    id: int


@dataclass(frozen=True)
class RuleAdded(Event):
    subject_kind: ClassVar[str] = "dispatch-rule"
    id: int
    values: dict[str, Any]


@dataclass(frozen=True)
class RuleRetired(Event):
    subject_kind: ClassVar[str] = "dispatch-rule"
    id: int


@dataclass(frozen=True)
class TimeLimitSet(Event):
    subject_kind: ClassVar[str] = "time-limit"
    id: int
    limit: str
    hours: float
    valid_from: str


def _local(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"


def _cited(basis: dict[str, Any], language: str, unknown: str) -> str:
    return f"{basis[f'law_{language}']} {basis[f'article_{language}'] or unknown}"
