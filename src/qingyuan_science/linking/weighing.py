"""How much each level speaks for one enterprise or for two: Fellegi and Sunter's weights, learned from the records.

What a level is worth is log m - log u: m is how often it comes among pairs of one enterprise, u among pairs of two.
u is counted among pairs drawn from all, m and the share of true pairs by the EM algorithm among the candidates. A rare
name says more than a common one (Winkler): for equal names u is how often that name comes.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.linking.comparing import COMPARISONS, Distance, Levels, Name, Pairs, Person, levels_of
from qingyuan_science.linking.table import Records, Texts

LEVELS: Final = 1 + max(max(kind) for kind in COMPARISONS.values())
DRAWN: Final = 600_000  # pairs at most, from which u is counted
_DRAWN_EACH: Final = 60  # pairs for each record
ROUNDS: Final = 60
_SEED: Final = 20_160_901

# What the learning starts from, and keeps to where the records say little: shares of the levels 1, 2, ... [1]
START_M: Final = {
    "code": (0.93, 0.01, 0.01, 0.04, 0.008, 0.002),
    "name": (0.72, 0.10, 0.09, 0.05, 0.02, 0.015, 0.005),
    "region": (0.99, 0.01),
    "branch": (0.965, 0.03, 0.004, 0.001),
    "address": (0.50, 0.22, 0.05, 0.15, 0.06, 0.02),
    "distance": (0.50, 0.25, 0.15, 0.05, 0.05),
    "industry": (0.80, 0.13, 0.07),
    "person": (0.85, 0.15),
    "phone": (0.65, 0.35),
}
START_U: Final = {
    "code": (1e-6, 1e-6, 1e-6, 1e-5, 0.2, 0.799988),
    "name": (1e-5, 1e-5, 5e-5, 5e-5, 1e-3, 2e-3, 0.99688),
    "region": (0.5, 0.5),
    "branch": (0.93, 0.001, 0.06, 0.009),
    "address": (1e-4, 1e-3, 2e-3, 0.02, 0.1269, 0.85),
    "distance": (2e-4, 2e-3, 0.01, 0.1, 0.8878),
    "industry": (0.02, 0.08, 0.9),
    "person": (5e-4, 0.9995),
    "phone": (1e-4, 0.9999),
}
_FIRM_M: Final = 200.0  # pairs that the start counts for
_FIRM_U: Final = 20_000.0
_OTHER_NAMES: Final = 10_000.0  # records without an equal name that are taken as known, so that few records bear names


@dataclass(frozen=True)
class Weights:
    """What the levels of the comparisons are worth.

    Parameters
    ----------
    m, u : float64 array, shape (9, LEVELS)
        Shares of the levels among pairs of one enterprise, and of two. [1]
    true_share : float
        Share of pairs of one enterprise among all that can be made. [1]
    """

    m: NDArray[np.float64]
    u: NDArray[np.float64]
    true_share: float

    @property
    def prior(self) -> float:
        """Log-odds of a pair drawn from all. [nat]"""
        return float(np.log(self.true_share / (1.0 - self.true_share)))

    def terms(self, records: Records, pairs: Pairs, levels: Levels) -> NDArray[np.float64]:
        """What each comparison says of each pair.

        Parameters
        ----------
        records : Records
        pairs : int64 array, shape (n, 2)
        levels : int8 array, shape (n, 9)

        Returns
        -------
        float64 array, shape (n, 9)
            Log-likelihood ratios; above 0 for one enterprise. [nat]
        """
        table = _logarithms(self.m, self.u)
        found = np.stack([table[at, levels[:, at]] for at in range(len(COMPARISONS))], axis=1)
        found[:, _NAME] += _rarity(records, pairs, levels[:, _NAME], self.u[_NAME])
        for at, column in ((_PERSON, records.persons), (_PHONE, records.phones)):
            found[:, at] += _shared_by(column, pairs, levels[:, at] == Person.SAME, self.u[at, Person.SAME])
        return found


_NAME, _BRANCH, _PERSON, _PHONE = (list(COMPARISONS).index(one) for one in ("name", "branch", "person", "phone"))


def learned(
    records: Records, pairs: Pairs, levels: Levels, total: float, *, side: NDArray[np.bool_] | None = None
) -> Weights:
    """Learn the weights from candidates and from pairs drawn from all records.

    Parameters
    ----------
    records : Records
    pairs : int64 array, shape (n, 2)
        Candidates.
    levels : int8 array, shape (n, 9)
        Theirs.
    total : float
        How many pairs could be made. [1]
    side : bool array, shape (records,), optional
        On which of two sides each record is, where only pairs across are made.

    Returns
    -------
    Weights

    Source
    ------
    Fellegi & Sunter (1969), Journal of the American Statistical Association 64, 1183; Winkler (1988, 2000), Bureau of
    the Census, on EM and on frequencies.

    Notes
    -----
    Comparisons count as independent within pairs of one enterprise and of two. Levels that are missing say nothing.
    """
    of_all = _drawn(len(records))
    of_all = of_all if side is None else of_all[side[of_all[:, 0]] != side[of_all[:, 1]]]
    drawn, drawn_count = np.unique(levels_of(records, of_all), axis=0, return_counts=True)
    met, met_count = np.unique(levels, axis=0, return_counts=True)
    start_m, start_u = _starts(START_M), _starts(START_U)
    u = _shares(drawn, drawn_count.astype(np.float64), start_u, _FIRM_U)
    m, share = start_m, _share(float(len(records)) / 4, total)
    for _ in range(ROUNDS):
        before, chance = share, _posterior(met, m, u, share)
        m = _shares(met, met_count * chance, start_m, _FIRM_M)
        m[_BRANCH] = start_m[_BRANCH]  # a branch is another row by rule, however like its parent it is
        share = _share(float((met_count * chance).sum()), total)
        u = _shares(drawn, drawn_count * (1.0 - _posterior(drawn, m, u, share)), start_u, _FIRM_U)
        if abs(share - before) <= 1e-5 * before:
            break
    return Weights(*_ordered(m, u), share)


def _share(found: float, total: float) -> float:
    return min(0.2, (found + 0.5) / (total + 20.0))


def _drawn(count: int) -> Pairs:
    """Pairs drawn from all, the same for the same number of records."""
    wanted = min(DRAWN, _DRAWN_EACH * count)
    if count * (count - 1) // 2 <= wanted:
        return np.stack(np.triu_indices(count, 1), axis=1).astype(np.int64)
    drawn = np.random.default_rng(_SEED).integers(0, count, (wanted, 2))
    return np.asarray(drawn[drawn[:, 0] != drawn[:, 1]], dtype=np.int64)


def _starts(table: dict[str, tuple[float, ...]]) -> NDArray[np.float64]:
    found = np.zeros((len(COMPARISONS), LEVELS))
    for at, name in enumerate(COMPARISONS):
        found[at, 1 : 1 + len(table[name])] = table[name]
    return found


def _shares(met: Levels, count: NDArray[np.float64], start: NDArray[np.float64], firm: float) -> NDArray[np.float64]:
    found = start * firm
    for at in range(len(COMPARISONS)):
        found[at] += np.bincount(met[:, at], weights=count, minlength=LEVELS)
    found[:, 0] = 0.0
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _logarithms(m: NDArray[np.float64], u: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((m > 0) & (u > 0), np.log(m) - np.log(u), 0.0)


def _posterior(met: Levels, m: NDArray[np.float64], u: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    table = _logarithms(m, u)
    weight = np.log(share / (1 - share)) + sum(table[at, met[:, at]] for at in range(len(COMPARISONS)))
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(weight, -60, 60))))


def _ordered(m: NDArray[np.float64], u: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """No greater distance may speak more for one enterprise than a smaller one: u is lifted."""
    u, at = u.copy(), list(COMPARISONS).index("distance")
    for level in range(2, len(Distance)):
        u[at, level] = max(u[at, level], m[at, level] * u[at, level - 1] / m[at, level - 1])
    return m, u


def _rarity(records: Records, pairs: Pairs, level: Levels, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a name's own frequency adds to the weight of its level."""
    found = np.zeros(len(pairs))
    count = float(len(records)) + _OTHER_NAMES
    for column, levels in ((records.bodies, (Name.SAME, Name.FORM)), (records.cores, (Name.PART, Name.BUSINESS))):
        here = np.isin(level, levels) & (column.of[pairs[:, 0]] == column.of[pairs[:, 1]])
        often = (column.count[column.of[pairs[here]]].max(axis=1) - 1) / count
        usual = sum(u[one] for one in levels)
        found[here] = np.log(usual) - np.log(np.maximum(often, 1.0 / count))
    return found


def _shared_by(column: Texts, pairs: Pairs, same: NDArray[np.bool_], usual: float) -> NDArray[np.float64]:
    """What it takes from an equal person or telephone that it stands with many: an agent's number tells little."""
    found = np.zeros(len(pairs))
    often = (column.count[column.of[pairs[same, 0]]] - 1) / (len(column.of) + _OTHER_NAMES)
    found[same] = np.minimum(np.log(usual) - np.log(np.maximum(often, 1e-12)), 0.0)
    return found
