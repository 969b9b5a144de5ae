"""Facts about people."""

from dataclasses import dataclass
from typing import ClassVar

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
