"""Facts about people."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan.kit.events import Event


@dataclass(frozen=True)
class OrganisationRegistered(Event):
    subject_kind: ClassVar[str] = "organisation"
    id: int
    code: str


@dataclass(frozen=True)
class PersonRegistered(Event):
    subject_kind: ClassVar[str] = "person"
    id: int
    username: str
    role: str


@dataclass(frozen=True)
class ContactKept(Event):
    """An address at which a person is reached was entered or changed; the address itself stays out of the log."""

    subject_kind: ClassVar[str] = "contact"
    id: int
    username: str
    values: dict[str, Any]


@dataclass(frozen=True)
class ContactRemoved(Event):
    subject_kind: ClassVar[str] = "contact"
    id: int
    username: str


@dataclass(frozen=True)
class ProgramTokenIssued(Event):
    """A program may read what a person may see; the token itself stays out of the log."""

    subject_kind: ClassVar[str] = "program-token"
    id: int
    username: str
    title: str


@dataclass(frozen=True)
class ProgramTokenWithdrawn(Event):
    subject_kind: ClassVar[str] = "program-token"
    id: int
    username: str
    title: str
