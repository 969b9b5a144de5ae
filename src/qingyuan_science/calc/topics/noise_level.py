"""Levels of noise from samples or hours."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import refusing, within
from qingyuan_science.calc.wording import figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.noise.levels import day_night_levels, energy_mean, level_exceeded
from qingyuan_science.standards.reading import Status


@TOPICS
@dataclass(frozen=True)
class NoiseLevel(Topic):
    """Compute the equivalent level of samples, the levels exceeded part of the time, and those of day and night.

    Notes
    -----
    Levels are averaged by energy, never as figures. Given a first hour, the samples are hourly levels of one day.
    """

    code: ClassVar[str] = "noise_level"
    title: ClassVar[Text] = Text("等效声级与昼夜声级", "Equivalent level, day and night levels")
    source: ClassVar[Source] = Source(
        "GB 3096-2008",
        Text("3 术语和定义", "terms"),
        Text("未核对原文", "not checked against the text"),
        status=Status.UNVERIFIED,
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("levels", Asked.SERIES, Text("声级", "Levels"), "dB(A)"),
        Field("durations", Asked.SERIES, Text("各声级持续时间", "How long each lasts"), "s", default=None),
        Field(
            "first_hour",
            Asked.WHOLE,
            Text("首个小时（声级为逐时值时）", "First hour, if levels are hourly"),
            "h",
            default=None,
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("60 dB 与 70 dB 各一半时间", "60 dB and 70 dB for half of the time each"),
            (Text("10 lg((10⁶+10⁷)/2) = 67.4 dB", "10 lg((10⁶ + 10⁷)/2) = 67.4 dB"),),
        ),
        Example(
            Text("自 22 时起：8 个小时 50,16 个小时 60", "from 22 o'clock: 50 for 8 hours, 60 for 16 hours"),
            (Text("Ld 60,Ln 50,Ldn 60", "Ld 60, Ln 50, Ldn 60"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"levels": [60, 70]},
        {"levels": [50] * 8 + [60] * 16, "first_hour": 22},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the levels.

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
        pairs = list(zip(given["levels"], given["durations"] or [1.0] * len(given["levels"]), strict=False))
        if given["durations"] is not None and len(given["durations"]) != len(given["levels"]):
            raise BadQuestion("durations", given["durations"], "one for each level")
        known = [(level, duration) for level, duration in pairs if level is not None]
        if not known:
            raise BadQuestion("levels", given["levels"], "at least one level")
        if any(not -50 <= level <= 200 for level, _ in known):
            raise BadQuestion("levels", given["levels"], "levels of -50 to 200 dB")
        levels = [level for level, _ in known]
        if any(duration is None for _, duration in known):
            raise BadQuestion("durations", given["durations"], "a duration for each level")
        for _, duration in known:
            within("durations", duration, 0)
        with refusing("durations", given["durations"]):
            leq = energy_mean(levels, [duration for _, duration in known])
        result: dict[str, Any] = {
            "leq": figure(leq, 1),
            "highest": max(levels),
            "lowest": min(levels),
            "samples": len(levels),
        }
        if given["durations"] is None:
            result |= {f"l{share}": figure(level_exceeded(levels, share), 1) for share in (10, 50, 90)}
        clauses = [self.source]
        if given["first_hour"] is not None:
            result |= _day_and_night(given)
        return Answer(result, once(clauses))


def _day_and_night(given: Given) -> dict[str, Any]:
    first = given["first_hour"]
    if not 0 <= first <= 23 or len(given["levels"]) > 24:
        raise BadQuestion("first_hour", first, "0 to 23, with no more than 24 levels")
    hours = {(first + place) % 24: level for place, level in enumerate(given["levels"]) if level is not None}
    day, night, both, _ = day_night_levels(hours)
    return {"day_level": figure(day, 1), "night_level": figure(night, 1), "day_night_level": figure(both, 1)}
