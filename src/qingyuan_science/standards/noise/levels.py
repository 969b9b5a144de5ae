"""Levels of noise: energy means, levels exceeded part of the time, levels of day and night."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from qingyuan_science.plugins import Source
from qingyuan_science.standards.errors import OutsideRule
from qingyuan_science.standards.sourced import tables_of


def energy_mean(levels: Sequence[float], durations: Sequence[float] | None = None) -> float:
    """Equivalent level of several levels.

    Parameters
    ----------
    levels : sequence of float [dB]
    durations : sequence of float, optional
        How long each lasts; all alike if left out. [any unit of time]

    Returns
    -------
    float [dB]
        10 lg of the mean of 10^(L/10).

    Raises
    ------
    OutsideRule
        No level, or durations that do not belong to them.

    Examples
    --------
    >>> round(energy_mean([60.0, 60.0]), 9), round(energy_mean([60.0, 70.0]), 2)
    (60.0, 67.4)
    """
    weights = [1.0] * len(levels) if durations is None else list(durations)
    if not levels or len(weights) != len(levels) or any(one <= 0 for one in weights):
        raise OutsideRule(f"levels: found {len(levels)} with durations {weights}, expected one above 0 for each")
    top = max(levels)  # taken out, so that no power overflows
    energy = math.fsum(weight * 10 ** ((level - top) / 10) for level, weight in zip(levels, weights, strict=True))
    return top + 10 * math.log10(energy / math.fsum(weights))


def level_exceeded(levels: Sequence[float], share: float) -> float:
    """Level that a share of the samples exceeds: L10, L50, L90.

    Parameters
    ----------
    levels : sequence of float [dB]
        Samples at equal steps.
    share : float [%]
        Part of the time, between 0 and 100.

    Returns
    -------
    float [dB]
        Interpolated between samples.

    Raises
    ------
    OutsideRule
        No sample, or a share outside 0 to 100.
    """
    if not levels or not 0 <= share <= 100:
        raise OutsideRule(f"found {len(levels)} samples and {share} %, expected samples and 0 to 100 %")
    return float(np.percentile(np.asarray(levels, dtype=np.float64), 100.0 - share))


def day_night_levels(hourly: Mapping[int, float]) -> tuple[float | None, float | None, float | None, Source]:
    """Levels of day, night, and both, from hourly levels of one day.

    Parameters
    ----------
    hourly : mapping of int to float
        Level of the hour that begins at 0 to 23. [dB]

    Returns
    -------
    tuple of float or None, float or None, float or None and Source
        Ld of 06 to 22, Ln of 22 to 06, Ldn with 10 dB more at night [dB]. Ld and Ln are None where one of their hours
        is missing, Ldn where one of them is.

    Raises
    ------
    OutsideRule
        An hour is not one of 0 to 23.

    Examples
    --------
    >>> day, night, both, _ = day_night_levels({hour: 60.0 if 6 <= hour < 22 else 50.0 for hour in range(24)})
    >>> round(day, 6), round(night, 6), round(both, 6)
    (60.0, 50.0, 60.0)
    """
    strange = [hour for hour in hourly if hour not in range(24)]
    if strange:
        raise OutsideRule(f"hours: found {strange}, expected 0 to 23")
    (table,) = tables_of("noise/rules", "levels")
    means, weighted, hours = [], [], []
    for row in table.rows:
        needed = [(row["from_hour"] + step) % 24 for step in range(row["hours"])]
        complete = all(hour in hourly for hour in needed)
        means.append(energy_mean([hourly[hour] for hour in needed]) if complete else None)
        if means[-1] is not None:
            weighted.append(means[-1] + row["penalty"])
            hours.append(float(row["hours"]))
    day, night = means
    both = energy_mean(weighted, hours) if len(hours) == len(table.rows) else None
    return day, night, both, table.source
