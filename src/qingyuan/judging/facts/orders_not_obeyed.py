"""Findings that an order or a warning was not carried out."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.judging.fact import FACTS
from qingyuan.judging.facts._found import OfFindings
from qingyuan_science.plugins import Source, Text


@FACTS
@dataclass(frozen=True)
class OrdersNotObeyed(OfFindings):
    """Findings that what was ordered (a stop, a cut, an emergency cut) did not happen, without those dismissed."""

    code: ClassVar[str] = "orders_not_obeyed"
    title: ClassVar[Text] = Text("停产限产要求未落实线索数", "Findings of orders not carried out")
    source: ClassVar[Source] = Source("行政处罚与停产整治决定", "")
    validity: ClassVar[Text] = Text("线索须现场核实。", "A finding needs a look on site.")

    @staticmethod
    def detectors() -> Collection[str]:
        """The detectors that look at orders and warnings."""
        return ("ordered_stop", "ordered_cut", "emergency_cut")
