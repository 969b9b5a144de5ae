"""What the topics on the environmental tax share: amounts of every kind made equivalents, and rows of them."""

from collections.abc import Sequence
from typing import Any

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topics._emission import refusing, within
from qingyuan_science.calc.wording import both, figure
from qingyuan_science.calc.words import word_for
from qingyuan_science.standards.tax.equivalents import Equivalents, by_mass, by_other, by_ph, by_small_source

_PH = ("pH", "ph", "w01001")
_OTHER = ("colour", "coliforms", "residual_chlorine")
SMALL = (
    "cattle",
    "pigs",
    "poultry",
    "small_business",
    "catering",
    "hospital_disinfecting",
    "hospital_not_disinfecting",
)


def equivalents_of(name: str, medium: str, amount: float, ph: float | None, *, field: str) -> Equivalents:
    """Equivalents of one amount: a mass, water of some pH, colour and the like, or a small source."""
    within(field, amount, 0)
    if medium != "water" and name in (*_PH, *_OTHER, *SMALL):
        raise BadQuestion(field, f"{name} of {medium}", "water: only water is taxed by pH, colour and the like")
    if name in _PH:
        if ph is None:
            raise BadQuestion(field, None, "the pH of the water")
        with refusing(field, ph):
            return by_ph(ph, amount)
    with refusing(field, name):
        if name in _OTHER:
            return by_other(name, amount)
        if name in SMALL:
            return by_small_source(name, amount)
        return by_mass(name, medium, amount)


def rows_of(found: Sequence[Equivalents]) -> list[dict[str, Any]]:
    """Equivalents as rows of an answer."""
    return [
        {
            "item": one.name.en,
            "name": both(one.name),
            "group": both(word_for(one.group)),
            "amount": figure(one.amount, 9),
            "unit": one.unit,
            "equivalent_value": one.value,
            "equivalents": figure(one.number, 6),
            "taxed": one.taxed,
        }
        for one in found
    ]
