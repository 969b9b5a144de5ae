"""Hours in which a device was not heard."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, Link, OverDays, Told
from qingyuan.sensing.queries import Device, DeviceState, Silence
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class HoursSilent(OverDays):
    """Time in which a device that is usually heard was not, up to the end of the time, at the one silent longest."""

    code: ClassVar[str] = "hours_silent"
    title: ClassVar[Text] = Text("设备离线时长", "Hours a device was offline")
    source: ClassVar[Source] = Source(
        "清源", Text("数据接入", "devices"), note=Text("设备离线时段", "silences of devices")
    )
    validity: ClassVar[Text] = Text(
        "设备恢复后补传的数据不减少离线时长。", "Data sent later by a device that came back do not make it shorter."
    )
    unit: ClassVar[str] = "h"
    decimals: ClassVar[int] = 1

    def over(self, asked: Asked) -> dict[int, Told]:
        """The longest silence of one device."""
        found: dict[int, list[Device]] = {one: [] for one in asked.enterprises}
        devices = Device.objects.filter(station__enterprise__in=asked.enterprises, state=DeviceState.ACTIVE)
        for device in devices.select_related("station").order_by("mn"):
            if device.station is not None:
                found[device.station.enterprise_id or 0].append(device)
        ended: dict[int, timedelta] = defaultdict(timedelta)
        own = [device.pk for several in found.values() for device in several]
        for row in Silence.objects.filter(device__in=own, began_at__lt=asked.end, ended_at__gt=asked.start):
            ended[row.device_id] += min(row.ended_at, asked.end) - max(row.began_at, asked.start)
        return {one: _told(asked, several, ended) for one, several in found.items()}


def _told(asked: Asked, devices: list[Device], ended: dict[int, timedelta]) -> Told:
    heard = [one for one in devices if one.last_seen_at is not None]
    if not heard:
        return Told(None, Text("没有通过网关联网且曾上线的设备", "no device that the gateway has ever heard"))
    silent = sorted(((ended[one.pk] + _since(asked, one.last_seen_at), one) for one in heard), key=lambda one: -one[0])
    hours, (_longest, worst) = silent[0][0] / timedelta(hours=1), silent[0]
    window, station = asked.words, worst.station
    place = Text(station.title_zh, station.title_en) if station else Text("", "")
    sentence = Text(
        f"{place.zh}的设备 {worst.mn} {window.zh}离线共 {hours:.1f} 小时",
        f"device {worst.mn} of {place.en} was silent for {hours:.1f} hours {window.en}",
    )
    links = tuple(Link.to_station(one.station, asked) for length, one in silent[:3] if length and one.station)
    return Told(hours, sentence, links)


def _since(asked: Asked, last_seen_at: datetime | None) -> timedelta:
    """Time from the last packet to the end, where it is longer than the hour between hour means."""
    begins = max(last_seen_at or asked.start, asked.start)
    open_for = asked.end - begins
    return open_for if open_for > timedelta(hours=1) else timedelta()
