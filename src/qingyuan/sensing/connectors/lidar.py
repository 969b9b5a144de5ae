from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.sensing.connector import CONNECTORS, Connector, Payload, Read, Setting
from qingyuan.sensing.connectors._lidar import QUANTITY, read_scans
from qingyuan_science.plugins import Example, Source, Text


@CONNECTORS
@dataclass(frozen=True)
class Lidar(Connector):
    """Scans that a lidar, or what controls it, posts: rays with one value a distance."""

    code: ClassVar[str] = "lidar"
    title: ClassVar[Text] = Text("激光雷达扫描推送（HTTP）", "Scans of lidars by HTTP push")
    source: ClassVar[Source] = Source("docs/how-to/watch-on-the-move.md", "scans of lidars")
    settings: ClassVar[tuple[Setting, ...]] = (QUANTITY,)
    posted: ClassVar[bool] = True
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("一条方位 90°、俯角 2° 的射线，两个距离", "one ray at azimuth 90°, elevation 2°, with two distances"),
            (Text("一次扫描，一条射线", "one scan of one ray"),),
        ),
    )

    def read(self, payload: Payload, settings: Mapping[str, str]) -> Read:
        """Read a scan."""
        return read_scans(payload, settings)
