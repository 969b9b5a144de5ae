"""Watches one station row by row, with a bounded memory, and says when an event is on."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from qingyuan_science.detect._events.discriminator import least_outliers, nth_largest
from qingyuan_science.detect._events.errors import UnequalShapes
from qingyuan_science.detect._events.expecting import Expectation
from qingyuan_science.detect._events.joint import Joint
from qingyuan_science.detect._events.promise import Promise, promise
from qingyuan_science.detect._events.settings import Settings
from qingyuan_science.detect._figures import quantiles_in

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
_LEAST_RESIDUALS = 20
_REMEMBERED = 1_000  # residuals a signal from which the scatter is computed


@dataclass(frozen=True)
class Event:
    """What several signals did together.

    Parameters
    ----------
    start, end : int
        Number of the first outlying row, and of the one after the last [rows since the watch began to learn].
    peak : int
        Number of the row of the greatest score.
    score, threshold : float
        Score of that row, and the threshold it exceeded [1].
    deviations : ndarray of shape (s,)
        Residual of each signal at the peak in units of its usual scatter; NaN where unknown [1].
    found, expected : ndarray of shape (s,)
        Value of each signal at the peak, and what was expected [unit of each signal].
    ongoing : bool
        Whether coming rows may still lengthen it.
    timed_out : bool
        Whether it was ended since it had lasted too long.
    """

    start: int
    end: int
    peak: int
    score: float
    threshold: float
    deviations: Floats
    found: Floats
    expected: Floats
    ongoing: bool = True
    timed_out: bool = False


class _Seen(NamedTuple):
    """Rows as they are judged."""

    deviations: Floats
    rows: Floats
    expected: Floats
    score: Floats
    gated: Mask


@dataclass(frozen=True)
class Judged:
    """What was seen in rows.

    Parameters
    ----------
    score : ndarray of shape (n,)
        The joint score that enough of the last rows reach [1].
    alarm : ndarray of bool, shape (n,)
        Rows at which an event was on.
    deviations : ndarray of shape (n, s)
        Residuals in units of the usual scatter [1].
    """

    score: Floats
    alarm: Mask
    deviations: Floats


class Watch:
    """The state of one watched station.

    Parameters
    ----------
    settings : Settings
        How it is watched.
    expectation, joint : Expectation, Joint
        What each signal is expected to be; how a row's deviations become one score.
    scatter, grain : ndarray of shape (s,)
        Usual size of the residuals, and the least that counts [unit of each signal].
    counted : ndarray of bool, shape (s,)
        Signals that count towards the score; the others (flow, temperature) only explain.
    """

    def __init__(
        self, settings: Settings, parts: tuple[Expectation, Joint], scatter: Floats, grain: Floats, *, counted: Mask
    ) -> None:
        self.settings = settings
        self.expectation, self.joint = parts
        self.scatter, self.grain, self.counted = np.maximum(scatter, grain), grain, counted
        self.promise = Promise(float("inf"), 0.0, 0)
        self.events: list[Event] = []
        self.seen = 0
        self._event: Event | None = None  # as it was at its peak
        self._end = 0
        self.least = least_outliers(settings.vote, settings.outlier_share, settings.event_probability)
        self._tail = np.full((self.expectation.reach, scatter.size), np.nan)
        self._lately = np.full((settings.mean - 1, scatter.size), np.nan)
        self._raw = np.zeros(settings.vote - 1)
        self._thin = max(1, settings.adapt // _REMEMBERED)
        self._residuals = np.empty((0, scatter.size))
        self._quiet, self._length, self._muted = settings.rest, 0, False
        self._block, self._ordered = -np.inf, 0
        self.maxima = np.empty(0)

    def push(
        self, rows: Floats, *, gated: Mask | None = None, clean: Mask | None = None, expected: Floats | None = None
    ) -> Judged:
        """Take in the next rows.

        Parameters
        ----------
        rows : ndarray of shape (n, s)
            The values, checked; NaN where missing [unit of each signal].
        gated : ndarray of bool, shape (n,)
            Rows at which signals move for a known reason: no event is on there, and they make none of the rows after.
        clean : ndarray of bool, shape (n,)
            Rows that count when the threshold is learned anew; left out, all that are not gated.
        expected : ndarray of shape (n, s)
            What the rows were expected to be, where that was told before [unit of each signal].

        Returns
        -------
        Judged
            The same however rows are cut into parts.

        Raises
        ------
        UnequalShapes
            The rows have another number of signals.
        """
        if rows.ndim != 2 or rows.shape[1] != self.scatter.size:
            raise UnequalShapes(rows.shape, self.scatter.size)
        gated = np.zeros(len(rows), dtype=bool) if gated is None else gated
        clean = ~gated if clean is None else clean
        expected = self._expected(rows, expected)
        residuals = self._residuals_of(rows, expected)
        deviations = residuals / self._scatters(residuals)
        heard = np.where(gated, 0.0, self.joint.score(deviations[:, self.counted]))  # has no vote in rows that follow
        raw = np.concatenate([self._raw, heard])
        self._raw = raw[len(raw) - self.settings.vote + 1 :]
        score = nth_largest(raw, self.settings.vote, self.least)
        orderly = np.where(clean & np.isfinite(rows).any(axis=1), score, np.nan) if self.settings.keep else score
        alarm = np.zeros(len(rows), dtype=bool)
        at = 0
        while at < len(rows):
            to = min(len(rows), at + (self._until_next(self.settings.block) if self.settings.keep else len(rows)))
            seen = _Seen(deviations[at:to], rows[at:to], expected[at:to], score[at:to], gated[at:to])
            alarm[at:to] = self._judge(seen, raw[at : to + self.settings.vote - 1] > self.promise.threshold)
            self.seen += to - at
            if self.settings.keep:
                self._count_block(orderly[at:to])
            at = to
        return Judged(score, alarm, deviations)

    def all_events(self) -> list[Event]:
        """Return the events so far, the one going on last."""
        return [*self.events, *([replace(self._event, end=self._end)] if self._event else [])]

    def _until_next(self, every: int) -> int:
        return every - self.seen % every

    def _expected(self, rows: Floats, told: Floats | None) -> Floats:
        known = np.concatenate([self._tail, rows])
        self._tail = known[len(known) - self.expectation.reach :]
        return self.expectation.expected(known) if told is None else told

    def _residuals_of(self, rows: Floats, expected: Floats) -> Floats:
        lately = np.concatenate([self._lately, rows - expected])
        self._lately = lately[len(lately) - self.settings.mean + 1 :]
        return averaged(lately, self.settings.mean)

    def _scatters(self, residuals: Floats) -> Floats:
        """Return the scatter that holds at each row; it is learned anew after every so many of them."""
        from qingyuan_science.detect._loops.scores import lasting
        from qingyuan_science.detect._loops.windows import bounds_before

        settings, held = self.settings, self.scatter
        if not settings.adapt:
            return np.broadcast_to(held, residuals.shape)
        most, first = settings.adapt // self._thin, (-self.seen) % self._thin
        kept = np.concatenate([self._residuals, np.abs(residuals[first :: self._thin])])
        ends = np.arange(self._until_next(settings.refresh), len(residuals) + 1, settings.refresh)
        after = len(self._residuals) + np.maximum(0, -(-(ends - first) // self._thin))
        self._residuals = kept[-most:]
        if not ends.size:
            return np.broadcast_to(held, residuals.shape)
        found = bounds_before(kept, after, most, settings.scatter)
        learned = lasting(found, settings.scatter, held, (_LEAST_RESIDUALS, self.grain))
        self.scatter = learned[-1]
        return np.repeat(learned, np.diff(ends, prepend=0, append=len(residuals)), axis=0)

    def _judge(self, seen: "_Seen", outlying: Mask) -> Mask:
        """Follow the events through rows between which the threshold does not change; answers where one is on."""
        alarm, next_at = np.zeros(len(seen.score), dtype=bool), 0
        vote, places = self.settings.vote, np.flatnonzero(outlying)
        for at in np.flatnonzero((seen.score > self.promise.threshold) & ~seen.gated).tolist():
            self._ordinary(at - next_at)
            among = places[places.searchsorted(at) : places.searchsorted(at + vote)] - vote + 1
            span = (int(among[0]), int(among[-1]) + 1)
            alarm[at], next_at = self._outlying(at, span, seen), at + 1
        self._ordinary(len(seen.score) - next_at)
        return alarm

    def _outlying(self, at: int, span: tuple[int, int], seen: "_Seen") -> bool:
        if self._quiet >= self.settings.rest:
            self._length, self._muted = 0, False
        self._quiet, self._length = 0, self._length + 1
        if self._muted:
            return False
        if self._event is None or seen.score[at] > self._event.score:
            start = self.seen + span[0] if self._event is None else self._event.start
            peak = (
                self.seen + at,
                seen.score[at],
                self.promise.threshold if self._event is None else self._event.threshold,
            )
            self._event = Event(start, start, *peak, seen.deviations[at], seen.rows[at], seen.expected[at])
        self._end = self.seen + span[1]
        if self._length > self.settings.time_out:
            self._muted = True
            self._close(timed_out=True)
        return True

    def _ordinary(self, count: int) -> None:
        """Let so many rows without an alarm pass."""
        self._length += min(count, max(0, self.settings.rest - 1 - self._quiet))
        self._quiet += count
        if count and self._quiet >= self.settings.rest:
            self._close(timed_out=False)

    def _close(self, *, timed_out: bool) -> None:
        if self._event is not None:
            self.events.append(replace(self._event, end=self._end, ongoing=False, timed_out=timed_out))
            self._event = None

    def _count_block(self, score: Floats) -> None:
        """Count orderly rows up to the end of a block, after which the threshold may be learned anew."""
        settings, known = self.settings, score[np.isfinite(score)]
        self._block = max(self._block, float(known.max(initial=-np.inf)))
        self._ordered += known.size
        if self.seen % settings.block == 0:
            if 2 * self._ordered >= settings.block:
                self.maxima = np.append(self.maxima, self._block)[-settings.keep :]
                if self.promise.blocks:
                    per_week = settings.rows_per_week / settings.block
                    self.promise = promise(self.maxima, settings.block_chance, per_week)
            self._block, self._ordered = -np.inf, 0


def averaged(residuals: Floats, count: int) -> Floats:
    """Return the mean of each residual and those before it.

    Parameters
    ----------
    residuals : ndarray of shape (count - 1 + n, s)
        Residuals in order of time; NaN where unknown [unit of each signal].
    count : int
        How many are averaged [rows].

    Returns
    -------
    ndarray of shape (n, s)
        The mean of those that are known; NaN where the last of them is not [unit of each signal].
    """
    if count == 1 or len(residuals) < count:
        return residuals[count - 1 :]
    windows = sliding_window_view(residuals, count, axis=0)
    known = np.isfinite(windows)
    total = np.sum(np.ascontiguousarray(np.where(known, windows, 0.0)), axis=2)
    mean = total / np.maximum(known.sum(axis=2), 1)
    return np.where(np.isfinite(residuals[count - 1 :]), mean, np.nan)


def usual_scatter(residuals: Floats, quantile: float, otherwise: Floats, grain: Floats) -> Floats:
    """Return the usual size of residuals.

    Parameters
    ----------
    residuals : ndarray of shape (m, s)
        Absolute residuals; NaN where unknown [unit of each signal].
    quantile : float
        Which quantile of them [1].
    otherwise : ndarray of shape (s,)
        What is returned for signals with fewer than twenty [unit of each signal].
    grain : ndarray of shape (s,)
        The least that counts [unit of each signal].

    Returns
    -------
    ndarray of shape (s,)
        The scatter [unit of each signal].
    """
    signals = np.ascontiguousarray(residuals.T)
    count = np.count_nonzero(np.isfinite(signals), axis=-1)
    found = quantiles_in(np.sort(signals, axis=-1), count, quantile)  # NaN last
    return np.asarray(np.maximum(np.where(count >= _LEAST_RESIDUALS, found, otherwise), grain))
