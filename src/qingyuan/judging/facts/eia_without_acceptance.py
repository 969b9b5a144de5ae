"""Projects whose environmental impact was approved, and of which no acceptance came."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, Fact, Told
from qingyuan.judging.facts._records import day_of, held_in, links_to, unknown
from qingyuan_science.plugins import Source, Text, parameter

APPROVALS, ACCEPTANCES, NUMBER = "eia_approvals", "eia_acceptance", "number"
TITLE = Text("环评审批", "Approvals of environmental impact assessments")
SHOWN = 3


@FACTS
@dataclass(frozen=True)
class EiaWithoutAcceptance(Fact):
    """Approvals older than some months of which the list of acceptances holds no record of the same number."""

    code: ClassVar[str] = "eia_without_acceptance"
    title: ClassVar[Text] = Text("有环评批复而无验收的项目数", "Approved projects without acceptance")
    source: ClassVar[Source] = Source("建设项目环境保护管理条例", "第十九条", note="acceptance before production")
    validity: ClassVar[Text] = Text(
        "未开工或分期建设的项目也会计入；两份清单的批复文号须一致。",
        "Projects that were not begun count too; both lists must write the number alike.",
    )
    days: int = parameter(365, "d", 0, 3660, title=Text("批复已满天数", "Days since the approval"))

    def measure(self, asked: Asked) -> dict[int, Told]:
        """How many there are."""
        approved, accepted = held_in(asked, APPROVALS, NUMBER), held_in(asked, ACCEPTANCES, NUMBER)
        links, before = links_to(asked, APPROVALS, TITLE), day_of(asked) - timedelta(days=self.days)
        told = {}
        for one in asked.enterprises:
            if not approved.get(one):
                told[one] = unknown(TITLE)
                continue
            done = {each.value for each in accepted.get(one, [])}
            old = [each for each in approved[one] if each.since is not None and each.since <= before]
            left = [each.value for each in old if each.value not in done]
            if not left:
                none = Text(
                    f"批复满 {self.days} 天的 {len(old)} 个项目均已验收",
                    f"all {len(old)} projects approved {self.days} days ago or earlier were accepted",
                )
                told[one] = Told(0.0, none, links.get(one, ()))
                continue
            shown = "、".join(left[:SHOWN])
            words = Text(
                f"{len(left)} 个项目批复已满 {self.days} 天而无验收：{shown}",
                f"{len(left)} projects approved {self.days} days ago or earlier without acceptance: "
                + ", ".join(left[:SHOWN]),
            )
            told[one] = Told(float(len(left)), words, links.get(one, ()))
        return told
