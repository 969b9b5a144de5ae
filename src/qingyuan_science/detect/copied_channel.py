"""Copied channel: a course that is another channel's, brought to another level."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.detect import DETECTORS, Context, Neighbour, WorkedExample
from qingyuan_science.detect._days import Days
from qingyuan_science.detect._figures import mean_of_three, quantiles_beside
from qingyuan_science.detect._ordinary import STACK, covering, hourly, ordinary
from qingyuan_science.detect._scored import Measure, Scored
from qingyuan_science.detect._tables import Floats
from qingyuan_science.detect._telling import subject
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Series
from qingyuan_science.standards import UnknownFactor, factor

_HALF = Text("半日内与另一通道的差异相对平时最小差异", "the same for the closest half day")
_CLOSER = Text("与另一通道的差异相对平时最小差异", "difference from another channel beside the least usual one")
_THREE = Text("近三天与另一通道的差异相对平时最小差异", "the same over three days")
_LEAST_PAIRS, _LEAST_CHANGES = 12, 4
_OTHER = ordinary(61 * 24, 90.0, 8.0, seed=21)


def _two_stacks(series: Series) -> dict[str, Any]:
    usual = covering(series, 60, ordinary(60 * 24, 60.0, 5.0, seed=22))
    other = Neighbour(Text("2 号排口", "stack 2"), covering(series, 60, _OTHER), 0.1)
    return {"baseline": usual, "neighbours": (other,)}


@DETECTORS
@dataclass(frozen=True)
class CopiedChannel(Scored):
    """Find days on which a channel follows another one more closely than the two ever did.

    Notes
    -----
    For each other channel of the station, and each neighbour, one minus the squared correlation of the day is set
    beside the closest hundredth of the days learned from, so that channels that are alike by nature, such as NOx and a
    converted NOx, do not raise anything. A day learned from is set beside the others, as a day to come is: beside many
    channels, the closest of some days are hardly passed by those days themselves. The closest half of a day counts too,
    and the mean over three days, for a copy with noise on it is close for as long as it lasts. Any linear change of
    level and range is seen through.
    """

    code: ClassVar[str] = "copied_channel"
    cause: ClassVar[str] = "distorted data"
    title: ClassVar[Text] = Text("疑似复制其他通道", "Copy of another channel")
    source: ClassVar[Source] = Source(
        "生态环境监测条例", Text("第二十五条", "article 25"), note=Text("两排口共用信号", "shared signal")
    )
    validity: ClassVar[Text] = Text(
        "当日双方均须有 12 个以上有效值且有变化；非线性变换或滞后的复制不易发现。",
        "Both need 12 valid values that move on the day; a copy that was bent or delayed is not seen.",
    )
    needs: ClassVar[tuple[str, ...]] = ("beside", "neighbours")
    says: ClassVar[Text] = Text("数据与另一通道亦步亦趋", "values follow another channel step by step")
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text("1 号排口今日等于 2 号排口乘以 0.6 加 5", "stack 1 today is 0.6 times stack 2 plus 5"),
            (
                Text(
                    "热电厂 1 号排口氮氧化物：数据与 2 号排口氮氧化物亦步亦趋（生态环境监测条例 第二十五条）"
                    "，2026-11-22 00:00 至 2026-11-23 00:00，与另一通道的差异相对平时最小差异 <0.0001（通常不"
                    "低于 0.966），正常情况下超过 10,000 天才有一天如此，此为线索，需现场核实",
                    "NOx at stack 1 of the power station: values follow those of NOx at stack 2 step by step "
                    "(Regulation on Ecological and Environmental Monitoring art. 25), from 2026-11-22 00:00 "
                    "to 2026-11-23 00:00, difference from another channel beside the least usual one <0.0001 "
                    "(usually at least 0.966), seen on one ordinary day in more than 10,000, this is a lead "
                    "to be checked on site",
                ),
            ),
            tuple(round(0.6 * value + 5.0, 2) for value in _OTHER[60 * 24 :]),
            _two_stacks,
            factor="a21002",
            place=STACK,
        ),
        hourly(
            Text("两个排口各自变化", "the two stacks move on their own"),
            (),
            ordinary(24, 60.0, 5.0, seed=23),
            _two_stacks,
            factor="a21002",
            place=STACK,
        ),
    )

    closest: float = parameter(
        0.01,
        "1",
        0.001,
        0.2,
        title=Text("平时最接近的多大比例作为对照", "which closest share of usual days to compare with"),
    )

    def measures(self, days: Days, context: Context) -> tuple[Measure, ...]:
        """Measure how closely the closest other channel is followed, beside how closely it usually is."""
        from qingyuan_science.detect._loops import stretches

        whole = days.whole
        others = [context.beside[name] for name in sorted(context.beside)]
        near = sorted(context.neighbours, key=lambda one: (one.distance_km, one.place.zh))
        value = np.where(whole.valid, whole.value, np.nan)
        series = [*others, *(one.series for one in near)]
        if not series:
            return ()
        rows = np.array([stretches.values_at(whole.at, one) for one in series])
        day, half = stretches.closeness(value, rows, days.spans, (_LEAST_PAIRS, _LEAST_CHANGES))
        figure = np.stack([day, half, np.exp(mean_of_three(np.log(day)))])
        beside = quantiles_beside(figure, days.learned, self.closest)
        closeness = figure / beside
        names = [*(_of_place(*key) for key in sorted(context.beside)), *(_there(one, context) for one in near)]

        def measure(name: Text, of_each: Floats) -> Measure:
            return Measure(
                name, np.fmin.reduce(of_each, axis=0), "1", 0.2, low_is_strange=True, as_ratio=True,
                says_on=lambda day: _says(names[int(np.nan_to_num(of_each[:, day], nan=np.inf).argmin())]),
            )  # fmt: skip

        return tuple(measure(name, one) for name, one in zip((_CLOSER, _HALF, _THREE), closeness, strict=True))


def _says(name: Text) -> Text:
    before, after = (" " if end.isascii() else "" for end in (name.zh[:1], name.zh[-1:]))
    return Text(f"数据与{before}{name.zh}{after}亦步亦趋", f"values follow those of {name.en} step by step")


def _there(other: Neighbour, context: Context) -> Text:
    return Text(subject(other.place, context.factor).zh, f"{context.factor.short.en} at {other.place.en}")


def _of_place(code: str, basis: str) -> Text:
    """Another channel of the same place."""
    try:
        short = factor(code).short
    except UnknownFactor:
        short = Text(code, code)
    zh, en = ("（折算）", ", converted,") if basis == "converted" else ("", "")
    gap = " " if short.zh[:1].isascii() else ""
    return Text(f"同一点位的{gap}{short.zh}{zh}", f"{short.en}{en} at the same place")
