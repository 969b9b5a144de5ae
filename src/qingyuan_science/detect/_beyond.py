"""Stretches of valid values beyond limits: what is found there, whoever set the limits."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect import Calm, Context, Finding, Severity
from qingyuan_science.detect._limits import in_force, kept
from qingyuan_science.detect._wording import Stretch
from qingyuan_science.plugins import Text
from qingyuan_science.series import SECOND, Averaging, Series, local_days
from qingyuan_science.standards import Limit


class Judged(NamedTuple):
    """Each value of a series against the limit that it breaks most."""

    printed: tuple[Limit, ...]
    limits: tuple[Limit, ...]  # the same, in the unit of the series
    valid: NDArray[np.bool_]
    newest: int  # position of the last valid value
    beyond: NDArray[np.bool_]
    times: NDArray[np.float64]
    which: NDArray[np.intp]


@dataclass(frozen=True)
class Run:
    """A stretch of values beyond limits.

    Parameters
    ----------
    start, end : int
        Start of its first value and end of its last one [µs].
    peak : float
        The value furthest beyond [unit of the series].
    times : float
        How far that is, as a multiple of its limit [1].
    which : int
        Position of that limit.
    valid : ndarray of int
        Positions of the valid values in it.
    ongoing : bool
        Whether coming values may lengthen it.
    stretch : Stretch
        The time that a sentence speaks of.
    """

    start: int
    end: int
    peak: float
    times: float
    which: int
    valid: NDArray[np.intp]
    ongoing: bool
    stretch: Stretch


def judge(series: Series, printed: tuple[Limit, ...], *, rounded: bool) -> Judged:
    """Hold each value of a series against limits.

    Parameters
    ----------
    series : Series
        The values.
    printed : tuple[Limit, ...]
        The limits, one at least, in any unit that converts to that of the series.
    rounded : bool
        Whether values are rounded before they are compared.

    Returns
    -------
    Judged

    Raises
    ------
    qingyuan_science.units.IncompatibleUnits
        A limit cannot be expressed in the unit of the series.
    """
    limits = tuple(limit.in_unit(series.unit) for limit in printed)
    days, valid = local_days(series.at), series.valid
    times = np.full((len(limits), len(series)), -np.inf)
    for row, limit in zip(times, limits, strict=True):
        counts = valid & in_force(limit, days) & limit.exceeded(series.value, rounded=rounded)
        row[counts] = limit.times_over(series.value[counts])
    most = times.max(axis=0)
    newest = int(np.flatnonzero(valid)[-1]) if valid.any() else -1
    return Judged(printed, limits, valid, newest, np.isfinite(most), most, times.argmax(axis=0))


def beyond(series: Series, judged: Judged, kind: str, *, least: int, gap: int) -> Iterator[Run]:
    """Find the stretches of values beyond the limits.

    Parameters
    ----------
    series : Series
    judged : Judged
    kind : str
        An `Averaging`: over which time the values are taken.
    least : int
        Values in a row that must be beyond [periods].
    gap : int
        Longest interruption that is bridged [periods].

    Yields
    ------
    Run
        Earliest first.
    """
    period = _period(series, kind)
    positions = np.flatnonzero(judged.beyond)
    steps = np.rint(np.diff(series.at[positions]) / period).astype(np.int64)
    for group in np.split(positions, np.flatnonzero(steps > gap + 1) + 1):
        if group.size and _longest_run(series, group, period) >= least:
            yield _run(series, judged, group, period=period, gap=gap)


def _run(series: Series, judged: Judged, group: NDArray[np.intp], *, period: int, gap: int) -> Run:
    first, last = int(group[0]), int(group[-1])
    start, end = int(series.at[first]), int(series.at[last]) + period
    worst = int(group[judged.times[group].argmax()])
    ongoing = bool(np.rint((series.at[-1] - series.at[last]) / period) <= gap)
    lasting = ongoing and judged.newest == last
    return Run(
        start=start,
        end=end,
        peak=float(series.value[worst]),
        times=float(judged.times[worst]),
        which=int(judged.which[worst]),
        valid=np.flatnonzero(judged.valid[first : last + 1]) + first,
        ongoing=ongoing,
        stretch=Stretch(start, end - start, group.size * period, int(group.size), lasting),
    )


def beyond_finding(
    code: str,
    series: Series,
    context: Context,
    run: Run,
    *,
    printed: Limit,
    severity: Severity,
    sentence: Text,
    clause: Text,
    title: Text | None = None,
) -> Finding:
    """Make the finding of a stretch beyond limits.

    Parameters
    ----------
    code : str
        Code of the detector.
    series : Series
    context : Context
    run : Run
    printed : Limit
        The limit that its peak is held against, as whoever set it wrote it.
    severity : Severity
    sentence, clause : Text
    title : Text or None
        What to call it in place of the detector's title.

    Returns
    -------
    Finding
        With the valid values of that time as evidence.
    """
    return Finding(
        detector=code,
        factor=context.factor.code,
        start=run.start,
        end=run.end,
        severity=severity,
        peak=run.peak,
        limit=printed,
        times_over=run.times,
        sentence=sentence,
        clause=clause,
        ongoing=run.ongoing,
        evidence=tuple((int(series.at[at]), float(series.value[at])) for at in run.valid),
        confidence=min(1.0, run.valid.size / round((run.end - run.start) / _period(series, context.kind))),
        title=title,
    )


def calm_within(limits: Iterable[Limit], unit: str, *, rounded: bool) -> Calm:
    """Tell between which values every limit is kept.

    Parameters
    ----------
    limits : iterable of Limit
    unit : str
        Unit of the series.
    rounded : bool
        Whether values are rounded before they are compared.

    Returns
    -------
    Calm
    """
    bounds = [kept(limit.in_unit(unit), rounded=rounded) for limit in limits]
    return Calm(
        low=max((low for low, _ in bounds), default=-np.inf), high=min((high for _, high in bounds), default=np.inf)
    )


def _period(series: Series, kind: str) -> int:
    seconds = series.step or Averaging(kind).seconds
    return round(seconds * SECOND) if seconds else series.period


def _longest_run(series: Series, group: NDArray[np.intp], period: int) -> int:
    apart = np.rint(np.diff(series.at[group]) / period) > 1
    return max(part.size for part in np.split(group, np.flatnonzero(apart) + 1))
