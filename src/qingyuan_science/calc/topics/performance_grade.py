"""What a heavy-pollution warning asks of a firm of a grade of performance."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.wording import both
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.procedure.grades import performance_grade, performance_grades


@TOPICS
@dataclass(frozen=True)
class PerformanceGrade(Topic):
    """Say what is asked of a firm while a warning is in force."""

    code: ClassVar[str] = "performance_grade"
    title: ClassVar[Text] = Text("重污染天气绩效分级", "Grade of performance in heavy pollution")
    source: ClassVar[Source] = Source(
        "环办大气函〔2020〕340号",
        Text("绩效分级（39 个行业）", "grading by performance, 39 industries"),
        Text("据二手资料", "read at second hand"),
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "grade", Asked.CHOICE, Text("绩效等级", "Grade"), choices=tuple(one.grade for one in performance_grades())
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(Text("C 级企业", "a firm of grade C"), (Text("以停代限", "it stops a share of lines or equipment"),)),
        Example(Text("引领性企业", "a benchmark firm"), (Text("自主减排", "it cuts by itself"),)),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = ({"grade": "C"}, {"grade": "benchmark"})

    def answer(self, given: Given) -> Answer:
        """Answer with the name of the grade and what is asked of it.

        Parameters
        ----------
        given : mapping
            The fields of the question, read.

        Returns
        -------
        Answer
        """
        found = performance_grade(given["grade"])
        note = Text(
            "具体停限产比例按当地应急减排清单执行",
            "the shares of lines or load to be stopped are those of the local list of emergency measures",
        )
        return Answer({"grade": both(found.name), "measure": both(found.measure)}, (found.source,), (note,))
