"""Sums of species that say how much of them was there."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.assess.components.species import GROUPS, Group, group_of, sums_left_out

Values = NDArray[np.float64]


@dataclass(frozen=True)
class GroupSum:
    """The sum of a group at some times.

    Parameters
    ----------
    group : Group
    values : float array, shape (n,)
        Sum of the species that have a value; NaN where none has. [µg/m3]
    present : int array, shape (n,)
        How many species have a value. [1]
    expected : int
        How many species are measured here. [1]
    """

    group: Group
    values: Values
    present: NDArray[np.int64]
    expected: int

    @property
    def incomplete(self) -> NDArray[np.bool_]:
        """Where species that are measured here have no value, so that the sum is too small by an unknown amount."""
        return np.asarray(self.present < self.expected)


def summed(measured: Mapping[str, Values]) -> tuple[GroupSum, ...]:
    """Sum the species of each group.

    Parameters
    ----------
    measured : mapping of str to float array, shape (n,)
        Concentrations of the species that are measured, by code, NaN where there is no valid value. [µg/m3]

    Returns
    -------
    tuple of GroupSum
        The groups of which a species is measured, in the order of `GROUPS`. A species without a value is never
        counted as zero in silence: `present` tells how many were there.

    Source
    ------
    Codes that stand for several measured ones are left out: `species.sums_left_out`.

    Examples
    --------
    >>> one, = summed({"a25002": np.array([1.0, np.nan]), "a25003": np.array([2.0, 3.0])})
    >>> one.values.tolist(), one.present.tolist(), one.incomplete.tolist()
    ([3.0, 3.0], [2, 1], [False, True])
    """
    left_out = sums_left_out(measured.keys())
    by_group: dict[Group, list[Values]] = {}
    for code, values in measured.items():
        group = group_of(code)
        if group is not None and code not in left_out:
            by_group.setdefault(group, []).append(values)
    return tuple(_sum(group, by_group[group]) for group in GROUPS if group in by_group)


def _sum(group: Group, several: list[Values]) -> GroupSum:
    rows = np.vstack(several)
    present = np.isfinite(rows).sum(axis=0).astype(np.int64)
    return GroupSum(group, np.where(present > 0, np.nansum(rows, axis=0), np.nan), present, len(several))
