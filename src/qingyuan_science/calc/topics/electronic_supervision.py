"""The class of electronic supervision that a matter of a waste incinerator falls in."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.wording import both
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.procedure.supervision import electronic_class, electronic_matters

_FROM = electronic_class("network").source.valid_from


@TOPICS
@dataclass(frozen=True)
class ElectronicSupervision(Topic):
    """Say whether a matter is a pre-warning, a dispatch or handled afterwards, and whether it asks for an answer."""

    code: ClassVar[str] = "electronic_supervision"
    title: ClassVar[Text] = Text("垃圾焚烧电子督办分类", "Electronic supervision of waste incinerators")
    source: ClassVar[Source] = Source(
        "生态环境部令第10号",
        Text("电子督办运行要求", "how electronic supervision runs"),
        Text("据二手资料", "read at second hand"),
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("day", Asked.DATE, Text("督办日期", "Day")),
        Field("matter", Asked.CHOICE, Text("事项", "Matter"), choices=electronic_matters()),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(Text("数据缺失", "missing data"), (Text("事前预警，无需反馈", "a pre-warning, no answer asked for"),)),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = ({"day": "2026-11-20", "matter": "missing_data"},)

    def answer(self, given: Given) -> Answer:
        """Answer with the class, whether the plant must answer, and whom it is sent to.

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
            The day is before the rules.
        """
        if _FROM is not None and given["day"] < _FROM:
            raise BadQuestion("day", given["day"].isoformat(), f"a day from {_FROM} on")
        found = electronic_class(given["matter"])
        result = {
            "supervision_class": both(found.name),
            "needs_answer": found.feedback,
            "sent_to": both(found.to) if found.to else None,
        }
        unknown = Text("资料未写明的栏目留空", "what the source does not say is left empty")
        return Answer(result, (found.source,), (unknown,) if None in result.values() else ())
