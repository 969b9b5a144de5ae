"""Half levels of the index, points for forecasts, and widths of ranges, where a paper or a package lays them down."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan_science.plugins import Source
from qingyuan_science.standards.sourced import SourcedTable, source_of, tables_of

Values = NDArray[np.float64]
_FILE = "air/scoring"
_NOISE = 9  # decimals behind which a difference of two indices is binary noise


def half_levels(aqi: ArrayLike) -> Values:
    """Half level of the index, from 1 to 12.

    Parameters
    ----------
    aqi : float array of any shape [1]

    Returns
    -------
    ndarray [1]
        NaN where the index is NaN.

    Source
    ------
    王晓彦等, 环境科学 2022, 43(7): six levels cut into twelve; that each is cut in the middle was not checked.

    Examples
    --------
    >>> half_levels([25, 26, 100, 101, 300, 500]).tolist()
    [1.0, 2.0, 4.0, 5.0, 10.0, 12.0]
    """
    values = np.asarray(aqi, dtype=np.float64)
    tops = np.array([row["to"] for row in _table("half_levels").rows[:-1]], dtype=np.float64)
    return np.where(np.isnan(values), np.nan, np.searchsorted(tops, values, side="left") + 1.0)


def half_levels_off(observed: ArrayLike, forecast: ArrayLike) -> tuple[Values, int]:
    """Say by how many half levels forecasts lay above what came, and how many still count as right.

    Parameters
    ----------
    observed, forecast : float arrays of one shape [1]

    Returns
    -------
    tuple of ndarray and int [half levels]
        Below nought for a forecast too low, NaN where an index is NaN; and the tolerance.
    """
    return half_levels(forecast) - half_levels(observed), int(_table("half_levels").more["right_within"])


def level_points(off: ArrayLike) -> Values:
    """Points of forecasts by how many levels they were off.

    Parameters
    ----------
    off : float array of any shape [levels]

    Returns
    -------
    ndarray [points]
        From 0 to 100, NaN where the difference is NaN.

    Examples
    --------
    >>> level_points([0, -1, 2, 3]).tolist()
    [100.0, 50.0, 25.0, 0.0]
    """
    return _points(off, "level_points")


def value_points(off: ArrayLike) -> Values:
    """Points of forecasts by how much their AQI was off.

    Parameters
    ----------
    off : float array of any shape [1]

    Returns
    -------
    ndarray [points]
        From 0 to 100, NaN where the difference is NaN.

    Examples
    --------
    >>> value_points([25, -26, 100, 150, 151]).tolist()
    [100.0, 80.0, 60.0, 30.0, 0.0]
    """
    return _points(off, "value_points")


def short_range(points: Mapping[int, float]) -> float | None:
    """Make the points of one, two and three days ahead one.

    Parameters
    ----------
    points : mapping of int to float
        Points by lead. [d: points]

    Returns
    -------
    float or None
        None where one of the leads is missing. [points]

    Examples
    --------
    >>> short_range({1: 100.0, 2: 50.0, 3: 0.0})
    65.0
    """
    rows = _table("short_range").rows
    if any(row["lead"] not in points for row in rows):
        return None
    return float(sum(float(row["weight"]) * points[row["lead"]] for row in rows))


def half_width(forecast: ArrayLike) -> Values:
    """Half width of the range around a forecast AQI.

    Parameters
    ----------
    forecast : float array of any shape [1]

    Returns
    -------
    ndarray [1]
        NaN where the index is NaN.

    Source
    ------
    Practice of forecasting offices, not checked against a text.

    Examples
    --------
    >>> half_width([100, 101, 150, 151]).tolist()
    [15.0, 25.0, 25.0, 30.0]
    """
    return _by_greatest(forecast, "widths", ("to", "half"))


def scoring_sources() -> dict[str, Source]:
    """Name where each rule stands.

    Returns
    -------
    dict of Source
        By ``half_levels``, ``level_points``, ``value_points``, ``short_range`` and ``widths``. They hold for forecasts
        of any day.
    """
    names = ("half_levels", "level_points", "value_points", "short_range", "widths")
    return {name: source_of(one.document, one.clause, one.status) for name in names if (one := _table(name))}


def _points(off: ArrayLike, holds: str) -> Values:
    return _by_greatest(np.round(np.abs(np.asarray(off, dtype=np.float64)), _NOISE), holds, ("off", "points"))


def _by_greatest(values: ArrayLike, holds: str, names: tuple[str, str]) -> Values:
    """What the first row says whose greatest value is not passed."""
    edge, figure = names
    found, rows = np.asarray(values, dtype=np.float64), _table(holds).rows
    tops = np.array([row[edge] for row in rows[:-1]], dtype=np.float64)
    figures = np.array([row[figure] for row in rows], dtype=np.float64)
    place = np.searchsorted(tops, np.where(np.isnan(found), 0.0, found), side="left")
    return np.where(np.isnan(found), np.nan, figures[place])


def _table(holds: str) -> SourcedTable:
    (table,) = tables_of(_FILE, holds)
    return table
