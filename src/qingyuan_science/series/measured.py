"""The series itself, and the gaps in it."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan_science.series.errors import UnequalLengths, UnknownMark, UnknownStep, UnsortedTimes
from qingyuan_science.series.times import CHINA_OFFSET, SECOND, microseconds
from qingyuan_science.series.vocabulary import Mark

_LETTERS = {mark.value for mark in Mark}
_STRETCH = 30 * 24 * 3600 * SECOND  # digested at once


@dataclass(frozen=True, eq=False)
class Series:
    """Values of one factor at one place, each stamped with the start of its period and with a mark.

    Parameters
    ----------
    at : ndarray of int64, shape (n,)
        Times since 1970 in UTC, ascending and unique [µs].
    value : ndarray of float64, shape (n,)
        Values; NaN where nothing was measured [unit].
    mark : ndarray of one-letter strings, shape (n,)
        One `Mark` a value.
    unit : str
        Unit of the values.
    step : float or None
        Nominal time between values [s].
    samples : ndarray of int64, shape (n,), or None
        How many valid values went into each, if these are computed means.

    Raises
    ------
    UnequalLengths
        The arrays are not of one length.
    UnsortedTimes
        A time is not later than the one before it.
    UnknownMark
        A mark is not in the vocabulary.

    Notes
    -----
    The arrays are read-only views, so that nothing computed from a series can alter it.
    """

    at: NDArray[np.int64]
    value: NDArray[np.float64]
    mark: NDArray[np.str_]
    unit: str
    step: float | None = None
    samples: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        """Check the arrays and lock them."""
        arrays: dict[str, NDArray[Any]] = {
            "at": np.asarray(self.at, dtype=np.int64),
            "value": np.asarray(self.value, dtype=np.float64),
            "mark": np.asarray(self.mark, dtype=np.str_),
        }
        if self.samples is not None:
            arrays["samples"] = np.asarray(self.samples, dtype=np.int64)
        lengths = {name: array.shape for name, array in arrays.items()}
        if len(set(lengths.values())) != 1 or arrays["at"].ndim != 1:
            raise UnequalLengths(f"found shapes {lengths}, expected one length for all")
        if np.any(np.diff(arrays["at"]) <= 0):
            raise UnsortedTimes("found a time that is not later than the one before it, expected ascending times")
        strange = set(arrays["mark"][arrays["mark"] != Mark.NORMAL.value].tolist()) - _LETTERS
        if strange:
            raise UnknownMark(f"found {sorted(strange)}, expected one of: {', '.join(Mark)}")
        for name, array in arrays.items():
            view = array.view()
            view.flags.writeable = False
            object.__setattr__(self, name, view)

    @classmethod
    def starting(
        cls,
        start: datetime,
        values: ArrayLike,
        marks: str | None = None,
        *,
        unit: str,
        step: float,
    ) -> "Series":
        """Make an evenly spaced series.

        Parameters
        ----------
        start : datetime.datetime
            Time of the first value, with zone.
        values : array_like of shape (n,) [unit]
            The values.
        marks : str of length n, or None
            One letter a value; all valid if left out.
        unit : str
            Unit of the values.
        step : float
            Time between values [s].

        Returns
        -------
        Series
            The series.

        Examples
        --------
        >>> from datetime import UTC
        >>> noon = datetime(2026, 11, 22, 4, tzinfo=UTC)
        >>> Series.starting(noon, [48.0, 68.4], "MN", unit="mg/L", step=3600).valid.tolist()
        [False, True]
        """
        value = np.asarray(values, dtype=np.float64)
        at = microseconds(start) + np.arange(value.size, dtype=np.int64) * round(step * SECOND)
        letters = Mark.NORMAL * value.size if marks is None else marks
        return cls(at, value, np.array(list(letters), dtype="<U1"), unit, step)

    def __len__(self) -> int:
        """Return the number of values."""
        return int(self.at.size)

    @cached_property
    def valid(self) -> NDArray[np.bool_]:
        """Which values are there and marked normal, and so may decide, shape (n,); read-only."""
        valid: NDArray[np.bool_] = (self.mark == Mark.NORMAL.value) & np.isfinite(self.value)
        valid.flags.writeable = False
        return valid

    @cached_property
    def logarithms(self) -> NDArray[np.float64]:
        """Natural logarithms of the valid values above nought, NaN for the others, shape (n,); read-only.

        Taken once for all that is cut from a series.
        """
        if "_whole" in self.__dict__:
            whole, first, after = self.__dict__["_whole"]
            cut: NDArray[np.float64] = whole.logarithms[first:after]
            return cut
        known = self.valid & (self.value > 0.0)
        found = np.full(len(self), np.nan)
        found[known] = np.log(self.value[known])
        found.flags.writeable = False
        return found

    @cached_property
    def fingerprint(self) -> bytes:
        """Digest of times, values, marks, samples, unit and step, 32 bytes; another one if any bit of them is another.

        It is put together from digests of stretches of thirty days, each taken once for all that is cut from a series.
        """
        whole, first, after = self.__dict__.get("_whole", (self, 0, len(self)))
        known: dict[tuple[int, int], bytes] = whole.__dict__.setdefault("_stretches", {})
        edges = whole._edges
        bounds = (first, *edges[bisect_right(edges, first) : bisect_left(edges, after)], after)
        parts = [f"{len(self)} {self.unit!r} {self.step!r} ".encode()]
        for stretch in pairwise(bounds):
            if stretch not in known:
                known[stretch] = whole._digest(slice(*stretch))
            parts.append(known[stretch])
        return sha256(b"".join(parts)).digest()

    @cached_property
    def _edges(self) -> list[int]:
        """Positions at which another stretch begins."""
        found: list[int] = (np.flatnonzero(np.diff((self.at + CHINA_OFFSET) // _STRETCH)) + 1).tolist()
        return found

    def _digest(self, chosen: slice) -> bytes:
        arrays = [one[chosen] for one in (self.at, self.value, self.mark, self.samples) if one is not None]
        head = f"{self.mark.dtype} {len(arrays)} ".encode()
        return sha256(b"".join([head, *(one.tobytes() for one in arrays)])).digest()

    def __getstate__(self) -> dict[str, Any]:
        """Without what it was cut from, and digests of its parts, which need not travel along."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_whole", "_stretches")}

    @property
    def period(self) -> int:
        """Nominal time between values, from ``step`` or else from the usual spacing [µs].

        Raises
        ------
        UnknownStep
            No step is given and there are fewer than two values.
        """
        if self.step is not None:
            return round(self.step * SECOND)
        if len(self) < 2:
            raise UnknownStep(f"found no step and {len(self)} values, expected a step or two values")
        return int(np.median(np.diff(self.at)))

    def between(self, start: datetime, end: datetime) -> "Series":
        """Return the part from a time up to, but not including, another.

        Parameters
        ----------
        start, end : datetime.datetime
            Times with zone.

        Returns
        -------
        Series
            The values stamped ``start <= at < end``.
        """
        first, last = self.at.searchsorted([microseconds(start), microseconds(end)])
        return self.part(slice(int(first), int(last)))

    def part(self, chosen: slice) -> "Series":
        """Return the values at the chosen positions.

        Parameters
        ----------
        chosen : slice
            Positions, ascending.

        Returns
        -------
        Series
            The chosen part, with the same unit and step.
        """
        arrays: dict[str, NDArray[Any] | None] = {
            "at": self.at[chosen],
            "value": self.value[chosen],
            "mark": self.mark[chosen],
            "samples": None if self.samples is None else self.samples[chosen],
        }
        if "valid" in self.__dict__:
            arrays["valid"] = self.valid[chosen]
        part, (first, after, stride) = self._with(arrays), chosen.indices(len(self))
        if stride == 1:
            whole, begin, _ = self.__dict__.get("_whole", (self, 0, 0))
            part.__dict__["_whole"] = whole, begin + first, begin + max(first, after)
        return part

    def after(self, earlier: "Series") -> "Series":
        """Return the values of an earlier series followed by those of this one.

        Parameters
        ----------
        earlier : Series
            Its last value is earlier than the first of this one, and it is in the same unit.

        Returns
        -------
        Series
            With the unit and step of this one, and without ``samples``. Where both were cut from one series side by
            side, the arrays are those of that series, not copies.

        Raises
        ------
        UnsortedTimes
            The earlier series ends too late.
        """
        if len(earlier) and len(self) and earlier.at[-1] >= self.at[0]:
            raise UnsortedTimes("found a series that ends after the next one begins, expected it to be over")
        whole, first, after = self.__dict__.get("_whole", (self, 0, len(self)))
        source, begin, end = earlier.__dict__.get("_whole", (earlier, 0, len(earlier)))
        if source is whole and end == first and whole.samples is None:
            joined: Series = whole.part(slice(begin, after))
            return joined
        told = ("valid",) if "valid" in self.__dict__ and "valid" in earlier.__dict__ else ()
        arrays = {
            name: np.concatenate([getattr(earlier, name), getattr(self, name)])
            for name in ("at", "value", "mark", *told)
        }
        for array in arrays.values():
            array.flags.writeable = False
        return self._with({**arrays, "samples": None})

    def _with(self, arrays: dict[str, NDArray[Any] | None]) -> "Series":
        """The same with other arrays, made of such as were checked, which need not be checked again."""
        made = object.__new__(Series)
        made.__dict__.update(arrays, unit=self.unit, step=self.step)
        return made


