"""Figures of days that several detectors share: runs, grids, decimals, references that only look back."""

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect._tables import Floats
from qingyuan_science.series import Series

MOST_DECIMALS = 6
LEAST_FIGURES = 5


def run_lengths(value: Floats, counted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count, at each value, how many equal ones stand in a row up to it.

    Parameters
    ----------
    value : ndarray of shape (n,)
        Values in order of time.
    counted : ndarray of bool, shape (n,)
        Which of them count; the others neither lengthen a run nor break it.

    Returns
    -------
    ndarray of int, shape (n,)
        Length of the run so far; 0 where a value does not count.

    Examples
    --------
    >>> run_lengths(np.array([1.0, 2.0, 2.0, 9.0, 2.0]), np.array([True, True, True, False, True])).tolist()
    [1, 1, 2, 0, 3]
    """
    length = np.zeros(value.size, dtype=np.int64)
    where = np.flatnonzero(counted)
    if where.size:
        kept = value[where]
        begins = np.append(True, kept[1:] != kept[:-1])
        start = np.maximum.accumulate(np.where(begins, np.arange(where.size), 0))
        length[where] = np.arange(where.size) - start + 1
    return length


def trailing_median(value: Floats, length: int) -> Floats:
    """Return the median of the figures before each one.

    Parameters
    ----------
    value : ndarray of shape (d,)
        A figure a day; NaN is left out.
    length : int
        How many days before to take [d].

    Returns
    -------
    ndarray of shape (d,)
        NaN where fewer than five figures stand before.
    """
    from qingyuan_science.detect._loops.windows import medians

    day = np.arange(value.size)
    return medians(value, (np.maximum(day - length, 0), day), LEAST_FIGURES)


def mean_of_three(figure: Floats) -> Floats:
    """Return the mean of each day's figure and those of the two days before, as far as they are known.

    Parameters
    ----------
    figure : ndarray of shape (..., d)
        A figure a day; NaN is left out.

    Returns
    -------
    ndarray of shape (..., d)
        NaN where the day itself has no figure.

    Examples
    --------
    >>> mean_of_three(np.array([1.0, np.nan, 3.0, 5.0])).tolist()
    [1.0, nan, 2.0, 4.0]
    """
    shifted = np.full((3, *figure.shape), np.nan)
    for by in range(3):
        shifted[by, ..., by:] = figure[..., : figure.shape[-1] - by]
    known = np.isfinite(shifted)
    mean = np.where(known, shifted, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(known[0], mean, np.nan)


def quantile_of(ordered: Floats, share: float) -> float:
    """Return a quantile, interpolated as `numpy.quantile` does, of values that are in order already.

    Parameters
    ----------
    ordered : ndarray of shape (n,)
        At least one value, ascending.
    share : float
        Share of the values that lie below [1].

    Returns
    -------
    float
        The quantile.

    Examples
    --------
    >>> quantile_of(np.array([1.0, 2.0, 4.0, 8.0]), 0.5)
    3.0
    """
    at = (ordered.size - 1) * share
    below = int(at)
    low, high = float(ordered[below]), float(ordered[min(below + 1, ordered.size - 1)])
    part = at - below
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1.0 - part)


def quantiles_of(figure: Floats, share: float) -> Floats:
    """Return a quantile of each row as `quantile_of` does, whatever their order.

    Parameters
    ----------
    figure : ndarray of shape (..., n)
        Finite values; NaN is left out.
    share : float
        Share of the values that lie below [1].

    Returns
    -------
    ndarray of shape (...)
        The quantiles; NaN for a row without values.
    """
    return quantiles_in(np.sort(figure, axis=-1), np.count_nonzero(np.isfinite(figure), axis=-1), share)  # NaN last


def quantiles_beside(figure: Floats, learned: NDArray[np.bool_], share: float) -> Floats:
    """Return, for each day, a quantile of the days learned from; of a day learned from, that of the others.

    Parameters
    ----------
    figure : ndarray of shape (..., d)
        A figure a day; NaN is left out.
    learned : ndarray of bool, shape (d,)
        The days learned from.
    share : float
        Share of the values that lie below [1].

    Returns
    -------
    ndarray of shape (..., d)
        What each day can be set beside; NaN where nothing is known.

    Notes
    -----
    A day learned from that is set beside a quantile which it helped to make looks more usual than a day to come will.
    With itself left out it is to the others what a day to come is to all: only so are both one sample (Vovk et al.
    2005, cross-conformal prediction; Barber et al. 2021, Predictive inference with the jackknife+, Ann. Stat. 49).
    """
    own = figure[..., learned]
    ordered = np.sort(own, axis=-1)  # NaN last
    count = np.count_nonzero(np.isfinite(own), axis=-1)
    found = np.repeat(quantiles_of(own, share)[..., None], figure.shape[-1], axis=-1)
    others = np.maximum(count - 1, 0)[..., None]
    last = np.maximum(others - 1, 0)
    below = (last * share).astype(np.intp)
    low, high = (_without(ordered, own, at) for at in (below, np.minimum(below + 1, last)))
    found[..., learned] = np.where(np.isfinite(own), between(low, high, others, share), np.nan)
    return found


def _without(ordered: Floats, own: Floats, at: NDArray[np.intp]) -> Floats:
    """The value at a place among the ordered ones, shape (..., n), if each of them is left out in its turn."""
    after = np.minimum(at + 1, ordered.shape[-1] - 1)
    here, behind = (np.take_along_axis(ordered, one, axis=-1) for one in (at, after))
    return np.where(here < own, here, behind)


def quantiles_in(ordered: Floats, count: NDArray[np.intp], share: float) -> Floats:
    """Return a quantile of each row of ordered values, shape (...), of which the first so many are known."""
    if not ordered.shape[-1]:
        return np.full(count.shape, np.nan)
    last = np.maximum(count - 1, 0)
    below = (last * share).astype(np.intp)
    begins = np.arange(count.size).reshape(count.shape) * ordered.shape[-1]
    low, high = (ordered.reshape(-1)[begins + at] for at in (below, np.minimum(below + 1, last)))
    return between(low, high, count, share)


def between(low: Floats, high: Floats, count: NDArray[np.intp], share: float) -> Floats:
    """Return quantiles of so many values from the two between which each lies."""
    place = np.maximum(count - 1, 0) * share
    part = place - place.astype(np.intp)
    return np.where(part < 0.5, low + (high - low) * part, high - (high - low) * (1.0 - part))


def decimals_of(value: Floats) -> NDArray[np.int64]:
    """Return with how many decimals each value is printed, six at most; zeros before the point count as less than none.

    Parameters
    ----------
    value : ndarray of shape (n,)
        Finite values.

    Returns
    -------
    ndarray of int, shape (n,)
        Number of decimals.

    Examples
    --------
    >>> decimals_of(np.array([1.0, 0.25, 81.952, 3200.0])).tolist()
    [0, 2, 3, -2]
    """
    decimals, left = np.full(value.shape, MOST_DECIMALS, dtype=np.int64), np.arange(value.size)
    rest, grain = value, 1e-9 * np.maximum(1.0, np.abs(value))
    for count in range(MOST_DECIMALS - 1, -MOST_DECIMALS - 1, -1):
        fewer = np.abs(np.round(rest, count) - rest) < grain
        if not fewer.all():
            left, rest, grain = left[fewer], rest[fewer], grain[fewer]
        if not left.size:
            break
        decimals[left] = count
    return decimals


def weight_of_share(count: Floats, part: Floats, usual: float, least: int) -> Floats:
    """Weigh a share of the values of a day against the usual one.

    Parameters
    ----------
    count, part : ndarray of shape (d,)
        How many values count, and how many of these are odd.
    usual : float
        Usual share of odd ones [1].
    least : int
        Fewer values have no weight.

    Returns
    -------
    ndarray of shape (d,)
        n times the relative entropy of the share against the usual one, over ln 10: a bound on the chance of so many,
        as a power of ten (Chernoff 1952); 0 up to the usual share, NaN where too few values count, or all are usually
        odd.
    """
    share = np.divide(part, count, out=np.zeros(count.shape), where=count > 0)
    if usual >= 1.0:
        return np.full(count.shape, np.nan)
    inside = np.clip(share, 1e-9, 1.0 - 1e-9)
    entropy = inside * np.log(inside / usual) + (1.0 - inside) * np.log((1.0 - inside) / (1.0 - usual))
    weight: Floats = np.where(share > usual, count * entropy / np.log(10.0), 0.0)
    return np.asarray(np.where(count >= least, weight, np.nan))


def on_grid(series: Series, used: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.int64]]:
    """Lay a series on an even grid of its period.

    Parameters
    ----------
    series : Series
        At least one value.
    used : ndarray of bool, shape (n,)
        Which values to lay; the places of the others stay NaN.

    Returns
    -------
    ndarray of shape (g,), ndarray of int of shape (n,)
        The grid, and the place of each value on it.
    """
    place = np.rint((series.at - series.at[0]) / series.period).astype(np.int64)
    grid = np.full(int(place[-1]) + 1, np.nan)
    grid[place[used]] = series.value[used]
    return grid, place


def values_at(at: NDArray[np.int64], other: Series) -> Floats:
    """Return the valid value of another series at each time, NaN where it has none.

    Parameters
    ----------
    at : ndarray of int, shape (n,)
        Times [µs].
    other : Series
        The other series; a value holds for its own period.

    Returns
    -------
    ndarray of shape (n,)
        Its values [unit of the other series].
    """
    found = np.full(at.size, np.nan)
    if len(other):
        before = np.searchsorted(other.at, at, side="right") - 1
        near = np.maximum(before, 0)
        period = other.period if other.step is not None or len(other) > 1 else 0
        holds = (before >= 0) & (at - other.at[near] < max(period, 1)) & other.valid[near]
        found[holds] = other.value[near[holds]]
    return found
