"""The valid values of days as arrays, read a month a row, and what outlets emitted on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from psycopg import Cursor

from qingyuan.places.queries import StationKind
from qingyuan_science.standards.emission.loads import Medium
from qingyuan_science.standards.factors import EXHAUST_FLOW, WASTEWATER_FLOW

_READ = (
    "SELECT channel_id, statistic, month, values FROM recording_dayvalues"
    " WHERE channel_id = ANY(%s) AND month >= %s AND month <= %s AND (%s::text[] IS NULL OR statistic = ANY(%s))"
)
DayArrays = dict[tuple[int, str], NDArray[np.float64]]
AMOUNT, HOURS, STOPPED = "amount", "hours", "stopped"
"""Statistics of outlets: the mass [kg] that a concentration and its flow make, or the volume [m3] of a flow; the hours
out of which it was added up; and the hours without a value in which the source was marked as standing still."""


@dataclass(frozen=True)
class Carrier:
    """What carries pollutants at a kind of outlet: its flow, and the unit of concentration that goes with it."""

    medium: Medium
    flow: str
    unit: str


CARRIERS: dict[str, Carrier] = {
    StationKind.OUTLET_WATER.value: Carrier("water", WASTEWATER_FLOW, "mg/L"),
    StationKind.OUTLET_GAS.value: Carrier("gas", EXHAUST_FLOW, "mg/m3"),
}


def day_values(
    channel_ids: Sequence[int], first: date, last: date, statistics: Sequence[str] | None = None
) -> DayArrays:
    """The valid value of each day of some channels, as it is kept.

    Parameters
    ----------
    channel_ids : sequence of int
    first, last : date
        In China, both included.
    statistics : sequence of str, optional
        Which to read; all that are kept when left out.

    Returns
    -------
    dict of (int, str) to ndarray, shape (days,)
        By channel and statistic: ``mean``, ``max_8h``, ``max_1h`` in the channel's unit, of outlets ``amount`` [kg, of
        a flow m3], ``hours`` and ``stopped`` [h]; NaN on days without a valid value. No entry where a channel has no
        value in these months at all.

    Source
    ------
    How many hours a day needs stands in `qingyuan_science.standards.mean_rule` and, for ozone, in
    `qingyuan_science.standards.air.day_figures`.
    """
    days = (last - first).days + 1
    found: DayArrays = {}
    wanted = None if statistics is None else list(statistics)
    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:  # Django's own reads numbers as text, which takes twice as long
        cursor.execute(_READ, [list(channel_ids), month_of(first), last, wanted, wanted], binary=True)
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
