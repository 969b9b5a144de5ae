"""Which sections attain their targets, and the shares of classes."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic, named_once
from qingyuan_science.calc.topics._water import one_class, shares_words
from qingyuan_science.calc.wording import both, figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.rounding import round_half_even
from qingyuan_science.standards.water.items import CLASSES, class_source, water_class
from qingyuan_science.standards.water.sections import river_status, sections_for_shares, shares_of


@TOPICS
@dataclass(frozen=True)
class WaterTarget(Topic):
    """Hold the classes of sections against their targets, and count the shares of I to III and worse than V."""

    code: ClassVar[str] = "water_target"
    title: ClassVar[Text] = Text("断面达标率与类别比例", "Target attainment and shares of classes")
    source: ClassVar[Source] = Source("环办〔2011〕22号", Text("断面水质类别比例", "shares of classes"))
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "sections",
            Asked.TABLE,
            Text("各断面类别与目标", "Classes and targets of the sections"),
            columns=(
                Field("section", Asked.TEXT, Text("断面", "Section")),
                Field("class", Asked.TEXT, Text("现状类别", "Class found")),
                Field("target", Asked.TEXT, Text("目标类别", "Target class")),
            ),
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("Ⅱ/Ⅱ、Ⅲ/Ⅲ、Ⅳ/Ⅲ（现状/目标）", "II for II, III for III, IV for III"),
            (Text("达标率 66.7%，Ⅰ~Ⅲ类 66.7%，劣Ⅴ类 0%", "attained 66.7 %, I to III 66.7 %, worse than V 0 %"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "sections": [
                {"section": "甲", "class": "Ⅱ类", "target": "II"},
                {"section": "乙", "class": "III", "target": "III"},
                {"section": "丙", "class": "IV", "target": "III"},
            ],
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the ratio, the shares and every section.

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
        named_once("sections", [row["section"] for row in given["sections"]], "section")
        rows = []
        for row in given["sections"]:
            found, target = (one_class(row[name], f"sections.{name}") for name in ("class", "target"))
            attained = CLASSES.index(found) <= CLASSES.index(target)
            word = both(water_class(found).status)
            rows.append(
                {"section": row["section"], "class": found, "target": target, "attained": attained, "status": word}
            )
        if not rows:
            raise BadQuestion("sections", [], "at least one section")
        shares = shares_of(row["class"] for row in rows)
        kept = sum(row["attained"] for row in rows)
        result: dict[str, Any] = {
            "attained_ratio": figure(round_half_even(kept * 100.0 / len(rows), 1), 1),
            "attained_sections": kept,
            "missed": [row["section"] for row in rows if not row["attained"]],
            **shares_words(shares),
            "rows": rows,
        }
        clauses = [class_source()]
        if len(rows) >= sections_for_shares():
            status, source = river_status(shares)
            result["whole_status"] = both(status)
            clauses.append(source)
        return Answer(result, once(clauses))
