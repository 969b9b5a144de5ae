"""Which of the four documents of a source are missing, or do not hold any more."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, Fact, Link, Told
from qingyuan.kit.clock import SHANGHAI
from qingyuan.places.queries import EXPIRED, EXPIRING, MISSING, Enterprise, Kept, archives
from qingyuan_science.plugins import Source, Text, parameter

NAMES = {
    "permit": Text("排污许可证", "discharge permit"),
    "monitoring": Text("在线监控", "online monitoring"),
    "eia": Text("环评批复与验收", "EIA approval and acceptance"),
    "emergency": Text("应急预案", "emergency plan"),
}
STATES = {
    MISSING: Text("缺失", "missing"),
    EXPIRED: Text("过期", "expired"),
    EXPIRING: Text("将到期", "expiring"),
}


@FACTS
@dataclass(frozen=True)
class DocumentsLacking(Fact):
    """Of permit, online monitoring, EIA with acceptance, and emergency plan: how many are missing or have expired."""

    code: ClassVar[str] = "documents_lacking"
    title: ClassVar[Text] = Text("档案缺失或过期项数", "Documents missing or expired")
    source: ClassVar[Source] = Source(
        "清源", Text("台账", "places"), note=Text("污染源档案，按目前所知", "the archive of sources, as known now")
    )
    validity: ClassVar[Text] = Text(
        "按筛查末日、平台登记的档案统计；未登记不等于企业没有办理。",
        "Counted on the last day looked at, from what is entered here; what is not entered may exist all the same.",
    )

    ahead: int = parameter(
        0, "d", 0, 366, title=Text("到期前多少天即计入", "Days before the end from which one counts already")
    )

    def measure(self, asked: Asked) -> dict[int, Told]:
        """Count them."""
        on = (asked.end - timedelta(microseconds=1)).astimezone(SHANGHAI).date()
        counted = {MISSING, EXPIRED, *({EXPIRING} if self.ahead else ())}
        found = archives(asked.enterprises, on, self.ahead)
        owners = Enterprise.objects.in_bulk(list(found))
        return {
            pk: _told([one for one in several if one.state in counted], owners[pk]) for pk, several in found.items()
        }


def _told(lacking: list[Kept], owner: Enterprise) -> Told:
    title = Text(f"{owner.title_zh}污染源档案", f"archive of {owner.title_en}")
    shown = (Link.to_papers(owner, "archive", title),)
    if not lacking:
        return Told(0.0, Text("四类档案均在有效期内", "all four documents hold"), shown)
    zh = "、".join(f"{NAMES[one.group].zh}{STATES[one.state].zh}" for one in lacking)
    en = ", ".join(f"{NAMES[one.group].en} {STATES[one.state].en}" for one in lacking)
    return Told(float(len(lacking)), Text(f"档案 {len(lacking)} 项：{zh}", f"{len(lacking)} of four: {en}"), shown)
