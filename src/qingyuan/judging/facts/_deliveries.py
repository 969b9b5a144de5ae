"""How completely and validly the hour means of each channel came, by the counts of the page Data quality."""

from dataclasses import dataclass
from datetime import timedelta

from qingyuan.judging.fact import Asked, OverDays
from qingyuan.judging.facts._readings import OUTLETS, channels_of
from qingyuan.kit.clock import SHANGHAI
from qingyuan.recording.queries import quality
from qingyuan.sensing.queries import Channel
from qingyuan_science.plugins import Text
from qingyuan_science.series import Delivery, together

NONE_DUE = Text("该时段没有应传的小时数据", "no hour mean was due in that time")


@dataclass(frozen=True)
class OfDelivery(OverDays):
    """Base of the facts about what came of what was due."""

    by_factor = True


def deliveries(asked: Asked) -> dict[int, list[tuple[Channel, Delivery]]]:
    """The outlets' channels of each enterprise with what came of what was due, on all days that the time touches."""
    key = ("deliveries", asked.start, asked.end)
    whole: dict[int, Delivery] = asked.once(key, lambda: _counted(asked))
    return {
        one: [
            (channel, whole[channel.pk])
            for channel in several
            if channel.pk in whole and asked.factor in ("", channel.factor)
        ]
        for one, several in channels_of(asked).items()
    }


def _counted(asked: Asked) -> dict[int, Delivery]:
    own = [one.pk for several in channels_of(asked).values() for one in several if one.station.kind in OUTLETS]
    last = asked.end - timedelta(microseconds=1)
    days = asked.start.astimezone(SHANGHAI).date(), last.astimezone(SHANGHAI).date()
    found: dict[int, list[Delivery]] = {}
    for one in quality(own, days, "h", asked.end):
        found.setdefault(one.channel_id, []).append(one.delivery)
    return {channel: together(parts) for channel, parts in found.items()}
