"""The valid values of days as arrays, read a month a row."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from psycopg import Cursor

_READ = (
    "SELECT channel_id, statistic, month, values FROM recording_dayvalues"
    " WHERE channel_id = ANY(%s) AND month >= %s AND month <= %s"
)
DayArrays = dict[tuple[int, str], NDArray[np.float64]]


def day_values(channel_ids: Sequence[int], first: date, last: date) -> DayArrays:
    """The valid value of each day of some channels, as it is kept.

    Parameters
    ----------
    channel_ids : sequence of int
    first, last : date
        In China, both included.

    Returns
    -------
    dict of (int, str) to ndarray, shape (days,)
        By channel and statistic (``mean``, ``max_8h``, ``max_1h``), in the channel's unit; NaN on days without a valid
        value. No entry where a channel has no value in these months at all.

    Source
    ------
    How many hours a day needs stands in `qingyuan_science.standards.mean_rule` and, for ozone, in
    `qingyuan_science.standards.air.day_figures`.
    """
    days = (last - first).days + 1
    found: DayArrays = {}
    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:  # Django's own reads numbers as text, which takes twice as long
        cursor.execute(_READ, [list(channel_ids), month_of(first), last], binary=True)
        for channel, statistic, month, values in cursor:
            row = found.get((channel, statistic))
            if row is None:
                row = found[channel, statistic] = np.full(days, np.nan)
            begins = (month - first).days
            skipped, kept = max(-begins, 0), min(days - begins, len(values))
            if kept > skipped:
                row[begins + skipped : begins + kept] = values[skipped:kept]
    return found


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def days_of(month: date) -> int:
    """How many days a month has."""
    return ((month.replace(day=28) + timedelta(days=4)).replace(day=1) - month).days
