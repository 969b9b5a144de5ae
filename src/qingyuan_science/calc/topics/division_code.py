"""Codes of administrative divisions."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.topic import TOPICS, Answer, Field, Given, Topic
from qingyuan_science.calc.topics._codes import CODE, Parts, explained, place_words
from qingyuan_science.calc.wording import once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.codes.divisions import division
from qingyuan_science.standards.reading import Status


@TOPICS
@dataclass(frozen=True)
class DivisionCode(Topic):
    """Take the code of an administrative division apart.

    Notes
    -----
    A code says nothing of whether the county exists on some day: divisions change, and no list of them is kept here.
    """

    code: ClassVar[str] = "division_code"
    title: ClassVar[Text] = Text("行政区划代码", "Code of a division")
    source: ClassVar[Source] = Source(
        "GB/T 2260", Text("代码结构", "parts of the code"), status=Status.VERIFIED_SECONDARY
    )
    fields: ClassVar[tuple[Field, ...]] = (CODE,)
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("510112", "510112"),
            (Text("四川省，县级；上级 510000、510100", "Sichuan, a county; above it 510000 and 510100"),),
        ),
        Example(
            Text("440300000000", "440300000000"),
            (Text("广东省，地级（12 位统计用）", "Guangdong, a prefecture, in the 12 digits of statistics"),),
        ),
        Example(Text("990000", "990000"), (Text("不符合：无此省级代码", "it does not fit: no such province"),)),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = ({"code": "510112"}, {"code": "440300000000"}, {"code": "990000"})

    def answer(self, given: Given) -> Answer:
        """Answer with level, province and the divisions above, or why it does not fit.

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
            There is no code; names the field.
        """
        result, sources = explained(given, _parts, self.source)
        return Answer(result, once(sources))


def _parts(text: str) -> Parts:
    found = division(text)
    return {**place_words(found), "above": list(found.above)}, found.sources
