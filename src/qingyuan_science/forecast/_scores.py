"""What forecasts were worth: errors and intervals hour by hour, and warnings before a limit was passed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.forecast._hours import Floats

Flags = NDArray[np.bool_]
_DIGITS = 1e-4  # of a value, within which figures of five digits are equal


@dataclass(frozen=True)
class Score:
    """What forecasts of one lead were worth.

    Parameters
    ----------
    count : int
        Hours that came with a valid value.
    error : float
        Mean absolute error. [unit]
    bias : float
        Mean of forecast less what came. [unit]
    covered : float
        Share of hours that came within the interval. [1]
    """

    count: int
    error: float
    bias: float
    covered: float

    def skill(self, rival: "Score") -> float:
        """How much smaller the error is than a rival's over the same hours.

        Parameters
        ----------
        rival : Score

        Returns
        -------
        float
            1 less the ratio of the errors; NaN where the rival did not err. [1]
        """
        return 1.0 - self.error / rival.error if rival.error > 0.0 else float("nan")


def within(came: Floats, low: Floats, high: Floats) -> Flags:
    """Which hours came within the interval.

    Parameters
    ----------
    came, low, high : ndarray of float64, shape (n,)
        What came, and the interval, both ends included. [unit]

    Returns
    -------
    ndarray of bool, shape (n,)
        Figures that are equal in the five digits that are stored count as equal.

    Examples
    --------
    >>> within(np.array([10.0, 21.0]), np.array([10.0, 15.0]), np.array([12.0, 20.0])).tolist()
    [True, False]
    """
    slack = _DIGITS * np.abs(came)
    inside: Flags = (came >= low - slack) & (came <= high + slack)
    return inside


def score(came: Floats, value: Floats, low: Floats | None = None, high: Floats | None = None) -> Score | None:
    """Hold forecasts against what came.

    Parameters
    ----------
    came, value : ndarray of float64, shape (n,)
        What came, and what was forecast; hours where one of them is NaN do not count. [unit]
    low, high : ndarray of float64, shape (n,), or None
        The interval, both ends included; None where none was told. [unit]

    Returns
    -------
    Score or None
        None where no hour counts.

    Examples
    --------
    >>> score(np.array([10.0, 20.0, np.nan]), np.array([12.0, 19.0, 5.0]))
    Score(count=2, error=1.5, bias=0.5, covered=nan)
    """
    known = np.isfinite(came) & np.isfinite(value)
    if not known.any():
        return None
    off = value[known] - came[known]
    covered = float("nan")
    if low is not None and high is not None:
        covered = float(np.mean(within(came[known], low[known], high[known])))
    return Score(int(known.sum()), float(np.abs(off).mean()), float(off.mean()), covered)


@dataclass(frozen=True)
class Warned:
    """What warnings were worth.

    Parameters
    ----------
    passed : int
        How often a limit began to be passed.
    foreseen : int
        How often a warning stood before.
    warnings : int
        Stretches of warnings.
    wrong : int
        Those after which the limit was not passed in time.
    ahead : tuple of int
        For each foreseen one, how many hours before the warning began. [h]
    """

    passed: int
    foreseen: int
    warnings: int
    wrong: int
    ahead: tuple[int, ...]

    @property
    def detected(self) -> float:
        """Probability of detection (POD); NaN where no limit was passed. [1]"""
        return self.foreseen / self.passed if self.passed else float("nan")

    @property
    def false(self) -> float:
        """False alarm ratio (FAR): share of warnings that were wrong; NaN where there was none. [1]"""
        return self.wrong / self.warnings if self.warnings else float("nan")


def warned(warns: Flags, over: Flags, within: int) -> Warned:
    """Hold warnings against what came.

    Parameters
    ----------
    warns, over : ndarray of bool, shape (n,)
        For each hour of an even grid, whether a warning stood when its value was known, and whether it passed the
        limit. A warning in an hour that passes does not count.
    within : int
        How far ahead a warning speaks. [h]

    Returns
    -------
    Warned

    Notes
    -----
    A limit begins to be passed where it was not for `within` hours. Warnings with less than that between them are one,
    which ends where the limit is passed; it is wrong where the limit is not passed from its begin to `within` after its
    end.

    Examples
    --------
    >>> warns = np.array([0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0], bool)
    >>> over = np.array([0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0], bool)
    >>> warned(warns, over, 2)
    Warned(passed=1, foreseen=1, warnings=2, wrong=1, ahead=(2,))
    """
    size = over.size
    hours = np.flatnonzero(over)
    begins = [int(at) for at in hours if not over[max(at - within, 0) : at].any()]
    standing = np.flatnonzero(warns & ~over)
    stretches: list[list[int]] = []
    for at in standing.tolist():
        if stretches and at - stretches[-1][1] <= within and not over[stretches[-1][1] : at].any():
            stretches[-1][1] = at
        else:
            stretches.append([at, at])
    whole = [one for one in stretches if one[1] + within < size]
    wrong = sum(1 for first, last in whole if not over[first : last + within + 1].any())
    ahead = []
    for at in begins:
        near = [first for first, last in stretches if first < at and last >= at - within]
        if near:
            ahead.append(at - min(near))
    return Warned(len(begins), len(ahead), len(whole), wrong, tuple(ahead))
