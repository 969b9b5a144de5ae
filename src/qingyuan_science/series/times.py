"""Times as whole microseconds since 1970 in UTC, and the calendar of China."""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

SECOND = 1_000_000  # microseconds
CHINA_OFFSET = 8 * 3600 * SECOND  # UTC+8 all year round since 1991
_DAY = 24 * 3600 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(at: datetime) -> int:
    """Return an aware time as whole microseconds since 1970 in UTC.

    Parameters
    ----------
    at : datetime.datetime
        A time with zone.

    Returns
    -------
    int
        The time [µs].

    Examples
    --------
    >>> microseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """Return the aware UTC time of a number of microseconds since 1970.

    Parameters
    ----------
    at : int
        A time [µs].

    Returns
    -------
    datetime.datetime
        The time in UTC.
    """
    return _EPOCH + timedelta(microseconds=int(at))


def local_days(at: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Return the calendar day in China of each time.

    Parameters
    ----------
    at : ndarray of shape (n,)
        Times since 1970 in UTC [µs].

    Returns
    -------
    ndarray of shape (n,)
        Days as ``datetime64[D]``.
    """
    return ((at + CHINA_OFFSET) // _DAY).view("datetime64[D]")


def day_bounds(at: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return which of the times each calendar day in China has; days without any are left out.

    Parameters
    ----------
    at : ndarray of shape (n,)
        Times since 1970 in UTC, ascending [µs].

    Returns
    -------
    ndarray of int, ndarray of int
        Position of the first time of each day, and of the one after its last.

    Examples
    --------
    >>> [bound.tolist() for bound in day_bounds(np.array([0, 3600, 3 * 86400]) * SECOND)]
    [[0, 2], [2, 3]]
    """
    if not at.size:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    begun, ended = ((int(one) + CHINA_OFFSET) // _DAY for one in (at[0], at[-1]))
    bounds = np.empty(ended - begun + 2, dtype=np.intp)
    bounds[0], bounds[-1] = 0, at.size
    bounds[1:-1] = at.searchsorted(np.arange((begun + 1) * _DAY - CHINA_OFFSET, ended * _DAY, _DAY))
    first, last = bounds[:-1], bounds[1:]
    there = last > first
    return (first, last) if there.all() else (first[there], last[there])
