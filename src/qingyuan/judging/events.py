"""Facts about findings."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan.kit.events import Event
from qingyuan_science.plugins import Text


@dataclass(frozen=True)
class FindingEvent(Event):
    """A fact about one finding; `words` says it in both languages."""

    subject_kind: ClassVar[str] = "finding"
    id: int

    def words(self) -> Text:
        """What happened, as a line of a timeline."""
        raise NotImplementedError(f"{type(self).__name__} has no words")


@dataclass(frozen=True)
class FindingOpened(FindingEvent):
    """A detector found something that no finding told of yet, or a person reported it; then there is no channel."""

    detector: str
    channel: int | None
    station: str
    severity: int
    started_at: str
    sentence_zh: str
    sentence_en: str

    def words(self) -> Text:
        return Text(f"发现线索：{self.sentence_zh}", f"Found: {self.sentence_en}")


@dataclass(frozen=True)
class FindingGrew(FindingEvent):
    """The same thing lasts, or became graver."""

    severity: int
    ended_at: str
    sentence_zh: str
    sentence_en: str

    def words(self) -> Text:
        return Text(f"线索更新：{self.sentence_zh}", f"Updated: {self.sentence_en}")


@dataclass(frozen=True)
class FindingMerged(FindingEvent):
    """What another detector or averaging time shows is told of by an earlier finding already."""

    into: int
    detector: str

    def words(self) -> Text:
        return Text(f"并入线索 {self.into}", f"Merged into finding {self.into}")


@dataclass(frozen=True)
class FindingCleared(FindingEvent):
    """Valid values are in order again; `corrected` when it was the sender who took the odd values back."""

    ended_at: str
    corrected: bool

    def words(self) -> Text:
        if self.corrected:
            return Text("线索解除：数据已被上传方更正", "Cleared: the sender corrected the values")
        return Text("线索解除：数据已恢复正常", "Cleared: the values are in order again")


@dataclass(frozen=True)
class FindingDismissed(FindingEvent):
    """A person decided that a finding means nothing; the reason stands in the log's line, its kind in `code`."""

    detector: str
    code: str = ""

    def words(self) -> Text:
        return Text("线索被排除", "Finding dismissed")


@dataclass(frozen=True)
class ClueSettled(FindingEvent):
    """The case about what a person reported has ended, so that it is not open any more; the case tells the outcome."""

    def words(self) -> Text:
        return Text("线索已随案件办结", "Settled with its case")


@dataclass(frozen=True)
class PollutionTypeSettled(FindingEvent):
    """A person settled what type of pollution it was; `told` is what had been named, the reason is the log line's."""

    type: str
    type_zh: str
    type_en: str
    told: str

    def words(self) -> Text:
        return Text(f"污染类型确认为{self.type_zh}", f"Type of pollution settled: {self.type_en}")


@dataclass(frozen=True)
class WatchSet(Event):
    """A detector was told to look at something."""

    subject_kind: ClassVar[str] = "watch"
    id: int
    values: dict[str, Any]


@dataclass(frozen=True)
class WatchEnded(Event):
    """A detector was told to look no longer from a day on."""

    subject_kind: ClassVar[str] = "watch"
    id: int
    last_day: str


@dataclass(frozen=True)
class OverrideSet(Event):
    """Some settings of a detector were made to differ at a place for a time; the reason stands in the log's line."""

    subject_kind: ClassVar[str] = "override"
    id: int
    values: dict[str, Any]


@dataclass(frozen=True)
class OverrideEnded(Event):
    """An override of settings was told to hold no longer from a day on."""

    subject_kind: ClassVar[str] = "override"
    id: int
    last_day: str


@dataclass(frozen=True)
class ScreeningEvent(Event):
    """A fact about one screening; `words` says it in both languages."""

    subject_kind: ClassVar[str] = "screening"
    id: int

    def words(self) -> Text:
        """What happened, as a line of a timeline."""
        raise NotImplementedError(f"{type(self).__name__} has no words")


@dataclass(frozen=True)
class ScreeningSaved(ScreeningEvent):
    """A screening was made, or changed; `values` is all of its definition."""

    new: bool
    values: dict[str, Any]

    def words(self) -> Text:
        return Text("新建线索筛查", "Screening made") if self.new else Text("修改线索筛查", "Screening changed")


