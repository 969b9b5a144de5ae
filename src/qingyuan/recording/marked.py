"""Marks that people gave to spans of time, laid over the marks that readings came with."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.series import SECOND, Mark

Marked = tuple[int, int, str]  # from, to (not included) [µs], letter
SPOILS_ABOVE = 0.25  # HJ 212-2017, notes on 2051 and 2061: three quarters of a period must stay normal
COMPUTED = frozenset("MTHD")  # what is computed here takes marks up when it is computed


def effective(
    at: NDArray[np.int64], mark: NDArray[np.str_], marked: Sequence[Marked], *, kind: str, step: float | None
) -> NDArray[np.str_]:
    """The marks of readings together with those of people; of several the strongest.

    A value of an instant takes the mark of the time it stands in; a mean that a device sent takes it where more than a
    quarter of its period is marked.
    """
    if kind in COMPUTED or not len(at):
        return mark
    for first, after, letter in marked:
        if step is None:
            inside = (at >= first) & (at < after)
        else:
            length = round(step * SECOND)
            inside = np.minimum(at + length, after) - np.maximum(at, first) > SPOILS_ABOVE * length
        if inside.any():
            mark = mark.copy()
            mark[inside] = [Mark.strongest(str(one) + letter).value for one in mark[inside]]
    return mark
