from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.sensing.connector import CONNECTORS, Connector, Payload, Read, Setting
from qingyuan.sensing.connectors._bulletins import BULLETIN_FIELDS, read_bulletins
from qingyuan_science.plugins import Example, Source, Text


@CONNECTORS
@dataclass(frozen=True)
class Bulletins(Connector):
    """A bulletin of air quality forecasts that somebody brings, or a model posts, as a table."""

    code: ClassVar[str] = "bulletins"
    title: ClassVar[Text] = Text("空气质量预报（CSV、Excel）", "Air quality forecasts (CSV, Excel)")
    source: ClassVar[Source] = Source("HJ 633-2026", "5.1, 5.2", "what a forecast tells; the columns are our own")
    settings: ClassVar[tuple[Setting, ...]] = BULLETIN_FIELDS
    posted: ClassVar[bool] = True
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "一行：某区，2026-11-24，AQI 75-95，首要污染物 PM2.5",
                "one row: a district, 2026-11-24, AQI 75-95, PM2.5",
            ),
            (Text("一天的预报，范围 75 至 95", "one day foretold, from 75 to 95"),),
        ),
    )

    def read(self, payload: Payload, settings: Mapping[str, str]) -> Read:
        """Read a table."""
        return read_bulletins(payload, settings)
