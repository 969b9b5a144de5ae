"""Violations determined."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.dispatching.facts._violations import OfViolations
from qingyuan.judging.fact import FACTS
from qingyuan_science.plugins import Text


@FACTS
@dataclass(frozen=True)
class ViolationsConfirmed(OfViolations):
    """Cases that people found to be a violation of any kind."""

    code: ClassVar[str] = "violations_confirmed"
    title: ClassVar[Text] = Text("认定违法行为案件数", "Violations determined")
