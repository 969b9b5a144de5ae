"""Why two records are taken for one enterprise or for two, in words, term by term."""

from dataclasses import dataclass

import numpy as np

from qingyuan_science.linking.calibrating import Calibration, kinds_of
from qingyuan_science.linking.comparing import (
    COMPARISONS,
    Branch,
    Code,
    Distance,
    Industry,
    Levels,
    Name,
    Pairs,
    Person,
    Phone,
    Place,
    Region,
    metres,
)
from qingyuan_science.linking.table import Records
from qingyuan_science.linking.weighing import Weights
from qingyuan_science.plugins import Text


@dataclass(frozen=True)
class Term:
    """What one comparison says of a pair.

    Parameters
    ----------
    comparison : str
        A key of `COMPARISONS`, or ``prior``: how rare it is that two records drawn from all are of one enterprise, or
        ``experience``: how often pairs like this one came true where codes decide, against what the sum promises.
    level : int
        A value of the enumeration that belongs to it; 0 where nothing can be compared.
    log_likelihood : float
        Log m - log u: above 0 it speaks for one enterprise, below for two. [nat]
    said : Text
        In a sentence.
    """

    comparison: str
    level: int
    log_likelihood: float
    said: Text


_CODES = {
    Code.MISSING: Text("至少一方没有统一社会信用代码", "one has no credit code"),
    Code.SAME: Text("统一社会信用代码相同，校验无误", "same credit code, and its check letter fits"),
    Code.SAME_WRONG: Text("代码写法相同，但校验位不符", "same code, but its check letter does not fit"),
    Code.ORGANISATION: Text("组织机构代码相同", "same organisation code"),
    Code.NEAR: Text(
        "代码相差一两位，且至少一方校验位不符", "codes differ in one or two letters, and one fails its check"
    ),
    Code.OTHER: Text("代码不同，但至少一方校验位不符", "codes differ, but one fails its check"),
    Code.CONTRADICTS: Text(
        "代码不同且均有效：未经人工确认不合并", "two valid codes that differ: not merged without a person"
    ),
}
_NAMES = {
    Name.MISSING: Text("至少一方没有名称", "one has no name"),
    Name.SAME: Text("名称相同", "same name"),
    Name.FORM: Text("名称仅组织形式写法不同", "the name differs only in the form of organisation"),
    Name.PART: Text("字号相同，行业用语有省略", "same trade name, words of business left out"),
    Name.NEAR: Text("名称仅差一两个字", "the name differs only in a letter or two"),
    Name.BUSINESS: Text("字号相同，行业用语不同", "same trade name, other business"),
    Name.LIKE: Text(
        "字号有一半的字相同，行业用语一致", "half of the letters of the trade name are the same, and the business"
    ),
    Name.OTHER: Text("名称不同", "other name"),
}
_REGIONS = {
    Region.MISSING: Text("至少一方名称未写行政区划", "one name says no division"),
    Region.SAME: Text("名称中的行政区划一致", "divisions in the names agree"),
    Region.OTHER: Text("名称中的行政区划不同", "the names say other divisions"),
}
_BRANCHES = {
    Branch.MISSING: Text("名称未写分支机构", "no branch is named"),
    Branch.NEITHER: Text("均不是分支机构", "neither is a branch"),
    Branch.SAME: Text("同一分支机构", "the same branch"),
    Branch.ONE: Text("一方为分支机构、一方为总机构：不利于合并", "branch against parent: counts against"),
    Branch.OTHER: Text("不同的分支机构：不利于合并", "two different branches: counts against"),
}
_PLACES = {
    Place.MISSING: Text("地址无法比较", "addresses cannot be compared"),
    Place.NUMBER: Text("道路与门牌号相同", "same road and number"),
    Place.ROAD: Text("道路相同，门牌号不全", "same road, a number is missing"),
    Place.ROAD_OTHER_NUMBER: Text("道路相同，门牌号不同", "same road, other number"),
    Place.TOWN: Text("同一镇街", "same town"),
    Place.OTHER: Text("地址不同", "other address"),
    Place.ELSEWHERE: Text("地址所在区县不同", "addresses in different counties"),
}
_INDUSTRIES = {
    Industry.MISSING: Text("至少一方没有行业代码", "one has no industry"),
    Industry.SAME: Text("行业代码相同", "same industry"),
    Industry.DIVISION: Text("行业大类相同", "same division of industry"),
    Industry.OTHER: Text("行业不同", "other industry"),
}
_PERSONS = {
    Person.MISSING: Text("至少一方未写法定代表人", "one names no legal representative"),
    Person.SAME: Text("法定代表人相同", "same legal representative"),
    Person.OTHER: Text("法定代表人不同", "other legal representative"),
}
_PHONES = {
    Phone.MISSING: Text("至少一方没有电话", "one has no telephone"),
    Phone.SAME: Text("电话相同", "same telephone"),
    Phone.OTHER: Text("电话不同", "other telephone"),
}
_WORDS: dict[str, dict[int, Text]] = {
    "code": {int(level): words for level, words in _CODES.items()},
    "name": {int(level): words for level, words in _NAMES.items()},
    "region": {int(level): words for level, words in _REGIONS.items()},
    "branch": {int(level): words for level, words in _BRANCHES.items()},
    "address": {int(level): words for level, words in _PLACES.items()},
    "industry": {int(level): words for level, words in _INDUSTRIES.items()},
    "person": {int(level): words for level, words in _PERSONS.items()},
    "phone": {int(level): words for level, words in _PHONES.items()},
}


