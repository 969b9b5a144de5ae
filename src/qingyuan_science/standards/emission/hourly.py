"""Emission hour by hour: what is known of each hour of concentration and flow, and the mass that they make."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.series import SECOND, Mark, Series, microseconds
from qingyuan_science.standards.emission.loads import Medium, mass_of

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
HOUR = 3600 * SECOND


@dataclass(frozen=True)
class Hours:
    """What is known of the hours of a time.

    Parameters
    ----------
    values : ndarray, shape (n,) [unit]
        NaN where no value is valid.
    stopped : ndarray of bool, shape (n,)
        Hours without a valid value that are marked as standing still.
    came : ndarray of bool, shape (n,)
        Hours of which anything came.
    """

    values: Values
    stopped: Flags
    came: Flags


def hours_of(several: Sequence[Series], start: datetime, count: int, scale: float = 1.0) -> Hours:
    """Lay hour means of one channel over each other.

    Parameters
    ----------
    several : sequence of Series
        The best last: where it is valid, it stands over those before.
    start : datetime
        Start of the first hour.
    count : int
        How many hours; means outside them are left out.
    scale : float
        What the values are multiplied by, to come into the wanted unit.

    Returns
    -------
    Hours

    Examples
    --------
    >>> from datetime import UTC
    >>> start = datetime(2026, 1, 1, tzinfo=UTC)
    >>> found = hours_of([Series.starting(start, [1.0, 2.0, 3.0], "NFD", unit="m3/h", step=3600)], start, 4)
    >>> found.values.tolist(), found.stopped.tolist()
    ([1.0, nan, nan, nan], [False, True, False, False])
    """
    values, stopped, came = np.full(count, np.nan), np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    for series in several:
        places = (series.at - microseconds(start)) // HOUR
        inside = (places >= 0) & (places < count)
        valid = inside & series.valid & np.isfinite(series.value)
        values[places[valid]] = series.value[valid] * scale
        stopped[places[inside & (series.mark == Mark.STOPPED.value)]] = True
        came[places[inside]] = True
    return Hours(values, stopped & np.isnan(values), came)


def carried(content: Hours, flow: Hours, medium: Medium) -> Hours:
    """The mass that each hour carried.

    Parameters
    ----------
    content : Hours
        Concentration [mg/L or mg/m3].
    flow : Hours [m3/h]
    medium : {"water", "gas"}

    Returns
    -------
    Hours [kg]
        Not known where one of the two is not; nought where nothing flowed.
    """
    mass = np.where(flow.values == 0, 0.0, content.values * flow.values) * mass_of(1.0, 1.0, medium)
    return Hours(mass, (content.stopped | flow.stopped) & np.isnan(mass), content.came | flow.came)
