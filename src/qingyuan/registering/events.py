"""Facts about the list of fixed sources."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.kit.events import Event


@dataclass(frozen=True)
class BuildAsked(Event):
    """Somebody let the list of fixed sources be built anew out of these lists."""

    subject_kind: ClassVar[str] = "source-build"
    id: int
    lists: list[str]


@dataclass(frozen=True)
class SourcesBuilt(Event):
    """The list of fixed sources was built; `counts` says what changed."""

    subject_kind: ClassVar[str] = "source-build"
    id: int
    state: str
    counts: dict[str, int]


@dataclass(frozen=True)
class PairAnswered(Event):
    """A person said whether two rows are of one enterprise; `joined` and `parted` are numbers of sources."""

    subject_kind: ClassVar[str] = "source-pair"
    id: int
    rows: list[str]
    answer: str
    joined: list[int]
    parted: list[int]


@dataclass(frozen=True)
class AnswerTakenBack(Event):
    """What a person had said of two rows holds no more."""

    subject_kind: ClassVar[str] = "source-pair"
    id: int
    rows: list[str]
    answer: str


@dataclass(frozen=True)
class SourceEntered(Event):
    """A source of the list was entered into the ledger as an enterprise."""

    subject_kind: ClassVar[str] = "source"
    id: int
    enterprise: str
