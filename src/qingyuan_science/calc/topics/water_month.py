"""A month of surface water: sections, their classes, the shares, what exceeds how often."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Field, Given, Topic
from qingyuan_science.calc.topics._water import (
    PH_MEAN,
    ROUNDED,
    SAMPLES,
    alike,
    class_clauses,
    class_words,
    ph_notes,
    section_row,
    shares_words,
    told_clauses,
    values_of_sample,
)
from qingyuan_science.calc.wording import both, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.reading import Status
from qingyuan_science.standards.sourced import tables_of
from qingyuan_science.standards.water.classes import Judged, judge
from qingyuan_science.standards.water.sections import (
    exceedance_rates,
    main_pollutants_of_river,
    means_by_item,
    river_status,
    sections_for_shares,
    shares_of,
)

_Key = tuple[str, str]
_Samples = dict[_Key, list[dict[str, Any]]]


@TOPICS
@dataclass(frozen=True)
class WaterMonth(Topic):
    """Average the samples of each section and month, judge the means, and count classes and exceedances."""

    code: ClassVar[str] = "water_month"
    title: ClassVar[Text] = Text("断面月水质评价", "Surface water by section and month")
    source: ClassVar[Source] = Source("环办〔2011〕22号", Text("断面与河流水质评价", "sections and rivers"))
    fields: ClassVar[tuple[Field, ...]] = (
        SAMPLES,
        PH_MEAN,
        ROUNDED,
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("断面甲氨氮 0.8、1.6，断面乙 0.4", "section A: ammonia nitrogen 0.8 and 1.6; section B: 0.4"),
            (
                Text(
                    "甲月均 1.2，Ⅳ类，氨氮（0.2），超标率 33.3%；乙Ⅱ类；Ⅰ~Ⅲ类 50%",
                    "A: mean 1.2, class IV, ammonia nitrogen (0.2); 33.3 % of samples over; B: class II; 50 % I to III",
                ),
            ),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "samples": [
                {"section": "甲", "day": "2026-10-05", "pH": 7.2, "DO": 7.0, "NH3-N": 0.8},
                {"section": "甲", "day": "2026-10-20", "pH": 7.4, "DO": 6.4, "NH3-N": 1.6},
                {"section": "乙", "day": "2026-10-06", "pH": 7.9, "DO": 6.8, "NH3-N": 0.4},
            ],
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with one entry a month: sections, shares, status of the whole, rates of exceedance.

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
        months: dict[str, _Samples] = {}
        bodies: dict[str, str] = {}
        for row in given["samples"]:
            key = (row["section"], row["body"])
            months.setdefault(f"{row['day']:%Y-%m}", {}).setdefault(key, []).append(row)
            if bodies.setdefault(row["section"], row["body"]) != row["body"]:
                raise BadQuestion("samples", f"river and lake for {row['section']}", "one kind of water body a section")
        if not months:
            raise BadQuestion("samples", [], "at least one sample")
        results, clauses = [], list(class_clauses(rounded=given["rounded"]))
        for month, samples in sorted(months.items()):
            result, used = _month(samples, given)
            results.append({"month": month, **result})
            clauses += used
        clauses.append(
            Source(
                "环办监测函〔2020〕82号",
                Text("月均值", "monthly means"),
                Text("未核对原文", "not checked against the text"),
                status=Status.UNVERIFIED,
            )
        )
        notes = [Text("月值为当月样品均值", "the value of a month is the mean of its samples")]
        notes += ph_notes(given)
        return Answer({"months": results}, once(clauses), tuple(notes))


def _month(samples: _Samples, given: Given) -> tuple[dict[str, Any], list[Source]]:
    by_hydrogen, rounded = given["ph_mean"] == "hydrogen", given["rounded"]
    rows, judgements, single = [], [], []
    for (section, body), taken in samples.items():
        target = alike(section, taken, "target")
        values = [values_of_sample(row) for row in taken]
        single += [judge(one, body, target, rounded=rounded) for one in values]  # type: ignore[arg-type]
        found = judge(means_by_item(values, ph_by_hydrogen=by_hydrogen), body, target, rounded=rounded)  # type: ignore[arg-type]
        judgements.append(found)
        rows.append(section_row(section, taken, found, target))
    shares = shares_of(one.code for one in judgements if one.code is not None)
    whole, clauses = _whole(samples, judgements, given)
    clauses += told_clauses(judgements)
    result = {
        "sections": rows,
        "shares": shares_words(shares),
        **whole,
        "rates_over": [{"item": item, "rate": rate} for item, rate in exceedance_rates(single).items()],
    }
    return result, clauses


def _whole(samples: _Samples, judgements: Sequence[Judged], given: Given) -> tuple[dict[str, Any], list[Source]]:
    """Status of all sections together: by shares from five on, else by the mean of each item over the sections."""
    known = [one for one in judgements if one.code is not None]
    if len(known) >= sections_for_shares():
        status, source = river_status(shares_of(one.code for one in known if one.code))
        pollutants = [{"name": both(name), "share": share} for name, share in main_pollutants_of_river(known)]
        return {"whole_status": both(status), "whole_pollutants": pollutants}, [source]
    bodies = {body for _, body in samples}
    if len(bodies) != 1 or not known:
        return {"whole_status": None, "whole_pollutants": []}, []
    by_hydrogen = given["ph_mean"] == "hydrogen"
    sections = [[values_of_sample(row) for row in taken] for taken in samples.values()]
    means = [means_by_item(taken, ph_by_hydrogen=by_hydrogen) for taken in sections]
    over_all = means_by_item(means, ph_by_hydrogen=by_hydrogen)
    found = judge(over_all, bodies.pop(), rounded=given["rounded"])  # type: ignore[arg-type]
    words = class_words(found.code)
    pollutants = [{"name": both(one.label)} for one in found.main_pollutants]
    whole = {"whole_class": found.code, "whole_status": words["status"], "whole_pollutants": pollutants}
    return whole, [tables_of("water/assessment", "river")[0].source]
