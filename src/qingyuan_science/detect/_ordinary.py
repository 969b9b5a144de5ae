"""Ordinary days for worked examples: the same figures on every machine, without a table of thousands of values."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect import WorkedExample
from qingyuan_science.plugins import Text
from qingyuan_science.series import Series

Around = Callable[[Series], dict[str, Any]]
WORKS = Text("城东污水处理厂总排口", "the main outlet of the East Sewage Works")
STACK = Text("热电厂 1 号排口", "stack 1 of the power station")
_STEPS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def hourly(
    given: Text,
    expected: tuple[Text, ...],
    values: tuple[float, ...],
    around: Around | None = None,
    *,
    factor: str = "w01018",
    place: Text = WORKS,
    marks: str = "",
    limits: tuple[str, str] = ("", ""),
) -> WorkedExample:
    """Make a worked example of hourly values from midnight of 2026-11-22 in China.

    Parameters
    ----------
    given, expected : Text, tuple[Text, ...]
        The situation, and the sentence of each finding.
    values : tuple[float, ...]
        The values [unit of the factor].
    around : Callable or None
        Makes the further fields of the context.
    factor, place : str, Text
        What is measured, and where.
    marks : str
        One letter a value; all valid if left out.
    limits : tuple[str, str]
        Standard and level of the limits, if the example needs any.

    Returns
    -------
    WorkedExample
        The example.
    """
    standard, level = limits
    start = "2026-11-22T00:00:00+08:00"
    return WorkedExample(given, expected, place, factor, standard, level, "hour", start, values, marks, None, around)


def ordinary(count: int, mean: float, spread: float, *, seed: int = 1, decimals: int = 2) -> tuple[float, ...]:
    """Make values that move about a mean, with a daily course and some memory.

    Parameters
    ----------
    count : int
        How many hourly values.
    mean, spread : float
        Mean, and about the standard deviation.
    seed : int
        Which values of all that could be.
    decimals : int
        Decimals of each value.

    Returns
    -------
    tuple[float, ...]
        The values.
    """
    noise = sum(_uniform(np.arange(count), seed * 4 + part) for part in range(4)) * np.sqrt(3.0) - 2.0 * np.sqrt(3.0)
    moved = np.convolve(noise, [0.6, 0.4, 0.25, 0.15])[:count]
    course = 0.5 * np.cos(2.0 * np.pi * (np.arange(count) % 24 - 14) / 24.0)
    return tuple(float(value) for value in np.round(mean + spread * (moved + course), decimals))


def before(series: Series, days: int, mean: float, spread: float, *, seed: int = 1, decimals: int = 2) -> Series:
    """Make hourly ordinary values that end where a series begins.

    Parameters
    ----------
    series : Series
        The series that follows.
    days : int
        For how many days [d].
    mean, spread : float
        Mean, and about the standard deviation [unit of the series].
    seed : int
        Which values.
    decimals : int
        Decimals of each value.

    Returns
    -------
    Series
        A baseline for the series.
    """
    return covering(series, days, ordinary(days * 24, mean, spread, seed=seed, decimals=decimals))


def covering(series: Series, days: int, values: tuple[float, ...], unit: str = "") -> Series:
    """Lay hourly values from some days before a series onwards.

    Parameters
    ----------
    series : Series
        The series whose first time counts.
    days : int
        How many days before it the values begin [d].
    values : tuple[float, ...]
        The values [unit].
    unit : str
        Their unit; that of the series if left out.

    Returns
    -------
    Series
        The values, each an hour after the one before.
    """
    hour = 3_600_000_000
    at = series.at[0] - days * 24 * hour + np.arange(len(values), dtype=np.int64) * hour
    return Series(at, np.array(values), np.full(len(values), "N"), unit or series.unit, 3600.0)


def _uniform(index: NDArray[np.int64], stream: int) -> NDArray[np.float64]:
    mixed = (index.astype(np.uint64) + np.uint64(1)) * _STEPS[0] + np.full(index.shape, stream, np.uint64) * _STEPS[1]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _STEPS[1]
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _STEPS[2]
    return np.asarray((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0**-53
