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
