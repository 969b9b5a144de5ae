"""What a fact is (指标): one file with one number about an enterprise, or a grid cell, answered for many at once."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from qingyuan.judging.models import Subject
from qingyuan.places.queries import Enterprise, Station
from qingyuan_science.plugins import Plugin, Registry, Text, parameter

Made = TypeVar("Made")


class Comparison(StrEnum):
    """How a number is held against a threshold."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Link:
    """Something on file that shows a number: a finding, a case, or a station's readings of a factor over a time.

    `kind` is `finding`, `case`, `station`, `problem`, `records` or `papers`; `key` the number, the station's code, the
    codes of a data list and an enterprise, or the code of an enterprise and which of its papers. `factor`, `basis`,
    `start` and `end` (ISO 8601) narrow a station.
    """

    kind: str
    key: str
    title: Text
    factor: str = ""
    basis: str = ""
    start: str = ""
    end: str = ""

    def as_json(self) -> dict[str, str]:
        """The link as a row keeps it."""
        narrowed = {name: getattr(self, name) for name in ("factor", "basis", "start", "end")}
        told = {"kind": self.kind, "key": self.key, "zh": self.title.zh, "en": self.title.en}
        return told | {name: value for name, value in narrowed.items() if value}

    @classmethod
    def to_station(cls, station: Station, asked: "Asked", factor: str = "", basis: str = "") -> "Link":
        """The page of a station over the time asked about."""
        title = Text(station.title_zh, station.title_en)
        span = asked.start.isoformat(), asked.end.isoformat()
        return cls("station", station.code, title, factor, basis, *span)

    @classmethod
    def to_papers(cls, enterprise: Enterprise, papers: str, title: Text) -> "Link":
        """The permits or disclosures of an enterprise, with who entered them and out of what."""
        return cls("papers", f"{enterprise.code}/{papers}", title)


@dataclass(frozen=True)
class Told:
    """The number of one enterprise or cell, None where it is not known; a sentence that says it; what shows it.

    `evidence` begins with what shows it most.
    """

    value: float | None
    sentence: Text
    evidence: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Asked:
    """Which enterprises, or which grid cells, over which time, and which factor where only one is meant.

    `memory` is shared by all facts of a run, so that what several of them need is fetched once.
    """

    enterprises: tuple[int, ...]
    start: datetime
    end: datetime
    factor: str = ""
    cells: tuple[int, ...] = ()
    memory: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def last(self, days: float) -> "Asked":
        """The same of the last days only; nought leaves the time as it is."""
        return replace(self, start=self.end - timedelta(days=days)) if days else self

    def since(self, start: datetime) -> "Asked":
        """The same from another instant on."""
        return replace(self, start=start)

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What is remembered under a key, made by whoever asks first."""
        if key not in self.memory:
            self.memory[key] = make()
        made: Made = self.memory[key]
        return made

    @property
    def words(self) -> Text:
        """How long the time is, as a sentence says it."""
        hours = self.length / timedelta(hours=1)
        if hours < 48:
            return Text(f"近 {hours:.0f} 小时", f"in the last {hours:.0f} hours")
        return Text(f"近 {hours / 24:.0f} 天", f"in the last {hours / 24:.0f} days")


@dataclass(frozen=True)
class Fact(Plugin):
    """Base of the facts.

    Notes
    -----
    `subject` is what a screening must look at to ask for it.
    `unit` is that of the number, `1` for a count. A fact that is `by_factor` may be asked of one factor; one that
    `needs_factor` has to be. `usual` is the comparison that forms offer first. `validity` says what the number does not
    show.
    """

    kind: ClassVar[Text] = Text("筛查指标", "Facts of an enterprise or a grid cell")
    subject: ClassVar[Subject] = Subject.ENTERPRISE
    unit: ClassVar[str] = "1"
    decimals: ClassVar[int] = 0
    by_factor: ClassVar[bool] = False
    needs_factor: ClassVar[bool] = False
    usual: ClassVar[Comparison] = Comparison.AT_LEAST
    validity: ClassVar[Text] = Text("", "")

    def measure(self, asked: Asked) -> dict[int, Told]:
        """The number of each one asked about; how many queries it takes does not depend on how many they are."""
        raise NotImplementedError(f"{type(self).__name__} has no numbers")


@dataclass(frozen=True)
class OverDays(Fact):
    """Base of the facts about the last days: as many as the screening looks at, or as many as are set here."""

    days: int = parameter(
        0, "d", 0, 366, title=Text("最近天数（0 为与筛查时段相同）", "Last days (0: those of the screening)")
    )

    def measure(self, asked: Asked) -> dict[int, Told]:
        """The number over those days."""
        return self.over(asked.last(self.days))

    def over(self, asked: Asked) -> dict[int, Told]:
        """The number over the time asked about."""
        raise NotImplementedError(f"{type(self).__name__} has no numbers")


@dataclass(frozen=True)
class CellFact(OverDays):
    """Base of the facts about grid cells; `asked.cells` are cells that no other cell lies below."""

    subject: ClassVar[Subject] = Subject.CELL


FACTS: Registry[Fact] = Registry(Fact)
