"""From where the wind came while it was above the ordinary, and how far it ran."""

from dataclasses import dataclass

import numpy as np

from qingyuan_science.series import Series
from qingyuan_science.trace import Seen
from qingyuan_science.trace._passing import HOUR, Floats, above_usual, on_hours

_DAY = 24  # h


@dataclass(frozen=True)
class Wind:
    """The wind in the hours of a rise in which it blew, with how much each counts.

    Parameters
    ----------
    bearing : ndarray of float64, shape (n,)
        Where it came from. [° from north, clockwise]
    speed : ndarray of float64, shape (n,) [m/s]
    weight : ndarray of float64, shape (n,)
        Share of each hour in what was above the ordinary; of the hours without wind the rest. [1]
    hours : int
        Of the rise, with and without wind. [h]
    """

    bearing: Floats
    speed: Floats
    weight: Floats
    hours: int

    @property
    def mean(self) -> tuple[float, float]:
        """From where it came in the mean [°], and how fast it was [m/s]."""
        turned = np.deg2rad(self.bearing)
        east, north = (self.weight * np.sin(turned)).sum(), (self.weight * np.cos(turned)).sum()
        return float(np.rad2deg(np.arctan2(east, north)) % 360.0), float(np.mean(self.speed))


def wind_of(seen: Seen, days: int, calm: float) -> Wind:
    """Return the wind during a rise.

    Parameters
    ----------
    seen : Seen
    days : int
        How many days before tell what is ordinary. [d]
    calm : float
        Below which speed its direction says nothing. [m/s]

    Returns
    -------
    Wind
        Without any hour where no wind is known.
    """
    first, after = int(seen.start // HOUR), int(-(-seen.end // HOUR))
    usual, hours = days * _DAY, max(after - first, 1)
    excess = above_usual(on_hours(seen.series, first - usual, usual + hours), usual)[usual:]
    weight = np.maximum(np.nan_to_num(excess), 0.0)
    weight = weight / weight.sum() if weight.any() else np.full(hours, 1.0 / hours)
    bearing, speed = (_hours(one, first, hours) for one in (seen.wind_from, seen.wind_speed))
    blew = np.isfinite(bearing) & (speed >= calm) & (weight > 0.0)
    return Wind(bearing[blew], speed[blew], weight[blew], hours)


def _hours(series: Series | None, first: int, count: int) -> Floats:
    return np.full(count, np.nan) if series is None else on_hours(series, first, count)


def alignment(wind: Wind, bearing: float, width: float, light: float) -> float:
    """Return how much more probable the wind of a rise is if it came from a bearing than if from anywhere.

    Parameters
    ----------
    wind : Wind
    bearing : float
        Of the source. [° from north, clockwise]
    width : float
        How far the bearing of a source and the wind that brings its air are apart, as a standard deviation. [°]
    light : float
        Below which speed that grows, in inverse proportion to it. [m/s]

    Returns
    -------
    float
        Mean over the hours, each counted by its share in the rise; one where it says nothing. [1]

    Source
    ------
    Mardia & Jupp 2000, Directional Statistics, 3.5.4: von Mises distribution, beside the uniform one.
    """
    spread = np.deg2rad(width * np.maximum(light / np.maximum(wind.speed, 1e-9), 1.0))
    kappa = 1.0 / spread**2
    apart = np.deg2rad(wind.bearing - bearing)
    ratio = np.exp(kappa * np.cos(apart)) / np.i0(kappa)
    return float((wind.weight * ratio).sum() + 1.0 - wind.weight.sum())
