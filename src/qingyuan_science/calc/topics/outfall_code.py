"""Codes of river and sea outfalls."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.topic import TOPICS, Answer, Field, Given, Topic
from qingyuan_science.calc.topics._codes import CODE, Parts, explained, place_words
from qingyuan_science.calc.wording import once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.codes.outlets import outfall_code
from qingyuan_science.standards.reading import Status


@TOPICS
@dataclass(frozen=True)
class OutfallCodeTopic(Topic):
    """Take the code of a river or sea outfall apart, as sign boards show it.

    Notes
    -----
    The text of the rule was not at hand: codes are taken apart and never made.
    """

    code: ClassVar[str] = "outfall_code"
    title: ClassVar[Text] = Text("入河（海）排污口编码", "Code of a river or sea outfall")
    source: ClassVar[Source] = Source(
        "HJ 1235-2021",
        Text("编码结构（标志牌所见）", "parts, as seen on sign boards"),
        Text("未核对原文", "not checked against the text"),
        status=Status.UNVERIFIED,
    )
    fields: ClassVar[tuple[Field, ...]] = (CODE,)
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("FXX-420106-0001-GY-00", "FXX-420106-0001-GY-00"),
            (Text("湖北省，水体 FXX，顺序 1，类型 GY", "Hubei, water body FXX, number 1, kind GY"),),
        ),
        Example(Text("FXX-4201-1", "FXX-4201-1"), (Text("不符合", "it does not fit"),)),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = ({"code": "FXX-420106-0001-GY-00"}, {"code": "FXX-4201-1"})

    def answer(self, given: Given) -> Answer:
        """Answer with the parts of the code, or why it does not look like one.

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
        return Answer(result, once(sources), (_UNREAD,))


_UNREAD = Text(
    "编码结构依标志牌推断，以官方编码为准",
    "the parts were read off sign boards; the official code stands as it is given",
)


def _parts(text: str) -> Parts:
    found = outfall_code(text)
    return {
        "code": found.code,
        "water_body": found.water,
        **place_words(found.place),
        "number": found.sequence,
        "outfall_kind": found.kind,
        "suffix": found.suffix,
    }, (found.source, *found.place.sources)
