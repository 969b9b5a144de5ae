"""One score a row, from what all signals did together."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Joint(Protocol):
    """Gives each row one score."""

    def score(self, deviations: Floats) -> Floats:
        """Score rows.

        Parameters
        ----------
        deviations : ndarray of shape (n, s)
            Residual of each signal in units of its usual scatter; NaN where unknown [1].

        Returns
        -------
        ndarray of shape (n,)
            Score; greater is stranger [1].
        """


@dataclass(frozen=True)
class Norm:
    """The root of the summed squares, each signal up to a cap: one broken sensor cannot shout all others down.

    Parameters
    ----------
    cap : float
        Greatest deviation that counts [1].
    """

    cap: float = 8.0

    def score(self, deviations: Floats) -> Floats:
        """Score rows; a missing signal adds nothing."""
        from qingyuan_science.detect._loops.scores import norms

        return norms(np.ascontiguousarray(deviations), self.cap)


@dataclass(frozen=True)
class Components:
    """Principal components: how far within their usual plane (T²), or how far off it (Q), the greater of both.

    Parameters
    ----------
    axes : ndarray of shape (k, s)
        The principal axes.
    variance : ndarray of shape (k,)
        Variance along each.
    limits : tuple[float, float]
        T² and Q at the 99.9th percentile of the learned rows, by which they are divided.

    Notes
    -----
    Source: Jackson and Mudholkar 1979, Technometrics 21 (3), p. 341.
    """

    axes: Floats
    variance: Floats
    limits: tuple[float, float]

    @classmethod
    def learned(cls, deviations: Floats, share: float = 0.9) -> "Components":
        """Learn the axes that hold a share of the variance of orderly rows, shape (n, s)."""
        known = np.nan_to_num(deviations, nan=0.0)
        _, strength, axes = np.linalg.svd(known - known.mean(axis=0), full_matrices=False)
        kept = int(np.searchsorted(np.cumsum(strength**2) / np.sum(strength**2), share)) + 1
        kept = min(kept, int(np.sum(strength > 1e-9 * strength[0])))
        unlimited = cls(axes[:kept], strength[:kept] ** 2 / max(1, len(known) - 1), (1.0, 1.0))
        inside, off = (float(np.quantile(part, 0.999)) for part in unlimited.parts(known))
        return cls(unlimited.axes, unlimited.variance, (max(inside, 1e-12), max(off, 1e-12)))

    def parts(self, deviations: Floats) -> tuple[Floats, Floats]:
        """Return T² and Q of rows, each of shape (n,)."""
        known = np.nan_to_num(deviations, nan=0.0)
        along = np.stack([np.sum(np.ascontiguousarray(known) * axis, axis=1) for axis in self.axes], axis=1)
        off = known - sum(along[:, [at]] * axis for at, axis in enumerate(self.axes))
        return np.sum(along**2 / self.variance, axis=1), np.sum(off**2, axis=1)

    def score(self, deviations: Floats) -> Floats:
        """Score rows by the greater of T² and Q, each beside its limit."""
        inside, off = self.parts(deviations)
        return np.asarray(np.maximum(inside / self.limits[0], off / self.limits[1]))


@dataclass(frozen=True)
class Neighbours:
    """Distance from the nearest of remembered orderly rows.

    Parameters
    ----------
    remembered : ndarray of shape (m, s)
        Deviations of orderly rows [1].
    """

    remembered: Floats

    def score(self, deviations: Floats) -> Floats:
        """Score rows; a missing signal counts as usual."""
        known, past = np.nan_to_num(deviations, nan=0.0), np.nan_to_num(self.remembered, nan=0.0)
        return np.array([np.sqrt(((past - row) ** 2).sum(axis=1).min()) for row in known])
