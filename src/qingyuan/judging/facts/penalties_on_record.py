"""Penalties that other authorities report of an enterprise."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, OverDays, Told
from qingyuan.judging.facts._records import day_of, held_in, links_to
from qingyuan.kit.clock import SHANGHAI
from qingyuan_science.plugins import Source, Text

LIST, COLUMN = "penalties", "reason"
TITLE = Text("行政处罚", "Penalties")


@FACTS
@dataclass(frozen=True)
class PenaltiesOnRecord(OverDays):
    """Records of the list of penalties that were decided in the time asked about."""

    code: ClassVar[str] = "penalties_on_record"
    title: ClassVar[Text] = Text("部门行政处罚记录数", "Penalties on record")
    source: ClassVar[Source] = Source(
        "清源", Text("部门数据", "records of departments"), note=Text("行政处罚清单", "data list “penalties”")
    )
    validity: ClassVar[Text] = Text(
        "只有已送来并匹配到企业的处罚。", "Only what was delivered and matched to the enterprise."
    )

    def over(self, asked: Asked) -> dict[int, Told]:
        """How many there are."""
        held, links = held_in(asked, LIST, COLUMN), links_to(asked, LIST, TITLE)
        first, last = asked.start.astimezone(SHANGHAI).date(), day_of(asked)
        told = {}
        for one in asked.enterprises:
            of_time = [each for each in held.get(one, []) if each.since is not None and first <= each.since <= last]
            if not of_time:
                told[one] = Told(0.0, Text(f"{asked.words.zh}没有处罚记录", f"no penalty on record {asked.words.en}"))
                continue
            newest = of_time[-1]
            words = Text(
                f"{asked.words.zh}处罚 {len(of_time)} 次，最近 {newest.since}：{newest.value or '未写明事由'}",
                f"{len(of_time)} penalties {asked.words.en}, the last on {newest.since}:"
                f" {newest.value or 'no reason told'}",
            )
            told[one] = Told(float(len(of_time)), words, links.get(one, ()))
        return told
