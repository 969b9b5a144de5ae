"""Violations that people determined and the disclosure of that year does not name."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from qingyuan.dispatching.queries import Case, violations_between
from qingyuan.evaluating.facts._disclosed import NOTHING, link_to_disclosure, newest
from qingyuan.judging.fact import FACTS, Asked, Fact, Link, Told
from qingyuan.kit.clock import SHANGHAI
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class ViolationsNotDisclosed(Fact):
    """Violations determined in the year of the newest disclosure, less the penalties that it names."""

    code: ClassVar[str] = "violations_not_disclosed"
    title: ClassVar[Text] = Text("未披露的违法行为数", "Violations not disclosed")
    source: ClassVar[Source] = Source("生态环境部令第24号", Text("第十二条", "article 12"))
    validity: ClassVar[Text] = Text(
        "按件数比较：认定的违法行为不一定作出处罚，须核对处罚决定。",
        "Compared by number: a violation does not always lead to a penalty, so look at the decisions.",
    )

    def measure(self, asked: Asked) -> dict[int, Told]:
        """How many there are."""
        held = newest(asked)
        found: dict[int, list[Case]] = defaultdict(list)
        for year in {row.year for row in held.values()}:
            own = [one for one, row in held.items() if row.year == year]
            first, end = (datetime(one, 1, 1, tzinfo=SHANGHAI) for one in (year, year + 1))
            for case in violations_between(own, first, min(end, asked.end)):
                found[case.place.enterprise_id or 0].append(case)
        told = dict.fromkeys(asked.enterprises, Told(None, NOTHING))
        for one, row in held.items():
            cases, named = found[one], len(row.penalties.all())
            missing = max(len(cases) - named, 0)
            sentence = Text(
                f"{row.year} 年认定违法行为 {len(cases)} 件，披露处罚 {named} 件",
                f"{len(cases)} violations determined in {row.year}, {named} penalties disclosed",
            )
            links = (
                Link("case", str(each.pk), Text(f"{each.number} {each.title_zh}", f"{each.number} {each.title_en}"))
                for each in cases[:8]
            )
            told[one] = Told(float(missing), sentence, (link_to_disclosure(row), *links))
        return told
