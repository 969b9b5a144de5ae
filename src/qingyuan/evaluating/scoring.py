"""From numbers about one enterprise to its grade: deductions, points of indicators, vetoes; without the database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from qingyuan.evaluating.rules import plugin_of
from qingyuan_science.assess.grading import Graded, Marked, Signs, deducted
from qingyuan_science.standards.procedure.credit import credit_signs

SIGN = "sign-"
Told = Mapping[str, Any]  # value, zh, en and evidence of a measure, as a grade keeps it


@dataclass(frozen=True)
class Excused:
    """What no longer counts of a measure because an objection was accepted."""

    points: float
    value: float
    why: str


@dataclass(frozen=True)
class Entered:
    """A sign that a person entered."""

    number: int
    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Known:
    """All that is known of one enterprise: each measure's number, signs entered by people, and what was excused."""

    told: Mapping[str, Told]
    entered: Sequence[Entered] = ()
    excused: Mapping[str, Excused] = field(default_factory=dict)


@dataclass(frozen=True)
class Scored:
    """A grade with its items and signs as a row keeps them."""

    graded: Graded
    items: list[dict[str, Any]]
    signs: list[dict[str, Any]]


def scored(rules: Mapping[str, Any], known: Known) -> Scored:
    """Grade one enterprise by rules as `rules.in_force` gives them."""
    items = [_item(one, rules["measures"], known) for one in rules["indicators"]]
    weighed = [one for one in items if one["weight"]]
    signs = [*_measured_signs(rules["measures"], known), *(_entered_sign(one) for one in known.entered)]
    marks = [Marked(one["code"], one["weight"], one["points"]) for one in weighed]
    graded = plugin_of(rules).grade(marks, _counted(signs))
    for one, gained in zip(weighed, graded.gained, strict=True):
        one["gained"] = gained
    return Scored(graded, items, signs)


def known_of(items: Iterable[Mapping[str, Any]], signs: Iterable[Mapping[str, Any]]) -> Known:
    """What a grade knew, again: to compute it anew with something else withdrawn."""
    told = {one["code"]: one for item in items for one in item["measures"]}
    told |= {one["measure"]: one for one in signs if one["measure"]}
    entered = [Entered(one["number"], one["code"], one["zh"], one["en"]) for one in signs if one["number"]]
    excused = {
        code: Excused(one["withdrawn"], one["withdrawn_value"], one["withdrawn_why"])
        for code, one in told.items()
        if one["withdrawn_why"]
    }
    return Known(told, entered, excused)


def without(known: Known, item: str) -> Known:
    """The same without a measure, or without a sign that a person entered (`sign-` and its number)."""
    if item.startswith(SIGN):
        number = int(item.removeprefix(SIGN))
        return replace(known, entered=[one for one in known.entered if one.number != number])
    told = known.told[item]
    gone = Excused(told.get("full", 0.0), told["value"] or 0.0, "-")
    return replace(known, excused={**known.excused, item: gone})


def _item(indicator: Mapping[str, Any], measures: Iterable[Mapping[str, Any]], known: Known) -> dict[str, Any]:
    own = [_answer(one, known) for one in measures if one["indicator"] == indicator["code"] and one["curve"]]
    assessed = [one for one in own if one["value"] is not None]
    points = max(0.0, 100.0 - sum(one["deducted"] for one in assessed)) if assessed else None
    return dict(indicator) | {"points": points, "gained": None, "measures": own}


def _answer(measure: Mapping[str, Any], known: Known) -> dict[str, Any]:
    told = known.told[measure["code"]]
    raw = 0.0 if told["value"] is None else deducted(told["value"], measure["curve"])
    return _kept(measure, told, known) | {"full": raw, "deducted": max(0.0, raw - _excused(measure, known).points)}


def _kept(measure: Mapping[str, Any], told: Told, known: Known) -> dict[str, Any]:
    gone = _excused(measure, known)
    return {
        "code": measure["code"], "value": told["value"], "zh": told["zh"], "en": told["en"],
        "evidence": list(told["evidence"]), "withdrawn": gone.points, "withdrawn_value": gone.value,
        "withdrawn_why": gone.why,
    }  # fmt: skip


def _excused(measure: Mapping[str, Any], known: Known) -> Excused:
    return known.excused.get(measure["code"], Excused(0.0, 0.0, ""))


def _measured_signs(measures: Iterable[Mapping[str, Any]], known: Known) -> Iterable[dict[str, Any]]:
    """Signs that the data show; one that was excused stands there and does not count."""
    for one in measures:
        told = known.told.get(one["code"])
        if one["sign"] and told is not None and told["value"]:
            left = told["value"] - _excused(one, known).value
            kept = _kept(one, told, known) | _of_code(one["sign"])
            yield kept | {"measure": one["code"], "number": None, "counts": left > 0}


def _entered_sign(one: Entered) -> dict[str, Any]:
    return _of_code(one.code) | {
        "measure": "", "number": one.number, "counts": True, "zh": one.zh, "en": one.en, "evidence": [],
    }  # fmt: skip


def _of_code(code: str) -> dict[str, Any]:
    sign = next(one for one in credit_signs() if one.code == code)
    return {"code": code, "kind": sign.kind, "title_zh": sign.name.zh, "title_en": sign.name.en}


def _counted(signs: Iterable[Mapping[str, Any]]) -> Signs:
    kinds = [one["kind"] for one in signs if one["counts"]]
    return Signs(kinds.count("veto"), kinds.count("incident"), kinds.count("green"))
