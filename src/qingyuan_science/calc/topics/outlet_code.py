"""Codes of outlets, facilities and permits."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.topic import TOPICS, Answer, Field, Given, Topic
from qingyuan_science.calc.topics._codes import CODE, Parts, explained, place_words
from qingyuan_science.calc.wording import both, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.codes.outlets import outlet_code, permit_code
from qingyuan_science.standards.reading import Status


@TOPICS
@dataclass(frozen=True)
class OutletCodeTopic(Topic):
    """Check the code of an outlet or facility, or of a permit or registration, and say what it means."""

    code: ClassVar[str] = "outlet_code"
    title: ClassVar[Text] = Text("排放口与排污许可编码", "Codes of outlets and permits")
    source: ClassVar[Source] = Source("HJ 608-2017", Text("附录 A", "annex A"), status=Status.VERIFIED_SECONDARY)
    fields: ClassVar[tuple[Field, ...]] = (CODE,)
    examples: ClassVar[tuple[Example, ...]] = (
        Example(Text("DW001", "DW001"), (Text("废水排放口 1 号", "waste water outlet 1"),)),
        Example(
            Text("91110000802100433B002P", "91110000802100433B002P"),
            (Text("排污许可证，第 2 个场所", "permit, second site of the firm"),),
        ),
        Example(Text("DW1", "DW1"), (Text("不符合：应为 3 位数字", "it does not fit: three digits"),)),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"code": "DW001"},
        {"code": "91110000802100433B002P"},
        {"code": "DW1"},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with what the code means, or why it does not fit.

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
    if len("".join(text.split())) < 18:
        found = outlet_code(text)
        return {
            "code": found.code,
            "kind": both(found.name),
            "prefix": found.prefix,
            "number": found.number,
        }, (found.source,)
    permit = permit_code(text)
    return {
        "code": permit.code,
        "kind": both(permit.name),
        "holder": permit.holder.code if permit.holder else None,
        "site": permit.site,
        "flag": permit.flag,
        **place_words(permit.holder.division if permit.holder else permit.place),
    }, permit.sources
