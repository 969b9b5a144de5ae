"""Findings made of stretches of values that a rule points at."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect import Context, Finding, Severity, Sign
from qingyuan_science.detect._telling import LEAD, expected, sentence, when
from qingyuan_science.plugins import Text
from qingyuan_science.series import Series

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Told:
    """What a rule says of a stretch.

    Parameters
    ----------
    says, clause : Text
        What is wrong, and by which standard and clause.
    signs : tuple[Sign, ...]
        What shows it, the telling one first.
    severity : Severity
        How grave it is.
    over : float
        How far the telling sign lies beyond its threshold, as a multiple of it [1].
    peak : float or None
        The value that shows it most; left out, the greatest valid one of the stretch [unit of the series].
    title : Text or None
        What to call it in place of the detector's title.
    of_factor : bool
        Whether it is said of the factor, and not of the place as a whole.
    """

    says: Text
    clause: Text
    signs: tuple[Sign, ...]
    severity: Severity = Severity.MINOR
    over: float = 0.0
    peak: float | None = None
    title: Text | None = None
    of_factor: bool = True


def stretches(flags: NDArray[np.bool_], series: Series, *, least: int, gap: int) -> list[Positions]:
    """Put flagged values together that lie close to each other.

    Parameters
    ----------
    flags : ndarray of bool, shape (n,)
        Which values a rule points at.
    series : Series
        The values.
    least : int
        Least number of flagged values in a stretch.
    gap : int
        Longest interruption that is bridged [periods].

    Returns
    -------
    list of ndarray of int
        Positions of the flagged values of each stretch.
    """
    at = np.flatnonzero(flags)
    steps = np.rint(np.diff(series.at[at]) / series.period).astype(np.int64)
    return [group for group in np.split(at, np.flatnonzero(steps > gap + 1) + 1) if group.size >= least and group.size]


def stretch_finding(code: str, series: Series, context: Context, span: tuple[int, int, bool], *, told: Told) -> Finding:
    """Make the finding of a stretch of time.

    Parameters
    ----------
    code : str
        Code of the detector.
    series : Series
        The values.
    context : Context
        Place and factor.
    span : tuple[int, int, bool]
        Start and end of the stretch [µs], and whether coming values may still lengthen it.
    told : Told
        What the rule says.

    Returns
    -------
    Finding
        With the valid values of that time as evidence.
    """
    start, end, ongoing = span
    inside = np.flatnonzero((series.at >= start) & (series.at < end))
    valid = inside[series.valid[inside]]
    peak = told.peak
    if peak is None:
        peak = float(series.value[valid].max()) if valid.size else 0.0
    return Finding(
        detector=code,
        factor=context.factor.code,
        start=start,
        end=end,
        severity=told.severity,
        peak=peak,
        limit=None,
        times_over=told.over,
        sentence=sentence(
            context,
            told.says,
            (when(start, end), *map(expected, told.signs[:2]), LEAD),
            told.clause,
            of_factor=told.of_factor,
        ),
        clause=told.clause,
        ongoing=ongoing,
        evidence=tuple((int(series.at[one]), float(series.value[one])) for one in valid),
        confidence=min(1.0, valid.size / max(1, round((end - start) / series.period))),
        signs=told.signs,
        title=told.title,
    )


def span_of(group: Positions, series: Series, gap: int) -> tuple[int, int, bool]:
    """Return when a stretch begins and ends, and whether coming values may lengthen it.

    Parameters
    ----------
    group : ndarray of int
        Positions of its flagged values.
    series : Series
        The values.
    gap : int
        Longest interruption that is bridged [periods].

    Returns
    -------
    tuple[int, int, bool]
        Start and end [µs], and whether it goes on.
    """
    start, last, period = int(series.at[group[0]]), int(series.at[group[-1]]), series.period
    return start, last + period, bool(np.rint((series.at[-1] - last) / period) <= gap)
