"""Facts about records made on site."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.kit.events import Event


@dataclass(frozen=True)
class InspectionRecorded(Event):
    """Somebody was there, saw this and took these photos; `photos` are their hashes."""

    subject_kind: ClassVar[str] = "inspection"
    id: int
    case: int
    conclusion: str
    photos: list[str]


@dataclass(frozen=True)
class RectificationRecorded(Event):
    """The responsible department says what was done about the problem."""

    subject_kind: ClassVar[str] = "rectification"
    id: int
    case: int
    finished_on: str
    photos: list[str]
