from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.sensing.connector import CONNECTORS, Connector, Payload, Read, Setting
from qingyuan.sensing.connectors._documents import ZONE
from qingyuan.sensing.connectors._footage import RULE_SETTING, read_footage
from qingyuan.sensing.filmed.names import RULE
from qingyuan_science.plugins import Example, Source, Text

BY_DEFAULT = {RULE_SETTING.name: RULE, ZONE.name: "+00:00"}


@CONNECTORS
@dataclass(frozen=True)
class PostedFootage(Connector):
    """A clip or a still that a sender posts with the camera's code and the time at which it begins."""

    code: ClassVar[str] = "footage"
    title: ClassVar[Text] = Text("录像与图片推送（HTTP）", "Footage by HTTP push")
    source: ClassVar[Source] = Source("docs/reference/http-push.md", "footage")
    settings: ClassVar[tuple[Setting, ...]] = ()
    posted: ClassVar[bool] = True
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "camera=QJ-C01，begins_at=2026-11-22T08:00:00+08:00，一个 MP4 文件",
                "camera=QJ-C01, begins_at=2026-11-22T08:00:00+08:00, and an MP4",
            ),
            (Text("该摄像头自 8 时起的一段录像", "a clip of that camera from eight o'clock on"),),
        ),
    )

    @classmethod
    def films(cls, settings: Mapping[str, str]) -> bool:
        """They are nothing else."""
        return True

    def read(self, payload: Payload, settings: Mapping[str, str]) -> Read:
        """Read what was posted; the door makes the name of camera and time."""
        return read_footage(payload, BY_DEFAULT)
