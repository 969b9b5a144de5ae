"""One edition and one limit of it: when it holds, and what exceeds it by how much."""

import math
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.plugins import Source, Text
from qingyuan_science.series import Averaging
from qingyuan_science.standards.errors import BrokenTable
from qingyuan_science.standards.reading import Status
from qingyuan_science.standards.rounding import round_half_even
from qingyuan_science.standards.sourced import source_of
from qingyuan_science.units import canonical, convert, scale

Direction = Literal["max", "min", "range"]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Edition:
    """One edition of a standard, or one of its phases in time.

    Parameters
    ----------
    key : str
        Short name, the first part of the code of its limits.
    document : str
        Number of the standard with its year.
    title : Text
        Name of the standard.
    valid_from : datetime.date
        First day in force.
    valid_to : datetime.date or None
        Last day in force; None while it has no successor.
    levels : Mapping[str, Text]
        Its classes, grades or kinds of plant, and what a limit of each is called.
    """

    key: str
    document: str
    title: Text
    valid_from: date
    valid_to: date | None
    levels: MappingProxyType[str, Text]


@dataclass(frozen=True)
class Limit:
    """One limit of one edition.

    Parameters
    ----------
    code : str
        Unique name: edition, level, factor, averaging and case.
    factor : str
        Code of the factor; empty if HJ 212 has none.
    item : Text
        Name as the standard prints it.
    standard : str
        Number of the standard with its year.
    clause : Text
        Table or clause.
    level : str
        Class, grade or kind of plant; ``all`` if it holds for each.
    title : Text
        What the limit is called in a sentence.
    averaging : Averaging
        Time over which the standard judges.
    direction : {"max", "min", "range"}
        Which side is forbidden.
    low, high : float or None [unit]
        The limit; both for a range.
    unit : str
        Unit of the limit.
    decimals : int
        Decimals to which a value is rounded before it is compared: the finest figure printed in the row.
    case, condition : str, Text or None
        Name of a special case, and when this limit holds; the main case has an empty name.
    reference_oxygen : float or None
        Oxygen content to which a stack concentration must be converted first [%].
    valid_from, valid_to : datetime.date
        First and last day in force; ``valid_to`` is None while there is no successor.
    status : Status
        How far the number was checked.
    """

    code: str
    factor: str
    item: Text
    standard: str
    clause: Text
    level: str
    title: Text
    averaging: Averaging
    direction: Direction
    low: float | None
    high: float | None
    unit: str
    decimals: int
    case: str
    condition: Text | None
    reference_oxygen: float | None
    valid_from: date
    valid_to: date | None
    status: Status

    def in_force(self, on: date) -> bool:
        """Tell whether the limit holds on a day.

        Parameters
        ----------
        on : datetime.date
            Day of the data in China.

        Returns
        -------
        bool
            Whether the day lies between the first and the last day in force, both included.
        """
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    @property
    def source(self) -> Source:
        """Where the limit stands, with its days in force and how far it was checked."""
        return source_of(self.standard, self.clause, self.status, (self.valid_from, self.valid_to))

    def in_unit(self, unit: str) -> "Limit":
        """Return the same limit in another unit.

        Parameters
        ----------
        unit : str
            The unit wanted.

        Returns
        -------
        Limit
            The limit with its figures converted and its decimals moved along.

        Raises
        ------
        qingyuan_science.units.IncompatibleUnits
            The limit cannot be expressed in that unit.
        """
        if canonical(unit) == self.unit:
            return self
        return replace(
            self,
            low=None if self.low is None else convert(self.low, self.unit, unit),
            high=None if self.high is None else convert(self.high, self.unit, unit),
            decimals=self.decimals - round(math.log10(scale(self.unit, unit))),
            unit=canonical(unit),
        )

    def exceeded(self, values: Values, *, rounded: bool = True) -> NDArray[np.bool_]:
        """Tell which values are beyond the limit.

        Parameters
        ----------
        values : ndarray of shape (n,) [unit of the limit]
            Values; NaN is never beyond.
        rounded : bool
            Whether to round the values to the decimals of the limit first, or to compare them as they are.

        Returns
        -------
        ndarray of bool, shape (n,)
            True where a value is beyond; a value equal to the limit keeps it.

        Source
        ------
        GB/T 8170-2008, clause 4.3: comparison of rounded values, or of full values.
        """
        compared = self._rounded_near(values) if rounded else values
        beyond = np.zeros(values.shape, dtype=np.bool_)
        if self.high is not None:
            beyond |= compared > self.high
        if self.low is not None:
            beyond |= compared < self.low
        return beyond

    def _rounded_near(self, values: Values) -> Values:
        """The values, rounded where that may bring one over the limit or back: within a unit of its last place."""
        near = np.zeros(values.shape, dtype=np.bool_)
        for end in (self.low, self.high):
            if end is not None:
                near |= np.abs(values - end) <= 10.0**-self.decimals
        compared = values.astype(np.float64)
        compared[near] = round_half_even(compared[near], self.decimals)
        return compared

    def times_over(self, values: Values) -> Values:
        """Say how far values lie beyond the limit, as a multiple of it.

        Parameters
        ----------
        values : ndarray of shape (n,) [unit of the limit]
            Values.

        Returns
        -------
        ndarray of shape (n,)
            The exceedance multiple [1]; zero or less for values that keep the limit.

        Notes
        -----
        Above a maximum it is C/S - 1, the multiple that reports print. The standards define none below a minimum or
        outside a range; there the distance over the limit, or over half the width, only serves to order severities.
        """
        beyond = np.full(values.shape, -np.inf)
        if self.high is not None:
            beyond = np.maximum(beyond, values - self.high)
        if self.low is not None:
            beyond = np.maximum(beyond, self.low - values)
        return beyond / self._yardstick

    @property
    def _yardstick(self) -> float:
        if self.low is not None and self.high is not None:
            return (self.high - self.low) / 2.0
        figure = self.high if self.low is None else self.low
        if not figure:
            raise BrokenTable(f"{self.code}: found the limit {figure}, expected a figure other than nought")
        return figure
