"""How often pairs that look like this really are one enterprise, learned from the pairs that codes decide.

Comparisons are not quite independent, so their sum promises too much in the middle. Two valid codes tell whether a pair
is one enterprise; what the other comparisons say of such pairs, beside what the codes then tell, is the experience that
a pair without codes is judged by.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.linking.comparing import COMPARISONS, Branch, Code, Distance, Levels, Place, Region

KINDS: Final = 5
NAMES_ONLY: Final = 2
"""The kind of pairs of which nothing can be compared but names, industry and codes."""
_CODE: Final = list(COMPARISONS).index("code")
_OF_KIND: Final = tuple(
    list(COMPARISONS).index(one) for one in ("branch", "region", "address", "distance", "person", "phone")
)
LEAST: Final = 400  # pairs decided by codes, below which there is no experience
_EACH: Final = 100  # pairs of a step at least
_WIDE: Final = 0.5  # [nat]


@dataclass(frozen=True)
class Experience:
    """What summed evidence was worth among pairs that codes decide.

    Parameters
    ----------
    told, true : float64 array, shape (n,)
        Log-odds as summed, rising; and as they came true. [nat]
    learned : bool
        Whether from these records; otherwise it is the caution of `CAUTION`.
    """

    told: NDArray[np.float64]
    true: NDArray[np.float64]
    learned: bool = True

    def __call__(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds that came true where so much was told.

        Parameters
        ----------
        log_odds : float64 array, shape (n,)
            Summed evidence without codes. [nat]

        Returns
        -------
        float64 array, shape (n,)
            Between steps by straight lines; beyond them the difference at the last one stays. [nat]
        """
        inside = np.interp(log_odds, self.told, self.true)
        beyond = log_odds - np.clip(log_odds, self.told[0], self.told[-1])
        return np.asarray(inside + beyond)


@dataclass(frozen=True)
class Calibration:
    """Experience with each kind of pair, by the numbers that `kinds_of` gives.

    Parameters
    ----------
    kinds : tuple of Experience
    """

    kinds: tuple[Experience, ...]

    def __call__(self, levels: Levels, terms: NDArray[np.float64], prior: float) -> NDArray[np.float64]:
        """Log-odds of pairs in the light of experience; what codes say is added to it as it is.

        Parameters
        ----------
        levels : int8 array, shape (n, 9)
        terms : float64 array, shape (n, 9)
            What each comparison says. [nat]
        prior : float
            Log-odds of a pair drawn from all. [nat]

        Returns
        -------
        float64 array, shape (n,)
            [nat]
        """
        found = prior + terms.sum(axis=1) - terms[:, _CODE]
        kind = kinds_of(levels)
        for number, known in enumerate(self.kinds):
            here = kind == number
            inside = (found >= known.told[0]) & (found <= known.told[-1])
            carried = known(found[here])  # beyond what was met, no more is believed than caution allows
            found[here] = np.where(inside[here], carried, np.minimum(carried, CAUTION[number](found[here])))
        return np.asarray(found + terms[:, _CODE])


def calibrated(levels: Levels, terms: NDArray[np.float64], prior: float) -> Calibration:
    """Learn from those pairs whose two codes are valid.

    Parameters
    ----------
    levels : int8 array, shape (n, 9)
    terms : float64 array, shape (n, 9)
        What each comparison says. [nat]
    prior : float
        Log-odds of a pair drawn from all. [nat]

    Returns
    -------
    Calibration
    """
    told = prior + terms.sum(axis=1) - terms[:, _CODE]
    code, kind = levels[:, _CODE], kinds_of(levels)
    decided = (code == Code.SAME) | (code == Code.CONTRADICTS)
    found = []
    for number in range(KINDS):
        here = decided & (kind == number)
        found.append(experience(told[here], code[here] == Code.SAME) or CAUTION[number])
    return Calibration(tuple(found))


def kinds_of(levels: Levels) -> NDArray[np.int8]:
    """Of which kind pairs are, for the sum of their evidence is worth more in one than in another.

    Parameters
    ----------
    levels : int8 array, shape (n, 9)

    Returns
    -------
    int8 array, shape (n,)
        0 a branch beside another row, 1 places that contradict each other, 2 nothing but names, 3 places that are close
        or agree, 4 the rest.
    """
    branch, region, address, distance, person, phone = (levels[:, at] for at in _OF_KIND)
    told = (address, distance, person, phone)
    cases = [
        (branch == Branch.ONE) | (branch == Branch.OTHER),
        (address == Place.ELSEWHERE) | (distance == Distance.FARTHER) | (region == Region.OTHER),
        np.logical_and.reduce([one == 0 for one in told]),
        ((address > 0) & (address <= Place.TOWN)) | ((distance > 0) & (distance <= Distance.WITHIN_2000)),
    ]
    return np.select(cases, [0, 1, NAMES_ONLY, 3], KINDS - 1).astype(np.int8)


def _caution(*steps: tuple[float, float]) -> Experience:
    told, true = zip(*steps, strict=True)
    return Experience(np.array(told), np.array(true), learned=False)


_USUAL: Final = _caution((-4.0, -4.0), (0.0, -1.0), (3.9, 2.95))
CAUTION: Final = (_caution((0.0, 0.0)), _caution((-4.0, -5.0), (0.0, -3.0), (10.0, 1.0)), _USUAL, _USUAL, _USUAL)
"""By kind of pair, what stands in for experience where too few codes decide: less than what is promised. Our own
choice, after what lists of 83,000 drawn enterprises taught."""


def experience(log_odds: NDArray[np.float64], same: NDArray[np.bool_]) -> Experience | None:
    """Learn what summed evidence is worth.

    Parameters
    ----------
    log_odds : float64 array, shape (n,)
        Of pairs that codes decide, without what the codes say. [nat]
    same : bool array, shape (n,)
        Whether their codes are the same.

    Returns
    -------
    Experience or None
        None where fewer than `LEAST` pairs are known.

    Source
    ------
    Zadrozny & Elkan (2002), on isotonic regression by pooling of adjacent violators (Ayer et al. 1955).
    """
    if len(log_odds) < LEAST:
        return None
    order = np.argsort(log_odds, kind="stable")
    told, right = log_odds[order], same[order].astype(np.float64)
    pooled: list[tuple[float, float, float]] = []
    for begin, end in pairwise(_bounds(told)):
        pooled.append((right[begin:end].sum() + 0.5, end - begin + 1.0, float(told[begin:end].sum() + told[begin])))
        while len(pooled) > 1 and pooled[-2][0] / pooled[-2][1] >= pooled[-1][0] / pooled[-1][1]:
            last, before = pooled.pop(), pooled.pop()
            pooled.append((last[0] + before[0], last[1] + before[1], last[2] + before[2]))
    share = np.array([hit / many for hit, many, _ in pooled])
    return Experience(np.array([total / many for _, many, total in pooled]), np.log(share / (1.0 - share)))


def _bounds(told: NDArray[np.float64]) -> list[int]:
    """Where steps begin: each some `_WIDE` wide, wider where few pairs are."""
    found = [0]
    for at in np.searchsorted(told, np.arange(told[0], told[-1], _WIDE)).tolist():
        if at - found[-1] >= _EACH and len(told) - at >= _EACH:
            found.append(at)
    return [*found, len(told)]
