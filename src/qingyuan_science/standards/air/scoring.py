"""How good forecasts of the index were, by each of the rules that offices print."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan_science.standards.air.editions import AirEdition
from qingyuan_science.standards.air.index import levels
from qingyuan_science.standards.air.points import half_levels_off, level_points, value_points
from qingyuan_science.standards.rounding import round_half_even

Values = NDArray[np.float64]
POLLUTED_ABOVE = 100


@dataclass(frozen=True)
class Score:
    """Shares of forecasts that were right, each by its rule. [%]

    Parameters
    ----------
    forecasts : int
        Pairs of a forecast and an observation.
    strict_level : float
        The level of the forecast value is the observed one.
    spanning_level : float
        The observed level is among those that the published range touches.
    within : float
        The observed AQI lies within the tolerance around the forecast value.
    in_range : float
        The observed AQI lies in the published range.
    hit_rate, false_alarm_ratio : float
        Of the days above 100, those forecast above 100 (POD); of the days forecast above 100, those that were not
        (FAR). NaN without such days.
    half_level, half_level_high, half_level_low : float
        The half level of the forecast value is the observed one or as near as the method allows; it is further above,
        further below.
    level_points, value_points : float [points]
        Mean points for the level and for the error of the AQI, by the weather service.
    """

    forecasts: int
    strict_level: float
    spanning_level: float
    within: float
    in_range: float
    hit_rate: float
    false_alarm_ratio: float
    half_level: float
    half_level_high: float
    half_level_low: float
    level_points: float
    value_points: float


def score(
    observed: ArrayLike,
    forecast: ArrayLike,
    published: tuple[ArrayLike, ArrayLike],
    edition: AirEdition,
    *,
    tolerance: float = 20.0,
) -> Score:
    """Score forecasts of the daily index.

    Parameters
    ----------
    observed, forecast : float arrays, shape (n,) [1]
        AQI; a pair with NaN is left out.
    published : tuple of float arrays, shape (n,) [1]
        Least and greatest AQI of the published range; NaN where none was published, which then is the forecast value
        itself.
    edition : AirEdition
        Whose levels apply.
    tolerance : float [1]
        Distance that still counts as right.

    Returns
    -------
    Score

    Source
    ------
    Accuracies of level and range as published by forecasting offices (Guangzhou 2016); DB32/T 4678-2024 defines its
    own, which was not at hand. POD and FAR: WMO verification practice. Half levels and points: see
    `qingyuan_science.standards.air.points`.
    """
    seen, said = (np.asarray(one, dtype=np.float64) for one in (observed, forecast))
    low, high = (np.asarray(one, dtype=np.float64) for one in published)
    low, high = np.where(np.isnan(low), said, low), np.where(np.isnan(high), said, high)
    known = ~np.isnan(seen) & ~np.isnan(said)
    seen, said, low, high = seen[known], said[known], low[known], high[known]
    was, level = levels(seen, edition), levels(said, edition)
    touches = (levels(low, edition) <= was) & (was <= levels(high, edition))
    off, allowed = half_levels_off(seen, said)
    polluted, warned = seen > POLLUTED_ABOVE, said > POLLUTED_ABOVE
    return Score(
        forecasts=int(seen.size),
        strict_level=_share(level == was),
        spanning_level=_share(touches),
        within=_share(np.abs(said - seen) <= tolerance),
        in_range=_share((low <= seen) & (seen <= high)),
        hit_rate=_share(warned[polluted]),
        false_alarm_ratio=_share(~polluted[warned]),
        half_level=_share(np.abs(off) <= allowed),
        half_level_high=_share(off > allowed),
        half_level_low=_share(off < -allowed),
        level_points=_mean(level_points(level - was)),
        value_points=_mean(value_points(said - seen)),
    )


def _share(right: NDArray[np.bool_]) -> float:
    return round_half_even(float(right.mean()) * 100.0, 1) if right.size else float("nan")


def _mean(points: Values) -> float:
    return round_half_even(float(points.mean()), 1) if points.size else float("nan")
