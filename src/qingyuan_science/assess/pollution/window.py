"""What is known of an anomaly: how each factor of the station changed, the rain, the hour and the shape."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.assess.pollution.rules import BANDS, SURFACE
from qingyuan_science.series import SECOND, Series
from qingyuan_science.series.times import CHINA_OFFSET
from qingyuan_science.standards import factor
from qingyuan_science.standards.factors import AMMONIA_NITROGEN, COD, PERMANGANATE_INDEX, PH, TOTAL_NITROGEN
from qingyuan_science.units import convert

Floats = NDArray[np.float64]
_HOUR = 3600 * SECOND
_PAST, _MARGIN = 7 * 24 * _HOUR, 6 * _HOUR  # before an anomaly is found it has begun
_LONGEST_WITH_AN_HOUR = 12 * _HOUR
_SAME_HOURS, _ENOUGH = 2, 6  # hours of the day on either side, and values of them, to learn what is usual then
_FROZEN, _LEARNED_RUNS = 6, 48
_RESTLESS, _TURNING = 5.0, 0.6
_TO_SCATTER = 1.4826  # of a normal distribution: standard deviation by median absolute deviation
_MORE_THAN_WHOLE = 1.1


class Shape(StrEnum):
    """What the curve of the factor that was found looks like."""

    FROZEN = "frozen"
    IMPOSSIBLE = "impossible"
    SPIKE = "spike"
    ERRATIC = "erratic"
    ORDINARY = "ordinary"


@dataclass(frozen=True)
class Change:
    """How a factor changed.

    Parameters
    ----------
    before : float
        Its usual value before, at these hours of the day [unit of the factor].
    scatter : float
        Its usual scatter then [unit of the factor].
    during : float
        Its value furthest from the usual one in the window, without lone spikes [unit of the factor].
    """

    before: float
    scatter: float
    during: float

    @property
    def by(self) -> float:
        """How far it moved [unit of the factor]."""
        return self.during - self.before

    def moved(self, resolution: float) -> int:
        """Whether it rose (1), fell (-1) or stayed (0).

        Parameters
        ----------
        resolution : float
            Smallest step that the instrument shows [unit of the factor].

        Returns
        -------
        int
        """
        least = max(BANDS.scatters * self.scatter, BANDS.share * abs(self.before), resolution)
        return 0 if abs(self.by) <= least else int(np.sign(self.by))


@dataclass(frozen=True)
class Window:
    """An anomaly as the rules look at it.

    Parameters
    ----------
    changes : dict of str to Change
        By factor code, each in the unit of its factor.
    silent : frozenset of str
        Factors that the station measures and of which nothing valid is there; "rain", "shape" and "hour" likewise.
    kind : str
        ``surface-water`` or ``outlet-water``.
    rain_mm : float or None
        Rain from 24 hours before the peak up to it; None where none is measured [mm].
    hour : int or None
        Hour of the peak in China; None where the anomaly lasts longer than half a day [h].
    shape : Shape or None
        Of the factor that was found.
    """

    changes: Mapping[str, Change]
    silent: frozenset[str] = field(default_factory=frozenset)
    kind: str = SURFACE
    rain_mm: float | None = None
    hour: int | None = None
    shape: Shape | None = None


def window_of(
    measured: Mapping[str, Series],
    span: tuple[int, int],
    focus: str,
    *,
    kind: str = SURFACE,
    rain: Series | None = None,
) -> Window:
    """Make a window out of what a station measured.

    Parameters
    ----------
    measured : dict of str to Series
        By factor code, in any unit that converts to the factor's: the week before the anomaly, it, and what came
        after as far as it is known. A factor of which hardly anything is known before is left out.
    span : tuple of int
        Start and end of the anomaly [µs].
    focus : str
        The factor at which it was found.
    kind : str
        ``surface-water`` or ``outlet-water``.
    rain : Series, optional
        Amounts of rain [mm].

    Returns
    -------
    Window

    Raises
    ------
    UnitError
        A unit does not convert to that of its factor.
    """
    of_unit = {code: _in_factor_unit(code, series) for code, series in measured.items()}
    told = {code: _change(series, span) for code, series in of_unit.items() if _past(series, span).sum() >= _ENOUGH}
    changes = {code: change for code, change in told.items() if change is not None}
    peak = _peak_at(of_unit.get(focus), span, changes.get(focus))
    fell = _rain_before(rain, peak)
    silent = {code for code, change in told.items() if change is None}
    silent |= {"rain"} if rain is not None and fell is None else set()
    silent |= {"shape", "hour"} if focus in silent else set()  # both are read off its curve
    return Window(
        changes=changes,
        silent=frozenset(silent),
        kind=kind,
        rain_mm=fell,
        hour=_hour_of(peak) if focus in changes and span[1] - span[0] <= _LONGEST_WITH_AN_HOUR else None,
        shape=_shape(of_unit.get(focus), span, changes, focus),
    )


def resolution(code: str) -> float:
    """Tell the smallest step in which a factor is shown.

    Parameters
    ----------
    code : str
        Of the factor.

    Returns
    -------
    float
        [unit of the factor]
    """
    return float(10.0 ** -factor(code).decimals)


def _in_factor_unit(code: str, series: Series) -> Series:
    unit = factor(code, medium="water").unit
    if series.unit == unit:
        return series
    return Series(series.at, convert(series.value, series.unit, unit), series.mark, unit, series.step, series.samples)


def _change(series: Series, span: tuple[int, int]) -> Change | None:
    valid = series.valid
    inside = valid & (series.at >= span[0]) & (series.at < span[1])
    if not inside.any():
        return None
    past = _past(series, span)
    hours, here = _hours(series.at), np.unique(_hours(series.at[inside]))
    apart = np.abs(hours[:, None] - here[None, :])
    near = past & (np.minimum(apart, 24 - apart).min(axis=1) <= _SAME_HOURS)
    usual = series.value[near if near.sum() >= _ENOUGH else past]
    before = float(np.median(usual))
    scatter = float(np.median(np.abs(usual - before))) * _TO_SCATTER
    return Change(before, scatter, _furthest(series.value[inside], before))


def _past(series: Series, span: tuple[int, int]) -> NDArray[np.bool_]:
    """Of which values a week before the anomaly says what is usual."""
    end = span[0] - _MARGIN
    return np.asarray(series.valid & (series.at >= end - _PAST) & (series.at < end))


def _furthest(values: Floats, before: float) -> float:
    """The value furthest from the usual one after medians of three took lone spikes away."""
    if values.size < 3:
        return float(np.median(values))
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(values, 3), axis=1)
    return float(smooth[np.argmax(np.abs(smooth - before))])


def _hours(at: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray((at + CHINA_OFFSET) // _HOUR % 24)


def _hour_of(at: int) -> int:
    return int((at + CHINA_OFFSET) // _HOUR % 24)


def _peak_at(series: Series | None, span: tuple[int, int], change: Change | None) -> int:
    if series is None or change is None:
        return span[0]
    inside = series.valid & (series.at >= span[0]) & (series.at < span[1])
    return int(series.at[inside][np.argmax(np.abs(series.value[inside] - change.before))])


def _rain_before(rain: Series | None, peak: int) -> float | None:
    if rain is None:
        return None
    fell = rain.valid & (rain.at > peak - 24 * _HOUR) & (rain.at <= peak)
    return float(rain.value[fell].sum()) if fell.any() else None


def _shape(series: Series | None, span: tuple[int, int], changes: Mapping[str, Change], focus: str) -> Shape | None:
    if series is None or focus not in changes:
        return None
    values, at = series.value[series.valid], series.at[series.valid]
    inside, past = (at >= span[0]) & (at < span[1]), _past(series, span)[series.valid]
    if _is_impossible(values[inside], changes, focus):
        return Shape.IMPOSSIBLE
    if past.sum() >= _LEARNED_RUNS and _longest_run(values[inside]) >= max(_FROZEN, 2 * _longest_run(values[past])):
        return Shape.FROZEN
    if _is_spike(values, inside, changes[focus]):
        return Shape.SPIKE
    return Shape.ERRATIC if _is_erratic(values[inside], values[past]) else Shape.ORDINARY


def _is_impossible(values: Floats, changes: Mapping[str, Change], focus: str) -> bool:
    if values.min() < 0 or (focus == PH and values.max() > 14):
        return True
    parts = ((AMMONIA_NITROGEN, TOTAL_NITROGEN), (PERMANGANATE_INDEX, COD))
    return any(
        part in changes and whole in changes and changes[part].during > _MORE_THAN_WHOLE * changes[whole].during
        for part, whole in parts
        if focus in (part, whole)
    )


def _longest_run(values: Floats) -> int:
    ends = np.flatnonzero(np.append(np.diff(values) != 0, True))
    return int(np.diff(ends, prepend=-1).max(initial=0)) if values.size else 0


def _is_spike(values: Floats, inside: NDArray[np.bool_], change: Change) -> bool:
    """One or two values out, and those on both sides at home."""
    least = max(BANDS.scatters * change.scatter, BANDS.share * abs(change.before))
    out = np.flatnonzero(inside & (np.abs(values - change.before) > least))
    if not 0 < out.size <= 2 or out[-1] - out[0] >= 2 or out[0] == 0 or out[-1] + 1 >= values.size:
        return False
    beside = values[[out[0] - 1, out[-1] + 1]]
    return bool((np.abs(beside - change.before) <= least).all())


def _is_erratic(values: Floats, past: Floats) -> bool:
    """Jumping up and down far more than before."""
    if values.size < _FROZEN or past.size < _LEARNED_RUNS:
        return False
    steps = np.diff(values)
    turns = np.mean(np.sign(steps[1:]) * np.sign(steps[:-1]) < 0)
    usual = float(np.mean(np.abs(np.diff(past))))
    return bool(turns >= _TURNING and np.mean(np.abs(steps)) > _RESTLESS * usual)
