"""The water quality index of cities and their ranking."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._water import BASIC, BODY, ITEM_COLUMNS, values_of
from qingyuan_science.calc.wording import figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.ranking import places_of
from qingyuan_science.standards.rounding import round_half_even
from qingyuan_science.standards.water.city import city_water_index
from qingyuan_science.standards.water.items import item_table, water_items


@TOPICS
@dataclass(frozen=True)
class WaterCityIndex(Topic):
    """Compute CWQI of cities from the means of their sections and rank them, the smallest first.

    Notes
    -----
    The rule sums 21 items; cities can only be compared over the same items, so that fewer are said in a note.
    """

    code: ClassVar[str] = "water_city_index"
    title: ClassVar[Text] = Text("城市水质指数与排名", "City water quality index and ranking")
    source: ClassVar[Source] = Source(
        "环办监测〔2017〕51号",
        Text("城市水质指数", "city water quality index"),
        note=Text("公式未核对原文", "formulas not checked"),
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "sections",
            Asked.TABLE,
            Text("各断面均值", "Means of the sections"),
            columns=(
                Field("city", Asked.TEXT, Text("城市", "City")),
                Field("section", Asked.TEXT, Text("断面", "Section")),
                BODY,
                *(column for column in ITEM_COLUMNS if column.name not in ("TN", "coliforms")),
            ),
        ),
        Field(
            "previous", Asked.NUMBERS, Text("各城市基期指数", "Index of each city in the base period"), "1", default={}
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "甲市河流氨氮 0.5、1.5，湖库氨氮 0.4；乙市河流氨氮 0.9",
                "A: rivers 0.5 and 1.5, lake 0.4; B: river 0.9 (NH3-N)",
            ),
            (Text("甲 (1.0×2+0.4×1)/3 = 0.8，乙 0.9", "A (1.0×2 + 0.4×1)/3 = 0.8, B 0.9"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "sections": [
                {"city": "甲市", "section": "一", "NH3-N": 0.5},
                {"city": "甲市", "section": "二", "NH3-N": 1.5},
                {"city": "甲市", "section": "三", "body": "lake", "NH3-N": 0.4},
                {"city": "乙市", "section": "四", "NH3-N": 0.9},
            ],
            "previous": {"甲市": 1.0},
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with index, place and change of every city.

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
        cities: dict[str, list[dict[str, Any]]] = {}
        for row in given["sections"]:
            cities.setdefault(row["city"], []).append(row)
        if not cities:
            raise BadQuestion("sections", [], "at least one section")
        unknown = set(given["previous"]) - set(cities)
        if unknown:
            raise BadQuestion(f"previous.{min(unknown)}", given["previous"][min(unknown)], "a city of the sections")
        rows, sources = [], []
        for city, sections in cities.items():
            row, source = _city(city, sections, given["previous"].get(city))
            rows.append(row)
            sources.append(source)
        places, better = places_of([row["index"] for row in rows]), places_of([row["change"] for row in rows])
        ranked = [
            {"place": place, **row, "change_place": moved}
            for row, place, moved in zip(rows, places, better, strict=True)
        ]
        ranked.sort(key=lambda row: row["place"])
        return Answer({"cities": ranked}, once((*sources, item_table("basic").source)), _notes(given["sections"]))


def _city(city: str, sections: Sequence[dict[str, Any]], previous: float | None) -> tuple[dict[str, Any], Source]:
    if not any(_means(row) for row in sections):
        raise BadQuestion("sections", city, "at least one item of the city: without any, its index would be the best")
    means = {body: [_means(row) for row in sections if row["body"] == body] for body in ("river", "lake")}
    try:
        index, river, lake, source = city_water_index(means["river"], means["lake"])
    except ValueError as error:
        raise BadQuestion("sections", city, str(error)) from error
    change = None if not previous else round_half_even(round((index - previous) / previous * 100.0, 9), 2)
    row = {
        "city": city,
        "index": index,
        "river_index": figure(river, 4),
        "lake_index": figure(lake, 4),
        "river_sections": len(means["river"]),
        "lake_sections": len(means["lake"]),
        "change": change,
    }
    return row, source


def _means(row: dict[str, Any]) -> dict[str, float]:
    return values_of({name: row.get(name) for name in BASIC}, "sections", "basic")


def _notes(sections: Sequence[dict[str, Any]]) -> tuple[Text, ...]:
    full = [one.item for one in water_items("basic").values() if not one.apart]
    used = [name for name in full if any(row[name] is not None for row in sections)]
    if len(used) == len(full) and all(row[name] is not None for row in sections for name in full):
        return ()
    return (
        Text(
            f"规定为 {len(full)} 项之和，此处仅有 {', '.join(used)}（部分断面可能更少），只可在同样项目间比较",
            f"the rule sums {len(full)} items; here are only {', '.join(used)}, in some sections fewer: compare "
            "only over the same items",
        ),
    )
