"""Suspected problems that satellites saw in a grid cell."""

from collections import defaultdict
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, CellFact, Link, Told
from qingyuan.judging.facts._in_cells import told_by_cell
from qingyuan.judging.logic.suspecting.wording import kind_words
from qingyuan.judging.models import ProblemState, SuspectedProblem
from qingyuan_science.plugins import Source, Text

LEFT_OUT = (ProblemState.EXCLUDED, ProblemState.WITHDRAWN)


@FACTS
@dataclass(frozen=True)
class SeenBySatellite(CellFact):
    """Suspected problems seen in that time, clues or not, without those at excluded places and those taken back."""

    code: ClassVar[str] = "seen_by_satellite"
    title: ClassVar[Text] = Text("卫星疑似问题数", "Suspected problems seen by satellite")
    source: ClassVar[Source] = Source(
        "清源",
        Text("线索", "findings"),
        note=Text("由卫星观测点合并的疑似问题", "suspected problems joined from spots of satellites"),
    )
    validity: ClassVar[Text] = Text(
        "云层遮挡或过境间隙内发生的问题看不到。", "What happens under clouds or between two overpasses is not seen."
    )

    def over(self, asked: Asked) -> dict[int, Told]:
        """How many there are."""
        rows = SuspectedProblem.objects.filter(
            cell__in=asked.cells, last_at__gte=asked.start, first_at__lt=asked.end
        ).exclude(state__in=LEFT_OUT)  # fmt: skip
        found: dict[int, list[SuspectedProblem]] = defaultdict(list)
        for row in rows.order_by("-sureness", "-last_at", "pk"):
            found[row.cell_id].append(row)
        return told_by_cell(asked, found, Text("没有卫星疑似问题", "no suspected problem seen by satellite"), _says)


def _says(row: SuspectedProblem) -> tuple[Text, Link]:
    what = kind_words(row.kind)
    title = Text(f"疑似问题 {row.pk}：{what.zh}", f"Suspected problem {row.pk}: {what.en}")
    return Text(row.sentence_zh, row.sentence_en), Link("problem", str(row.pk), title)
