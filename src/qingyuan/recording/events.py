"""Facts about readings."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan.kit.events import Event


@dataclass(frozen=True)
class ReadingsAppended(Event):
    """A batch was committed; `id` is its raw segment, `spans` are `[channel, kind, first_us, last_us]`."""

    subject_kind: ClassVar[str] = "segment"
    id: int
    segment_hash: str
    count: int
    spans: list[list[Any]]


@dataclass(frozen=True)
class HoursComputed(Event):
    """Hour means were computed from shorter readings; `spans` as in `ReadingsAppended`."""

    subject_kind: ClassVar[str] = "segment"
    id: int
    spans: list[list[Any]]


@dataclass(frozen=True)
class ReadingsCorrected(Event):
    """A sender sent other values for instants it had sent before; `old` keeps what stood there.

    Each item is `[kind, at_us, value, low, high, total, mark]`, values as text so that nothing is rounded.
    """

    subject_kind: ClassVar[str] = "channel"
    id: int
    old: list[list[Any]]
