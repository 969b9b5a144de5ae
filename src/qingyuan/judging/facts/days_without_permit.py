"""Days on which an enterprise discharged while no permit of it held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, Link, OverDays, Told
from qingyuan.judging.facts._permits import NO_PERMIT, link_to_permit, permits_held
from qingyuan.judging.facts._readings import DAYS, FLOW, channels_of, deciding, link_to, series_of
from qingyuan.kit.clock import SHANGHAI
from qingyuan.places.queries import Permit, StationKind
from qingyuan.sensing.queries import Channel
from qingyuan_science.plugins import Source, Text
from qingyuan_science.series import moment

MOST_LINKS, MOST_PERMITS = 3, 5


@FACTS
@dataclass(frozen=True)
class DaysWithoutPermit(OverDays):
    """Days with a valid day mean at an outlet (a flow above nought where it measures flow) on which no permit held."""

    code: ClassVar[str] = "days_without_permit"
    title: ClassVar[Text] = Text("许可证失效期间排污天数", "Days of discharge without a valid permit")
    source: ClassVar[Source] = Source("排污许可管理条例", "")
    validity: ClassVar[Text] = Text(
        "从未在平台登记许可证的企业为“未知”。", "An enterprise of which no permit was ever entered is “unknown”."
    )
    unit: ClassVar[str] = "d"

    def over(self, asked: Asked) -> dict[int, Told]:
        """Count the days."""
        looked = {one: _discharging(several) for one, several in channels_of(asked).items()}
        series = series_of(asked, [channel for several in looked.values() for channel in several], DAYS)
        held = permits_held(asked)
        told = {}
        for one, several in looked.items():
            spans = [(each.valid.lower, each.valid.upper) for each in held.get(one, ())]
            days: dict[date, Channel] = {}
            for channel in several:
                values = series[channel.pk]
                moving = values.valid & (values.value > 0 if channel.factor in FLOW.values() else values.valid)
                for at in values.at[moving].tolist():
                    days.setdefault(moment(at).astimezone(SHANGHAI).date(), channel)
            told[one] = _told(asked, days, held[one]) if spans else Told(None, NO_PERMIT)
        return told


def _discharging(channels: Sequence[Channel]) -> list[Channel]:
    """Of each outlet its flow, or what it measures where that is not among it."""
    own = deciding(channels)
    flows = {one.station_id: one for one in own if one.factor == FLOW.get(StationKind(one.station.kind))}
    return [one for one in own if flows.get(one.station_id, one) == one]


def _told(asked: Asked, days: dict[date, Channel], permits: Sequence[Permit]) -> Told:
    spans = [(each.valid.lower, each.valid.upper) for each in permits]
    bare = sorted(day for day in days if not any(first <= day and (end is None or day < end) for first, end in spans))
    window, seen = asked.words, len(days)
    if not bare:
        none = Text(
            f"{window.zh}有排放的 {seen} 天均在许可证有效期内",
            f"a permit held on all {seen} days of discharge {window.en}",
        )
        return Told(0.0, none, _links(asked, days, permits))
    ended = max((end for _first, end in spans if end is not None and end <= bare[-1]), default=None)
    last = (ended - timedelta(days=1)).isoformat() if ended else ""
    sentence = Text(
        f"{window.zh}有 {len(bare)} 天在许可证有效期外排放（{bare[0]} 至 {bare[-1]}）"
        + (f"，许可证 {last} 到期" if last else ""),
        f"discharge on {len(bare)} days {window.en} without a valid permit, {bare[0]} to {bare[-1]}"
        + (f"; the permit ended on {last}" if last else ""),
    )
    return Told(float(len(bare)), sentence, _links(asked, {day: days[day] for day in bare}, permits))


def _links(asked: Asked, days: dict[date, Channel], permits: Sequence[Permit]) -> tuple[Link, ...]:
    """What showed that there was discharge on days, and the permits."""
    channels = {one.pk: one for one in days.values()}
    return (
        *(link_to(one, asked) for one in list(channels.values())[:MOST_LINKS]),
        *(link_to_permit(one) for one in permits[-MOST_PERMITS:]),
    )
