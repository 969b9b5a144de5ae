"""Serious findings that are open while the credit is good."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.evaluating.queries import levels, levels_of
from qingyuan.judging.fact import FACTS, Asked, OverDays, Told
from qingyuan_science.plugins import Source, Text

GOOD = 2  # the two best levels, which the document calls trustworthy and good
MAJOR = 3


@FACTS
@dataclass(frozen=True)
class CreditAgainstFindings(OverDays):
    """Open findings from severity major on, of an enterprise whose newest credit level is one of the two best."""

    code: ClassVar[str] = "credit_against_findings"
    title: ClassVar[Text] = Text("信用良好但未解除的较重以上线索数", "Serious findings open while credit is good")
    source: ClassVar[Source] = Source(
        "环发〔2013〕150号", "", note=Text("与线索对照为本平台做法", "held against findings by us")
    )
    validity: ClassVar[Text] = Text("没有信用等级的企业为“未知”。", "An enterprise without a level is “unknown”.")

    def over(self, asked: Asked) -> dict[int, Told]:
        """How many there are; nought where the level is not a good one."""
        grades = levels_of(asked.enterprises, asked.end)
        open_now = FACTS.get("findings_on_file")(least_severity=MAJOR, only_open=True).measure(asked)  # type: ignore[call-arg]
        names = {one.code: one.name for one in levels()}
        good = [one.code for one in levels()][:GOOD]
        told = {}
        for one in asked.enterprises:
            grade = grades.get(one)
            if grade is None or not grade.level:
                told[one] = Told(None, Text("没有信用等级", "no credit level"))
                continue
            name, found = names[grade.level], open_now[one]
            against = grade.level in good and bool(found.value)
            sentence = Text(
                f"信用等级为{name.zh}；较重以上未解除线索 {found.value or 0:.0f} 条",
                f"credit level {name.en}; serious findings open: {found.value or 0:.0f}",
            )
            told[one] = Told(found.value if against else 0.0, sentence, found.evidence if against else ())
        return told
