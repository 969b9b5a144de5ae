"""Dust of earthwork: on some days a building site dusts for a few hours, and once when the world first starts.

No limit binds dust at a site; what a bureau wants to be alarmed of, it sets for itself (`worlds.papers`).
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from qingyuan_science.worlds.scene.stations import Station
from qingyuan_science.worlds.signals import noise
from qingyuan_science.worlds.signals.ordinary import CHINA, DAY, HOUR
from qingyuan_science.worlds.signals.truth import Episode, Exposure

RISES = {"a34002": 260.0, "a34001": 420.0}  # what digging adds at its height [µg/m3]; invented
_RAMP = 600
_BEFORE, _AFTER = 9_000, 6_000  # of the first start [s]
_SHARE_OF_DAYS = 0.6
_FIRST_HOUR, _HOURS = 9, 6  # within which it begins


def exposures(seed: int, epoch: datetime, station: Station, span: tuple[datetime, datetime]) -> Iterator[Exposure]:
    """List what earthwork adds at a building site in a span.

    Parameters
    ----------
    seed : int
    epoch : datetime
        First start of the world.
    station : Station
    span : (datetime, datetime)
        Aware.

    Yields
    ------
    Exposure
        Not in order.
    """
    start, end = span
    opening = (int(epoch.timestamp()) - _BEFORE, int(epoch.timestamp()) + _AFTER)
    first, last = (int((at.timestamp() + CHINA) // DAY) for at in span)
    found = [opening, *(one for day in range(first, last + 1) if (one := _of_day(seed, station, day, opening)))]
    factors = tuple(one for one in RISES if one in station.factors)
    for begins, ends in ((datetime.fromtimestamp(at, UTC) for at in one) for one in found):
        if begins < end and ends > start:
            episode = Episode(begins, ends, None, station.code, factors, 3.0, "earthwork")
            for factor in factors:
                yield Exposure(station.code, factor, begins, ends, _RAMP, RISES[factor], episode)


def _of_day(seed: int, station: Station, day: int, opening: tuple[int, int]) -> tuple[int, int] | None:
    """When a site dusts on a day; None where it does not, or would blur what it does when the world starts."""
    if noise.fraction(seed, "earthwork", station.code, day) >= _SHARE_OF_DAYS:
        return None
    hour = _FIRST_HOUR + noise.choose(_HOURS, seed, "earthwork hour", station.code, day)
    begins = day * DAY - CHINA + hour * HOUR
    ends = begins + HOUR * (1 + noise.choose(3, seed, "earthwork length", station.code, day)) + HOUR // 2
    return None if begins < opening[1] + DAY // 4 and ends > opening[0] - DAY // 4 else (begins, ends)
