"""Noise held against the limit of its place, zone and period."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import DAY, refusing, within
from qingyuan_science.calc.wording import both, figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.noise.limits import background_corrected, noise_kinds, noise_limit
from qingyuan_science.standards.rounding import round_half_even

_LOUDEST = 200.0  # [dB(A)]; louder is a slip of the pen


@TOPICS
@dataclass(frozen=True)
class NoiseLimitTopic(Topic):
    """Take the background off a measured level, round it to whole decibels and hold it against its limit.

    Notes
    -----
    The edition in force on the day of the measurement applies. Where the background is less than 3 dB below what was
    measured there is no result.
    """

    code: ClassVar[str] = "noise_limit"
    title: ClassVar[Text] = Text("噪声限值评判", "Noise against its limit")
    source: ClassVar[Source] = Source(
        "GB 3096-2008, GB 12348-2008, GB 22337-2008, GB 12523-2025", Text("表1；GB 12348 5.7", "Table 1; GB 12348, 5.7")
    )
    fields: ClassVar[tuple[Field, ...]] = (
        DAY,
        Field("kind", Asked.CHOICE, Text("场所", "Kind of place"), choices=tuple(noise_kinds())),
        Field(
            "zone",
            Asked.CHOICE,
            Text("声环境功能区类别（施工场界为 site）", "Class of zone (site for construction)"),
            choices=tuple(dict.fromkeys(zone for zones in noise_kinds().values() for zone in zones)),
        ),
        Field("period", Asked.CHOICE, Text("时段", "Period"), choices=("day", "night")),
        Field("level", Asked.NUMBER, Text("等效声级", "Equivalent level measured"), "dB(A)", default=None),
        Field("background", Asked.NUMBER, Text("背景噪声", "Background"), "dB(A)", default=None),
        Field("peak", Asked.NUMBER, Text("夜间最大声级", "Highest level at night"), "dB(A)", default=None),
        Field(
            "peak_kind",
            Asked.CHOICE,
            Text("最大声级类型（偶发/频发）", "What the highest level is"),
            choices=("sudden", "frequent"),
            default="sudden",
        ),
        Field(
            "indoors",
            Asked.YES_NO,
            Text("厂界距敏感建筑 <1 m，室内测量", "Measured indoors, boundary within 1 m"),
            default=False,
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("厂界 2 类夜间：58 dB，背景 50 dB", "factory, class 2, night: 58 dB, background 50 dB"),
            (Text("差 8，修正 -1,57 dB，超 7 dB", "difference 8, corrected by -1: 57 dB, 7 dB beyond 50"),),
        ),
        Example(
            Text("施工场界昼间 70.4 dB", "building site by day: 70.4 dB"),
            (Text("修约为 70，达标", "rounded to 70: kept"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"day": "2026-11-20", "kind": "factory", "zone": "2", "period": "night", "level": 58, "background": 50},
        {"day": "2026-11-20", "kind": "construction", "zone": "site", "period": "day", "level": 70.4},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the limit, the level corrected and rounded, and the verdict.

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
        for name in ("level", "background", "peak"):
            within(name, given[name], 0, _LOUDEST)
        with refusing("indoors" if given["indoors"] else "zone", given["zone"]):
            limit = noise_limit(
                given["kind"],
                given["zone"],
                given["period"],
                given["day"],
                indoors=given["indoors"],
                noise=given["peak_kind"],
            )
        result: dict[str, Any] = {
            "edition": limit.standard,
            "zone_name": both(limit.zone),
            "limit": figure(limit.limit, 0),
            "peak_limit": figure(limit.peak, 0),
        }
        clauses, notes = [limit.source], []
        if given["level"] is not None:
            judged, source, note = _judged(given["level"], given["background"], limit.limit)
            result |= judged
            clauses += source
            notes += note
        if given["peak"] is not None:
            over = None if limit.peak is None else round_half_even(given["peak"], 0) > limit.peak
            result |= {"peak": given["peak"], "peak_over": over}
            if over is None:
                notes.append(Text("该标准（时段）无最大声级限值", "the standard sets no highest level for this period"))
        return Answer(result, once(clauses), tuple(notes))


def _judged(level: float, background: float | None, limit: float) -> tuple[dict[str, Any], list[Source], list[Text]]:
    correction, sources, corrected = None, [], level
    if background is not None:
        with refusing("background", background):
            found = background_corrected(level, background)
        sources, correction = [found.source], found.correction
        if found.level is None:
            note = Text(
                "与背景噪声之差小于 3 dB：应先降低背景噪声再测", "less than 3 dB above the background: lower that first"
            )
            empty = {"correction": None, "corrected": None, "rounded": None, "over": None, "decibels_over": None}
            return empty, sources, [note]
        corrected = found.level
    rounded = round_half_even(corrected, 0)
    over = rounded > limit
    result = {
        "correction": figure(correction, 0),
        "corrected": figure(corrected, 1),
        "rounded": figure(rounded, 0),
        "over": over,
        "decibels_over": figure(rounded - limit, 0) if over else None,
    }
    return result, sources, []
