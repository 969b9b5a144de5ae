"""Facts about this installation."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.kit.events import Event


@dataclass(frozen=True)
class DemoMade(Event):
    """The synthetic district was entered; the line's time is the world's epoch."""

    subject_kind: ClassVar[str] = "demo"
    id: str
    seed: int
