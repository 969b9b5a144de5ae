"""Devices in a grid cell that are silent."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from qingyuan.judging.fact import FACTS, Asked, CellFact, Link, Told
from qingyuan.judging.facts._in_cells import told_by_cell
from qingyuan.kit.clock import SHANGHAI
from qingyuan.sensing.queries import Device, DeviceState
from qingyuan_science.plugins import Source, Text, parameter


@FACTS
@dataclass(frozen=True)
class DevicesSilent(CellFact):
    """Devices at stations of the cell that were heard before, and not in the last hours of the time."""

    code: ClassVar[str] = "devices_silent"
    title: ClassVar[Text] = Text("离线设备数", "Devices that are silent")
    source: ClassVar[Source] = Source(
        "清源", Text("数据接入", "devices"), note=Text("设备最近通信时间", "when devices were last heard")
    )
    hours: int = parameter(24, "h", 1, 8784, title=Text("离线至少多少小时", "Silent for at least"))

    def over(self, asked: Asked) -> dict[int, Told]:
        """How many there are."""
        before = asked.end - timedelta(hours=self.hours)
        rows = Device.objects.filter(
            station__cell__in=asked.cells, state=DeviceState.ACTIVE, last_seen_at__lt=before
        ).select_related("station")  # fmt: skip
        found: dict[int, list[Device]] = defaultdict(list)
        for row in rows.order_by("last_seen_at", "mn"):
            if row.station is not None:
                found[row.station.cell_id].append(row)
        nothing = Text("没有离线设备", "no silent device")
        return told_by_cell(asked, found, nothing, lambda row: _says(asked, row))


def _says(asked: Asked, row: Device) -> tuple[Text, Link]:
    if row.station is None or row.last_seen_at is None:
        raise ValueError(f"found device {row.mn} without a station or never heard, expected neither")
    since = f"{row.last_seen_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    sentence = Text(
        f"{row.station.title_zh}的设备 {row.mn} 自 {since} 起离线",
        f"device {row.mn} of {row.station.title_en} is silent since {since}",
    )
    return sentence, Link.to_station(row.station, asked)
