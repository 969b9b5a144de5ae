"""Violations of automatic monitoring."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.dispatching.facts._violations import OfViolations
from qingyuan.judging.fact import FACTS
from qingyuan_science.plugins import Text


@FACTS
@dataclass(frozen=True)
class ViolationsOfMonitoring(OfViolations):
    """Cases found to be monitoring that did not work or data falsified."""

    code: ClassVar[str] = "violations_of_monitoring"
    title: ClassVar[Text] = Text("认定自动监控违法案件数", "Violations of automatic monitoring")
    violation: ClassVar[str] = "monitoring"
