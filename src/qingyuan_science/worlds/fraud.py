"""Falsified series with known truth: the eleven kinds of fraud in monitoring data, and breaches seen by electricity.

Each function takes a genuine series and a span and returns what a sender would report who cheats in that way there. The
functions are pure and seeded; ``strength`` runs from just above 0 (hard to see) to 1 (blunt). Outside the span nothing
changes. What is reported keeps the decimals of the genuine values, as a logger would print them.

Source: kinds after 生态环境监测条例 (State Council order 820) art. 25 and published cases; the recipes are the
platform's own.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.series import Mark, Series

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

_MOST_DECIMALS = 6


@dataclass(frozen=True)
class Span:
    """A stretch of time.

    Parameters
    ----------
    start, end : int
        From when up to, but not including, when [µs since 1970 in UTC].
    """

    start: int
    end: int

    def positions(self, series: Series) -> Positions:
        """Return the positions of the series inside the span."""
        return np.flatnonzero((series.at >= self.start) & (series.at < self.end))


@dataclass(frozen=True)
class Forged:
    """A falsified series and the truth about it.

    Parameters
    ----------
    kind : str
        Which fraud.
    series : Series
        What is reported.
    span : Span
        When it was falsified.
    changed : ndarray of bool, shape (n,)
        Which values or marks differ from the genuine ones.
    """

    kind: str
    series: Series
    span: Span
    changed: NDArray[np.bool_]


def constant(series: Series, span: Span, *, seed: int, strength: float = 1.0) -> Forged:
    """Hold one value; below full strength it trembles by a share of the usual change between values.

    Parameters
    ----------
    series : Series
        The genuine series.
    span : Span
        When it is falsified.
    seed : int
        Seed of all chance.
    strength : float
        1 holds exactly [1].

    Returns
    -------
    Forged
        The reported series and the truth.
    """
    where, value = _inside(series, span)
    if not where.size:
        return _forged("constant", series, span, series.value)
    held = _first_valid(series, where)
    change = np.abs(np.diff(series.value[series.valid]))
    tremble = (1.0 - strength) * float(change.mean() if change.size else 0.0)
    value[where] = held + tremble * np.random.default_rng(seed).standard_normal(where.size)
    return _forged("constant", series, span, _printed(value, series, where))


def clipped(series: Series, span: Span, limit: float, *, seed: int, strength: float = 1.0) -> Forged:
    """Report values just below the limit while the true emission, raised in the span, often passes it.

    Parameters
    ----------
    series : Series
        The genuine series.
    span : Span
        When it is falsified.
    limit : float
        The limit to stay below [unit of the series].
    seed : int
        Seed of all chance.
    strength : float
        1 keeps within 2 % below the limit, 0 within 10 % [1].

    Returns
    -------
    Forged
        The reported series and the truth.
    """
    where, value = _inside(series, span)
    raised = _raised_over(value[where], limit)
    band = limit * (0.02 + 0.08 * (1.0 - strength))
    ceiling = limit - band * np.random.default_rng(seed).uniform(0.05, 1.0, where.size)
    value[where] = np.where(raised > ceiling, ceiling, raised)
    return _forged("clipped", series, span, _printed(value, series, where))


def scaled(series: Series, span: Span, *, seed: int, strength: float = 1.0) -> Forged:
    """Multiply by a factor below one: 0.3 at full strength, 0.65 at half.

    Parameters
    ----------
    series : Series
        The genuine series.
    span : Span
        When it is falsified.
    seed : int
        Not used; every fraud is called alike.
    strength : float
        Share of the way from 1 to the factor 0.3 [1].

    Returns
    -------
    Forged
        The reported series and the truth.
    """
    where, value = _inside(series, span)
    value[where] *= 1.0 - 0.7 * strength
    return _forged("scaled", series, span, _printed(value, series, where))


def offset(series: Series, span: Span, *, seed: int, strength: float = 1.0) -> Forged:
    """Take a constant off: half of the span's median at full strength; nothing goes below nought.

    Parameters
    ----------
    series : Series
        The genuine series.
    span : Span
        When it is falsified.
    seed : int
        Not used; every fraud is called alike.
    strength : float
        Share of half the median that is taken off [1].

    Returns
    -------
    Forged
        The reported series and the truth.
    """
    where, value = _inside(series, span)
    value[where] = np.maximum(value[where] - 0.5 * strength * _median(value[where]), 0.0)
    return _forged("offset", series, span, _printed(value, series, where))


def replayed(series: Series, span: Span, *, seed: int, strength: float = 1.0) -> Forged:
    """Report again what was measured in an earlier window of the same length, at the same time of day.

    Parameters
    ----------
    series : Series
        The genuine series.
    span : Span
        When it is falsified; the window is taken from up to 60 days before.
    seed : int
        Seed of the window, and of the noise on it.
    strength : float
        1 repeats exactly; below that, noise of up to 5 % of the standard deviation is added [1].

    Returns
    -------
    Forged
        The reported series and the truth.
    """
    where, value = _inside(series, span)
    random = np.random.default_rng(seed)
    a_day = max(1, round(86_400_000_000 / series.period))
    least = -(-where.size // a_day)
    most = min(60, int(where[0]) // a_day) if where.size else 0
    if most >= least > 0:
        source = where - a_day * int(random.integers(least, most + 1))
        copied = series.value[source]
        noise = (1.0 - strength) * 0.05 * float(np.nanstd(copied)) * random.standard_normal(where.size)
        value[where] = np.where(np.isfinite(copied), copied + noise, value[where])
    return _forged("replayed", series, span, _printed(value, series, where))


def smoothed(series: Series, span: Span, *, seed: int, strength: float = 1.0) -> Forged:
    """Report a moving mean over up to 13 values in place of what was measured.

    Parameters
    ----------
    series : Series
        The genuine series.
    span : Span
        When it is falsified.
    seed : int
        Not used; every fraud is called alike.
    strength : float
        1 takes 13 values, 0 three [1].

    Returns
    -------
    Forged
        The reported series and the truth.
    """
    where, value = _inside(series, span)
    half = 1 + round(5 * strength)
    if where.size:
        filled = _filled(series.value[where])
        padded = np.pad(filled, half, mode="edge")
        value[where] = np.convolve(padded, np.full(2 * half + 1, 1.0 / (2 * half + 1)), mode="valid")
    return _forged("smoothed", series, span, _printed(value, series, where))


def rounded(series: Series, span: Span, *, seed: int, strength: float = 1.0) -> Forged:
    """Report fewer figures: one decimal less than usual; below half strength, steps of five of the last decimal.

    Parameters
    ----------
    series : Series
        The genuine series.
    span : Span
        When it is falsified.
    seed : int
        Not used; every fraud is called alike.
    strength : float
        From 0.5 on a whole decimal is dropped [1].

    Returns
    -------
    Forged
        The reported series and the truth.
    """
    where, value = _inside(series, span)
    step = 10.0 ** -_usual_decimals(series, where) * (10.0 if strength >= 0.5 else 5.0)
    value[where] = np.round(np.rint(value[where] / step) * step, _MOST_DECIMALS)
    return _forged("rounded", series, span, value)


def deleted(series: Series, span: Span, limit: float, *, seed: int, strength: float = 1.0) -> Forged:
    """Mark the values over the limit as calibration and drop them, while the true emission is raised in the span.

    Parameters
    ----------
    series : Series
        The genuine series.
    span : Span
        When it is falsified.
    limit : float
        The limit whose exceedances are hidden [unit of the series].
    seed : int
        Seed of all chance.
    strength : float
        Share of the exceedances that are hidden [1].

    Returns
    -------
    Forged
        The reported series and the truth.
    """
    where, value = _inside(series, span)
    mark = series.mark.copy()
    value[where] = _raised_over(value[where], limit)
    over = where[(value[where] > limit) & (np.random.default_rng(seed).random(where.size) < strength)]
    reported = _printed(value, series, where)
    reported[over], mark[over] = np.nan, Mark.CALIBRATION.value
    return _forged("deleted", series, span, reported, mark=mark)


def copied_channel(series: Series, span: Span, other: Series, *, seed: int, strength: float = 1.0) -> Forged:
    """Report another channel's course, brought to the level and spread of this one.

    Parameters
    ----------
    series : Series
        The genuine series.
    span : Span
        When it is falsified.
    other : Series
        The channel that is copied; where it has no value the genuine one stays.
    seed : int
        Seed of the noise.
    strength : float
        1 copies exactly; below that, noise of up to a fifth of the spread is added [1].

    Returns
    -------
    Forged
        The reported series and the truth.
    """
    where, value = _inside(series, span)
    shared, mine, theirs = np.intersect1d(series.at[where], other.at, return_indices=True)
    if shared.size:
        own, copied = value[where[mine]], other.value[theirs]
        spread = np.nanstd(copied) or 1.0
        noise = 0.2 * (1.0 - strength) * np.random.default_rng(seed).standard_normal(shared.size)
        copied = np.nanmean(own) + np.nanstd(own) * ((copied - np.nanmean(copied)) / spread + noise)
        value[where[mine]] = np.where(np.isfinite(copied), np.maximum(copied, 0.0), own)
    return _forged("copied_channel", series, span, _printed(value, series, where))


def zero_drift(series: Series, span: Span, *, seed: int, strength: float = 1.0) -> Forged:
    """Let the zero sink through the span, by up to 0.8 of the median at its end.

    Parameters
    ----------
    series : Series
        The genuine series.
    span : Span
        When it is falsified.
    seed : int
        Not used; every fraud is called alike.
    strength : float
        Share of 0.8 of the median that is reached at the end [1].

    Returns
    -------
    Forged
        The reported series and the truth.
    """
    where, value = _inside(series, span)
    sinking = np.linspace(0.0, 0.8 * strength * _median(value[where]), where.size)
    value[where] = np.maximum(value[where] - sinking, 0.0)
    return _forged("zero_drift", series, span, _printed(value, series, where))


def inverted(series: Series, span: Span, *, seed: int, strength: float = 1.0) -> Forged:
    """Mirror the course at its median, so that values sink when the load rises.

    Parameters
    ----------
    series : Series
        The genuine series.
    span : Span
        When it is falsified.
    seed : int
        Not used; every fraud is called alike.
    strength : float
        1 mirrors the ratio to the median; 0.5 flattens it [1].

    Returns
    -------
    Forged
        The reported series and the truth.
    """
    where, value = _inside(series, span)
    middle = _median(value[where])
    positive = where[value[where] > 0.0] if middle > 0.0 else where[:0]
    value[positive] = middle * (value[positive] / middle) ** (1.0 - 2.0 * strength)
    return _forged("inverted", series, span, _printed(value, series, where))


def treatment_off(treatment: Series, span: Span, *, seed: int, strength: float = 1.0) -> Forged:
    """Draw only stand-by power for treatment while production goes on.

    Parameters
    ----------
    treatment : Series
        Genuine electricity of the treatment plant [kWh or kW].
    span : Span
        When it is switched off.
    seed : int
        Seed of the stand-by load.
    strength : float
        Share of the load that is saved; below 1 it runs at a lower frequency [1].

    Returns
    -------
    Forged
        The metered series and the truth.
    """
    where, value = _inside(treatment, span)
    least = float(np.nanpercentile(treatment.value, 1.0)) if len(treatment) else 0.0
    stand_by = least * np.random.default_rng(seed).uniform(0.9, 1.1, where.size)
    value[where] = (1.0 - strength) * value[where] + strength * np.minimum(stand_by, value[where])
    return _forged("treatment_off", treatment, span, _printed(value, treatment, where))


def cut(production: Series, span: Span, share: float, *, seed: int, breach: Span | None = None) -> Forged:
    """Carry out an emergency cut, except in the stretch of a breach.

    Parameters
    ----------
    production : Series
        Genuine electricity of production [kWh or kW].
    span : Span
        When the cut holds.
    share : float
        Share by which production is lowered; 1 leaves only stand-by load [1].
    seed : int
        Seed of the stand-by load.
    breach : Span or None
        When production goes on as usual in spite of it.

    Returns
    -------
    Forged
        The metered series; its truth is the breach, or an empty span at the start of the cut if there is none.
    """
    where, value = _inside(production, span)
    least = float(np.nanpercentile(production.value, 5.0)) if len(production) else 0.0
    stand_by = least * np.random.default_rng(seed).uniform(0.9, 1.1, where.size)
    value[where] = stand_by + (1.0 - share) * np.maximum(value[where] - least, 0.0)
    if breach is not None:
        kept = breach.positions(production)
        value[kept] = production.value[kept]
    truth = breach or Span(span.start, span.start)
    return _forged("cut", production, truth, _printed(value, production, where))


_Fraud = Callable[..., Forged]
FRAUDS: dict[str, _Fraud] = {
    "constant": constant,
    "clipped": clipped,
    "scaled": scaled,
    "offset": offset,
    "replayed": replayed,
    "smoothed": smoothed,
    "rounded": rounded,
    "deleted": deleted,
    "copied_channel": copied_channel,
    "zero_drift": zero_drift,
    "inverted": inverted,
}


def _inside(series: Series, span: Span) -> tuple[Positions, Floats]:
    return span.positions(series), series.value.copy()


def _forged(kind: str, series: Series, span: Span, value: Floats, *, mark: NDArray[np.str_] | None = None) -> Forged:
    marks = series.mark if mark is None else mark
    same = (value == series.value) | (np.isnan(value) & np.isnan(series.value))
    made = Series(series.at, value, marks, series.unit, series.step, series.samples)
    return Forged(kind, made, span, ~same | (marks != series.mark))


def _first_valid(series: Series, where: Positions) -> float:
    valid = where[series.valid[where]]
    return float(series.value[valid[0]]) if valid.size else float("nan")


def _median(value: Floats) -> float:
    finite = value[np.isfinite(value)]
    return float(np.median(finite)) if finite.size else 0.0


def _raised_over(value: Floats, limit: float) -> Floats:
    """Raise values so that every second one passes the limit, unless they do so already."""
    middle = _median(value)
    return value * max(1.0, 1.05 * limit / middle) if middle > 0.0 else value + 1.05 * limit


def _filled(value: Floats) -> Floats:
    known = np.flatnonzero(np.isfinite(value))
    return np.interp(np.arange(value.size), known, value[known]) if known.size else value


def _decimals(value: Floats) -> NDArray[np.int64]:
    """Decimals with which each value is printed."""
    decimals = np.full(value.shape, _MOST_DECIMALS, dtype=np.int64)
    for count in range(_MOST_DECIMALS - 1, -1, -1):
        decimals[np.abs(np.round(value, count) - value) < 1e-9 * np.maximum(1.0, np.abs(value))] = count
    return decimals


def _printed(value: Floats, series: Series, where: Positions) -> Floats:
    """Give what is reported as many decimals as the genuine values of the span mostly have."""
    value[where] = np.round(value[where], _usual_decimals(series, where))
    return value


def _usual_decimals(series: Series, where: Positions) -> int:
    finite = where[np.isfinite(series.value[where])]
    return int(np.percentile(_decimals(series.value[finite]), 90.0)) if finite.size else _MOST_DECIMALS
