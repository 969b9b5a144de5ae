"""Outlets that are monitored and that the permit does not name."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, Fact, Link, Told
from qingyuan.judging.facts._permits import NO_PERMIT, link_to_permit, permits_held
from qingyuan.judging.facts._readings import OUTLETS, channels_of
from qingyuan.kit.clock import SHANGHAI
from qingyuan.places.queries import Permit
from qingyuan_science.plugins import Source, Text

MOST_LINKS = 5


@FACTS
@dataclass(frozen=True)
class OutletsNotInPermit(Fact):
    """Monitored outlets for which the newest permit states neither a limit nor a total."""

    code: ClassVar[str] = "outlets_not_in_permit"
    title: ClassVar[Text] = Text("许可证未载明的在线监测排放口数", "Monitored outlets that the permit does not name")
    source: ClassVar[Source] = Source("排污许可管理条例", "")
    validity: ClassVar[Text] = Text(
        "以平台登记的许可证为准；只登记全厂总量或未登记限值的许可证为“未知”。",
        "By the permit as entered here; one that was entered without any outlet is “unknown”.",
    )

    def measure(self, asked: Asked) -> dict[int, Told]:
        """Count them."""
        held, told = permits_held(asked), {}
        today = asked.end.astimezone(SHANGHAI).date()
        for one, channels in channels_of(asked).items():
            stations = {each.station_id: each.station for each in channels if each.station.kind in OUTLETS}
            begun = [each for each in held.get(one, ()) if each.valid.lower <= today]
            named = _named(begun[-1]) if begun else set()
            if not begun or not named:
                why = Text("登记的许可证没有写明排放口", "the permit on file names no outlet")
                told[one] = Told(None, why if begun else NO_PERMIT)
                continue
            others = [station for pk, station in stations.items() if pk not in named]
            names = Text("、".join(each.title_zh for each in others), ", ".join(each.title_en for each in others))
            sentence = Text(
                f"在线监测的 {len(stations)} 个排放口中有 {len(others)} 个未载入许可证 {begun[-1].number}"
                + (f"：{names.zh}" if others else ""),
                f"{len(others)} of {len(stations)} monitored outlets are not in permit {begun[-1].number}"
                + (f": {names.en}" if others else ""),
            )
            shown = others or list(stations.values())
            links = (link_to_permit(begun[-1]), *(Link.to_station(each, asked) for each in shown[:MOST_LINKS]))
            told[one] = Told(float(len(others)), sentence, links)
        return told


def _named(permit: Permit) -> set[int]:
    limits = {row.station_id for row in permit.limits.all()}
    return limits | {row.station_id for row in permit.totals.all() if row.station_id is not None}
