"""How far people changed the temperature of a water, as means of a week."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import refusing, within
from qingyuan_science.calc.wording import figure
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.sourced import table_on

_DEGREES = (-5.0, 100.0)


@TOPICS
@dataclass(frozen=True)
class WaterTemperature(Topic):
    """Hold the change of water temperature by people against GB 3838: weekly means may rise by 1 °C and fall by 2 °C.

    Notes
    -----
    Each week has the mean of the water as it would be (upstream, or before the discharge began) and the mean found. The
    figure as measured is compared; the item decides no class.
    """

    code: ClassVar[str] = "water_temperature"
    title: ClassVar[Text] = Text("人为造成的水温变化", "Change of water temperature by people")
    source: ClassVar[Source] = Source("GB 3838-2002", Text("表1 水温", "Table 1, water temperature"))
    fields: ClassVar[tuple[Field, ...]] = (
        Field("day", Asked.DATE, Text("数据日期", "Day of the data")),
        Field(
            "weeks",
            Asked.TABLE,
            Text("各周平均水温", "Weekly means"),
            columns=(
                Field("week", Asked.TEXT, Text("周", "Week"), default=""),
                Field("natural", Asked.NUMBER, Text("未受影响的周均水温", "Mean without influence"), "°C"),
                Field("measured", Asked.NUMBER, Text("受影响的周均水温", "Mean found"), "°C"),
            ),
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("三周：20.0→21.0、20.0→21.1、15.0→12.9", "three weeks: 20.0 to 21.0, 20.0 to 21.1, 15.0 to 12.9"),
            (
                Text(
                    "升 1.0 达标；升 1.1、降 2.1 超标", "a rise of 1.0 is kept; a rise of 1.1 and a fall of 2.1 are not"
                ),
            ),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "day": "2026-11-20",
            "weeks": [
                {"week": "1", "natural": 20.0, "measured": 21.0},
                {"week": "2", "natural": 20.0, "measured": 21.1},
                {"week": "3", "natural": 15.0, "measured": 12.9},
            ],
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the change of each week, the largest rise and fall, and whether both are kept.

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
        if not given["weeks"]:
            raise BadQuestion("weeks", [], "at least one week")
        with refusing("day", given["day"].isoformat()):
            table = table_on("water/assessment", "temperature", given["day"])
        (row,) = table.rows
        rows = []
        for number, week in enumerate(given["weeks"]):
            for name in ("natural", "measured"):
                within(f"weeks[{number}].{name}", week[name], *_DEGREES)
            change = round(week["measured"] - week["natural"], 9)
            over = change > row["rise"] or change < -row["fall"]
            rows.append(
                {"week": week["week"] or str(number + 1), "temperature_change": figure(change, 3), "over": over}
            )
        changes = [one["temperature_change"] for one in rows]
        result = {
            "kept": not any(one["over"] for one in rows),
            "largest_rise": max(0.0, *changes),
            "largest_fall": max(0.0, *(-one for one in changes)),
            "rise_allowed": row["rise"],
            "fall_allowed": row["fall"],
            "weeks": rows,
        }
        return Answer(result, (table.source,))
