"""Hourly and daily means computed from what was measured, with the count of values behind each."""

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.series.measured import Series
from qingyuan_science.series.times import CHINA_OFFSET, SECOND
from qingyuan_science.series.vocabulary import Mark

_PRECEDENCE = np.array([mark.value for mark in Mark], dtype="<U1")
_LETTER_ORDER = np.argsort(_PRECEDENCE)


def hour_means(series: Series, needed_share: float = 0.75) -> Series:
    """Compute hourly means from shorter values.

    Parameters
    ----------
    series : Series
        Real-time, minute or ten-minute values.
    needed_share : float
        Share of the due values that must be valid for the mean to be valid [1].

    Returns
    -------
    Series
        One value an hour that holds any value, stamped with the start of the hour: the mean of the valid values. Its
        mark is ``N`` if enough of them are valid; else the strongest mark found, or ``U`` if values are only missing.
        ``samples`` tells how many were used.

    Raises
    ------
    UnknownStep
        No step is given and there are fewer than two values.

    Source
    ------
    HJ 212-2017, notes on commands 2051, 2061 and 2031: at least 75 % valid values for flue gas. For waste water one
    abnormal value makes the period abnormal: pass ``needed_share=1.0``.
    """
    return _means(series, 3600 * SECOND, needed_share)


def day_means(series: Series, needed_share: float = 0.75) -> Series:
    """Compute daily means over natural days in China (UTC+8).

    Parameters
    ----------
    series : Series
        Hourly values, or shorter ones.
    needed_share : float
        Share of the due values that must be valid for the mean to be valid [1].

    Returns
    -------
    Series
        One value a day that holds any value, stamped with local midnight; marks and ``samples`` as in `hour_means`.

    Raises
    ------
    UnknownStep
        No step is given and there are fewer than two values.

    Source
    ------
    GB 3095-2026 table 4 asks for 20 valid hours a day: pass ``needed_share=20 / 24`` for ambient air.

    Notes
    -----
    The mean is arithmetic. The flow-weighted mean of HJ 212-2017 annex D is another calculation.
    """
    return _means(series, 86400 * SECOND, needed_share)


def _means(series: Series, length: int, needed_share: float) -> Series:
    if not len(series):
        return Series(series.at, series.value, series.mark, series.unit, length / SECOND, np.empty(0, np.int64))
    due = length / series.period
    bucket, member = np.unique((series.at + CHINA_OFFSET) // length, return_inverse=True)
    valid = series.valid
    used = np.bincount(member, weights=valid, minlength=bucket.size).astype(np.int64)
    total = np.bincount(member, weights=np.where(valid, series.value, 0.0), minlength=bucket.size)
    mean = np.divide(total, used, out=np.full(bucket.size, np.nan), where=used > 0)
    enough = used >= needed_share * due - 1e-9  # 0.75 * 60 must not ask for a 46th minute because of binary fractions
    mark = np.where(enough & (used > 0), Mark.NORMAL.value, _PRECEDENCE[_strongest(series, member, bucket.size)])
    return Series(bucket * length - CHINA_OFFSET, mean, mark, series.unit, length / SECOND, used)


def _strongest(series: Series, member: NDArray[np.intp], size: int) -> NDArray[np.int64]:
    rank = _LETTER_ORDER[np.searchsorted(_PRECEDENCE, series.mark, sorter=_LETTER_ORDER)]
    unknown = list(Mark).index(Mark.UNKNOWN)
    found = np.full(size, unknown, dtype=np.int64)
    np.minimum.at(found, member, rank)
    return found
