"""The class of a river outfall, and what setting one needs."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.wording import both, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.procedure.outfalls import outfall_type, outfall_types


@TOPICS
@dataclass(frozen=True)
class OutfallClass(Topic):
    """Name the class of a river outfall, and whether setting one needs approval or registration."""

    code: ClassVar[str] = "outfall_class"
    title: ClassVar[Text] = Text("入河排污口分类与设置程序", "Class of a river outfall")
    source: ClassVar[Source] = Source(
        "HJ 1312-2023", Text("排污口分类", "classes of outfalls"), Text("据二手资料", "read at second hand")
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "name", Asked.CHOICE, Text("最低一级类别", "Narrowest class"),
            choices=tuple(one.names[-1].zh for one in outfall_types()),
        ),
    )  # fmt: skip
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("矿山排污口", "outfall of a mine"),
            (Text("工业排污口，设置须经审批", "an industrial outfall: setting it needs approval"),),
        ),
        Example(
            Text("城镇雨洪排口", "storm outlet of a town"),
            (Text("其他排口，设置前登记", "another outlet: registered before it is set"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = ({"name": "矿山排污口"}, {"name": "城镇雨洪排口"})

    def answer(self, given: Given) -> Answer:
        """Answer with the levels of the class and the procedure.

        Parameters
        ----------
        given : mapping
            The fields of the question, read.

        Returns
        -------
        Answer
        """
        found = outfall_type(given["name"])
        result = {"levels": [both(name) for name in found.names], "procedure": both(found.procedure_name)}
        return Answer(result, once(found.sources))