@dataclass(frozen=True)
class ScreeningStarted(ScreeningEvent):
    """Somebody, or the timer, asked for a run of a screening."""

    run: int

    def words(self) -> Text:
        return Text("发起筛查运行", "Screening run started")


@dataclass(frozen=True)
class ScreeningRan(ScreeningEvent):
    """A screening looked at enterprises and listed those that fit; `why` of the line says why where it failed."""

    run: int
    state: str
    span: list[str]
    looked_at: int
    listed: int

    def words(self) -> Text:
        if self.state != "done":
            return Text("筛查运行失败", "Screening run failed")
        return Text(
            f"筛查运行：查看 {self.looked_at} 个对象，列出 {self.listed} 个",
            f"Screening run: {self.looked_at} looked at, {self.listed} listed",
        )


@dataclass(frozen=True)
class ScreenedClueEntered(ScreeningEvent):
    """Somebody entered a listed enterprise as a clue, which is a finding from then on."""

    row: int
    enterprise: str
    finding: int

    def words(self) -> Text:
        return Text(f"录入线索 {self.finding}", f"Entered as clue {self.finding}")


@dataclass(frozen=True)
class SpotRuleSet(Event):
    """It was said how spots of a kind are joined and become clues; the reason stands in the log's line."""

    subject_kind: ClassVar[str] = "spot-rule"
    id: int
    values: dict[str, Any]


@dataclass(frozen=True)
class ExcludedPlaceSet(Event):
    """It was said where spots are no clue; the reason stands in the log's line."""

    subject_kind: ClassVar[str] = "excluded-place"
    id: int
    values: dict[str, Any]


@dataclass(frozen=True)
class SpotRuleEnded(Event):
    """A rule for spots, or an excluded place (`what` says which), was told to hold no longer from a day on."""

    subject_kind: ClassVar[str] = "spot-rule"
    id: int
    what: str
    last_day: str


@dataclass(frozen=True)
class ProblemNoted(Event):
    """Satellites saw a suspected problem, or it was decided anew whether it is a clue; `why` says for which reason."""

    subject_kind: ClassVar[str] = "suspected-problem"
    id: int
    kind: str
    state: str
    cell: str
    finding: int | None
    sentence_zh: str
    sentence_en: str
    why_zh: str
    why_en: str

    def words(self) -> Text:
        """What happened, as a line of a timeline."""
        seen = Text(self.sentence_zh, self.sentence_en)
        return Text(f"卫星疑似问题：{seen.zh}。{self.why_zh}", f"Seen by satellite: {seen.en}. {self.why_en}")


@dataclass(frozen=True)
class RehearsalStarted(Event):
    """Somebody asked what rules would have found; `edition` tells rule sets apart."""

    subject_kind: ClassVar[str] = "rehearsal"
    id: int
    edition: str
    first_day: str
    last_day: str


@dataclass(frozen=True)
class RehearsalEnded(Event):
    """A rehearsal has its answer, or failed and says why."""

    subject_kind: ClassVar[str] = "rehearsal"
    id: int
    found: int
    error: str = ""


@dataclass(frozen=True)
class RehearsalDropped(Event):
    """A rehearsal was deleted with what it had found."""

    subject_kind: ClassVar[str] = "rehearsal"
    id: int
    title: str


@dataclass(frozen=True)
class ReviewStarted(Event):
    """Somebody asked to judge a time of an enterprise again; the reason stands in the log's line."""

    subject_kind: ClassVar[str] = "enterprise"
    id: int
    review: int
    first_day: str
    last_day: str

    def words(self) -> Text:
        """What happened, as a line of a timeline."""
        return Text(
            f"要求重新研判：{self.first_day} 至 {self.last_day}",
            f"To be judged again: {self.first_day} to {self.last_day}",
        )


@dataclass(frozen=True)
class ReviewEnded(Event):
    """A time was judged again: how many findings were opened anew, and how many on file would not be found now."""

    subject_kind: ClassVar[str] = "enterprise"
    id: int
    review: int
    anew: int
    gone: int
    error: str = ""

    def words(self) -> Text:
        """What happened, as a line of a timeline."""
        if self.error:
            return Text("重新研判失败", "Judging again failed")
        return Text(
            f"重新研判完成：新增线索 {self.anew} 条，按现有资料不再成立 {self.gone} 条",
            f"Judged again: {self.anew} findings opened anew, {self.gone} on file would not be found now",
        )
