"""The rules of environmental credit as an evaluation applies them: weights, measures, settings, and who says so.

The document's indicators stand in the science library's tables; how each is measured by what the platform knows stands
in `tables/credit.toml`; what a bureau sets otherwise is an edition (`GradeRules`). `in_force` puts the three together
into one JSON object, which an evaluation keeps with its grades.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.evaluating.models import GradeRules
from qingyuan.judging.fact import FACTS
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan_science.assess.grading import GRADINGS, Grading
from qingyuan_science.plugins import ParameterError, Source, Text, parameters_of, with_parameters
from qingyuan_science.standards.procedure.credit import CreditIndicator, credit_indicators, credit_signs

CREDIT = "environmental_credit"
BUREAU = "bureau"
_TABLE = Path(__file__).parent / "tables" / "credit.toml"


@dataclass(frozen=True)
class Measure:
    """How a fact about an enterprise bears on an indicator, or on a veto item where it names a `sign`.

    `curve` gives the points deducted by the fact's number; a fact of a sign has none, its number is how often it holds.
    `status` says how far the source was checked, "own" for what is our own choice.
    """

    code: str
    fact: str
    indicator: str
    sign: str
    curve: tuple[tuple[float, float], ...]
    status: str
    source: Text


@cache
def shipped_measures() -> tuple[Measure, ...]:
    """Every measure of environmental credit as shipped."""
    rows = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["measure"]
    return tuple(
        Measure(
            row["code"], row["fact"], row.get("indicator", ""), row.get("sign", ""), _pairs(row.get("curve", ())),
            row["status"], Text(*row["source"]),
        )
        for row in rows
    )  # fmt: skip


def in_force(on: date, known_at: datetime | None = None) -> dict[str, Any]:
    """The rules of environmental credit on a day: the bureau's edition over what is shipped."""
    known = GradeRules.objects.filter(kind=CREDIT, valid__contains=on, known__contains=known_at or clock.now())
    return resolved(known.first())


def resolved(edition: GradeRules | None) -> dict[str, Any]:
    """The rules of an edition, None for those shipped, as one JSON object."""
    values = edition.values if edition else {}
    weights, curves = values.get("weights", {}), values.get("curves", {})
    set_by = edition.document if edition else ""
    plugin = with_parameters(GRADINGS.get(CREDIT), values.get("parameters", {}))
    return {
        "edition": edition.pk if edition else None,
        "document": set_by,
        "parameters": {spec.name: getattr(plugin, spec.name) for spec in parameters_of(type(plugin))},
        "indicators": [_indicator(one, weights, set_by) for one in credit_indicators()],
        "measures": [_measure(one, curves, set_by) for one in shipped_measures()],
    }


def plugin_of(rules: Mapping[str, Any]) -> Grading:
    """The plug-in with the settings of the rules."""
    return with_parameters(GRADINGS.get(CREDIT), rules["parameters"])


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a bureau sets, without what is as shipped anyway.

    Raises
    ------
    BadInput
        A code is not known, a weight or a number of points lies outside 0 to 100, the weights are nought or more than
        100 together, a curve does not ascend, or a setting lies outside its bounds.
    """
    shipped = {one.code: one for one in shipped_measures()}
    weights = {code: _weight(code, one) for code, one in values.get("weights", {}).items()}
    curves = {code: _curve(code, one) for code, one in values.get("curves", {}).items()}
    for found, known in ((weights, {one.code for one in credit_indicators()}), (curves, set(shipped))):
        for code in found:
            if code not in known:
                raise BadInput(_("found %(found)s, expected one of: %(known)s")
                               % {"found": code, "known": ", ".join(sorted(known))}, code)  # fmt: skip
    total = sum(weights.get(one.code, one.weight) or 0.0 for one in credit_indicators())
    if not 0.0 < total <= 100.0:
        raise BadInput(
            _("The weights are %(found)g %% together, expected more than 0 and at most 100") % {"found": total}
        )
    try:
        with_parameters(GRADINGS.get(CREDIT), values.get("parameters", {}))
    except ParameterError as error:
        raise BadInput(str(error)) from error
    named = {one.code: one.weight for one in credit_indicators()}
    return {
        "weights": {code: one for code, one in weights.items() if one != named[code]},
        "curves": {code: [list(pair) for pair in one] for code, one in curves.items() if one != shipped[code].curve},
        "parameters": dict(values.get("parameters", {})),
    }


def _indicator(one: CreditIndicator, weights: Mapping[str, float | None], set_by: str) -> dict[str, Any]:
    own = one.code in weights
    source = Text(set_by, set_by) if own else _cited(one.source)
    return {
        "code": one.code, "zh": one.name.zh, "en": one.name.en, "group_zh": one.group.zh, "group_en": one.group.en,
        "weight": weights[one.code] if own else one.weight, "by": BUREAU if own else "document",
        "source_zh": source.zh, "source_en": source.en,
    }  # fmt: skip


def _measure(one: Measure, curves: Mapping[str, Sequence[Sequence[float]]], set_by: str) -> dict[str, Any]:
    own, fact = one.code in curves, FACTS.get(one.fact)
    source = Text(set_by, set_by) if own else one.source
    sign = next((_cited(each.source) for each in credit_signs() if each.code == one.sign), None)
    return {
        "code": one.code, "fact": one.fact, "indicator": one.indicator, "sign": one.sign,
        "curve": [list(pair) for pair in (curves[one.code] if own else one.curve)],
        "zh": fact.title.zh, "en": fact.title.en, "unit": fact.unit, "decimals": fact.decimals,
        "status": BUREAU if own else one.status, "source_zh": source.zh if sign is None else f"{sign.zh}；{source.zh}",
        "source_en": source.en if sign is None else f"{sign.en}; {source.en}",
    }  # fmt: skip


def _cited(source: Source) -> Text:
    return Text(str(source.in_language("zh")), str(source.in_language("en")))


def _pairs(rows: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(value), float(points)) for value, points in rows)


def _weight(code: str, value: float | None) -> float | None:
    if value is not None and not 0.0 <= value <= 100.0:
        raise BadInput(_("found %(found)g, expected 0 to 100 points") % {"found": value}, f"weight-{code}")
    return value


def _curve(code: str, rows: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    curve = _pairs(rows)
    field = f"curve-{code}"
    if any(after[0] <= before[0] for before, after in pairwise(curve)):
        raise BadInput(_("Expected values that ascend"), field)
    for _value, points in curve:
        if not 0.0 <= points <= 100.0:
            raise BadInput(_("found %(found)g, expected 0 to 100 points") % {"found": points}, field)
    return curve
