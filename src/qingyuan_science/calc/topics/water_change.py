"""How the water of a river, a city or a basin changed from one period to another."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic, named_once
from qingyuan_science.calc.topics._water import one_class, shares_words
from qingyuan_science.calc.wording import both, figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.water.items import CLASSES, class_source
from qingyuan_science.standards.water.sections import change_between, shares_of


@TOPICS
@dataclass(frozen=True)
class WaterChange(Topic):
    """Compare the classes of the same sections in two periods."""

    code: ClassVar[str] = "water_change"
    title: ClassVar[Text] = Text("水质变化评价", "Change of surface water between periods")
    source: ClassVar[Source] = Source(
        "环办〔2011〕22号",
        Text("变化趋势评价", "assessment of change"),
        note=Text("阈值未核对原文", "thresholds not checked"),
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "sections",
            Asked.TABLE,
            Text("各断面两期类别", "Classes of the sections in both periods"),
            columns=(
                Field("section", Asked.TEXT, Text("断面", "Section")),
                Field("before", Asked.TEXT, Text("前期类别", "Class before")),
                Field("after", Asked.TEXT, Text("本期类别", "Class after")),
            ),
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "四个断面，Ⅰ~Ⅲ类由 2 个增至 3 个，劣Ⅴ类由 1 个减至 0",
                "four sections: I to III from 2 to 3, worse than V from 1 to 0",
            ),
            (Text("50 个百分点，明显好转", "50 points: clearly better"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "sections": [
                {"section": "甲", "before": "II", "after": "II"},
                {"section": "乙", "before": "Ⅲ类", "after": "Ⅲ类"},
                {"section": "丙", "before": "IV", "after": "III"},
                {"section": "丁", "before": "劣Ⅴ类", "after": "V"},
            ],
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with both shares, the change, and the sections that moved.

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
            A value cannot be what its field asks for; names the field, what was found and expected.
        """
        if not given["sections"]:
            raise BadQuestion("sections", [], "at least one section")
        named_once("sections", [row["section"] for row in given["sections"]], "section")
        rows = []
        for row in given["sections"]:
            was, now = (one_class(row[name], f"sections.{name}") for name in ("before", "after"))
            better = CLASSES.index(was) - CLASSES.index(now)
            rows.append({"section": row["section"], "before": was, "after": now, "classes_better": better})
        before, after = (shares_of(row[name] for row in rows) for name in ("before", "after"))
        moved, word, source = change_between(before, after)
        result = {
            "change": figure(moved, 1),
            "verdict": both(word),
            "improved": [row["section"] for row in rows if row["classes_better"] > 0],
            "deteriorated": [row["section"] for row in rows if row["classes_better"] < 0],
            "before": shares_words(before),
            "after": shares_words(after),
            "sections": rows,
        }
        return Answer(result, once((source, class_source())))
