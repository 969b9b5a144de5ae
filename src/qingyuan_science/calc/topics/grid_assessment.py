"""Points of the assessment of grid supervision."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import refusing
from qingyuan_science.calc.wording import both, figure
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.procedure.grid import assessed, assessment_parts

_PARTS, _SOURCE = assessment_parts()


@TOPICS
@dataclass(frozen=True)
class GridAssessment(Topic):
    """Make points of what was reached of arrangements, system and running of a grid."""

    code: ClassVar[str] = "grid_assessment"
    title: ClassVar[Text] = Text("网格化监管考核得分", "Assessment of grid supervision")
    source: ClassVar[Source] = _SOURCE
    fields: ClassVar[tuple[Field, ...]] = tuple(
        Field(part, Asked.NUMBER, Text(f"{name.zh}完成比例", f"Reached of {name.en}"), "%")
        for part, (name, _full) in _PARTS.items()
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("部署安排 100%、体系 90%、运行 80%", "arrangements 100 %, system 90 %, running 80 %"),
            (Text("20 + 27 + 40 = 87 分", "20 + 27 + 40 = 87 points"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = ({"arrangements": 100, "system": 90, "running": 80},)

    def answer(self, given: Given) -> Answer:
        """Answer with the points of each part and in all.

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
            A share is not from 0 to 100 %; names the field.
        """
        for part in _PARTS:
            with refusing(part, given[part]):
                assessed({**dict.fromkeys(_PARTS, 0.0), part: given[part]})
        points = assessed(given)
        result = {
            "score": figure(sum(points.values()), 2),
            "assessed_parts": [
                {"name": both(_PARTS[part][0]), "earned": figure(one, 2), "full_points": _PARTS[part][1]}
                for part, one in points.items()
            ],
        }
        note = Text("一地的分值；其他地方以当地考核办法为准", "the points of one place: elsewhere the local rules hold")
        return Answer(result, (_SOURCE,), (note,))
