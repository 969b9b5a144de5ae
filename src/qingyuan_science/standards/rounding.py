"""Rounding as GB/T 8170-2008 wants it: a five with nothing behind it goes to the even neighbour."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import overload

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.standards.errors import OutsideRule

Values = NDArray[np.float64]

_NEAR_A_TIE = 1e-6  # share of the last kept place within which binary fractions are not trusted
_LARGEST_TRUSTED = 1e9  # above it, a double no longer shows the sixth figure behind the last kept place
_MOST_TIMES = 10**15  # beyond it, a double no longer tells a multiple from its neighbour


@overload
def round_half_even(values: float, decimals: int) -> float: ...
@overload
def round_half_even(values: Values, decimals: int) -> Values: ...
def round_half_even(values: float | Values, decimals: int) -> float | Values:
    """Round to a number of decimals, in one step, by the figures that people would write down.

    Parameters
    ----------
    values : float or ndarray of shape (n,)
        One value or many; NaN and infinities stay as they are.
    decimals : int
        Decimals to keep; negative to round to tens, hundreds and so on.

    Returns
    -------
    float or ndarray of shape (n,)
        The doubles nearest to the rounded values, in the same form.

    Source
    ------
    GB/T 8170-2008, clause 3.2 (rounding rules) and 3.3 (no rounding in several steps).

    Notes
    -----
    The double nearest to 2.675 lies below it, and plain binary rounding gives 2.67. What was measured is the decimal
    2.675, so a tie is decided on the shortest decimal that stands for the double.

    Examples
    --------
    >>> round_half_even(2.675, 2), round_half_even(0.35, 1), round_half_even(1268.0, -2)
    (2.68, 0.4, 1300.0)
    """
    array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    with np.errstate(invalid="ignore", over="ignore"):  # infinities and the largest doubles are handled below
        scaled = array * 10.0**decimals if decimals >= 0 else array / 10.0**-decimals
        near_a_tie = np.abs(scaled - np.floor(scaled) - 0.5) < _NEAR_A_TIE
        whole = np.rint(scaled)
        rounded = whole / 10.0**decimals if decimals >= 0 else whole * 10.0**-decimals
    doubtful = np.isfinite(array) & (near_a_tie | (np.abs(scaled) > _LARGEST_TRUSTED))
    place = Decimal(1).scaleb(-decimals)
    for position in np.flatnonzero(doubtful):
        rounded[position] = _written(float(array[position]), place)
    return rounded if isinstance(values, np.ndarray) else float(rounded[0])


def _written(value: float, place: Decimal) -> float:
    written = Decimal(repr(value))
    if written.adjusted() - place.adjusted() > 20:  # nothing stands behind the last kept place
        return value
    return float(written.quantize(place, rounding=ROUND_HALF_EVEN))


def round_to_interval(value: float, interval: float) -> float:
    """Round to a multiple of any interval, such as tens, tenths, or half a unit of a place.

    Parameters
    ----------
    value : float
        What was measured; finite.
    interval : float
        What the result is to be a multiple of; finite and above zero.

    Returns
    -------
    float
        The double nearest to the rounded value.

    Source
    ------
    GB/T 8170-2008, clause 3.2 (rounding rules) and 3.4 (half units and fifths of a unit).

    Notes
    -----
    Both numbers are taken as the decimals that people would write down. Where the standard rounds to half a unit, it
    doubles the value, rounds, and halves: the same as the nearest multiple, with a tie to the even one. No quotient is
    formed in binary, so that no tie is missed.

    Raises
    ------
    OutsideRule
        The interval is not above zero, or the value is so many times the interval that no double can tell them apart.

    Examples
    --------
    >>> round_to_interval(60.25, 0.5), round_to_interval(-930, 20), round_to_interval(1268, 100)
    (60.0, -920.0, 1300.0)
    """
    step = Fraction(Decimal(repr(float(interval))))
    if step <= 0:
        raise OutsideRule(f"interval: found {interval}, expected one above zero")
    times = Fraction(Decimal(repr(float(value)))) / step
    if abs(times) > _MOST_TIMES:
        raise OutsideRule(f"value: found {value} for an interval of {interval}, expected at most 1e15 intervals")
    return float(round(times) * step)
