"""What a screening asks for: conditions on facts, the definition that holds them, and how far a number lies beyond."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.judging.fact import FACTS, Comparison, Fact
from qingyuan.judging.models import Subject
from qingyuan.kit.errors import BadInput
from qingyuan.places.queries import GridCell
from qingyuan_science.plugins import ParameterError, PluginError, Text, parameters_of, with_parameters
from qingyuan_science.standards import StandardsError, factor

MOST_CONDITIONS = 10
MOST_DAYS = 366
MOST_CLUES = 50  # of a run, entered by itself; our own choice
SIGNS = {Comparison.AT_LEAST: Text("≥", "≥"), Comparison.AT_MOST: Text("≤", "≤"),
         Comparison.UNKNOWN: Text("未知", "is unknown")}  # fmt: skip
UNITS = {"1": Text("", ""), "h": Text("小时", "h"), "d": Text("天", "d"), "times over": Text("倍", "times over")}


@dataclass(frozen=True)
class Condition:
    """A fact with its settings, and the threshold that its number is held against."""

    fact: str
    comparison: Comparison
    threshold: float | None = None
    factor: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "Condition":
        """A condition as a row keeps it."""
        return cls(
            given["fact"], Comparison(given["comparison"]), given["threshold"], given["factor"], given["parameters"]
        )

    def as_json(self) -> dict[str, Any]:
        """The condition as a row keeps it."""
        return {"fact": self.fact, "comparison": str(self.comparison), "threshold": self.threshold,
                "factor": self.factor, "parameters": self.parameters}  # fmt: skip

    def plugin(self) -> Fact:
        """The fact with its settings."""
        return with_parameters(FACTS.get(self.fact), self.parameters)

    def checked(self, name: str) -> "Condition":
        """The same with whole settings; `name` is the form's name of it.

        Raises
        ------
        BadInput
            No such fact, a setting that it does not take, a factor where it takes none or none where it needs one, or
            no threshold.
        """
        try:
            kind = FACTS.get(self.fact)
            plugin = self.plugin()
        except ParameterError as error:
            raise BadInput(str(error), f"{name}-parameters") from error
        except PluginError as error:
            raise BadInput(str(error), f"{name}-fact") from error
        if self.factor and not kind.by_factor:
            raise BadInput(_("This fact is not about one factor: leave the factor empty."), f"{name}-factor")
        if kind.needs_factor and not self.factor:
            raise BadInput(
                _("Found no factor, expected one, such as w01018: this fact is about one."), f"{name}-factor"
            )
        if self.threshold is None and self.comparison is not Comparison.UNKNOWN:
            raise BadInput(_("Found no threshold, expected a number."), f"{name}-threshold")
        settings = {spec.name: getattr(plugin, spec.name) for spec in parameters_of(kind)}
        threshold = None if self.comparison is Comparison.UNKNOWN else self.threshold
        return Condition(self.fact, self.comparison, threshold, self.factor, settings)

    def met(self, value: float | None) -> bool:
        """Whether a number fits; one that is not known fits only where that is asked for."""
        if self.comparison is Comparison.UNKNOWN or value is None or self.threshold is None:
            return self.comparison is Comparison.UNKNOWN and value is None
        return value >= self.threshold if self.comparison is Comparison.AT_LEAST else value <= self.threshold

    def beyond(self, value: float | None) -> float:
        """How far a number that fits lies beyond the threshold, from 0 (on it) to 1: as a share of the larger of both.

        So five hours where two were asked for are 0.6, and a rate of 40 % where 80 % was asked for is 0.5. What is not
        known, or does not fit, is 0.
        """
        if value is None or self.threshold is None or not self.met(value):
            return 0.0
        larger = max(abs(value), abs(self.threshold))
        return min(abs(value - self.threshold) / larger, 1.0) if larger else 0.0

    def described(self) -> dict[str, Any]:
        """The condition as a run keeps it: with the fact's title and unit of then."""
        kind = FACTS.get(self.fact)
        names = {"title_zh": kind.title.zh, "title_en": kind.title.en, "unit": kind.unit, "decimals": kind.decimals}
        return self.as_json() | names

    @property
    def words(self) -> Text:
        """The condition in words, such as “Hours over the limit w01018 ≥ 3 h”."""
        kind = FACTS.get(self.fact) if self.fact in FACTS else None
        title = kind.title if kind else Text(self.fact, self.fact)
        return words_of(self.as_json(), title, kind.unit if kind else "1")


def words_of(given: dict[str, Any], title: Text, unit: str) -> Text:
    """A condition, as a row or a run keeps it, in words."""
    sign = SIGNS[Comparison(given["comparison"])]
    said = "" if given["threshold"] is None else f" {given['threshold']:g}"
    shown = unit_words(unit) if said else Text("", "")
    factor = factor_words(given["factor"])
    return Text(
        f"{title.zh}{f' {factor.zh}' if factor.zh else ''} {sign.zh}{said} {shown.zh}".strip(),
        f"{title.en}{f', {factor.en}' if factor.en else ''} {sign.en}{said} {shown.en}".strip(),
    )


def factor_words(code: str) -> Text:
    """A condition's factor as people call it; nothing where it asks for none."""
    try:
        return factor(code).short if code else Text("", "")
    except StandardsError:
        return Text(code, code)


def unit_words(unit: str) -> Text:
    """A fact's unit as people read it."""
    return UNITS.get(unit, Text(unit, unit))


@dataclass(frozen=True)
class Definition:
    """What a screening asks: of which enterprises or grid cells, what, over how long, how many conditions must be met.

    `subject` says which of the two. `industry` is the beginning of an industry's code; an empty part of the scope fits
    all. `needed` is None where all conditions must be met. `enters` is how many of those that a run by the timer lists
    first become clues by themselves at most.
    """

    title_zh: str
    conditions: tuple[Condition, ...]
    title_en: str = ""
    industry: str = ""
    cell: GridCell | None = None
    management: str = ""
    needed: int | None = None
    days: int = 30
    subject: str = Subject.ENTERPRISE
    schedule: str = "hand"
    enabled: bool = True
    enters: int = 0
