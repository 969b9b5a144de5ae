"""Regression on what was measured of late and at the same hour before, one for each hour ahead."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.forecast import FORECASTERS, HOUR, Forecaster, Predicted, WorkedForecast, hours_of, predicted
from qingyuan_science.forecast._errors import ahead
from qingyuan_science.forecast._examples import alternating, too_short
from qingyuan_science.forecast._hours import Floats, Hours, hour_of_week
from qingyuan_science.forecast._predicted import Scale
from qingyuan_science.forecast._wording import enough, rested_on
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Series

_DAY, _WEEK = 24, 168
_BLOCKS = 5  # of the past: the errors of each are those of the regression on the others
_HARMONICS = 2  # waves of the day
_HOURS_BEFORE = (1, 2)  # whose value counts
_MEANS_OF = (3, 6, 12, 24, 72)  # hours before, whose mean counts
_LONG = 480  # hours of past from which on every other hour is learned from
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the move that the regression says


@FORECASTERS
@dataclass(frozen=True)
class Lagged(Forecaster):
    """Shrink a regression for each hour ahead towards persistence, as far as the past does not speak for more.

    Notes
    -----
    On the scale of errors, how far the value moves from the newest one is regressed on: how the newest differs from the
    hours before and from means up to three days; the same hour of the newest day known and of the week before; two
    waves of the day, and whether it is a weekend. With hardly any past the ridge leaves persistence. Its errors are
    those that the regression on the other parts of the past would have made.
    """

    code: ClassVar[str] = "lagged"
    title: ClassVar[Text] = Text("滞后回归预测", "Lagged regression")
    source: ClassVar[Source] = Source("Hoerl & Kennard 1970, Technometrics 12", "p. 55")
    validity: ClassVar[Text] = Text(
        "浓度的小时值；天气、雨和生产计划不在其中，突发排放无法预见；历史不足一周时接近持续性预测。",
        "Hour values of concentrations. It knows neither weather, rain nor plans of production, and foresees no sudden"
        " discharge; with less than a week of past it is close to persistence.",
    )
    looks_back_days: ClassVar[int] = 35
    examples: ClassVar[tuple[WorkedForecast, ...]] = (alternating(), too_short(5, 18))

    least_hours: int = parameter(
        18, "h", 12, 504, title=Text("至少需要的有效小时值个数", "valid hour values that are needed")
    )
    ridge: float = parameter(
        30.0, "h", 0.1, 10000.0, title=Text("向持续性收缩的强度", "how strongly it is drawn to persistence")
    )

    def forecast(self, series: Series, horizon: int) -> Predicted:
        """Regress each hour ahead."""
        hours = enough(series, hours_of(series, self.looks_back_days), self.least_hours)
        scale = Scale.of(hours.value[hours.valid])
        scaled = scale.scaled(hours.filled)
        course, errors = _regressed(hours, scaled, horizon, self.ridge)
        method = Text(
            "按最近各小时、前几日均值、昨日与上周同一时刻和日内规律逐时回归",
            "regressed hour by hour on the latest hours, means of the days before, the same hour of the day and the"
            " week before, and the course of the day",
        )
        return predicted(hours, course, errors, scale, basis=rested_on(hours, series.unit, method, self.version))


def _regressed(hours: Hours, scaled: Floats, horizon: int, ridge: float) -> tuple[Floats, Floats]:
    """The forecast of each hour ahead, and the errors that it would have made at hours before, as far as known.

    Hours ahead that share the hour of the day (a phase) share what they are regressed on.
    """
    rows = _rows(hours)
    phases, days = min(_DAY, horizon), -(-horizon // _DAY)
    given = _given(hours, scaled, np.append(rows, scaled.size - 1), phases)
    truth = np.where(hours.valid, scaled, np.nan)
    moved = ahead(truth, phases * days)[rows] - scaled[rows, None]
    said, move = _ridge(given, _by_phase(moved, days), ridge)
    said, move = _by_lead(said)[:, :horizon], _by_lead(move)[0, :horizon]
    moved = moved[:, :horizon]
    share = _share(moved, said)
    return scaled[-1] + share * move, moved - share * said


def _rows(hours: Hours) -> NDArray[np.int64]:
    """The hours to learn from: the valid ones but the newest; of a long past every other, neighbours being alike."""
    rows = np.flatnonzero(hours.valid[:-1])
    every = 2 if rows.size > _LONG else 1
    chosen = rows[::-1][::every][::-1]
    return chosen[chosen.size % _BLOCKS :]


def _given(hours: Hours, scaled: Floats, rows: NDArray[np.int64], phases: int) -> Floats:
    """What each phase is regressed on, shape (phases, rows, k); each column of about the same spread."""
    phase = np.arange(1, phases + 1)[:, None]
    steady = _steady(scaled, rows)
    week = hour_of_week(hours.at[rows] + phase * HOUR)
    turn = 2.0 * np.pi * np.arange(_DAY) / _DAY
    waves = np.stack([wave(number * turn) for number in range(1, _HARMONICS + 1) for wave in (np.cos, np.sin)], axis=1)
    size = steady.shape[1]
    given = np.empty((phases, rows.size, size + 4 + waves.shape[1]))
    given[:, :, :size] = steady
    day, week_before = rows + phase - _DAY, rows + phase - _WEEK
    day = np.where(day >= 0, day, rows)  # nothing is known of it
    given[:, :, size] = scaled[day] - scaled[rows]
    given[:, :, size + 1] = scaled[np.where(week_before >= 0, week_before, day)] - scaled[rows]
    given[:, :, size + 2] = week >= 5 * _DAY
    given[:, :, size + 3 : -1] = waves[week % _DAY]
    given[:, :, -1] = 1.0
    spread = given.std(axis=1, keepdims=True)
    given /= np.where(spread > 0.0, spread, 1.0)
    return given


def _steady(scaled: Floats, rows: NDArray[np.int64]) -> Floats:
    """How hours before and means up to each row differ from it, shape (rows, k)."""
    total = np.concatenate([[0.0], np.cumsum(scaled)])
    before = [scaled[np.maximum(rows - back, 0)] for back in _HOURS_BEFORE]
    means = []
    for length in _MEANS_OF:
        first = np.maximum(rows + 1 - length, 0)
        means.append((total[rows + 1] - total[first]) / (rows + 1 - first))
    return np.column_stack([*before, *means]) - scaled[rows, None]


def _by_phase(moved: Floats, days: int) -> Floats:
    """From (rows, leads) to (phases, rows, days)."""
    return np.ascontiguousarray(moved.reshape(len(moved), days, -1).transpose(2, 0, 1))


def _by_lead(found: Floats) -> Floats:
    """From (phases, rows, days) to (rows, leads)."""
    return found.transpose(1, 2, 0).reshape(found.shape[1], -1)


def _ridge(given: Floats, moved: Floats, ridge: float) -> tuple[Floats, Floats]:
    """What the regression on the other blocks says of each row, and what that on all says of the newest hour."""
    phases, rows, days = moved.shape
    size = given.shape[2]
    past, newest = given[:, :-1], given[:, -1:]
    blocks = past.reshape(phases, _BLOCKS, rows // _BLOCKS, size)
    used = np.isfinite(moved[:, :, :1]).reshape(phases, _BLOCKS, -1, 1)
    turned = (blocks * used).transpose(0, 1, 3, 2)
    grams = turned @ blocks
    sums = turned @ np.nan_to_num(moved).reshape(phases, _BLOCKS, -1, days)
    penalty = np.eye(size) * ridge
    whole, answer = grams.sum(axis=1), sums.sum(axis=1)
    weights = np.linalg.solve(whole + penalty, answer)
    others = np.linalg.solve(whole[:, None] - grams + penalty, answer[:, None] - sums)
    return (blocks @ others).reshape(phases, rows, days), newest @ weights


def _share(moved: Floats, said: Floats) -> Floats:
    """How much of what the regression says is taken at each hour ahead: what would have erred least, shape (leads,).

    The regression minds squares, this minds the errors themselves: a channel that mostly stands still is left standing.
    """
    with np.errstate(invalid="ignore"):
        lost = np.array([np.nansum(np.abs(moved - share * said), axis=0) for share in _SHARES])
    best: Floats = np.array(_SHARES)[lost.argmin(axis=0)]
    return best
