"""Ordinary days: what every factor of a station does when nothing goes wrong.

A value is its level times (1 + a daily wave + slow wander + quick jitter). Every part depends on the seed, the channel
and the absolute time only. Bounds are known beforehand: no ordinary value leaves level × (1 ± (swing + wander +
jitter)).

A gas value that is judged at reference oxygen is made at reference oxygen; what the instrument measures follows from
it and the oxygen content, so that the two are consistent.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from qingyuan_science.series import Averaging
from qingyuan_science.standards import Limit, limits_for
from qingyuan_science.worlds.scene.channels import AMBIENT_AIR, FLOW, OXYGEN, Profile
from qingyuan_science.worlds.scene.stations import Station
from qingyuan_science.worlds.signals import noise
from qingyuan_science.worlds.signals.noise import Floats, Keys, Seconds

DAY = 86_400
HOUR = 3_600
CHINA = 8 * HOUR
_LOWEST_SHARE, _HIGHEST_SHARE = 0.38, 0.54
_OXYGEN_ABOVE_REFERENCE = 0.9
_AIR_OXYGEN = 21.0


_STRONG_SWING = 0.4


def binding_limits(station: Station, on: date) -> tuple[Limit | None, ...]:
    """Find the limit that an hour of each factor is held against.

    Parameters
    ----------
    station : Station
    on : datetime.date
        Day of the data.

    Returns
    -------
    tuple of Limit or None
        For each factor the limit of the main case for the shortest averaging time among hour, day and month; None where
        none binds.
    """
    return tuple(_binding_limit(station, factor, on) for factor in station.factors)


def _binding_limit(station: Station, factor: str, on: date) -> Limit | None:
    for applied in station.limits:
        for averaging in (Averaging.HOUR, Averaging.DAY, Averaging.MONTH):
            found = limits_for(factor, applied.standard, applied.level, averaging, on=on)
            if found:
                return found[0]
    return None


@dataclass(frozen=True, eq=False)
class Ordinary:
    """The ordinary behaviour of all factors of one station.

    Parameters
    ----------
    level : float array, shape (c,)
        Level of each factor; of a converted one at reference oxygen. [unit]
    swing, peak, wander, jitter : float array, shape (c,)
        As in `channels.Profile`.
    region, slow, quick : uint64 array, shape (c,)
        Noise keys; stations of ambient air share the first.
    reference_oxygen : float array, shape (c,)
        Reference oxygen content where the factor is converted, NaN elsewhere. [%]
    oxygen : int
        Place of oxygen among the factors, -1 where it is not measured.
    """

    level: Floats
    swing: Floats
    peak: Floats
    wander: Floats
    jitter: Floats
    region: Keys
    slow: Keys
    quick: Keys
    reference_oxygen: Floats
    oxygen: int

    def values(self, seconds: Seconds) -> Floats:
        """Give the ordinary values.

        Parameters
        ----------
        seconds : int64 array, shape (n,)
            Times since 1970-01-01 UTC. [s]

        Returns
        -------
        float array, shape (c, n)
            Converted factors at reference oxygen, the others as measured. [unit]
        """
        hour = ((seconds + CHINA) % DAY) / HOUR
        wave = np.cos(2 * np.pi * (hour[None, :] - self.peak[:, None]) / 24)
        wander = 0.6 * noise.smooth(self.region, seconds, 26 * HOUR) + 0.4 * noise.smooth(self.slow, seconds, 5 * HOUR)
        jitter = 0.6 * noise.smooth(self.quick, seconds, 600) + 0.4 * noise.uniform(
            self.quick[:, None], seconds[None, :]
        )
        share = self.swing[:, None] * wave + self.wander[:, None] * wander + self.jitter[:, None] * jitter
        return np.asarray(self.level[:, None] * (1 + share))

    def lifted_from(self, row: int) -> float:
        """Tell from which level an episode lifts a factor.

        Parameters
        ----------
        row : int
            Place of the factor.

        Returns
        -------
        float
            Its level; with a strong daily wave, as of ozone, the top of the wave. [unit]
        """
        swing = float(self.swing[row])
        return float(self.level[row]) * (1 + (swing if swing > _STRONG_SWING else 0.0))

    def as_measured(self, values: Floats) -> Floats:
        """Bring converted factors back to the oxygen content of the flue gas.

        Parameters
        ----------
        values : float array, shape (c, n)
            Converted factors at reference oxygen, the others as measured. [unit]

        Returns
        -------
        float array, shape (c, n)
            All factors as measured. [unit]

        Source
        ------
        HJ 212-2017, annex D, conversion by oxygen content: converted = measured × (21 - reference) / (21 - oxygen).
        """
        if self.oxygen < 0:
            return values
        dilution = (_AIR_OXYGEN - values[self.oxygen]) / (_AIR_OXYGEN - self.reference_oxygen[:, None])
        return np.where(np.isnan(dilution), values, values * dilution)


def ordinary(station: Station, seed: int, limits: tuple[Limit | None, ...]) -> Ordinary:
    """Work out how a station behaves in the world of a seed.

    Parameters
    ----------
    station : Station
    seed : int
    limits : tuple of Limit or None
        What binds each factor of the station.

    Returns
    -------
    Ordinary
    """
    profiles = station.profiles
    reference = [
        limit.reference_oxygen if limit is not None and entry.converted else None
        for entry, limit in zip(profiles, limits, strict=True)
    ]
    reference_oxygen = np.array([np.nan if oxygen is None else oxygen for oxygen in reference])
    levels = [_level(station, entry, limit, seed) for entry, limit in zip(profiles, limits, strict=True)]
    oxygen = station.factors.index(OXYGEN) if OXYGEN in station.factors else -1
    if oxygen >= 0 and not np.isnan(reference_oxygen).all():
        levels[oxygen] = float(np.nanmax(reference_oxygen)) + _OXYGEN_ABOVE_REFERENCE
    place = "air" if station.kind == AMBIENT_AIR else station.code

    def keys(part: str, where: str) -> Keys:
        return np.array([noise.key(seed, where, _noise_of(entry, part), part) for entry in profiles], np.uint64)

    return Ordinary(
        level=np.array(levels),
        swing=np.array([entry.swing for entry in profiles]),
        peak=np.array([entry.peak for entry in profiles], float),
        wander=np.array([entry.wander for entry in profiles]),
        jitter=np.array([entry.jitter for entry in profiles]),
        region=keys("region", place),
        slow=keys("slow", station.code),
        quick=keys("quick", station.code),
        reference_oxygen=reference_oxygen,
        oxygen=oxygen,
    )


def _noise_of(entry: Profile, part: str) -> str:
    """Whose noise moves a factor: quickly its own, slowly that of the factor with which it moves."""
    return entry.factor if part == "quick" else entry.moves_with or entry.factor


def _level(station: Station, entry: Profile, limit: Limit | None, seed: int) -> float:
    draw = noise.fraction(seed, station.code, entry.factor, "level")
    if entry.scales_with_limit and limit is not None and limit.high is not None:
        return limit.high * (_LOWEST_SHARE + (_HIGHEST_SHARE - _LOWEST_SHARE) * draw)
    size = station.flow_scale if entry.factor == FLOW.get(station.kind) else 1.0
    spread = 0.16 if entry.scales_with_limit or size != 1.0 else 0.04
    return entry.level * size * (1 + spread * (2 * draw - 1))
