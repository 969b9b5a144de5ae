"""What a state of a sign weighs for each type: the first estimate, moved by settled cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.assess.pollution.rules import RULES, TYPES, WEIGHING

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Weights:
    """How many settled cases of each type showed each state; none of them is the first estimate alone.

    Parameters
    ----------
    of_types : dict of str to int
        Settled cases by type [1].
    of_states : dict of (str, str, str) to int
        Settled cases by rule, state and type [1].
    """

    of_types: Mapping[str, int] = field(default_factory=dict)
    of_states: Mapping[tuple[str, str, str], int] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        """How many cases were learned from."""
        return sum(self.of_types.values())

    def prior(self, kind: str) -> Floats:
        """How likely each type is before anything is seen.

        Parameters
        ----------
        kind : str
            ``surface-water`` or ``outlet-water``.

        Returns
        -------
        float array, shape (types,)
            In the order of `TYPES`; sums to 1 [1].
        """
        first = np.array([one.prior[kind] for one in TYPES])
        seen = np.array([self.of_types.get(one.code, 0) for one in TYPES], dtype=np.float64)
        counted = WEIGHING.type_worth * first / first.sum() + seen
        return np.asarray(counted / counted.sum())

    def chances(self, rule: str) -> Floats:
        """How likely each state of a rule is under each type.

        Parameters
        ----------
        rule : str
            Code of a rule.

        Returns
        -------
        float array, shape (states, types)
            In the order of the rule's states and of `TYPES`; each column sums to 1 [1].

        Notes
        -----
        (worth x first estimate + cases that showed the state) / (worth + cases of which the sign was known): the mean
        of a Dirichlet posterior, so that rules never seen at work keep their first estimate.
        """
        table = RULES[rule]
        first = np.array(list(table.chances.values()))
        seen = np.array(
            [[self.of_states.get((rule, state, one.code), 0) for one in TYPES] for state in table.states], dtype=float
        )
        return np.asarray((WEIGHING.worth * first + seen) / (WEIGHING.worth + seen.sum(axis=0)))


PRIOR = Weights()
