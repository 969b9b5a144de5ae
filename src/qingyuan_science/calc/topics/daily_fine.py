"""The days of a daily consecutive fine, and what they come to."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.wording import figure
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.errors import OutsideRule
from qingyuan_science.standards.procedure.deadlines import fined_days


@TOPICS
@dataclass(frozen=True)
class DailyFine(Topic):
    """Count the days from the day after service to the re-check, and multiply the amount of a day.

    Notes
    -----
    The amount of a day is that of the penalty decision; it is not looked up here.
    """

    code: ClassVar[str] = "daily_fine"
    title: ClassVar[Text] = Text("按日连续处罚计罚日数", "Days of a daily consecutive fine")
    source: ClassVar[Source] = Source(
        "环境保护主管部门实施按日连续处罚办法", Text("计罚日数、第10条", "days that are fined, article 10")
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("served", Asked.DATE, Text("责令改正决定书送达日", "Day on which the order to correct was served")),
        Field("rechecked", Asked.DATE, Text("复查发现仍违法排放之日", "Day of the re-check that found it to go on")),
        Field("amount_a_day", Asked.NUMBER, Text("每日罚款数额", "Fine of a day"), "CNY", default=None),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "2026-03-02 送达，03-20 复查仍超标，每日 10 万元", "served 2026-03-02, re-checked 03-20, 100,000 a day"
            ),
            (Text("03-03 至 03-20，18 日，180 万元", "3 to 20 March: 18 days, 1,800,000"),),
        ),
        Example(
            Text("送达次日即复查", "re-checked on the day after service"),
            (Text("1 日", "1 day"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"served": "2026-03-02", "rechecked": "2026-03-20", "amount_a_day": 100000},
        {"served": "2026-03-02", "rechecked": "2026-03-03"},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with first and last day, their number, and the sum where the amount of a day is given.

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
        amount = given["amount_a_day"]
        if amount is not None and amount <= 0:
            raise BadQuestion("amount_a_day", amount, "an amount above 0")
        try:
            found = fined_days(given["served"], given["rechecked"])
        except OutsideRule as error:
            expected = "a day after the service and at most 30 days later"
            raise BadQuestion("rechecked", given["rechecked"].isoformat(), expected) from error
        result = {
            "first_day": found.first.isoformat(),
            "last_day": found.last.isoformat(),
            "days_fined": found.days,
            "fine_in_all": figure(amount * found.days, 2) if amount is not None else None,
            "recheck_until": found.recheck_until.isoformat(),
        }
        notes = [
            Text(
                "每日数额依原处罚决定，本计算不作判断；计罚以复查时仍在违法排放为前提",
                "the amount of a day is that of the penalty decision; only a violation that goes on is fined",
            )
        ]
        if found.last >= found.law_changed_on:
            notes.append(
                Text(
                    f"{found.law_changed_on} 起施行生态环境法典，其按日计罚的条文未取得，须自行核对",
                    f"the Code holds from {found.law_changed_on} on; its text on daily fines was not obtained",
                )
            )
        return Answer(result, found.sources, tuple(notes))
