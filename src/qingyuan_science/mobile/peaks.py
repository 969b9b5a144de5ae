"""Places along a drive where more was measured than around them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.mobile.background import PERCENTILE, WINDOW_S, background
from qingyuan_science.mobile.placed import Placed
from qingyuan_science.mobile.track import Floats
from qingyuan_science.series import SECOND

TIMES, SHARE, JOIN_S, LEAST = 5.0, 0.25, 20.0, 3
_NORMAL = 1.4826  # a median absolute deviation as a standard deviation, where values are spread normally


@dataclass(frozen=True)
class Peak:
    """A stretch of a drive above its background.

    Parameters
    ----------
    first, last, top : int
        Its first and last reading, and the one that is farthest above the background.
    at : int
        When the top was measured. [µs since 1970 UTC]
    lon, lat : float
        Where its air was drawn in. [degree]
    value, background, excess : float
        At the top. [unit]
    metres : float
        From its first to its last reading along the way. [m]
    seconds : float
        The same in time. [s]
    load : float
        Excess summed up along the way. [unit · m]
    """

    first: int
    last: int
    top: int
    at: int
    lon: float
    lat: float
    value: float
    background: float
    excess: float
    metres: float
    seconds: float
    load: float


@dataclass(frozen=True, eq=False)
class Peaks:
    """What stood out, the highest above its background first; with the background and the least that stands out."""

    found: tuple[Peak, ...]
    background: Floats
    least: Floats


def peaks(
    drive: Placed,
    *,
    window: float = WINDOW_S,
    percentile: float = PERCENTILE,
    times: float = TIMES,
    share: float = SHARE,
    join: float = JOIN_S,
) -> Peaks:
    """Find the stretches of a drive that stand out above its background.

    Parameters
    ----------
    drive : Placed
    window : float
        Of the background. [s]
    percentile : float
        Of the background. [%]
    times : float
        A reading stands out if it is so many times the noise above the background. [1]
    share : float
        And so large a share of the background. [1]
    join : float
        Stretches that are not farther apart are one. [s]

    Returns
    -------
    Peaks

    Notes
    -----
    The noise is the median absolute deviation of the excess over the drive, times 1.4826. A stretch has at least three
    readings that stand out. Thresholds are our own choice; nothing here says where a plume comes from.

    Examples
    --------
    >>> value = np.tile([20.0, 21.0], 300)
    >>> value[300:320] = 120.0
    >>> way = np.arange(600) * 10.0
    >>> drive = Placed(np.arange(600) * SECOND, value, 106.0 + way / 97000, np.full(600, 29.0), way, "µg/m3")
    >>> [(one.value, one.excess, one.metres) for one in peaks(drive).found]
    [(120.0, 100.0, 190.0)]
    """
    if not len(drive):
        return Peaks((), np.zeros(0), np.zeros(0))
    level = background(drive.at, drive.value, window, percentile)
    excess = drive.value - level
    usual = float(np.median(excess))
    noise = _NORMAL * float(np.median(np.abs(excess - usual)))
    least = np.maximum(usual + times * noise, share * np.abs(level))
    out = np.flatnonzero((excess > least) & (excess > 0.0))
    runs = np.split(out, np.flatnonzero(np.diff(drive.at[out]) > join * SECOND) + 1)
    found = [_peak(drive, run, level, excess) for run in runs if run.size >= LEAST]
    return Peaks(tuple(sorted(found, key=lambda one: -one.excess)), level, level + least)


def _peak(drive: Placed, run: NDArray[np.intp], level: Floats, excess: Floats) -> Peak:
    first, last = int(run[0]), int(run[-1])
    top = int(run[np.argmax(excess[run])])
    part = slice(first, last + 1)
    return Peak(
        first, last, top, int(drive.at[top]), float(drive.lon[top]), float(drive.lat[top]), float(drive.value[top]),
        float(level[top]), float(excess[top]), float(drive.along[last] - drive.along[first]),
        float(drive.at[last] - drive.at[first]) / SECOND, float((excess[part] * drive.metres[part]).sum()),
    )  # fmt: skip
