"""Violations of running treatment."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.dispatching.facts._violations import OfViolations
from qingyuan.judging.fact import FACTS
from qingyuan_science.plugins import Text


@FACTS
@dataclass(frozen=True)
class ViolationsOfTreatment(OfViolations):
    """Cases found to be treatment that did not run as it must."""

    code: ClassVar[str] = "violations_of_treatment"
    title: ClassVar[Text] = Text("认定治污设施不正常运行案件数", "Violations of running treatment")
    violation: ClassVar[str] = "treatment"
