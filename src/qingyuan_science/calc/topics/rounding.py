"""Rounding of figures."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import refusing
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.reading import Status
from qingyuan_science.standards.rounding import round_to_interval


@TOPICS
@dataclass(frozen=True)
class Rounding(Topic):
    """Round a figure to a multiple of an interval, in one step; half an interval goes to the even multiple.

    Notes
    -----
    An interval of 0.1 keeps one decimal, one of 100 rounds to hundreds, one of 0.5 to half units.
    """

    code: ClassVar[str] = "rounding"
    title: ClassVar[Text] = Text("数值修约", "Rounding of figures")
    source: ClassVar[Source] = Source(
        "GB/T 8170-2008", "3.2~3.4", Text("据二手资料", "read at second hand"), status=Status.VERIFIED_SECONDARY
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("value", Asked.NUMBER, Text("拟修约数值", "Figure")),
        Field("interval", Asked.NUMBER, Text("修约间隔", "Interval"), default=1.0),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("1.050 修约到一位小数", "1.050 to one decimal"),
            (Text("1.0：恰为一半，取偶", "1.0: just half, so to the even one"),),
        ),
        Example(
            Text("60.28 修约到个位的 0.5 单位", "60.28 to half units"),
            (Text("60.5", "60.5"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"value": 1.050, "interval": 0.1},
        {"value": 60.28, "interval": 0.5},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the rounded figure.

        Parameters
        ----------
        given : mapping
            The fields of the question, read.

        Returns
        -------
        Answer

        Raises
        ------
        BadQuestion
            The interval cannot be one; names the field, what was found and expected.
        """
        with refusing("interval", given["interval"]):
            rounded = round_to_interval(given["value"], given["interval"])
        return Answer({"rounded": rounded}, (self.source,))
