"""Which standards and rules hold on a day."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.topic import TOPICS, Answer, Field, Given, Topic
from qingyuan_science.calc.topics._emission import DAY
from qingyuan_science.calc.wording import both, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.procedure.register import Registered, registered_standards
from qingyuan_science.standards.reading import Status
from qingyuan_science.standards.sourced import source_of


@TOPICS
@dataclass(frozen=True)
class StandardsInForce(Topic):
    """List the standards and rules in force on the day of the data, with their days and how far those were checked.

    Notes
    -----
    Only what this platform computes with is listed; a standard whose first day is not known is left out.
    """

    code: ClassVar[str] = "standards_in_force"
    title: ClassVar[Text] = Text("某日施行的标准与规定", "Standards in force on a day")
    source: ClassVar[Source] = Source(
        "清源", Text("标准登记，截至 2026-11-22", "register as of 2026-11-22"), status=Status.PARTLY
    )
    fields: ClassVar[tuple[Field, ...]] = (DAY,)
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("2026-02-28 与 2026-03-01", "2026-02-28 and 2026-03-01"),
            (Text("前者 GB 3095-2012，后者 GB 3095-2026", "GB 3095-2012 on the first, GB 3095-2026 on the other"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = ({"day": "2026-02-28"},)

    def answer(self, given: Given) -> Answer:
        """Answer with a row a standard.

        Parameters
        ----------
        given : mapping
            The fields of the question, read.

        Returns
        -------
        Answer
        """
        held = registered_standards(given["day"])
        clause = Text("施行日期", "days in force")
        sources = [
            self.source,
            *(source_of(one.code, clause, one.status, (one.valid_from, one.valid_to)) for one in held),
        ]
        return Answer({"standards": [_row(one) for one in held]}, once(sources))


def _row(one: Registered) -> dict[str, Any]:
    return {
        "standard": one.code,
        "name": one.title,
        "domain": both(one.domain),
        "valid_from": one.valid_from.isoformat() if one.valid_from else None,
        "valid_to": one.valid_to.isoformat() if one.valid_to else None,
        "replaced_by": one.replaced_by or None,
    }
