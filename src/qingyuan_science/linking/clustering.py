"""Groups of records of one enterprise, out of pairs, so that one wrong pair does not glue two enterprises together.

Pairs that a person or a code decided come first. Then groups are joined, best pair first, while all pairs between two
groups together speak for one enterprise, also those that no key had brought together, and none of them is barred.
"""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

Weigh = Callable[[NDArray[np.int64]], tuple[NDArray[np.float64], NDArray[np.bool_]]]
_WHOLE = 60  # records of a group among which all pairs are weighed


def groups(count: int, pairs: NDArray[np.int64], strength: NDArray[np.float64], weigh: Weigh) -> NDArray[np.int64]:
    """Group records.

    Parameters
    ----------
    count : int
        How many records there are. [1]
    pairs : int64 array, shape (n, 2)
        Pairs that speak for one enterprise.
    strength : float64 array, shape (n,)
        By how much; infinite for what a person or a code decided. [nat]
    weigh : callable
        Gives for any pairs their log-odds and whether they are barred. [nat]

    Returns
    -------
    int64 array, shape (count,)
        For each record the lowest row of its group.
    """
    component = _components(count, pairs)
    size = np.bincount(component, minlength=count)
    edges = np.bincount(component[pairs[:, 0]], minlength=count)
    loose = np.flatnonzero(edges < size * (size - 1) // 2)
    of = component.copy()
    rows = np.flatnonzero(np.isin(component, loose))
    within = np.flatnonzero(np.isin(component[pairs[:, 0]], loose))
    order = rows[np.argsort(component[rows], kind="stable")]
    members = np.split(order, np.flatnonzero(np.diff(component[order])) + 1) if len(order) else []
    known = _weighed(members, pairs[within], weigh)
    edge_order = within[np.argsort(component[pairs[within, 0]], kind="stable")]
    cuts = np.flatnonzero(np.diff(component[pairs[edge_order, 0]])) + 1
    for rows_of, edges_of in zip(members, np.split(edge_order, cuts) if len(edge_order) else [], strict=True):
        for group in _joined(rows_of.tolist(), pairs[edges_of], strength[edges_of], known):
            of[list(group)] = min(group)
    return of


def _components(count: int, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    above = list(range(count))

    def root(row: int) -> int:
        while above[row] != row:
            above[row] = above[above[row]]
            row = above[row]
        return row

    for one, other in pairs.tolist():
        first, second = root(one), root(other)
        above[max(first, second)] = min(first, second)
    return np.array([root(row) for row in range(count)], dtype=np.int64)


def _weighed(
    members: Iterable[NDArray[np.int64]], pairs: NDArray[np.int64], weigh: Weigh
) -> dict[tuple[int, int], tuple[float, bool]]:
    """Log-odds of all pairs within components; in very large ones of those only that a key brought together."""
    asked = [pairs[:0]]
    for rows in members:
        if len(rows) <= _WHOLE:
            low, high = np.triu_indices(len(rows), 1)
            asked.append(np.stack((rows[low], rows[high]), axis=1))
        else:
            asked.append(pairs[np.isin(pairs[:, 0], rows)])
    wanted = np.concatenate(asked)
    odds, barred = weigh(wanted)
    return {
        (one, other): (weight, bar)
        for (one, other), weight, bar in zip(wanted.tolist(), odds.tolist(), barred.tolist(), strict=True)
    }


def _joined(
    rows: list[int],
    pairs: NDArray[np.int64],
    strength: NDArray[np.float64],
    known: dict[tuple[int, int], tuple[float, bool]],
) -> list[list[int]]:
    group_of = {row: [row] for row in rows}
    for at in np.lexsort((pairs[:, 1], pairs[:, 0], -strength)).tolist():
        one, other = (group_of[int(row)] for row in pairs[at])
        if one is other:
            continue
        across = [known.get((min(a, b), max(a, b)), (0.0, False)) for a in one for b in other]
        if any(barred for _, barred in across):
            continue
        if np.isfinite(strength[at]) and sum(weight for weight, _ in across) < 0.0:
            continue
        one.extend(other)
        for row in other:
            group_of[row] = one
    return [group for row, group in group_of.items() if min(group) == row]
