"""Findings of the enterprises asked about, counted by what they tell of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from qingyuan.judging.fact import Asked, Link, OverDays, Told
from qingyuan.judging.models import Finding, FindingState
from qingyuan_science.plugins import Text, parameter

MOST_LINKS = 8


@dataclass(frozen=True)
class OfFindings(OverDays):
    """Base of the facts that count findings of some detectors whose time meets the time asked about.

    What was merged into another finding is not counted again, what was dismissed not at all.
    """

    least_severity: int = parameter(1, "1", 1, 4, title=Text("程度不低于（1 提示…4 严重）", "Severity from (1 to 4)"))
    only_open: bool = parameter(False, "yes/no", False, True, title=Text("只计未解除的", "Only those still open"))

    def over(self, asked: Asked) -> dict[int, Told]:
        """How many there are, the gravest first."""
        conditions: dict[str, Any] = {"state": FindingState.OPEN} if self.only_open else {}
        if self.detectors() is not None:
            conditions["detector__in"] = self.detectors()
        rows = Finding.objects.filter(
            station__enterprise__in=asked.enterprises, started_at__lt=asked.end, ended_at__gte=asked.start,
            merged_into=None, severity__gte=self.least_severity, **conditions,
        ).exclude(state=FindingState.DISMISSED)  # fmt: skip
        return counted(asked, list(rows.select_related("station").order_by("-severity", "-started_at", "pk")))

    @staticmethod
    def detectors() -> Collection[str] | None:
        """Codes of the detectors that are meant; None for all."""
        return None


def counted(asked: Asked, rows: Sequence[Finding]) -> dict[int, Told]:
    """How many findings each enterprise has, with the first of them in words."""
    found: dict[int, list[Finding]] = {one: [] for one in asked.enterprises}
    for row in rows:
        found[row.place.enterprise_id or 0].append(row)
    return {one: _told(asked, several) for one, several in found.items()}


def _told(asked: Asked, rows: Sequence[Finding]) -> Told:
    window = asked.words
    if not rows:
        return Told(0.0, Text(f"{window.zh}没有此类线索", f"no such finding {window.en}"))
    gravest, count = rows[0], len(rows)
    sentence = Text(
        f"{window.zh}共 {count} 条，如：{gravest.sentence_zh}",
        f"found {window.en}: {count}, such as: {gravest.sentence_en}",
    )
    links = tuple(
        Link("finding", str(row.pk), Text(f"{row.place.title_zh} {row.title_zh}",
                                          f"{row.place.title_en}: {row.title_en}"))
        for row in rows[:MOST_LINKS]
    )  # fmt: skip
    return Told(float(count), sentence, links)
