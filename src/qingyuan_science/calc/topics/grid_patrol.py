"""Whether a grid was patrolled as often as it has to be, and has its people."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.wording import both, figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.errors import OutsideRule, UnknownEntry
from qingyuan_science.standards.procedure.deadlines import MONTH
from qingyuan_science.standards.procedure.grid import patrol_frequency, patrol_rules, patrolled, staff_of_cell

_LEVELS = tuple(dict.fromkeys(level for levels in patrol_rules().values() for level in levels))
_STAFF_OF = "chengde"
_UNITS = {"d": Text("天", "days"), MONTH: Text("个月", "months")}


def _person(name: str, zh: str, en: str) -> Field:
    return Field(name, Asked.WHOLE, Text(zh, en), default=None)


@TOPICS
@dataclass(frozen=True)
class GridPatrol(Topic):
    """Hold the patrols of a grid against the frequency of a place's rules, window by window from the first day.

    Notes
    -----
    There is no national frequency: the rules are those of single places, and hold elsewhere only where they are taken
    over. A day counts once, and a window that has not ended is not judged.
    """

    code: ClassVar[str] = "grid_patrol"
    title: ClassVar[Text] = Text("网格巡查频次", "Patrols of a grid")
    source: ClassVar[Source] = Source(
        "承德市网格化环境监管（2018），三河市网格化环境监管（2015）",
        Text("巡查频次", "how often patrols go"),
        Text("据二手资料", "read at second hand"),
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("rule", Asked.CHOICE, Text("采用的规定", "Rule"), choices=tuple(patrol_rules()), default="chengde"),
        Field("level", Asked.CHOICE, Text("网格级别", "Level of the grid"), choices=_LEVELS),
        Field(
            "key_site",
            Asked.YES_NO,
            Text("重点源或有投诉的点位", "A key source, or one complained about"),
            default=False,
        ),
        Field("first_day", Asked.DATE, Text("统计首日", "First day")),
        Field("last_day", Asked.DATE, Text("统计末日", "Last day")),
        Field(
            "patrols",
            Asked.TABLE,
            Text("巡查日期", "Days of patrols"),
            default=(),
            columns=(Field("day", Asked.DATE, Text("日期", "Day")),),
        ),
        _person("heads", "网格长人数", "Heads of the cell"),
        _person("workers", "网格员人数", "Grid workers of the cell"),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "二级网格重点源，11-01 至 11-21，巡查 3、5、10、16、20 日",
                "second level, key source, 1 to 21 November, patrols on 3, 5, 10, 16, 20",
            ),
            (
                Text(
                    "三周，每周 2 次：第二周只有 1 次，2/3 = 66.7%",
                    "three weeks of 2 patrols: the second has only 1, 2/3 = 66.7 %",
                ),
            ),
        ),
        Example(
            Text("三河村级日常，三日巡查两日", "Sanhe, village, patrolled on two of three days"),
            (Text("66.7%", "66.7 %"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "level": "town",
            "key_site": True,
            "first_day": "2026-11-01",
            "last_day": "2026-11-21",
            "patrols": [{"day": f"2026-11-{day:02}"} for day in (3, 5, 10, 16, 20)],
            "heads": 1,
            "workers": 1,
        },
        {
            "rule": "sanhe",
            "level": "village",
            "first_day": "2026-11-01",
            "last_day": "2026-11-03",
            "patrols": [{"day": "2026-11-01"}, {"day": "2026-11-03"}],
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the frequency, the windows kept, those with too few patrols, and what the running one lacks.

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
        try:
            often = patrol_frequency(given["rule"], given["level"], key_site=given["key_site"], on=given["last_day"])
        except UnknownEntry as error:
            raise BadQuestion("level", given["level"], str(error).partition("expected ")[2]) from error
        try:
            found = patrolled([row["day"] for row in given["patrols"]], (given["first_day"], given["last_day"]), often)
        except OutsideRule as error:
            field = "last_day" if "days" in str(error).partition("expected ")[2] else "patrols"
            value = given["last_day"].isoformat() if field == "last_day" else str(error).partition(", expected")[0]
            raise BadQuestion(field, value, str(error).partition("expected ")[2]) from error
        result = {
            "name": both(often.name),
            "times": often.times,
            "in": often.length,
            "unit": both(_UNITS[often.unit]),
            "patrols": found.done,
            "windows": found.windows,
            "windows_kept": found.kept,
            "share_kept": figure(found.kept * 100.0 / found.windows, 1) if found.windows else None,
            "patrolled": found.kept == found.windows if found.windows else None,
            "thin": [
                {"first_day": first.isoformat(), "last_day": last.isoformat(), "patrols": had}
                for first, last, had in found.thin
            ],
            "patrol_until": found.open_until.isoformat(),
            "patrols_lacking": found.open_lacks,
        }
        staff = _staff(given)
        clauses = [often.source]
        if staff is not None:
            result["staffed"], source = staff
            clauses.append(source)
        return Answer(result, once(clauses), tuple(_notes(given)))


def _staff(given: Given) -> tuple[bool, Source] | None:
    """Whether a cell has its people, where the rule says so and they were given."""
    heads, workers = given["heads"], given["workers"]
    for name in ("heads", "workers"):
        if given[name] is not None and given[name] < 0:
            raise BadQuestion(name, given[name], "0 or more")
    if heads is None or workers is None or given["rule"] != _STAFF_OF:
        return None
    least_heads, least_workers, source = staff_of_cell()
    return heads >= least_heads and workers >= least_workers, source


def _notes(given: Given) -> list[Text]:
    notes = [Text("国家没有统一的巡查频次，此为一地的规定", "no national frequency: these are the rules of one place")]
    if (given["rule"], given["level"]) == ("sanhe", "county"):
        notes.append(
            Text(
                "资料用词两可：此处按两月一次，也可能是一月两次",
                "the source's word is read as every second month; it may mean twice a month",
            )
        )
    if given["level"] == "night":
        notes.append(Text("夜查在 18:00 至次日 6:00", "a night check falls between 18:00 and 06:00"))
    return notes
