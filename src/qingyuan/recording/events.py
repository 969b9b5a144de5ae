"""Facts about readings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from qingyuan.kit.events import Event

Span = list[Any]  # [channel, kind, first_us, last_us]


APART_US = (
    86_400_000_000  # readings of a channel that are farther apart are told as two spans, so that nobody reads between
)


@dataclass(frozen=True)
class ReadingsChanged(Event):
    """Readings of some channels are new or other than before; `spans` are `[channel, kind, first_us, last_us]`."""

    subject_kind: ClassVar[str] = "segment"
    takes_back: ClassVar[bool] = False  # whether readings may be gone, so that what is newest may lie further back
    adds: ClassVar[bool] = False  # whether nothing but readings came, new ones or other values
    id: int
    spans: list[Span]

    @property
    def size(self) -> int:
        return len(self.spans)

    def joins(self, later: Event) -> bool:
        """What brings readings, what changes them otherwise and what takes some back stay apart."""
        return isinstance(later, ReadingsChanged) and (later.adds, later.takes_back) == (self.adds, self.takes_back)

    def together(self, later: Sequence[Event]) -> "ReadingsChanged":
        """All batches as one: for each channel and kind the spans that hold them, merged where they are near."""
        batches = [self, *(one for one in later if isinstance(one, ReadingsChanged))]
        joined: list[Span] = []
        for channel, kind, first, last in sorted(span for one in batches for span in one.spans):
            known = joined[-1] if joined else None
            if known and known[:2] == [channel, kind] and first - known[3] <= APART_US:
                known[3] = max(last, known[3])
            else:
                joined.append([channel, kind, first, last])
        return replace(self, id=batches[-1].id, spans=joined)


@dataclass(frozen=True)
class ReadingsAppended(ReadingsChanged):
    """A batch from the gateway was committed; `id` is its raw segment."""

    adds: ClassVar[bool] = True
    segment_hash: str = ""
    count: int = 0


@dataclass(frozen=True)
class HoursComputed(ReadingsChanged):
    """Means of hours, or of shorter or longer periods, were computed from shorter readings.

    Those that are new or other than before were received at `computed_us`; the rest of the spans stayed as it was.
    """

    adds: ClassVar[bool] = True
    computed_us: int = 0


@dataclass(frozen=True)
class MeansOutstanding(ReadingsChanged):
    """Means of a station could not be computed with those of others; `spans` are what they are made of."""

    subject_kind: ClassVar[str] = "station"


@dataclass(frozen=True)
class DataMarked(ReadingsChanged):
    """Somebody marked the data of a time at an outlet; `id` is the mark."""

    subject_kind: ClassVar[str] = "mark"
    station: str = ""
    code: str = ""
    starts_at: str = ""
    ends_at: str = ""
    evidence_sha256: str = ""
    late: bool = False


@dataclass(frozen=True)
class MarkWithdrawn(ReadingsChanged):
    """A mark no longer counts, from now on."""

    subject_kind: ClassVar[str] = "mark"
    station: str = ""
    code: str = ""


@dataclass(frozen=True)
class MeansDisagree(Event):
    """Means that a device sent differ from those computed here; each item is `[kind, at_us, sent, computed]`."""

    subject_kind: ClassVar[str] = "channel"
    id: int
    found: list[list[Any]]


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

    takes_back: ClassVar[bool] = True


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


@dataclass(frozen=True)
class StreamDescribed(Event):
    """A feed announced what it measures at a channel, or described it anew; `values` are what was said."""

    subject_kind: ClassVar[str] = "stream"
    id: int
    channel: int
    kind: str
    values: dict[str, Any]


@dataclass(frozen=True)
class DaySealed(Event):
    """A day of readings lies in the lake; `holds` is kind → [rows, checksum in hex], `version` the lake's."""

    subject_kind: ClassVar[str] = "day"
    id: str
    holds: dict[str, list[Any]]
    version: int


@dataclass(frozen=True)
class DayRestored(Event):
    """A sealed day's readings were brought back to the hot table; `count` of them were not there."""

    subject_kind: ClassVar[str] = "day"
    id: str
    count: int


@dataclass(frozen=True)
class ReadingsExpired(Event):
    """Readings of a kind reached the end of the time they are kept for; `id` is the kind, months and days are UTC."""

    subject_kind: ClassVar[str] = "kind"
    id: str
    months: list[str]
    count: int
