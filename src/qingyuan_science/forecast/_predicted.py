"""A forecast with the courses that its own past errors make possible, and why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.forecast._hours import HOUR, Floats, Hours
from qingyuan_science.plugins import Text

LEAST_ERRORS = 9  # the fewest from which a tenth lies beyond each bound: 0.1 × (9 + 1) = 1
SHARE = 0.8
_ROUNDING = 1e-9  # of a bound, within which a course that came back from the scale lies on it


class CannotForecast(Exception):
    """There is too little to rest a forecast on; `reason` says it in both languages."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


@dataclass(frozen=True)
class Predicted:
    """How the values of a channel go on.

    Parameters
    ----------
    at : ndarray of int64, shape (h,)
        Start of each hour ahead [µs since 1970 in UTC].
    value, low, high : ndarray of float64, shape (h,)
        Median, and the interval in which the value lies with 80 %. [unit]
    courses : ndarray of float64, shape (n, h)
        Courses that the values may take: the forecast with each past error, which keep together what errs together;
        NaN where an error is not known. [unit]
    rests_on : int
        Start of the newest hour used [µs since 1970 in UTC].
    basis : Text
        What it rests on, in one sentence.
    """

    at: NDArray[np.int64]
    value: Floats
    low: Floats
    high: Floats
    courses: Floats
    rests_on: int
    basis: Text

    def __len__(self) -> int:
        """Return the number of hours ahead."""
        return int(self.at.size)

    def chances(self, lows: Sequence[float], highs: Sequence[float], first: int = 0) -> Floats:
        """How probable it is that bounds are passed at any hour up to each.

        Parameters
        ----------
        lows, highs : sequence of float, length h
            The bounds at each hour; NaN or infinite where there is none. [unit]
        first : int
            Hours ahead that do not count any more, because they are over.

        Returns
        -------
        ndarray of float64, shape (h,)
            Never falling; nought for hours that do not count. [1]

        Notes
        -----
        Courses that begin hour by hour overlap: n of them up to h hours ahead count as n / h, beside which one stands
        that passes nothing. So a short past tells of small chances only.
        """
        low, high = np.asarray(lows, dtype=np.float64), np.asarray(highs, dtype=np.float64)
        with np.errstate(invalid="ignore"):
            passed = (self.courses > high * (1.0 + _ROUNDING)) | (self.courses < low * (1.0 - _ROUNDING))
        passed[:, :first] = False
        known = np.isfinite(self.courses)
        ever = np.logical_or.accumulate(passed, axis=1)
        ahead = np.maximum(np.arange(1, len(self) + 1) - first, 1)
        chance: Floats = np.maximum.accumulate((ever & known).sum(axis=0) / (known.sum(axis=0) + ahead))
        return chance


def predicted(hours: Hours, course: Floats, errors: Floats, back: "Scale", *, basis: Text) -> Predicted:
    """Make a forecast from its course and past errors on the scale on which they are alike.

    Parameters
    ----------
    hours : Hours
        What it rests on.
    course : ndarray of float64, shape (h,)
        The forecast on that scale.
    errors : ndarray of float64, shape (n, h)
        What came less what would have been forecast, a row each past hour; NaN where it is not known.
    back : Scale
        The scale.
    basis : Text

    Returns
    -------
    Predicted
        Up to the first hour ahead with fewer than `LEAST_ERRORS` past errors.

    Raises
    ------
    CannotForecast
        There are not enough for the first.

    Source
    ------
    Split conformal prediction, Lei et al. (2018), J. Am. Stat. Assoc. 113, 1094-1111: of n past errors the
    k-th smallest with k = ceil((n + 1) q) bounds the next with probability q, were errors exchangeable.
    """
    known = np.isfinite(errors)
    enough = known.sum(axis=0) >= LEAST_ERRORS
    reach = int(enough.argmin()) if not enough.all() else enough.size
    if not reach:
        found = int(known.sum(axis=0)[0])
        raise CannotForecast(
            Text(
                f"自身既往预测误差只有 {found} 个，至少需要 {LEAST_ERRORS} 个才能给出区间",
                f"found {found} past errors of its own, expected at least {LEAST_ERRORS} to tell an interval",
            )
        )
    course, errors, count = course[:reach], errors[:, :reach], known.sum(axis=0)[:reach]
    ranked = np.sort(errors, axis=0)  # NaN last
    tail = (1.0 - SHARE) / 2.0
    lower = np.maximum(np.floor((count + 1) * tail).astype(np.int64), 1) - 1
    columns = np.arange(reach)
    return Predicted(
        at=hours.last + (1 + np.arange(reach, dtype=np.int64)) * HOUR,
        value=back.plain(course),
        low=back.plain(course + np.minimum(ranked[lower, columns], 0.0)),
        high=back.plain(course + np.maximum(ranked[count - 1 - lower, columns], 0.0)),
        courses=back.plain(course + errors),
        rests_on=hours.last,
        basis=basis,
    )


@dataclass(frozen=True)
class Scale:
    """The scale on which errors of high and of low values are alike: the logarithm above an offset.

    Parameters
    ----------
    offset : float
        Around which it turns from plain to logarithmic. [unit]
    """

    offset: float

    @classmethod
    def of(cls, values: Floats) -> "Scale":
        """Take the median of what is not nought as the offset.

        Parameters
        ----------
        values : ndarray of float64
            Valid values. [unit]

        Returns
        -------
        Scale
        """
        above = values[values > 0.0]
        return cls(float(np.median(above)) * 0.2 if above.size else 1.0)

    def scaled(self, values: Floats) -> Floats:
        """Bring values onto the scale; what lies below nought counts as nought.

        Parameters
        ----------
        values : ndarray of float64 [unit]

        Returns
        -------
        ndarray of float64 [1]
        """
        scaled: Floats = np.log1p(np.maximum(values, 0.0) / self.offset)
        return scaled

    def plain(self, scaled: Floats) -> Floats:
        """Bring them back, never below nought.

        Parameters
        ----------
        scaled : ndarray of float64 [1]

        Returns
        -------
        ndarray of float64 [unit]
        """
        plain: Floats = np.expm1(np.clip(scaled, 0.0, 50.0)) * self.offset
        return plain
