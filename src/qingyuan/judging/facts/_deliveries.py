"""How completely and validly the hour means of each channel came, by the counts of the page Data quality."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from qingyuan.judging.fact import Asked, Comparison, OverDays, Told
from qingyuan.judging.facts._readings import OUTLETS, channels_of, link_to
from qingyuan.kit.clock import SHANGHAI
from qingyuan.recording.queries import quality
from qingyuan.sensing.queries import Channel
from qingyuan_science.plugins import Text
from qingyuan_science.series import Delivery, together

NONE_DUE = Text("该时段没有应传的小时数据", "no hour mean was due in that time")


MOST_LINKS = 3


@dataclass(frozen=True)
class RateOfDelivery(OverDays):
    """Base of the rates: what came of the hour means that were due, over all channels of the outlets together."""

    validity: ClassVar[Text] = Text(
        "按时段涉及的整日统计，与“数据质量”页一致。", "Counted over whole days, as on the page Data quality."
    )
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int] = 1
    by_factor: ClassVar[bool] = True
    usual: ClassVar[Comparison] = Comparison.AT_MOST
    came: ClassVar[Text]

    def over(self, asked: Asked) -> dict[int, Told]:
        """The rate of all channels, with those whose own is lowest."""
        return {one: self._told(asked, rows) for one, rows in deliveries(asked).items()}

    def _told(self, asked: Asked, rows: list[tuple[Channel, Delivery]]) -> Told:
        due = [(share, channel) for channel, delivery in rows if (share := self.share(delivery)) is not None]
        whole = together(delivery for _channel, delivery in rows)
        share = self.share(whole)
        if share is None:
            return Told(None, NONE_DUE)
        lowest = sorted(due, key=lambda row: row[0])[:MOST_LINKS]
        window, count, rate = days_words(asked), self.counted(whole), f"{100.0 * share:.1f}%"
        sentence = Text(
            f"{window.zh}应传 {whole.due} 个小时值，{self.came.zh} {count} 个，{self.title.zh} {rate}",
            f"{count} of {whole.due} hour means due {window.en} {self.came.en}, {rate}",
        )
        return Told(100.0 * share, sentence, tuple(link_to(channel, asked) for _share, channel in lowest))

    def share(self, delivery: Delivery) -> float | None:
        """The rate; None where nothing was due [1]."""
        return self.counted(delivery) / delivery.due if delivery.due else None

    def counted(self, delivery: Delivery) -> int:
        """How many of those due count."""
        raise NotImplementedError(f"{type(self).__name__} has no numbers")


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


def days_words(asked: Asked) -> Text:
    """The days that are counted, which may begin before the time asked about."""
    first, last = _days(asked)
    return Text(f"{first} 至 {last} ", f"from {first} to {last}")


def _days(asked: Asked) -> tuple[date, date]:
    last = asked.end - timedelta(microseconds=1)
    return asked.start.astimezone(SHANGHAI).date(), last.astimezone(SHANGHAI).date()


def _counted(asked: Asked) -> dict[int, Delivery]:
    own = [one.pk for several in channels_of(asked).values() for one in several if one.station.kind in OUTLETS]
    found: dict[int, list[Delivery]] = {}
    for one in quality(own, _days(asked), "h", asked.end):
        found.setdefault(one.channel_id, []).append(one.delivery)
    return {channel: together(parts) for channel, parts in found.items()}
