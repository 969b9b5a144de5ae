"""Pollution equivalents of what one outlet discharged, and which of them are taxed."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._tax import SMALL, equivalents_of, rows_of
from qingyuan_science.calc.wording import figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.reading import Status
from qingyuan_science.standards.tax.equivalents import taxed_of


@TOPICS
@dataclass(frozen=True)
class PollutantEquivalents(Topic):
    """Make the pollutants of one outlet comparable and choose those that are taxed.

    Notes
    -----
    Air: the first three by equivalents. Water: the first five of class 1 and the first three of the others, among them
    pH, colour, coliforms and residual chlorine; of COD, BOD5 and TOC only one.
    """

    code: ClassVar[str] = "pollutant_equivalents"
    title: ClassVar[Text] = Text("污染当量数", "Pollution equivalents")
    source: ClassVar[Source] = Source("环境保护税法", Text("附表二", "annex 2"), status=Status.VERIFIED)
    fields: ClassVar[tuple[Field, ...]] = (
        Field("medium", Asked.CHOICE, Text("介质", "Medium"), choices=("water", "air")),
        Field("amounts", Asked.NUMBERS, Text("各污染物排放量", "Mass of each pollutant"), "kg"),
        Field("ph", Asked.NUMBER, Text("pH 值", "pH"), "1", default=None),
        Field("water", Asked.NUMBER, Text("该 pH 的废水量", "Water of that pH"), "t", default=None),
        Field(
            "colour",
            Asked.NUMBER,
            Text("色度：废水量×超标倍数", "Colour: water times the multiple beyond"),
            "t·倍",
            default=None,
        ),
        Field("coliforms", Asked.NUMBER, Text("大肠菌群超标废水量", "Water with coliforms beyond"), "t", default=None),
        Field(
            "residual_chlorine", Asked.NUMBER, Text("余氯超标废水量", "Water with residual chlorine"), "t", default=None
        ),
        Field(
            "small",
            Asked.NUMBERS,
            Text("小型排污者（头、羽、床或吨）", "Small sources: heads, birds, beds or t"),
            choices=SMALL,
            default={},
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "废气：二氧化硫 95、氮氧化物 190、一氧化碳 167、烟尘 21.8 kg",
                "air: SO2 95, NOx 190, CO 167, smoke dust 21.8 kg",
            ),
            (Text("100、200、10、10，计前三项", "100, 200, 10 and 10; the first three are taxed"),),
        ),
        Example(
            Text(
                "废水：COD 100、BOD5 40、氨氮 8、总汞 0.001 kg，pH 5.5 废水 50 t",
                "water: COD 100, BOD5 40, NH3-N 8, Hg 0.001 kg; 50 t of pH 5.5",
            ),
            (
                Text(
                    "COD 100（BOD5 80 不再计）、氨氮 10、pH 10；总汞 2",
                    "COD 100 (BOD5 with 80 is not taxed beside it), NH3-N 10, pH 10; mercury 2",
                ),
            ),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"medium": "air", "amounts": {"SO2": 95, "NOx": 190, "CO": 167, "烟尘": 21.8}},
        {"medium": "water", "amounts": {"COD": 100, "BOD5": 40, "氨氮": 8, "总汞": 0.001}, "ph": 5.5, "water": 50},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the equivalents of each pollutant, by rank, and the sum of those taxed.

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
        asked = [(f"amounts.{name}", name, value) for name, value in given["amounts"].items()]
        asked += [(name, name, given[name]) for name in ("colour", "coliforms", "residual_chlorine")]
        asked += [(f"small.{name}", name, value) for name, value in given["small"].items()]
        if (given["ph"] is None) != (given["water"] is None):
            raise BadQuestion("water", given["water"], "both a pH and the water of that pH, or neither")
        if given["ph"] is not None:
            asked.append(("ph", "pH", given["water"]))
        counted = [(field, name, value) for field, name, value in asked if value is not None]
        if given["medium"] == "air" and any(not field.startswith("amounts") for field, _, _ in counted):
            raise BadQuestion(
                "medium", "air", "water, where pH, colour, coliforms, chlorine or small sources are given"
            )
        found = [
            equivalents_of(name, given["medium"], value, given["ph"], field=field) for field, name, value in counted
        ]
        for place, one in enumerate(found):
            if one.name in [other.name for other in found[:place]]:
                raise BadQuestion(
                    counted[place][0], counted[place][1], f"each pollutant once; {one.name.en} stands twice"
                )
        if not found:
            raise BadQuestion("amounts", given["amounts"], "at least one amount")
        ranked = taxed_of(found)
        total = sum(one.number for one in ranked if one.taxed)
        result = {"taxed_equivalents": figure(total, 6), "items": rows_of(ranked)}
        return Answer(result, once((*(one.source for one in ranked), self.source)))
