"""Facts of evaluation."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan.kit.events import Event


@dataclass(frozen=True)
class GradeRulesSet(Event):
    """The bureau set its own edition of the rules of a grade; `values` is what it says."""

    subject_kind: ClassVar[str] = "grade-rules"
    id: int
    kind: str
    document: str
    values: dict[str, Any]
    days: list[str | None]


@dataclass(frozen=True)
class GradesAsked(Event):
    """Somebody, or the timer, let every enterprise be evaluated over a time."""

    subject_kind: ClassVar[str] = "grade-run"
    id: int
    kind: str
    span: list[str]


@dataclass(frozen=True)
class GradesComputed(Event):
    """An evaluation ended; `levels` counts the enterprises of each level."""

    subject_kind: ClassVar[str] = "grade-run"
    id: int
    kind: str
    state: str
    levels: dict[str, int]


@dataclass(frozen=True)
class GradeCorrected(Event):
    """The grade of an enterprise was computed anew because an objection was accepted; the one before stays."""

    subject_kind: ClassVar[str] = "enterprise"
    id: int
    grade: int
    before: int
    objection: int
    score: float | None
    level: str


@dataclass(frozen=True)
class ObjectionFiled(Event):
    """An enterprise objected to an item of its grade."""

    subject_kind: ClassVar[str] = "enterprise"
    id: int
    objection: int
    grade: int
    item: str


@dataclass(frozen=True)
class ObjectionAnswered(Event):
    """An objection was accepted or refused."""

    subject_kind: ClassVar[str] = "enterprise"
    id: int
    objection: int
    accepted: bool


@dataclass(frozen=True)
class SignEntered(Event):
    """A veto item, an incident or a green item of an enterprise was entered."""

    subject_kind: ClassVar[str] = "enterprise"
    id: int
    sign: int
    code: str
    on: str
    what: str
    document: str


@dataclass(frozen=True)
class SignWithdrawn(Event):
    """A veto item, an incident or a green item was taken back."""

    subject_kind: ClassVar[str] = "enterprise"
    id: int
    sign: int
    code: str
