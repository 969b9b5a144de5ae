"""Facts about readings."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from qingyuan.kit.events import Event

Span = list[Any]  # [channel, kind, first_us, last_us]


@dataclass(frozen=True)
class ReadingsChanged(Event):
    """Readings of some channels are new or other than before; `spans` are `[channel, kind, first_us, last_us]`."""

    subject_kind: ClassVar[str] = "segment"
    id: int
    spans: list[Span]

    def joined(self, later: Event) -> "ReadingsChanged | None":
        """Both batches as one: for each channel and kind the span that holds both."""
        if not isinstance(later, ReadingsChanged):
            return None
        spans: dict[tuple[int, str], Span] = {}
        for channel, kind, first, last in (*self.spans, *later.spans):
            known = spans.get((channel, kind))
            begins, ends = (min(first, known[2]), max(last, known[3])) if known else (first, last)
            spans[channel, kind] = [channel, kind, begins, ends]
        return replace(self, id=later.id, spans=list(spans.values()))


@dataclass(frozen=True)
class ReadingsAppended(ReadingsChanged):
    """A batch from the gateway was committed; `id` is its raw segment."""

    segment_hash: str = ""
    count: int = 0


@dataclass(frozen=True)
class HoursComputed(ReadingsChanged):
    """Hour means were computed from shorter readings."""


@dataclass(frozen=True)
class ReadingsCorrected(Event):
    """A sender sent other values for instants it had sent before; `old` keeps what stood there.

    Each item is `[kind, at_us, value, low, high, total, mark]`, values as text so that nothing is rounded.
    """

    subject_kind: ClassVar[str] = "channel"
    id: int
    old: list[list[Any]]


@dataclass(frozen=True)
class ReadingsWithdrawn(ReadingsChanged):
    """Readings of a raw segment were taken back: new ones are gone, changed ones have their old values again."""


@dataclass(frozen=True)
class ImportDone(Event):
    """Somebody took a table in; `segment` holds its bytes."""

    subject_kind: ClassVar[str] = "import"
    id: int
    name: str
    feed: str
    segment: int
    sha256: str
    new: int
    changed: int
    unchanged: int
    faulty: int


@dataclass(frozen=True)
class ImportUndone(Event):
    """Somebody took an import back; `kept` readings had been changed by others since and were left alone."""

    subject_kind: ClassVar[str] = "import"
    id: int
    name: str
    removed: int
    restored: int
    kept: int
