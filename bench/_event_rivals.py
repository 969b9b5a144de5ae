"""What others do, given the same past and the same promise of false alarms."""

from collections.abc import Callable

import numpy as np
from _event_data import Floats, Mask
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.ensemble import IsolationForest

from qingyuan_science.detect._events import (
    Components,
    Neighbours,
    Settings,
    block_maxima,
    least_outliers,
    nth_largest,
    promise,
)

ORDER = 12  # rows that the linear prediction looks back
VOTE, EVENT_PROBABILITY = 8, 0.9  # CANARY's own example for minutes
MOST_ROWS, REMEMBERED = 20_000, 576
Score = Callable[[Floats], Floats]


def linear_prediction(past: Floats, clean: Mask) -> Score:
    """CANARY's way: each signal from its own last rows by linear prediction, the greatest residual, then its BED."""
    middle, spread = _scale(past[clean])
    scaled = _filled((past - middle) / spread)
    weights, sizes = [], []
    for signal in range(past.shape[1]):
        before = sliding_window_view(scaled[:-1, signal], ORDER)
        fit = clean[ORDER:]
        design = np.column_stack([before, np.ones(len(before))])
        found = np.linalg.lstsq(design[fit], scaled[ORDER:, signal][fit], rcond=None)[0]
        weights.append(found)
        sizes.append(np.std(scaled[ORDER:, signal][fit] - design[fit] @ found) + 1e-9)

    def score(rows: Floats) -> Floats:
        known = _filled((rows - middle) / spread)
        most = np.zeros(len(rows))
        for signal, (found, size) in enumerate(zip(weights, sizes, strict=True)):
            told = sliding_window_view(known[:-1, signal], ORDER) @ found[:-1] + found[-1]
            most[ORDER:] = np.maximum(most[ORDER:], np.abs(known[ORDER:, signal] - told) / size)
        count = least_outliers(VOTE, 0.5, EVENT_PROBABILITY)
        return nth_largest(np.concatenate([np.zeros(VOTE - 1), most]), VOTE, count)

    return score


def principal_components(past: Floats, clean: Mask) -> Score:
    """T² and Q of principal components of the values themselves."""
    middle, spread = _scale(past[clean])
    parts = Components.learned(_filled((past - middle) / spread)[clean])
    return lambda rows: parts.score(_filled((rows - middle) / spread))


def nearest_neighbour(past: Floats, clean: Mask) -> Score:
    """CANARY's other way: the distance from the nearest of the rows remembered, then its BED."""
    middle, spread = _scale(past[clean])
    known = _filled((past - middle) / spread)[clean]
    many = len(known) > 10 * REMEMBERED  # else the remembered rows would be judged by themselves
    near = Neighbours(known[:: len(known) // REMEMBERED] if many else known[: len(known) // 2])
    count = least_outliers(VOTE, 0.5, EVENT_PROBABILITY)

    def score(rows: Floats) -> Floats:
        distance = near.score(_filled((rows - middle) / spread))
        return nth_largest(np.concatenate([np.zeros(VOTE - 1), distance]), VOTE, count)

    return score


def isolation_forest(past: Floats, clean: Mask) -> Score:
    """A forest of random cuts."""
    middle, spread = _scale(past[clean])
    known = _filled((past - middle) / spread)[clean]
    every = max(1, len(known) // MOST_ROWS)
    forest = IsolationForest(n_estimators=100, random_state=1).fit(known[::every])
    return lambda rows: -forest.score_samples(_filled((rows - middle) / spread))


RIVALS = {
    "linear prediction + BED": linear_prediction,
    "nearest neighbour + BED": nearest_neighbour,
    "PCA T2+Q": principal_components,
    "isolation forest": isolation_forest,
}


def rival_alarms(name: str, past: Floats, clean: Mask, rows: Floats, settings: Settings) -> Mask:
    """Alarms of a rival at the threshold that makes the same promise."""
    score = RIVALS[name](past, clean)
    maxima = block_maxima(score(past), clean, settings.block)
    kept = promise(maxima, settings.block_chance, settings.rows_per_week / settings.block)
    return score(rows) > kept.threshold


def _scale(rows: Floats) -> tuple[Floats, Floats]:
    middle, spread = np.nanmean(rows, axis=0), np.nanstd(rows, axis=0)
    return middle, np.where(spread > 1e-9, spread, 1.0)


def _filled(rows: Floats) -> Floats:
    """Missing values take the last one known, those at the head the mean."""
    known = np.where(np.isfinite(rows), np.arange(len(rows))[:, None], 0)
    carried = np.take_along_axis(rows, np.maximum.accumulate(known, axis=0), axis=0)
    return np.nan_to_num(carried, nan=0.0)
