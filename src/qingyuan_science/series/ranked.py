"""Whether a few values rise or fall in their order: Spearman's rank correlation with time (Daniel's test), exact."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST = 5
EXACT_TO = 12  # values; beyond, the distribution is taken as normal


@dataclass(frozen=True)
class RankTrend:
    """What the test says.

    Parameters
    ----------
    correlation : float
        Of the ranks of the values with their order; 1 where each is above the one before. [1]
    values : int
    p : float
        Probability of such a correlation, or one farther from nought on the same side, if order means nothing. [1]
    exact : bool
        Whether `p` was counted; otherwise it comes from the normal distribution.
    """

    correlation: float
    values: int
    p: float
    exact: bool


def rank_trend(values: Sequence[float]) -> RankTrend:
    """Correlate the ranks of values with their order in time.

    Parameters
    ----------
    values : sequence of float
        One a period, in order, none missing. [any unit]

    Returns
    -------
    RankTrend
        Equal values share the mean of their ranks, and the distribution is counted with those ranks.

    Raises
    ------
    ValueError
        There are fewer than `LEAST` values, or one is not finite.

    Source
    ------
    Spearman 1904, Am. J. Psychol. 15, 72; Daniels 1950, J. R. Stat. Soc. B 12, 171. The distribution is counted by
    sums over subsets of ranks, which is exact.

    Examples
    --------
    >>> rank_trend([1.0, 2.0, 3.0, 5.0, 4.0])
    RankTrend(correlation=0.9, values=5, p=0.041666666666666664, exact=True)
    """
    found = np.asarray(values, dtype=np.float64)
    if found.size < LEAST or not np.isfinite(found).all():
        raise ValueError(
            f"found {found.size} values, {np.isfinite(found).sum()} of them finite, expected {LEAST} or more"
        )
    doubled = _doubled_ranks(found)
    order = np.arange(1, found.size + 1)
    correlation = _correlation(doubled, order)
    if found.size > EXACT_TO:
        beyond = abs(correlation) * math.sqrt(found.size - 1)
        return RankTrend(correlation, found.size, 0.5 * math.erfc(beyond / math.sqrt(2.0)), exact=False)
    return RankTrend(correlation, found.size, _chance(doubled, int((doubled * order).sum())), exact=True)


def _doubled_ranks(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Twice the rank of each value, so that shared ranks are whole."""
    below = (values[:, None] > values[None, :]).sum(axis=1)
    same = (values[:, None] == values[None, :]).sum(axis=1)
    return np.asarray(2 * below + same + 1, dtype=np.int64)


def _correlation(doubled: NDArray[np.int64], order: NDArray[np.int64]) -> float:
    one, other = doubled - doubled.mean(), order - order.mean()
    spread = math.sqrt(float((one * one).sum()) * float((other * other).sum()))
    return round(float((one * other).sum()) / spread, 12) if spread else 0.0


def _chance(doubled: NDArray[np.int64], found: int) -> float:
    """Share of the orders of the ranks whose sum of products lies as far from the mean as the one found, or farther."""
    counts = _orders(doubled)
    total, mean = counts.sum(), doubled.sum() * (doubled.size + 1) / 2.0
    sums = np.arange(counts.size)
    beyond = sums >= found if found >= mean else sums <= found
    return float(counts[beyond].sum() / total)


def _orders(doubled: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many orders of the ranks give each sum of rank times place: place by place over subsets of the ranks."""
    size = doubled.size
    largest = int((np.sort(doubled) * np.arange(1, size + 1)).sum())
    by_subset: dict[int, NDArray[np.float64]] = {0: np.eye(1, largest + 1)[0]}
    for place in range(1, size + 1):
        grown: dict[int, NDArray[np.float64]] = {}
        for subset, counts in by_subset.items():
            for number, rank in enumerate(doubled.tolist()):
                if not subset >> number & 1:
                    shifted = grown.setdefault(subset | 1 << number, np.zeros(largest + 1))
                    shifted[rank * place :] += counts[: largest + 1 - rank * place]
        by_subset = grown
    return by_subset[(1 << size) - 1]