def overlaid(parts: Sequence[Series]) -> Series:
    """Lay series of one channel over each other: at each time the first that has a value there stands.

    Parameters
    ----------
    parts : sequence of Series
        At least one, in the same unit; what stands in front goes before those behind it.

    Returns
    -------
    Series
        With the unit and step of the first that is not empty.

    Examples
    --------
    >>> sent = Series(np.array([0, 60]) * SECOND, np.array([1.0, 2.0]), np.array(["N", "N"]), "mg/L", step=60)
    >>> computed = Series(np.array([60, 120]) * SECOND, np.array([9.0, 3.0]), np.array(["N", "N"]), "mg/L", step=60)
    >>> overlaid([sent, computed]).value.tolist()
    [1.0, 2.0, 3.0]
    """
    filled = [part for part in parts if len(part)]
    if len(filled) < 2:
        return filled[0] if filled else parts[0]
    times, chosen = np.unique(np.concatenate([part.at for part in filled]), return_index=True)  # the first of equals
    return Series(
        at=times,
        value=np.concatenate([part.value for part in filled])[chosen],
        mark=np.concatenate([part.mark for part in filled])[chosen],
        unit=filled[0].unit,
        step=filled[0].step,
    )


@dataclass(frozen=True)
class Gap:
    """A stretch without any value, not even an invalid one.

    Parameters
    ----------
    start, end : int
        First missing time, and the time at which values resume [µs].
    missing : int
        Number of values that should be there.
    """

    start: int
    end: int
    missing: int


def gaps(series: Series) -> tuple[Gap, ...]:
    """Find the stretches between the first and the last value where values are missing.

    Parameters
    ----------
    series : Series
        A series with a nominal step, or with at least two values.

    Returns
    -------
    tuple[Gap, ...]
        The gaps in order of time; a delay of less than half a step is not one.

    Examples
    --------
    >>> one = Series(np.array([0, 60, 240]) * SECOND, np.ones(3), np.array(["N"] * 3), "mg/L", step=60)
    >>> gaps(one)[0].missing
    2
    """
    if len(series) < 2:
        return ()
    period = series.period
    missing = np.rint(np.diff(series.at) / period).astype(np.int64) - 1
    return tuple(
        Gap(int(series.at[before]) + period, int(series.at[before + 1]), int(missing[before]))
        for before in np.flatnonzero(missing > 0)
    )
