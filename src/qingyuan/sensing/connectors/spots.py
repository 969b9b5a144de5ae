from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.sensing.connector import CONNECTORS, Connector, Payload, Read, Setting
from qingyuan.sensing.connectors._spots import SPOT_FIELDS, read_spots
from qingyuan_science.plugins import Example, Source, Text


@CONNECTORS
@dataclass(frozen=True)
class Spots(Connector):
    """A product of satellites that somebody brings as a file: active fires as CSV, or interpreted polygons."""

    code: ClassVar[str] = "spots"
    title: ClassVar[Text] = Text("卫星产品导入（火点 CSV、图斑 GeoJSON）", "Satellite products (fires CSV, GeoJSON)")
    source: ClassVar[Source] = Source("RFC 7946", "3.3", "and the CSV in which VIIRS and MODIS active fires are given")
    settings: ClassVar[tuple[Setting, ...]] = SPOT_FIELDS
    by_hand: ClassVar[bool] = True
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("一行 N20 的 VIIRS 火点，可信度 h", "one row of a VIIRS fire seen by N20, confidence h"),
            (Text("一个热异常点，可信度高", "one heat anomaly of high confidence"),),
        ),
    )

    def read(self, payload: Payload, settings: Mapping[str, str]) -> Read:
        """Read a file."""
        return read_spots(payload, settings)
