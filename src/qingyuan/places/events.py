"""Facts about places."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan.kit.events import Event


@dataclass(frozen=True)
class CellDrawn(Event):
    subject_kind: ClassVar[str] = "cell"
    id: int
    code: str
    shape_sha256: str


@dataclass(frozen=True)
class EnterpriseRegistered(Event):
    subject_kind: ClassVar[str] = "enterprise"
    id: int
    code: str


@dataclass(frozen=True)
class StationRegistered(Event):
    subject_kind: ClassVar[str] = "station"
    id: int
    code: str


@dataclass(frozen=True)
class StationDescribed(Event):
    """A station or the place where it stands was described anew; `values` are what was changed."""

    subject_kind: ClassVar[str] = "station"
    id: int
    values: dict[str, Any]


@dataclass(frozen=True)
class StandardApplied(Event):
    subject_kind: ClassVar[str] = "station"
    id: int
    standard: str
    level: str
    valid_from: str


@dataclass(frozen=True)
class PersonPosted(Event):
    subject_kind: ClassVar[str] = "person"
    id: int
    cell: str
    valid_from: str


@dataclass(frozen=True)
class PostingEnded(Event):
    """A person answers for a cell up to a day."""

    subject_kind: ClassVar[str] = "person"
    id: int
    cell: str
    last_day: str


@dataclass(frozen=True)
class StandardEnded(Event):
    """A class of a standard binds a station up to a day."""

    subject_kind: ClassVar[str] = "station"
    id: int
    standard: str
    level: str
    last_day: str
