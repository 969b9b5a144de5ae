"""Masses from concentration and flow, and a year's quota against them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Medium = Literal["water", "gas"]
_KILOGRAMS = {"water": 1e-3, "gas": 1e-6}  # g/m3 and mg/m3, times m3


@dataclass(frozen=True)
class Load:
    """What a time emitted.

    Parameters
    ----------
    mass : float [kg]
    flow : float [m3]
    measured, missing : int
        Periods that count, and periods without concentration or flow.
    """

    mass: float
    flow: float
    measured: int
    missing: int

    def mean(self, medium: Medium) -> float | None:
        """Mean concentration weighted by flow [mg/L or mg/m3]; None without flow."""
        return self.mass / (self.flow * _KILOGRAMS[medium]) if self.flow > 0 else None


@dataclass(frozen=True)
class Quota:
    """A year's emission against what the permit allows.

    Parameters
    ----------
    emitted, quota, left : float [t]
        ``left`` is below nought once the quota is exceeded.
    used, passed : float [%]
        Share of the quota used, and of the year passed.
    a_day : float [t]
        Mean of a day of late.
    by_year_end : float [t]
        What the year comes to at that rate.
    days_left : int or None
        Whole days after which the quota is used up; None if the rate is nought.
    used_up_on : datetime.date or None
        The last day the quota covers; None if that lies in a later year or never comes.
    """

    emitted: float
    quota: float
    left: float
    used: float
    passed: float
    a_day: float
    by_year_end: float
    days_left: int | None
    used_up_on: date | None


def mass_of(concentration: float, flow: float, medium: Medium) -> float:
    """Mass carried by a volume.

    Parameters
    ----------
    concentration : float
        In water [mg/L], in gas as measured, dry and at standard state [mg/m3].
    flow : float [m3]
    medium : {"water", "gas"}

    Returns
    -------
    float [kg]

    Examples
    --------
    >>> mass_of(50.0, 10_000.0, "water"), mass_of(35.0, 1_000_000.0, "gas")
    (500.0, 35.0)
    """
    return concentration * flow * _KILOGRAMS[medium]


def load_of(parts: Iterable[tuple[float | None, float | None]], medium: Medium) -> Load:
    """Add up periods of concentration and flow.

    Parameters
    ----------
    parts : iterable of (float or None, float or None)
        Concentration [mg/L or mg/m3] and volume [m3] of each period; None where it is not known.
    medium : {"water", "gas"}

    Returns
    -------
    Load
        Periods that lack one of the two are counted as missing and add nothing.
    """
    masses, flows, missing = [], [], 0
    for concentration, flow in parts:
        if flow is not None and flow == 0:
            masses.append(0.0)
            flows.append(0.0)
        elif concentration is None or flow is None:
            missing += 1
        else:
            masses.append(mass_of(concentration, flow, medium))
            flows.append(flow)
    return Load(math.fsum(masses), math.fsum(flows), len(masses), missing)


def quota_progress(quota: float, emitted: float, on: date, recent: Sequence[float] = ()) -> Quota:
    """Hold the emission of a year so far against the annual quota.

    Parameters
    ----------
    quota : float [t]
        Annual quota of the permit, above 0.
    emitted : float [t]
        From the first of January to the end of ``on``.
    on : datetime.date
        Last day counted.
    recent : sequence of float [t]
        Emission of the last days; the mean of the year so far stands in where it is empty.

    Returns
    -------
    Quota

    Raises
    ------
    ValueError
        The quota is not above nought, or something emitted is below it.

    Examples
    --------
    >>> found = quota_progress(36.5, 18.0, date(2026, 6, 29), [0.1] * 7)
    >>> found.left, found.days_left, found.used_up_on
    (18.5, 185, datetime.date(2026, 12, 31))
    """
    if not quota > 0 or emitted < 0 or any(one < 0 for one in recent):
        raise ValueError(f"found quota {quota} t and {emitted} t emitted, expected a quota above 0 and nothing below 0")
    passed, days = on.timetuple().tm_yday, date(on.year, 12, 31).timetuple().tm_yday
    a_day = math.fsum(recent) / len(recent) if recent else emitted / passed
    left = quota - emitted
    days_left = max(math.floor(left / a_day + 1e-9), 0) if a_day > 0 else None
    last = None
    if days_left is not None and left >= 0 and days_left <= days - passed:
        last = date.fromordinal(on.toordinal() + days_left)
    return Quota(
        emitted=emitted,
        quota=quota,
        left=left,
        used=emitted / quota * 100.0,
        passed=passed / days * 100.0,
        a_day=a_day,
        by_year_end=emitted + a_day * (days - passed),
        days_left=days_left,
        used_up_on=last,
    )
