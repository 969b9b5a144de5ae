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


@dataclass(frozen=True)
class FlightRecorded(Event):
    """A drone flew a patrol over an area."""

    subject_kind: ClassVar[str] = "flight"
    id: int
    station: str
    zone: str
    purpose: str
    pilot: str
    starts_at: str
    ends_at: str


@dataclass(frozen=True)
class FlightFilmed(Event):
    """Photos and clips of a flight were kept; `media` are their hashes."""

    subject_kind: ClassVar[str] = "flight"
    id: int
    media: list[str]


@dataclass(frozen=True)
class SightingNoted(Event):
    """Somebody saw this on a flight."""

    subject_kind: ClassVar[str] = "flight"
    id: int
    sighting: int
    category: str
    what: str
    media: str


@dataclass(frozen=True)
class SightingReported(Event):
    """What was seen on a flight stands in the list of findings."""

    subject_kind: ClassVar[str] = "flight"
    id: int
    sighting: int
    finding: int
