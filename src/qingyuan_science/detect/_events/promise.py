"""A threshold that keeps a promise: no more false alarms a week than people accept."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Promise:
    """A threshold and what it promises.

    Parameters
    ----------
    threshold : float
        Scores beyond it are outliers [1].
    alarms_per_week : float
        False alarms a week that it promises on average, where the time to come is like the past it was learned from;
        more than was asked where that past was too short for less [1/week].
    blocks : int
        From how many blocks it was learned.
    """

    threshold: float
    alarms_per_week: float
    blocks: int


def block_maxima(score: Floats, clean: NDArray[np.bool_], block: int) -> Floats:
    """Return the greatest score of each block.

    Parameters
    ----------
    score : ndarray of shape (n,)
        Scores in order of time; NaN where there is none [1].
    clean : ndarray of bool, shape (n,)
        Which rows are orderly.
    block : int
        Rows in a block.

    Returns
    -------
    ndarray of shape (b,)
        Greatest score of the orderly rows, of each block of which at least half the rows are orderly and scored.
    """
    count = len(score) // block
    usable = (clean & np.isfinite(score))[: count * block].reshape(count, block)
    most = np.where(usable, score[: count * block].reshape(count, block), -np.inf).max(axis=1, initial=-np.inf)
    return np.asarray(most[usable.sum(axis=1) * 2 >= block])


def promise(maxima: Floats, chance: float, blocks_per_week: float) -> Promise:
    """Learn the threshold from the greatest scores of orderly blocks.

    Parameters
    ----------
    maxima : ndarray of shape (b,)
        Greatest score of each block; at least one [1].
    chance : float
        Share of orderly blocks that may exceed the threshold [1].
    blocks_per_week : float
        Blocks in a week [1/week].

    Returns
    -------
    Promise
        The threshold.

    Source
    ------
    Vovk, Gammerman, Shafer 2005, Algorithmic Learning in a Random World: conformal prediction, with blocks in place of
    single rows.

    Notes
    -----
    If the next block is exchangeable with the b learned ones, its greatest score exceeds the k-th smallest of theirs
    with probability at most 1 - k / (b + 1). Scores within a block may depend on each other in any way. With b too
    small for the chance asked, the threshold is the greatest score, and the promise is 1 / (b + 1).
    """
    count = len(maxima)
    rank = min(count, ceil((count + 1) * (1.0 - chance) - 1e-9))
    rank = max(1, rank)
    kept = max(chance, 1.0 / (count + 1)) if rank == count else chance
    return Promise(float(np.sort(maxima)[rank - 1]), kept * blocks_per_week, count)
