"""Order to cut or stop production not carried out: electricity says that it went on beyond what the order leaves."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.detect import DETECTORS, Record, RecordKind, WorkedExample
from qingyuan_science.detect._cut import CHAPTER, CONFORMAL, Cut, cut_day
from qingyuan_science.detect._days import A_DAY
from qingyuan_science.detect._ordinary import STACK, hourly, ordinary
from qingyuan_science.plugins import Source, Text
from qingyuan_science.series import Series

_ORDER = Text("限产 5 号", "order 5")


def _ordered(series: Series, share: float, today: list[float]) -> dict[str, Any]:
    start = int(series.at[0])
    return cut_day(Record(RecordKind.ORDERED_CUT, start, start + A_DAY, _ORDER, share), series, today)


@DETECTORS
@dataclass(frozen=True)
class OrderedCut(Cut):
    """Find stretches of an order in which production drew more power than the order leaves.

    Notes
    -----
    What is allowed is made as in `Cut`, with the share of the order in place of a pledge; an order to stop production
    is a cut of all of it.
    """

    code: ClassVar[str] = "ordered_cut"
    title: ClassVar[Text] = Text("限产停产决定未执行", "Order to cut production not carried out")
    of_factor: ClassVar[bool] = False
    source: ClassVar[Source] = Source(
        CONFORMAL,
        CHAPTER,
        note=Text(
            "限制生产、停产整治决定（环境保护主管部门实施限制生产、停产整治办法），个案，用电比对",
            "orders to restrict or stop production, case by case; electricity beside them",
        ),
    )
    validity: ClassVar[Text] = Text(
        "需生产电表和决定载明的限产比例；停产至少需决定生效前两天数据，限产至少需 14 个生产日。平日负荷起伏大于限产"
        "比例的企业，只能发现一部分。比例须指任何时刻的负荷：按产量、排放量或工时载明的限产不适用，用电只是佐证。"
        "长期限产以此前最高小时为界，误报比例不再有保证。",
        "Needs a production meter and the share that the order states; two days before the order for a stop, 14 days "
        "of production for a part. Where the load spreads more widely than the cut is large, only some breaches are "
        "seen. The share must hold at every hour: not for orders by output, by emission or by shorter hours, of which "
        "electricity is a hint only. Over a long order the greatest hour before it is the bound, and the share told by "
        "mistake is no longer assured.",
    )
    record: ClassVar[RecordKind] = RecordKind.ORDERED_CUT
    heeds: ClassVar[tuple[RecordKind, ...]] = (RecordKind.ORDERED_CUT,)
    clause: ClassVar[Text] = Text("限产、停产决定", "order to cut or stop production")
    beyond: ClassVar[Text] = Text("用电超出限产要求", "draws more power than allowed")
    bound: ClassVar[Text] = Text("要求", "ordered")
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text(
                "责令限产一半，14 时至 17 时照常用电",
                "a cut by half was ordered; from 14 to 17 o'clock power is as usual",
            ),
            (
                Text(
                    "热电厂 1 号排口二氧化硫：限产 5 号期间 1 号炉用电超出限产要求（要求减 50%，此前 28 个生"
                    "产日最高小时 519 kWh 至 548 kWh，中位 530 kWh）（限产、停产决定），2026-11-22 14:00 至 "
                    "2026-11-22 17:00，最高小时用电 505 kWh（应不超过 286 kWh），此为线索，需现场核实",
                    "SO2 at stack 1 of the power station: furnace 1 draws more power than allowed during the "
                    "order 5 (ordered: 50% less; greatest hour of 28 earlier days 519 kWh to 548 kWh, median "
                    "530 kWh) (order to cut or stop production), from 2026-11-22 14:00 to 2026-11-22 17:00, "
                    "electricity in the greatest hour 505 kWh (should be at most 286 kWh), this is a lead to "
                    "be checked on site",
                ),
            ),
            ordinary(24, 60.0, 5.0, seed=42),
            lambda series: _ordered(series, 0.5, [*[255.0] * 14, 490.0, 505.0, 498.0, *[255.0] * 7]),
            factor="a21026",
            place=STACK,
        ),
        hourly(
            Text("责令限产一半，全天约为平时一半", "a cut by half was ordered and about half the usual power is drawn"),
            (),
            ordinary(24, 60.0, 5.0, seed=42),
            lambda series: _ordered(series, 0.5, list(ordinary(24, 255.0, 10.0, seed=52, decimals=0))),
            factor="a21026",
            place=STACK,
        ),
        hourly(
            Text("责令停产，只有保安用电", "a stop was ordered and only stand-by power is drawn"),
            (),
            ordinary(24, 60.0, 5.0, seed=42),
            lambda series: _ordered(series, 1.0, [20.0] * 24),
            factor="a21026",
            place=STACK,
        ),
    )
