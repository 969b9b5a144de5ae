"""What an area cuts under a heavy-pollution warning, against the share that the level asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic, named_once
from qingyuan_science.calc.wording import figure
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.air.warning import least_cut, shares_cut
from qingyuan_science.standards.errors import NoEdition

_POLLUTANTS = {
    "SO2": Text("二氧化硫", "SO2"),
    "NOx": Text("氮氧化物", "NOx"),
    "PM": Text("颗粒物", "Particles"),
    "VOCs": Text("挥发性有机物", "VOCs"),
}
_ALL = 100.0
_AMOUNTS = tuple(Field(name, Asked.NUMBER, title, "kg/d", default=None) for name, title in _POLLUTANTS.items())


@TOPICS
@dataclass(frozen=True)
class EmergencyCuts(Topic):
    """Add up what a list of emergency measures cuts, and hold it against the share that a warning asks for.

    Notes
    -----
    The share is of the whole area's emission: what is on no list belongs to it with a cut of nought.
    """

    code: ClassVar[str] = "emergency_cuts"
    title: ClassVar[Text] = Text("重污染天气应急减排比例", "Shares cut under a heavy-pollution warning")
    source: ClassVar[Source] = Source(
        "重污染天气应急预案修订要求（2018/2019）", Text("各级预警减排比例", "share to be cut by level of warning")
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("day", Asked.DATE, Text("预警日期", "Day of the warning")),
        Field("level", Asked.CHOICE, Text("预警级别", "Level of the warning"), choices=("yellow", "orange", "red")),
        Field(
            "sources",
            Asked.TABLE,
            Text("各源日常日排放量与减排比例", "Emission of each source on an ordinary day, and its cut"),
            columns=(
                Field("source", Asked.TEXT, Text("源", "Source")),
                *_AMOUNTS,
                Field("cut", Asked.NUMBER, Text("减排比例", "Share cut"), "%", default=0.0),
            ),
        ),
        Field(
            "own_least",
            Asked.NUMBER,
            Text("当地预案规定的减排比例", "Share that the local plan asks for"),
            "%",
            default=None,
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "橙色预警：甲厂 SO2 200、NOx 400，减 50%；其余源 SO2 300、NOx 800，不减",
                "orange: works A emits 200 SO2 and 400 NOx and cuts by 50 %, the rest 300 and 800 and cuts nothing",
            ),
            (
                Text(
                    "SO2 100/500 = 20%，达到 20%；NOx 200/1200 = 16.7%，未达到",
                    "SO2 100/500 = 20 %, enough; NOx 200/1200 = 16.7 %, too little",
                ),
            ),
        ),
        Example(
            Text("同上，当地预案要求 40%", "the same where the local plan asks for 40 %"),
            (Text("两项均未达到", "neither is enough"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "day": "2026-11-22",
            "level": "orange",
            "sources": [
                {"source": "甲厂", "SO2": 200, "NOx": 400, "cut": 50},
                {"source": "其余源", "SO2": 300, "NOx": 800},
            ],
        },
        {
            "day": "2026-11-22",
            "level": "orange",
            "sources": [
                {"source": "甲厂", "SO2": 200, "NOx": 400, "cut": 50},
                {"source": "其余源", "SO2": 300, "NOx": 800},
            ],
            "own_least": 40,
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with what is emitted, cut and asked for, by pollutant.

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
        rows = given["sources"]
        _check(given)
        try:
            least, source = least_cut(given["level"], given["day"])
        except NoEdition as error:
            raise BadQuestion("day", given["day"].isoformat(), "a day from 2018-10-01 on") from error
        own = given["own_least"]
        emitted = {name: sum(row[name] or 0.0 for row in rows) for name in _POLLUTANTS}
        cut = {name: sum((row[name] or 0.0) * row["cut"] / _ALL for row in rows) for name in _POLLUTANTS}
        shares = shares_cut(emitted, cut, least if own is None else own)
        if not shares:
            raise BadQuestion("sources", "no emission", "an amount above 0 of at least one pollutant")
        result = {
            "kept": all(one.reached for one in shares),
            "least_share": least if own is None else own,
            "pollutants": [
                {
                    "item": one.pollutant,
                    "emitted_a_day": figure(one.emitted, 3),
                    "amount_cut": figure(one.cut, 3),
                    "share_cut": figure(one.share, 1),
                    "reached": one.reached,
                    "amount_lacking": figure(max(one.emitted * one.least / _ALL - one.cut, 0.0), 3),
                }
                for one in shares
            ],
        }
        return Answer(result, (source,), tuple(_notes(own, least)))


def _check(given: Given) -> None:
    named_once("sources", [row["source"] for row in given["sources"]], "source")
    for number, row in enumerate(given["sources"]):
        _refuse_below_nought(row, f"sources[{number}]")
        if not 0 <= row["cut"] <= _ALL:
            raise BadQuestion(f"sources[{number}].cut", row["cut"], "0 to 100 %")
    if given["own_least"] is not None and not 0 < given["own_least"] <= _ALL:
        raise BadQuestion("own_least", given["own_least"], "a share above 0 and up to 100 %")


def _refuse_below_nought(row: Mapping[str, Any], where: str) -> None:
    for name in _POLLUTANTS:
        if row[name] is not None and row[name] < 0:
            raise BadQuestion(f"{where}.{name}", row[name], "an amount of at least 0")


def _notes(own: float | None, least: float) -> list[Text]:
    whole = Text(
        "比例按全社会排放量计：清单以外的源也须列入，减排比例为 0",
        "the share is of all that the area emits: sources on no list belong to it too, with a cut of 0",
    )
    if own is None:
        return [whole]
    return [
        whole,
        Text(f"按当地预案的 {own:g}%，而非 {least:g}%", f"by the {own:g} % of the local plan, not {least:g} %"),
    ]
