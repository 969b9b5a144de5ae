"""Facts about handing data on to platforms above."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from qingyuan.kit.events import Event


@dataclass(frozen=True)
class DestinationDefined(Event):
    """A platform above was entered or changed; `values` leaves passwords and keys out."""

    subject_kind: ClassVar[str] = "destination"
    id: int
    code: str
    values: dict[str, Any]


@dataclass(frozen=True)
class PacketsHandedOn(Event):
    """A run of packets is settled: every one after `after` up to `up_to` that concerns the platform above.

    `details` is the hash of what is kept of each packet (when sent, when answered, how), `sent` that of all bytes that
    went out, end to end.
    """

    subject_kind: ClassVar[str] = "destination"
    id: int
    run: int
    after: int
    up_to: int
    accepted: int
    refused: int
    left_out: int
    details: str
    sent: str
    withheld: int = 0


@dataclass(frozen=True)
class LatePacketsHandedOn(Event):
    """Packets that were decoded after their turn were sent, and answered or not.

    Each of `packets` is `[packet, number, sent_us, answered_us, tries, result]`; `sent` is the hash of all bytes that
    went out, in that order.
    """

    subject_kind: ClassVar[str] = "destination"
    id: int
    accepted: int
    packets: list[list[int]]
    sent: str


@dataclass(frozen=True)
class OwnMeansHandedOn(Event):
    """Means computed here were sent, of a kind from `first` to before `after` [µs], or (`again`) such as had changed.

    Counts are of messages. Each of `failed`, a hundred at most, is `[mn, cn, qn, how it ended, what was said]`; `sent`
    is the hash of all bytes that went out. `told` and `held` name what arrived and what was withheld, each as
    `[station, kind, start of the first period, end of the last]` [µs].
    """

    subject_kind: ClassVar[str] = "destination"
    id: int
    kind: str
    first: int
    after: int
    again: bool
    accepted: int
    refused: int
    withheld: int
    failed: list[list[str]]
    sent: str
    told: list[list[int | str]] = field(default_factory=list)
    held: list[list[int | str]] = field(default_factory=list)


@dataclass(frozen=True)
class MessagesKept(Event):
    """Messages that were made here and settled together are kept, with their bytes, as row `row`.

    `asked` is the request from above that they answer, nought for own means; `details` the hash of all that is kept of
    them, `sent` that of all bytes that went out, end to end.
    """

    subject_kind: ClassVar[str] = "destination"
    id: int
    row: int
    asked: int
    messages: int
    accepted: int
    refused: int
    withheld: int
    details: str
    sent: str


@dataclass(frozen=True)
class UndeliveredSentAgain(Event):
    """Packets that the platform above had refused, or not answered, are to be sent again."""

    subject_kind: ClassVar[str] = "destination"
    id: int
    packets: int


@dataclass(frozen=True)
class OwnMeansSentAgain(Event):
    """Means computed here that did not arrive, or were withheld, are to be sent again."""

    subject_kind: ClassVar[str] = "destination"
    id: int
    means: int


@dataclass(frozen=True)
class RequestFromAbove(Event):
    """A platform above asked for something, and this became of it."""

    subject_kind: ClassVar[str] = "destination"
    id: int
    request: int
    cn: str
    mn: str
    outcome: str


@dataclass(frozen=True)
class DestinationLags(Event):
    """A platform above has not been given for longer than it may be what waits for it."""

    subject_kind: ClassVar[str] = "destination"
    id: int
    code: str
    waiting: int
    oldest_at: str
    trouble: str


@dataclass(frozen=True)
class DestinationCaughtUp(Event):
    """A platform above that lagged has been given what waited for it."""

    subject_kind: ClassVar[str] = "destination"
    id: int
    code: str
