"""How many letters of two texts differ, for very many pairs at once."""

import numpy as np
from numpy.typing import NDArray

_CHUNK = 200_000


def edits(one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.int8]:
    """Count the letters to put in, leave out, change or swap with their neighbour that turn one text into another.

    Parameters
    ----------
    one, other : int32 array, shape (n, letters)
        Code points, 0 behind the end of a text; at most 120 letters.

    Returns
    -------
    int8 array, shape (n,)
        Optimal string alignment distance. [1]

    Source
    ------
    Damerau (1964); Wagner & Fischer (1974).

    Examples
    --------
    >>> letters = [np.array([[ord(letter) for letter in word]], dtype=np.int32) for word in ("兴达化工", "达兴化工")]
    >>> int(edits(*letters)[0])
    1
    """
    parts = [_edits(one[at : at + _CHUNK], other[at : at + _CHUNK]) for at in range(0, len(one), _CHUNK)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int8)


def _edits(one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.int8]:
    count, wide, high = len(one), one.shape[1], other.shape[1]
    lengths = (one > 0).sum(axis=1), (other > 0).sum(axis=1)
    before = np.zeros((high + 1, count), dtype=np.int8)
    last = np.tile(np.arange(high + 1, dtype=np.int8)[:, None], (1, count))
    ends = last[lengths[1], np.arange(count)]
    for at in range(wide):
        row = np.empty_like(last)
        row[0] = at + 1
        for to in range(high):
            same = one[:, at] == other[:, to]
            row[to + 1] = np.minimum(np.minimum(last[to + 1], row[to]) + 1, last[to] + ~same)
            if at and to:
                swapped = (one[:, at] == other[:, to - 1]) & (one[:, at - 1] == other[:, to])
                row[to + 1] = np.where(swapped, np.minimum(row[to + 1], before[to - 1] + 1), row[to + 1])
        here = lengths[0] == at + 1
        ends[here] = row[lengths[1][here], np.flatnonzero(here)]
        before, last = last, row
    return np.asarray(ends)
