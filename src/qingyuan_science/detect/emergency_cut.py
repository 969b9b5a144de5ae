"""Emergency cut not carried out: electricity says that production went on during a heavy-pollution warning."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.detect import DETECTORS, Record, RecordKind, WorkedExample
from qingyuan_science.detect._cut import CHAPTER, CONFORMAL, Cut, cut_day
from qingyuan_science.detect._days import A_DAY
from qingyuan_science.detect._ordinary import STACK, hourly, ordinary
from qingyuan_science.plugins import Source, Text
from qingyuan_science.series import Series

_ORDER = Text("橙色预警", "orange warning")


def _plan(series: Series, share: float, today: list[float]) -> dict[str, Any]:
    start = int(series.at[0])
    return cut_day(Record(RecordKind.EMERGENCY_CUT, start, start + A_DAY, _ORDER, share), series, today)


@DETECTORS
@dataclass(frozen=True)
class EmergencyCut(Cut):
    """Find stretches of an emergency cut in which production drew more power than the pledge allows.

    Notes
    -----
    What is allowed is made as in `Cut`. Exempt enterprises have no such record.
    """

    code: ClassVar[str] = "emergency_cut"
    title: ClassVar[Text] = Text("应急减排未落实", "Emergency cut not carried out")
    of_factor: ClassVar[bool] = False
    source: ClassVar[Source] = Source(
        CONFORMAL,
        CHAPTER,
        note=Text(
            "重污染天气应急减排清单（一厂一策），用电比对",
            "emergency plan of each plant for heavy pollution; electricity beside it",
        ),
    )
    validity: ClassVar[Text] = Text(
        "需生产电表和承诺的减排比例；停产令至少需预警前两天数据，部分减排至少需 14 个生产日。平日负荷起伏大于承诺比例的"
        "企业，部分减排只能发现一部分。承诺须指任何时刻的负荷：以缩短工时兑现的承诺应按停产时段录入。"
        "保安负荷、民生任务等豁免须先排除。",
        "Needs a production meter and the pledged share; two days before the order for a full stop, 14 days of "
        "production for a part. Where the load spreads more widely than the pledge is large, only some breaches of a "
        "partial cut are seen. The pledge must hold at every hour: one kept by shorter hours is to be entered as a "
        "full stop of the other hours. Exempt loads must be taken out first.",
    )
    record: ClassVar[RecordKind] = RecordKind.EMERGENCY_CUT
    heeds: ClassVar[tuple[RecordKind, ...]] = (RecordKind.EMERGENCY_CUT,)
    clause: ClassVar[Text] = Text("重污染天气应急减排措施", "emergency measures for heavy pollution")
    beyond: ClassVar[Text] = Text("用电超出减排承诺", "draws more power than pledged")
    bound: ClassVar[Text] = Text("承诺", "pledged")
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("停产期间 12 时至 16 时照常用电", "from 12 to 16 o'clock of a full stop power is drawn as usual"),
            (
                Text(
                    "热电厂 1 号排口二氧化硫：橙色预警期间 1 号炉用电超出减排承诺（承诺减 100%，允许待机 20 "
                    "kWh 及负荷区间的 10%）（重污染天气应急减排措施），2026-11-22 12:00 至 2026-11-22 16:00，"
                    "最高小时用电 505 kWh（应不超过 70.9 kWh），此为线索，需现场核实",
                    "SO2 at stack 1 of the power station: furnace 1 draws more power than pledged during the "
                    "orange warning (pledged: 100% less; allowed are 20 kWh of stand-by and 10% of the load "
                    "range) (emergency measures for heavy pollution), from 2026-11-22 12:00 to 2026-11-22 "
                    "16:00, electricity in the greatest hour 505 kWh (should be at most 70.9 kWh), this is a "
                    "lead to be checked on site",
                ),
            ),
            ordinary(24, 60.0, 5.0, seed=42),
            lambda series: _plan(series, 1.0, [*[20.0] * 12, 490.0, 505.0, 498.0, 501.0, *[20.0] * 8]),
            factor="a21026",
            place=STACK,
        ),
        hourly(
            Text("承诺减半，14 时至 17 时照常用电", "half was pledged; from 14 to 17 o'clock power is drawn as usual"),
            (
                Text(
                    "热电厂 1 号排口二氧化硫：橙色预警期间 1 号炉用电超出减排承诺（承诺减 50%，此前 28 个生产"
                    "日最高小时 519 kWh 至 548 kWh，中位 530 kWh）（重污染天气应急减排措施），2026-11-22 "
                    "14:00 至 2026-11-22 17:00，最高小时用电 505 kWh（应不超过 286 kWh），此为线索，需现场核"
                    "实",
                    "SO2 at stack 1 of the power station: furnace 1 draws more power than pledged during the "
                    "orange warning (pledged: 50% less; greatest hour of 28 earlier days 519 kWh to 548 kWh, "
                    "median 530 kWh) (emergency measures for heavy pollution), from 2026-11-22 14:00 to "
                    "2026-11-22 17:00, electricity in the greatest hour 505 kWh (should be at most 286 kWh), "
                    "this is a lead to be checked on site",
                ),
            ),
            ordinary(24, 60.0, 5.0, seed=42),
            lambda series: _plan(series, 0.5, [*[255.0] * 14, 490.0, 505.0, 498.0, *[255.0] * 7]),
            factor="a21026",
            place=STACK,
        ),
        hourly(
            Text("承诺减半，全天约为平时一半", "half was pledged and about half the usual power is drawn"),
            (),
            ordinary(24, 60.0, 5.0, seed=42),
            lambda series: _plan(series, 0.5, list(ordinary(24, 255.0, 10.0, seed=52, decimals=0))),
            factor="a21026",
            place=STACK,
        ),
        hourly(
            Text("停产期间只有保安用电", "during the full stop only stand-by power is drawn"),
            (),
            ordinary(24, 60.0, 5.0, seed=42),
            lambda series: _plan(series, 1.0, [20.0] * 24),
            factor="a21026",
            place=STACK,
        ),
    )
