"""Stretches of a series laid under each other in tables, so that one call takes a figure of very many of them.

A table holds stretches with equally many values, one a row, and nothing else: so a figure of a row is, to the last
bit, the figure of that stretch taken alone.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Spans = tuple[Positions, Positions]  # position of the first value of each stretch, and of the one after its last


def kept(used: NDArray[np.bool_], spans: Spans) -> tuple[Positions, Spans]:
    """Leave values out of stretches.

    Parameters
    ----------
    used : ndarray of bool, shape (n,)
        Which values stay.
    spans : Spans
        Stretches of the n values.

    Returns
    -------
    ndarray of int, Spans
        Positions of the values that stay, and the stretches among them.
    """
    before = np.append(0, np.cumsum(used)).astype(np.intp)
    return np.flatnonzero(used), (before[spans[0]], before[spans[1]])


def tables(spans: Spans, least: int = 1) -> Iterator[tuple[Positions, Positions]]:
    """Lay stretches of one length under each other.

    Parameters
    ----------
    spans : Spans
        The stretches.
    least : int
        Shorter ones are left out [values].

    Returns
    -------
    Iterator of ndarray of int, shape (k,), and ndarray of int, shape (k, m)
        For each length m, which stretches have it, and the positions of their values.
    """
    first, length = spans[0], spans[1] - spans[0]
    for one in np.flatnonzero(np.bincount(length))[::-1].tolist() if length.size else ():
        if one >= max(least, 1):
            which = np.flatnonzero(length == one)
            yield which, first[which, None] + np.arange(one)


def figures(
    value: Floats,
    used: NDArray[np.bool_],
    spans: Spans,
    figure: Callable[[Floats], Floats],
    *,
    least: int = 1,
    count: int = 1,
) -> Floats:
    """Compute figures of the values that count in each stretch.

    Parameters
    ----------
    value : ndarray of shape (n,) or (c, n)
        The values, or several values of each time.
    used : ndarray of bool, shape (n,)
        Which of them count.
    spans : Spans
        The stretches.
    figure : Callable
        Computes from a table of shape (k, m), or (c, k, m), one figure a row, shape (k,), or several, shape (f, k).
    least : int
        Stretches with fewer values that count have no figure [values].
    count : int
        How many figures f it computes.

    Returns
    -------
    ndarray of shape (f, w)
        The figures of each of the w stretches; NaN where there is none.
    """
    position, inside = kept(used, spans)
    return figures_of_all(value.take(position, axis=-1), inside, figure, least=least, count=count)


def figures_of_all(
    value: Floats, spans: Spans, figure: Callable[[Floats], Floats], *, least: int = 1, count: int = 1
) -> Floats:
    """Compute figures of stretches in which every value counts, as `figures` does."""
    found = np.full((count, spans[0].size), np.nan)
    for which, place in tables(spans, least):
        found[:, which] = figure(value.take(place, axis=-1))
    return found


def medians(table: Floats) -> Floats:
    """Return the median of each row."""
    ordered = np.sort(table, axis=-1)
    half = table.shape[-1] // 2
    if table.shape[-1] % 2:
        return np.asarray(ordered[..., half])
    return np.asarray((ordered[..., half - 1] + ordered[..., half]) / 2.0)
