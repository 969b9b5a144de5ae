"""The unified social credit code of a firm."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.topic import TOPICS, Answer, Field, Given, Topic
from qingyuan_science.calc.topics._codes import CODE, Parts, explained, place_words
from qingyuan_science.calc.wording import both, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.codes.credit import (
    credit_check,
    credit_code,
    organisation_check,
    organisation_code,
    organisation_source,
    plain,
)
from qingyuan_science.standards.reading import Status


@TOPICS
@dataclass(frozen=True)
class CreditCodeTopic(Topic):
    """Check a unified social credit code and take it apart; of 17 letters compute the check letter.

    Notes
    -----
    An organisation code of nine letters is checked too, and one of eight gets its check letter. Any single wrong letter
    of a credit code is noticed; of an organisation code, any single wrong digit.
    """

    code: ClassVar[str] = "credit_code"
    title: ClassVar[Text] = Text("统一社会信用代码", "Unified social credit code")
    source: ClassVar[Source] = Source(
        "GB 32100-2015", Text("校验码", "check character"), status=Status.VERIFIED_SECONDARY
    )
    fields: ClassVar[tuple[Field, ...]] = (CODE,)
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("91110000802100433B", "91110000802100433B"),
            (Text("符合；北京市；组织机构代码 802100433", "it fits; Beijing; organisation code 802100433"),),
        ),
        Example(
            Text("91110000802100433C", "91110000802100433C"),
            (Text("不符合：校验码应为 B", "it does not: the check letter must be B"),),
        ),
        Example(Text("80210043（8 位）", "80210043, eight letters"), (Text("校验码 3", "check letter 3"),)),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"code": "91110000802100433B"},
        {"code": "91110000802100433C"},
        {"code": "80210043"},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the parts of the code, or why it does not fit.

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
    code = plain(text)
    if len(code) == 17:
        check = credit_check(code)
        return {"check": check, "code": code + check}, (CreditCodeTopic.source,)
    if len(code) == 8:
        check = organisation_check(code)
        return {"check": check, "code": code + check}, (organisation_source(),)
    if len(code) == 9:
        return {"check": code[-1], "code": organisation_code(code)}, (organisation_source(),)
    found = credit_code(code)
    return {
        "code": found.code,
        "check": found.check,
        "registry": both(found.registry) if found.registry else None,
        **place_words(found.division),
        "organisation": found.organisation,
        "organisation_fits": found.organisation_fits,
    }, found.sources
