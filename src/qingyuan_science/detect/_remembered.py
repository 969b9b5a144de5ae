"""Answers of pure functions kept for a short while: what is asked again of equal values is not computed again."""

from collections.abc import Callable, Hashable, Sequence
from operator import is_
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Answer = TypeVar("Answer")
Array = NDArray[Any]


class Remembered(Generic[Answer]):
    """The last answers, each with all that it was computed from, to the last bit.

    Parameters
    ----------
    most : int
        How many answers are kept.

    Notes
    -----
    An answer is found by comparing values, never by where they lie, so that it is what would be computed; it is shared
    and must not be altered. Threads may lose an answer to each other, and never find a wrong one.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: tuple[tuple[Hashable, tuple[Array, ...], Answer], ...] = ()

    def ask(self, how: Hashable, values: Sequence[Array], compute: Callable[[], Answer]) -> Answer:
        """Return the answer for settings and arrays, computed where it is not kept.

        Parameters
        ----------
        how : hashable
            All that matters beside the arrays.
        values : sequence of ndarray
            The arrays, of fixed types and in one piece; they must not be altered later.
        compute : Callable
            Computes the answer from just these.

        Returns
        -------
        Answer
            What `compute` answers.
        """
        for kept_how, kept, answer in self._kept:
            if kept_how == how and all(map(_same, kept, values)):
                return answer
        answer = compute()
        self._kept = ((how, tuple(values), answer), *self._kept[: self._most - 1])
        return answer


class Shared(Generic[Answer]):
    """The last answers, each with the very objects that it was computed from, which must never be altered.

    Parameters
    ----------
    most : int
        How many answers are kept.

    Notes
    -----
    Quicker than `Remembered`, and finds less: equal objects are not enough, they must be the same ones.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: tuple[tuple[tuple[object, ...], Answer], ...] = ()

    def ask(self, of: tuple[object, ...], compute: Callable[[], Answer]) -> Answer:
        """Return the answer for some objects, computed where it is not kept.

        Parameters
        ----------
        of : tuple of object
            All that matters; they stay in memory as long as the answer.
        compute : Callable
            Computes the answer from just these.

        Returns
        -------
        Answer
            What `compute` answers.
        """
        for kept, answer in self._kept:
            if len(kept) == len(of) and all(map(is_, kept, of)):
                return answer
        answer = compute()
        self._kept = ((of, answer), *self._kept[: self._most - 1])
        return answer


def _same(one: Array, other: Array) -> bool:
    """Whether arrays are equal to the last bit, NaN and all."""
    return one.shape == other.shape and np.array_equal(one.view(np.uint8), other.view(np.uint8))
