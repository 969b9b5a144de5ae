"""Violations of the permitted total."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.dispatching.facts._violations import OfViolations
from qingyuan.judging.fact import FACTS
from qingyuan_science.plugins import Text


@FACTS
@dataclass(frozen=True)
class ViolationsOfTotal(OfViolations):
    """Cases found to be discharge over the permitted total."""

    code: ClassVar[str] = "violations_of_total"
    title: ClassVar[Text] = Text("认定超总量排放案件数", "Violations of the permitted total")
    violation: ClassVar[str] = "over-total"
