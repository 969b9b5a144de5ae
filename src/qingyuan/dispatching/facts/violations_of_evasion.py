"""Discharges that evade supervision."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.dispatching.facts._violations import OfViolations
from qingyuan.judging.fact import FACTS
from qingyuan_science.plugins import Text


@FACTS
@dataclass(frozen=True)
class ViolationsOfEvasion(OfViolations):
    """Cases found to be discharge in ways that evade supervision."""

    code: ClassVar[str] = "violations_of_evasion"
    title: ClassVar[Text] = Text("认定逃避监管排放案件数", "Discharges that evade supervision")
    violation: ClassVar[str] = "evasion"
