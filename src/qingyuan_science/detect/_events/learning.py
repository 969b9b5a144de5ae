"""Learns from a station's own past how to watch it."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect._events.discriminator import nth_largest
from qingyuan_science.detect._events.errors import TooLittlePast, UnequalShapes
from qingyuan_science.detect._events.expecting import Companions, Expectation, Level, Trailing
from qingyuan_science.detect._events.joint import Joint, Norm
from qingyuan_science.detect._events.promise import block_maxima, promise
from qingyuan_science.detect._events.settings import Settings
from qingyuan_science.detect._events.watching import Watch, averaged, usual_scatter
from qingyuan_science.detect._figures import quantiles_in

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
_LEAST_ROWS = 60
_LEAST_SCORE = 1.0  # what stays within the usual scatter is no event, however quiet the past was
_GRAIN = 0.9  # of ten changes from one row to the next, nine are smaller than what counts as a deviation
_PARTS = 20  # blocks by whose wandering drift is measured
_ROBUST = 1.4826  # standard deviation beside the median of absolute deviations, of a normal distribution
_MEDIAN_NOISE = 1.57  # variance of a median beside that of a mean, of a normal distribution
_AROUND = 3  # rests before and after what is not orderly that are not learned from either


class _Past(NamedTuple):
    rows: Floats
    orderly: Mask
    counted: Mask


def learn(
    settings: Settings,
    rows: Floats,
    *,
    window: int = 0,
    companions: bool = False,
    cap: float = 8.0,
    joint: Callable[[Floats], Joint] | None = None,
    clean: Mask | None = None,
    counted: Mask | None = None,
) -> Watch:
    """Learn from the past of a station and go on watching from its end.

    Parameters
    ----------
    settings : Settings
        How it is watched.
    rows : ndarray of shape (n, s)
        The past, checked, in order of time; NaN where missing [unit of each signal].
    window : int
        Rows of the trailing median that is expected; 0 expects a level or what the companions say [rows].
    companions : bool
        Whether the expectation of a signal comes from the other signals.
    cap : float
        Greatest deviation that counts in the joint score [usual scatters].
    joint : Callable or None
        Makes the joint score from the deviations of orderly rows, for example `Components.learned`; left out, it is
        the capped norm.
    clean : ndarray of bool, shape (n,)
        Which rows are orderly; left out, all.
    counted : ndarray of bool, shape (s,)
        Which signals count; left out, all.

    Returns
    -------
    Watch
        Its state after the last row; what it says about the past is not kept. A signal that never changed in the past
        has no usual scatter and counts for nothing until it is learned anew.

    Raises
    ------
    TooLittlePast
        Fewer than 60 rows are orderly.
    UnequalShapes
        ``counted`` names another number of signals.
    """
    orderly = np.ones(len(rows), dtype=bool) if clean is None else _away_from(~clean, _AROUND * settings.rest)
    orderly = orderly & np.isfinite(rows).any(axis=1)
    if orderly.sum() < _LEAST_ROWS:
        raise TooLittlePast(int(orderly.sum()), _LEAST_ROWS)
    counted = np.ones(rows.shape[1], dtype=bool) if counted is None else counted
    if counted.size != rows.shape[1]:
        raise UnequalShapes(counted.shape, rows.shape[1])
    past = _Past(rows, orderly, counted)
    expectation, told = _expectation(past, window, companions, mean=settings.mean)
    residuals = _averaged_past(rows - told, settings.mean)
    grain = _grain(rows, orderly) if window else _least_scatter(residuals[orderly])
    first = slice(settings.adapt or len(rows))
    early = np.abs(residuals[first][orderly[first]])
    scatter = usual_scatter(early, settings.scatter, np.full(rows.shape[1], np.inf), grain)
    scoring = joint((residuals / scatter)[orderly][:, counted]) if joint else Norm(cap)
    watch = Watch(settings, (expectation, scoring), scatter, grain, counted=counted)
    _promise(watch, past, told, residuals)
    if isinstance(expectation, Level):
        watch.scatter = watch.scatter * np.sqrt(1.0 + _wander(residuals[orderly], scatter))
    return watch


def _expectation(past: _Past, window: int, companions: bool, *, mean: int) -> tuple[Expectation, Floats]:
    if companions:
        return Companions.learned(past.rows, past.orderly)
    if not window:
        level = Level.learned(_averaged_past(past.rows, mean)[past.orderly])  # the median of what is judged
        return level, level.expected(past.rows)
    trailing = Trailing(window)
    return trailing, trailing.expected(np.vstack([np.full((window, past.rows.shape[1]), np.nan), past.rows]))


def _averaged_past(rows: Floats, count: int) -> Floats:
    return averaged(np.concatenate([np.full((count - 1, rows.shape[1]), np.nan), rows]), count)


def _promise(watch: Watch, past: _Past, told: Floats, residuals: Floats) -> None:
    """Run the watch over the past without a threshold, then learn the threshold from its scores."""
    settings, fits_too_well = watch.settings, isinstance(watch.expectation, Companions)
    first = watch.scatter
    score = watch.push(past.rows, clean=past.orderly, expected=None if fits_too_well else told).score
    if fits_too_well:
        raw = watch.joint.score((residuals / first)[:, past.counted])
        score = nth_largest(np.concatenate([np.zeros(settings.vote - 1), raw]), settings.vote, watch.least)
    maxima = block_maxima(score, past.orderly, settings.block)
    if not maxima.size:
        raise TooLittlePast(int(past.orderly.sum()), settings.block)
    found = promise(maxima, settings.block_chance, settings.rows_per_week / settings.block)
    watch.promise = replace(found, threshold=max(found.threshold, _LEAST_SCORE))
    watch.maxima = maxima[-max(settings.keep, 1) :]


def _away_from(disturbed: Mask, rows: int) -> Mask:
    """Return the rows that lie further than so many rows from any disturbed one."""
    if not disturbed.any():
        return ~disturbed
    near = np.convolve(disturbed.astype(np.float64), np.ones(2 * rows + 1), mode="same")[: disturbed.size]
    return np.asarray(near < 0.5)


def _grain(rows: Floats, orderly: Mask) -> Floats:
    """Return the change from row to row that is still usual; infinite for a signal that never changed."""
    signals = np.ascontiguousarray((rows if orderly.all() else rows[orderly]).T)
    steps = np.abs(signals[:, 1:] - signals[:, :-1])
    moved = steps > 0.0
    count = np.count_nonzero(moved, axis=1)
    usual = quantiles_in(np.sort(np.where(moved, steps, np.nan), axis=1), count, _GRAIN)  # NaN last
    return np.where(count > 0, usual, np.inf)


def _wander(residuals: Floats, scatter: Floats) -> Floats:
    """Return the variance that the slow wandering of each signal adds to that of its noise, shape (s,).

    The medians of blocks half the stretch apart differ by what the signal wanders in that time and by the noise of the
    medians; the latter is taken off. Within the stretch itself, where the level is learned, it does not show.
    """
    size = len(residuals) // _PARTS
    medians = np.nanmedian(residuals[: size * _PARTS].reshape(_PARTS, size, -1), axis=1)
    apart = _PARTS // 2
    wander = (_ROBUST * np.nanmedian(np.abs(medians[apart:] - medians[:-apart]), axis=0)) ** 2
    noise = (_ROBUST * np.nanmedian(np.abs(residuals - np.nanmedian(residuals, axis=0)), axis=0)) ** 2
    grown = np.maximum(0.0, wander - 2.0 * _MEDIAN_NOISE / size * noise) / np.maximum(noise, scatter**2)
    return np.asarray(np.nan_to_num(grown, nan=0.0))


def _least_scatter(residuals: Floats) -> Floats:
    """Return a part of the standard deviation, for signals that mostly rest and sometimes jump; infinite if none."""
    known = np.where(np.isfinite(residuals), residuals, 0.0)
    spread = np.sqrt(np.mean(known**2, axis=0))
    return np.where(spread > 0.0, 0.15 * spread, np.inf)
