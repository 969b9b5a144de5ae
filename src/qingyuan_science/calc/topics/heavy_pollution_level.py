"""Which warning for heavy pollution a forecast calls for."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.wording import both
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.air.warning import warning_rule, warnings_for
from qingyuan_science.standards.errors import NoEdition


@TOPICS
@dataclass(frozen=True)
class HeavyPollutionLevel(Topic):
    """Find the warning level that forecast daily indices call for.

    Notes
    -----
    A bureau's own plan may lag behind the guidance or be stricter; the rule can therefore be chosen.
    """

    code: ClassVar[str] = "heavy_pollution_level"
    title: ClassVar[Text] = Text("重污染天气预警级别", "Heavy-pollution warning level")
    source: ClassVar[Source] = Source(
        "重污染天气应急预案修订要求（2018/2019），环大气〔2024〕6号", Text("预警分级", "levels of warning")
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("issued_on", Asked.DATE, Text("发布日期", "Day of issue")),
        Field("aqi", Asked.SERIES, Text("连续各日预报 AQI", "Forecast daily AQI of days in a row"), "1"),
        Field(
            "rule",
            Asked.CHOICE,
            Text("采用的分级（in_force 为按日期）", "Thresholds (in_force: by the day of issue)"),
            choices=("in_force", "2018", "2024"),
            default="in_force",
        ),
        Field(
            "bridged_days",
            Asked.WHOLE,
            Text("两次过程之间按一次计的天数", "Days between two processes that count as one"),
            "d",
            default=0,
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("2020-01-10：预报 210、230、260", "2020-01-10: forecast 210, 230, 260"),
            (Text("橙色：>200 持续 72 h", "orange: above 200 for 72 h"),),
        ),
        Example(
            Text("2026-11-22：预报 160、170、140", "2026-11-22: forecast 160, 170, 140"),
            (Text("黄色：>150 持续 48 h（未核对原文）", "yellow: above 150 for 48 h (not checked against the text)"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"issued_on": "2020-01-10", "aqi": [210, 230, 260]},
        {"issued_on": "2026-11-22", "aqi": [160, 170, 140]},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the gravest level met, and what each level asks for.

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
        if not given["aqi"]:
            raise BadQuestion("aqi", [], "the AQI of at least one day")
        if any(one is not None and one < 0 for one in given["aqi"]):
            raise BadQuestion("aqi", min(one for one in given["aqi"] if one is not None), "an AQI of at least 0")
        if given["bridged_days"] < 0:
            raise BadQuestion("bridged_days", given["bridged_days"], "0 or more")
        try:
            rule, source = warning_rule(given["issued_on"], "" if given["rule"] == "in_force" else given["rule"])
        except NoEdition as error:
            raise BadQuestion("issued_on", given["issued_on"].isoformat(), "a day from 2018-10-01 on") from error
        levels = warnings_for(given["aqi"], rule, given["bridged_days"])
        met = next((level for level in levels if level.met), None)
        result = {
            "level": met.level if met else None,
            "name": both(met.name) if met else None,
            "levels": [
                {"level": one.level, "name": both(one.name), "met": one.met, "conditions": list(one.conditions)}
                for one in levels
            ],
        }
        notes = [
            Text(
                "以日均 AQI 的整日数计时；分级以 AQI 计，2026 版限值使之更易达到",
                "hours are whole days of daily AQI; by the limits of 2026 the levels are reached sooner",
            )
        ]
        return Answer(result, (source,), tuple(notes))
