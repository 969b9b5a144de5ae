"""What a signal was expected to be: from its own last rows, from a learned level, or from its companions."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_LEAST_SHARE = 4  # a median needs a quarter of its window
_RIDGE = 3.0
_FOLDS = 10


class Expectation(Protocol):
    """Says what each row was expected to be, from rows before it and from the other signals of the row."""

    @property
    def reach(self) -> int:
        """How many rows before a row it looks at."""

    def expected(self, rows: Floats) -> Floats:
        """Return what rows were expected to be.

        Parameters
        ----------
        rows : ndarray of shape (reach + n, s)
            The rows, with as many before them as it looks at [unit of each signal].

        Returns
        -------
        ndarray of shape (n, s)
            The expectation; NaN where it cannot be told [unit of each signal].
        """


@dataclass(frozen=True)
class Trailing:
    """The median of the rows before: for water that drifts, at steps much shorter than an event.

    Parameters
    ----------
    window : int
        How many rows before [rows].

    Notes
    -----
    An event shorter than half the window does not move the expectation.
    """

    window: int

    @property
    def reach(self) -> int:
        """How many rows before a row it looks at."""
        return self.window

    def expected(self, rows: Floats) -> Floats:
        """Return the median of the rows before each; NaN where under a quarter of them were measured."""
        from qingyuan_science.detect._loops.windows import medians_before

        if len(rows) <= self.window:
            return np.empty((0, rows.shape[1]))
        return medians_before(np.ascontiguousarray(rows), self.window, self.window / _LEAST_SHARE)


@dataclass(frozen=True)
class Level:
    """The median of a learned stretch: for a plant run or a water held steady.

    Parameters
    ----------
    median : ndarray of shape (s,)
        The median of each signal [unit of each signal].
    """

    median: Floats
    reach: int = 0

    @classmethod
    def learned(cls, rows: Floats) -> "Level":
        """Learn the level from orderly rows, shape (n, s)."""
        return cls(np.nanmedian(rows, axis=0))

    def expected(self, rows: Floats) -> Floats:
        """Return the learned level for each row."""
        return np.broadcast_to(self.median, rows.shape)


@dataclass(frozen=True)
class Companions:
    """What the other signals, and all signals of the row before, say: for plants whose signals hang together.

    Parameters
    ----------
    middle, spread : ndarray of shape (s,)
        Mean and standard deviation in the learned stretch [unit of each signal].
    weights : ndarray of shape (s, 2 s + 1)
        Weight of the other signals, of all signals a row before, and a constant, in standard deviations; that of the
        signal itself in its own row is 0 [1].
    """

    middle: Floats
    spread: Floats
    weights: Floats
    reach: int = 1

    @classmethod
    def learned(cls, rows: Floats, fit: NDArray[np.bool_]) -> tuple["Companions", Floats]:
        """Learn by ridge regression.

        Parameters
        ----------
        rows : ndarray of shape (n, s)
            Rows in order of time [unit of each signal].
        fit : ndarray of bool, shape (n,)
            Which of them are orderly.

        Returns
        -------
        tuple[Companions, ndarray of shape (n, s)]
            The expectation, and for each row what it would have been had the tenth of the stretch that the row lies
            in not been learned from, so that residuals are as large as those of new rows [unit of each signal].
        """
        use = fit & np.isfinite(rows).all(axis=1)
        use[0] = False
        middle, spread = rows[use].mean(axis=0), rows[use].std(axis=0)
        spread = np.where(spread > 1e-9 * (1.0 + np.abs(middle)), spread, np.inf)
        scaled = (rows - middle) / spread
        design = _design(scaled)
        fold = np.minimum(np.arange(len(rows)) * _FOLDS // len(rows), _FOLDS - 1)
        whole = _ridge(design[use], scaled[use])
        out = np.full_like(rows, np.nan)
        for number in range(_FOLDS):
            inside = (fold == number) & (np.arange(len(rows)) > 0)
            weights = _ridge(design[use & ~inside], scaled[use & ~inside])
            out[inside] = _told(design[inside], weights)
        narrow = np.where(np.isfinite(spread), spread, 0.0)
        return cls(middle, spread, whole), middle + narrow * out

    def expected(self, rows: Floats) -> Floats:
        """Return what the companions say; NaN where one of them is missing."""
        scaled = (rows - self.middle) / self.spread
        narrow = np.where(np.isfinite(self.spread), self.spread, 0.0)
        return self.middle + narrow * _told(_design(scaled)[1:], self.weights)


def _design(scaled: Floats) -> Floats:
    before = np.vstack([np.full(scaled.shape[1], np.nan), scaled[:-1]]) if len(scaled) else scaled
    return np.hstack([scaled, before, np.ones((len(scaled), 1))])


def _ridge(design: Floats, scaled: Floats) -> Floats:
    gram, right = design.T @ design, design.T @ scaled
    weights = np.zeros((scaled.shape[1], design.shape[1]))
    for signal in range(scaled.shape[1]):
        others = np.delete(np.arange(design.shape[1]), signal)
        inner = gram[np.ix_(others, others)] + _RIDGE * np.eye(others.size)
        weights[signal, others] = np.linalg.solve(inner, right[others, signal])
    return weights


def _told(design: Floats, weights: Floats) -> Floats:
    # a sum along each row, in place of a matrix product, gives the same for one row as for many
    told = [np.sum(np.ascontiguousarray(design) * row, axis=1) for row in weights]
    return np.stack(told, axis=1) if len(design) else np.empty((0, weights.shape[0]))
