"""How surprising a value is beside values learned from days in order, so that a threshold is a false-alarm budget."""

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect._figures import quantile_of
from qingyuan_science.detect._tables import Floats

LEAST_LEARNED = 14  # days; fewer say nothing about what is usual
GREATEST = 12.0  # a surprise beyond this is not a probability any more
TAIL = 0.1  # share of the learned values that shape the tail
DAYS_A_MONTH = 365.25 / 12


def surprise(value: Floats, learned: Floats, grain: float, *, above: float = 0.0) -> Floats:
    """Return minus the common logarithm of how often usual days hold a finding at least as strange, per day.

    Parameters
    ----------
    value : ndarray of shape (n,)
        What was measured; the greater, the stranger. NaN where nothing was.
    learned : ndarray of shape (m,)
        The same measure on days in order, in order of time; NaN is left out.
    grain : float
        Least difference that means anything, in the unit of the measure.
    above : float
        Where no surprise can be greater, all may come out as 0, which is quicker.

    Returns
    -------
    ndarray of shape (n,)
        0 for a usual day, 2 for one in a hundred; NaN kept, and NaN throughout with fewer than 14 learned days.

    Source
    ------
    Vovk, Gammerman, Shafer 2005, Algorithmic Learning in a Random World, conformal p-value: (1 + number as strange) /
    (1 + number learned). Beyond the greatest learned value the tail is taken as exponential (peaks over threshold) of
    a length that is known by k peaks only, so that the chance of passing an excess x is (1 + x / their sum)^-k: the
    exact prediction for an exponential law, Barnett & Lewis 1994, Outliers in Statistical Data, 6.4; Lawless & Fredette
    2005, Biometrika 92, 529.

    Notes
    -----
    Usual days in a row that are as strange count once, as they would make one finding. It holds as long as the days
    to come are like the learned ones; a season or a changed process that the baseline does not hold makes it speak
    too often.
    """
    known = learned[np.isfinite(learned)]
    if known.size < LEAST_LEARNED:
        return np.full(value.shape, np.nan)
    met_once = (1.0 + known.size) / 2.0
    if met_once * (1.0 + 1e-9) < 10.0**above:
        return _beyond(value, known, grain)
    levels, findings = _findings_above(known, np.sort(known))
    share = (1.0 + findings[levels.searchsorted(value)]) / (1.0 + known.size)
    share = np.where(value > levels[-1], np.minimum(share, _tail(value, known, grain)), share)
    return np.where(np.isfinite(value), _told(np.asarray(share)), np.nan)


def _beyond(value: Floats, known: Floats, grain: float) -> Floats:
    """The surprise of what is stranger than all that was learned; of what else is known, 0."""
    found, beyond = np.where(np.isfinite(value), 0.0, np.nan), np.isfinite(value) & (value > known.max())
    if beyond.any():
        found[beyond] = _told(np.minimum(1.0 / (1.0 + known.size), _tail(value[beyond], known, grain)))
    return found


def _told(share: Floats) -> Floats:
    told: Floats = np.minimum(-np.log10(np.maximum(share, 10.0**-GREATEST)), GREATEST)
    return told


def _tail(value: Floats, known: Floats, grain: float) -> Floats:
    """The share of usual days with a finding at least as strange, by how far the learned ones reach."""
    start = quantile_of(np.sort(known), 1.0 - TAIL)
    excess = _peaks(known, start) - start
    met = max(excess.size, 1)
    whole = max(float(np.add.reduce(excess)), met * grain)
    share = (excess.size + 1.0) / (known.size + 1.0) * (1.0 + np.maximum(value - start, 0.0) / whole) ** -met
    return np.asarray(share)


def _findings_above(known: Floats, ordered: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """How many findings the learned days hold at each level: runs of days where it is rare, days where it is not.

    Behind the last level none.
    """
    begins = np.ones(ordered.size, dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    levels, days = ordered[begins], known.size - begins.nonzero()[0]
    lower = np.sort(np.minimum(known[1:], known[:-1]))
    continued = lower.size - lower.searchsorted(levels)
    runs = np.maximum.accumulate((days - continued)[::-1])[::-1]
    findings = np.zeros(levels.size + 1, dtype=np.int64)
    findings[:-1] = np.where(days <= TAIL * known.size, runs, days)
    return levels, findings


def _peaks(known: Floats, start: float) -> Floats:
    """The greatest value of each run of days above a level."""
    above = (known > start).nonzero()[0]
    if not above.size:
        return np.empty(0)
    begins = np.ones(above.size, dtype=np.bool_)
    np.greater(above[1:] - above[:-1], 1, out=begins[1:])
    return np.maximum.reduceat(known[above], begins.nonzero()[0])


def threshold(budget: float) -> float:
    """Return the surprise above which a day is told, for a budget of false findings.

    Parameters
    ----------
    budget : float
        False findings that one channel may give in a month [1/month].

    Returns
    -------
    float
        The surprise that so many usual days pass.
    """
    return float(np.log10(DAYS_A_MONTH / budget))