def evidence_of(
    records: Records, weights: Weights, pair: Pairs, levels: Levels, *, known: Calibration
) -> tuple[Term, ...]:
    """Say of one pair what each comparison found and how much that weighs.

    Parameters
    ----------
    records : Records
    weights : Weights
    pair : int64 array, shape (1, 2)
    levels : int8 array, shape (1, 9)

    Returns
    -------
    tuple of Term
        The prior first, then the comparisons in their order, then experience; their sum is the log-odds of the pair.
    """
    worth = weights.terms(records, pair, levels)[0]
    every = max(2, round(1.0 / weights.true_share))
    prior = Text(
        f"随意取两条记录，约 {every:,} 对中有一对为同一企业", f"of {every:,} pairs drawn at random, one is true"
    )
    found = [Term("prior", 0, weights.prior, prior)]
    for at, name in enumerate(COMPARISONS):
        level = int(levels[0, at])
        found.append(Term(name, level, float(worth[at]), _said(records, pair, name, level)))
    learned = float(known(levels, worth[None, :], weights.prior)[0])
    if learned != (told := weights.prior + float(worth.sum())):
        by = known.kinds[int(kinds_of(levels)[0])]
        found.append(Term("experience", 0, learned - told, _experience(learned - float(worth[0]), learned=by.learned)))
    return tuple(found)


def _experience(log_odds: float, *, learned: bool) -> Text:
    if not learned:
        return Text("可由代码判别的记录太少，按保守估计折减", "too few codes decide for experience: taken with caution")
    share = 100.0 / (1.0 + np.exp(-log_odds))
    often = f"{share:.0f}" if 1.0 <= share <= 99.0 else "<1" if share < 1.0 else ">99"
    return Text(
        f"经验：代码可判别的同类记录对中，约 {often}% 为同一企业",
        f"experience: of pairs like this whose codes decide, some {often}% were one enterprise",
    )


def _said(records: Records, pair: Pairs, name: str, level: int) -> Text:
    if name == "distance":
        return _distance(float(metres(records, pair[:, 0], pair[:, 1])[0]), level)
    words = _WORDS[name][level]
    told = _told(records, pair, name, level)
    return Text(f"{words.zh}（{told.zh}）", f"{words.en} ({told.en})") if told else words


def _told(records: Records, pair: Pairs, name: str, level: int) -> Text | None:
    """What stands on both sides, where that says more than the level."""
    one, other = int(pair[0, 0]), int(pair[0, 1])
    if name == "name" and level == Name.FORM:
        sides = [records.names[row].ending or records.names[row].branch for row in (one, other)]
        return Text(*(between.join(side or nothing for side in sides) for between, nothing in _BETWEEN))
    if name == "name" and level in (Name.PART, Name.NEAR, Name.BUSINESS, Name.LIKE):
        sides = [records.names[row].core + records.names[row].business for row in (one, other)]
        return Text("／".join(sides), " / ".join(sides))
    if name == "branch" and level in (Branch.ONE, Branch.OTHER):
        sides = [records.names[row].branch for row in (one, other) if records.names[row].branch]
        return Text("／".join(sides), " / ".join(sides))
    return None


_BETWEEN = (("／", "无"), (" / ", "none"))


def _distance(apart: float, level: int) -> Text:
    if level == Distance.MISSING or not np.isfinite(apart):
        return Text("至少一方没有坐标", "one has no position")
    if apart < 1000:
        near = max(10, round(apart, -1))
        return Text(f"相距约 {near:.0f} m", f"{near:.0f} m apart")
    return Text(f"相距约 {apart / 1000:.1f} km", f"{apart / 1000:.1f} km apart")
