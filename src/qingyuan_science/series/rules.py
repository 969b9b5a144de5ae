"""What a mean needs to be valid, and how it is taken: what standards give, in the form in which means use it."""

from dataclasses import dataclass
from enum import StrEnum


class Statistic(StrEnum):
    """How the values of a period become one."""

    MEAN = "mean"
    FLOW_WEIGHTED = "flow_weighted"
    FLOW = "flow"
    MEDIAN = "median"
    HYDROGEN_ION = "hydrogen_ion"


@dataclass(frozen=True)
class ValidityRule:
    """When the mean of a period counts.

    Parameters
    ----------
    needed, due : int
        How many of the values that are due must be valid, such as 45 of 60 minutes; only their ratio counts, so that
        the rule holds for values at any spacing [1].
    spoiled_by_one : bool
        Whether one abnormal value makes the whole period abnormal.
    statistic : Statistic
        How the valid values become one.
    least : int
        So many values there must be in any case; where values come too seldom for that, no mean is taken [1].

    Examples
    --------
    >>> ValidityRule(45, 60).share
    0.75
    """

    needed: int
    due: int
    spoiled_by_one: bool = False
    statistic: Statistic = Statistic.MEAN
    least: int = 1

    @property
    def share(self) -> float:
        """Share of the due values that must be valid [1]."""
        return self.needed / self.due
