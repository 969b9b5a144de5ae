"""Quantiles of moving windows, and medians of stretches."""

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.compiling import compiled
from qingyuan_science.detect._tables import Floats, Positions, Spans

_FEW = 64
_WINDOWS_AT_ONCE = 8  # so that of the places of all values one in nine, at least, is of the window

Flags = NDArray[np.bool_]
Place = tuple[int, int]  # a place in order of value, and how many values of the window stand before it


@compiled
def _moved(there: Flags, place: Place, wanted: int) -> Place:
    """The place of the value before which so many of the window stand; it lies near the place before."""
    at, before = place
    while before > wanted:
        at -= 1
        before -= there[at]
    while before < wanted or not there[at]:
        before += there[at]
        at += 1
    return at, before


@compiled
def _bounds(signals: Floats, orders: Positions, ends: Positions, how: tuple[int, float]) -> tuple[Floats, Positions]:
    """The values between which a quantile of the window before each end lies; `orders` has each signal's by value.

    Of each row its place among all values is known, and which places are in the window: so a value comes and goes
    without any other being moved, and the quantile moves by few places.
    """
    window, share = how
    found, counts = np.full((2, ends.size, len(signals)), np.nan), np.zeros((ends.size, len(signals)), np.int64)
    rank, ordered = np.empty(signals.shape[1], np.int64), np.empty(signals.shape[1])
    for signal in range(len(signals)):
        row, order = signals[signal], orders[signal]
        for number in range(row.size):
            rank[order[number]], ordered[number] = number, row[order[number]]
        there, known, at, before, first = np.zeros(row.size, np.bool_), 0, 0, 0, max(0, ends[0] - window)
        for which in range(ends.size):
            for number in range(max(first, ends[which - 1] if which else 0), ends[which]):
                if np.isfinite(row[number]):
                    there[rank[number]] = True
                    known, before = known + 1, before + (rank[number] < at)
                if number - window >= first and np.isfinite(row[number - window]):
                    there[rank[number - window]] = False
                    known, before = known - 1, before - (rank[number - window] < at)
            counts[which, signal] = known
            if known:
                wanted = int((known - 1) * share)
                at, before = _moved(there, (at, before), wanted)
                above = at
                if (known - 1) * share > wanted:
                    above = _moved(there, (at, before), wanted + 1)[0]
                found[0, which, signal], found[1, which, signal] = ordered[at], ordered[above]
    return found, counts


def bounds_before(rows: Floats, ends: Positions, window: int, share: float) -> tuple[Floats, Positions]:
    """The values between which a quantile of moving windows lies.

    Parameters
    ----------
    rows : ndarray of shape (n, s)
        Rows in order of time; what is not finite is left out.
    ends : ndarray of int, shape (t,)
        Numbers of the rows before which a window ends, ascending.
    window : int
        Rows in a window; fewer at the begin [rows].
    share : float
        Share of the values that lie below [1].

    Returns
    -------
    ndarray of shape (2, t, s), ndarray of int, shape (t, s)
        The two values of each signal in each window, NaN where it has none, and how many it has.
    """
    found, counts = np.empty((2, ends.size, rows.shape[1])), np.empty((ends.size, rows.shape[1]), np.int64)
    first = 0
    while first < ends.size:
        after = max(first + 1, int(ends.searchsorted(ends[first] + _WINDOWS_AT_ONCE * window)))
        begin = max(0, int(ends[first]) - window)
        part = np.ascontiguousarray(rows[begin : ends[after - 1]].T)
        order = np.argsort(np.where(np.isfinite(part), part, np.inf), axis=1)  # numpy is slow where NaN is among them
        answer = _bounds(part, order, ends[first:after] - begin, (window, share))
        found[:, first:after], counts[first:after], first = *answer, after
    return found, counts


def medians_before(rows: Floats, window: int, least: float) -> Floats:
    """The median of so many rows before each row but the first of them; NaN where fewer than `least` are known."""
    (low, high), counts = bounds_before(rows, np.arange(window, len(rows)), window, 0.5)
    return np.where(counts >= max(least, 1.0), (low + high) / 2.0, np.nan)


@compiled
def put_in_order(values: Floats) -> None:
    """Put few values in order; quicker than sorting for as many as a day has hours."""
    for at in range(1, values.size):
        value, place = values[at], at
        while place > 0 and values[place - 1] > value:
            values[place] = values[place - 1]
            place -= 1
        values[place] = value


@compiled
def _median_of_few(values: Floats) -> float:
    """The median of few values: each is counted beside all, for a processor cannot guess how they are ordered.

    The value at a place in order is the greatest of those that no more values lie below than the place has before it.
    """
    low, high, one, other = (values.size - 1) // 2, values.size // 2, -np.inf, -np.inf
    for at in range(values.size):
        value, below = values[at], 0
        for number in range(values.size):
            below += values[number] < value
        one = value if below <= low and value > one else one
        other = value if below <= high and value > other else other
    return (one + other) / 2.0


@compiled
def medians(values: Floats, spans: Spans, least: int = 1) -> Floats:
    """The median of each stretch, what is not finite left out; NaN where fewer than `least` are left."""
    found, known = np.full(spans[0].size, np.nan), np.empty(values.size)
    for number in range(spans[0].size):
        count = 0
        for at in range(spans[0][number], spans[1][number]):
            known[count] = values[at]
            count += np.isfinite(values[at])
        if count >= max(least, 1):
            if count > _FEW:
                ordered = np.sort(known[:count])
                found[number] = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2.0
            else:
                found[number] = _median_of_few(known[:count])
    return found
