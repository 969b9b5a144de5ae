"""Learning from cases that people settled, and whether it helped."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from qingyuan_science.assess.pollution.rules import RULES, pollution_type
from qingyuan_science.assess.pollution.signs import Observed
from qingyuan_science.assess.pollution.verdict import assess
from qingyuan_science.assess.pollution.weighing import PRIOR, Weights
from qingyuan_science.plugins import Text


@dataclass(frozen=True)
class Case:
    """An anomaly of which people found out what it was.

    Parameters
    ----------
    type : str
        Code of the type.
    states : dict of str to str
        By rule, the state of the sign, as it was seen when the case was settled.
    kind : str
        Kind of station.
    silent : tuple of str
        Rules whose instruments said nothing.
    """

    type: str
    states: Mapping[str, str]
    kind: str
    silent: tuple[str, ...] = field(default=())

    @property
    def observed(self) -> tuple[Observed, ...]:
        """The signs as `assess` takes them; a rule that no longer exists is left out."""
        nothing = Text("", "")
        return tuple(
            Observed(rule, self._state(rule), rule in self.silent and not self._state(rule), nothing) for rule in RULES
        )

    def _state(self, rule: str) -> str:
        state = self.states.get(rule, "")
        return state if state in RULES[rule].states else ""


@dataclass(frozen=True)
class Scores:
    """How well the types of settled cases were told.

    Parameters
    ----------
    cases, named, right, first : int
        All; those of which a type was named; those named rightly; those whose true type stood first, named or not [1].
    surprise : float
        Mean of -ln(probability of the true type); smaller is better [nat].
    """

    cases: int
    named: int
    right: int
    first: int
    surprise: float


def learned(cases: Iterable[Case]) -> Weights:
    """Count settled cases into weights.

    Parameters
    ----------
    cases : iterable of Case

    Returns
    -------
    Weights

    Raises
    ------
    UnknownType
        A case is of a type that there is not.
    """
    of_types: Counter[str] = Counter()
    of_states: Counter[tuple[str, str, str]] = Counter()
    for one in cases:
        code = pollution_type(one.type).code
        of_types[code] += 1
        of_states.update((sign.rule, sign.state, code) for sign in one.observed if sign.state)
    return Weights(of_types, of_states)


def scores(cases: Sequence[Case]) -> tuple[Scores, Scores]:
    """Score the first estimate, and what the other cases make of it, on each settled case.

    Parameters
    ----------
    cases : sequence of Case

    Returns
    -------
    tuple of Scores
        Before and after learning; a case is never judged by weights that learned from it.
    """
    after = [_without(cases, at) for at in range(len(cases))]
    return _scored(cases, [PRIOR] * len(cases)), _scored(cases, after)


def _without(cases: Sequence[Case], at: int) -> Weights:
    return learned([*cases[:at], *cases[at + 1 :]])


def _scored(cases: Sequence[Case], weights: Sequence[Weights]) -> Scores:
    named = right = first = 0
    surprise = 0.0
    for one, known in zip(cases, weights, strict=True):
        verdict = assess(one.observed, one.kind, known)
        named += verdict.told is not None
        right += verdict.told is not None and verdict.told.code == one.type
        first += verdict.ranked[0].type.code == one.type
        true = next(ranked.probability for ranked in verdict.ranked if ranked.type.code == one.type)
        surprise -= float(np.log(max(true, 1e-300)))
    return Scores(len(cases), named, right, first, surprise / len(cases) if cases else 0.0)
