"""Means of what the index leaves out: how many sampled days a month, a quarter or a year of them needs."""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from qingyuan_science.plugins import Source
from qingyuan_science.standards.errors import UnknownEntry
from qingyuan_science.standards.sourced import table_on, tables_of

_FILE = "air/assessment"
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_FEBRUARY = 2


@dataclass(frozen=True)
class Sampling:
    """What a mean over a period needs.

    Parameters
    ----------
    days : int
        Valid daily means in all. [days]
    a_month : int
        Valid daily means in each month, nought where the standard asks for none. [days]
    hours : int
        Hours that a daily mean needs, sampled or valid. [h]
    source : Source
    """

    days: int
    a_month: int
    hours: int
    source: Source


def sampling_of(item: str, period: str, on: date) -> Sampling:
    """Return what a mean of an item over a period needs.

    Parameters
    ----------
    item : str
        ``TSP``, ``BaP``, ``Pb`` or ``NOx``.
    period : str
        ``month``, ``quarter`` or ``year``.
    on : datetime.date
        Last day of the data in China.

    Returns
    -------
    Sampling

    Raises
    ------
    UnknownEntry
        The standard has no count for the item over that time; says for which times it has one.
    NoEdition
        The day is before the first edition.

    Source
    ------
    GB 3095-2012 and GB 3095-2026, table 4; GB 3095-2026, 6.4.

    Examples
    --------
    >>> found = sampling_of("Pb", "quarter", date(2026, 9, 30))
    >>> found.days, found.a_month, found.hours
    (15, 5, 24)
    """
    table = table_on(_FILE, "sampled", on)
    rows = {row["period"]: row for row in table.rows if row["item"] == item}
    if period not in rows:
        raise UnknownEntry(f"found {item} over a {period}, expected {item} over a {' or '.join(rows) or 'time'}")
    row = rows[period]
    of_february = period == "month" and on.month == _FEBRUARY
    return Sampling(
        row["days_of_february" if of_february else "days"], row.get("a_month", 0), row["hours"], table.source
    )


def decimals_unknown(item: str) -> Source | None:
    """Name the clause that would say to how many decimals a mean is rounded, where that was not obtained.

    Parameters
    ----------
    item : str
        As in `sampling_of`, or any other pollutant.

    Returns
    -------
    Source or None
        None where the decimals are no question.

    Examples
    --------
    >>> decimals_unknown("Pb").status, decimals_unknown("TSP")
    ('unverified', None)
    """
    (table,) = tables_of(_FILE, "decimals_unknown")
    return table.source if any(row["item"] == item for row in table.rows) else None


def period_of(day: date, period: str) -> tuple[date, date]:
    """Return the first and the last day of the calendar month, quarter or year that a day falls in.

    Parameters
    ----------
    day : datetime.date
    period : str
        ``month``, ``quarter`` or ``year``.

    Returns
    -------
    tuple of datetime.date

    Examples
    --------
    >>> period_of(date(2026, 8, 9), "quarter")
    (datetime.date(2026, 7, 1), datetime.date(2026, 9, 30))
    """
    length = _MONTHS[period]
    begins = (day.month - 1) // length * length + 1
    ends = begins + length - 1
    return date(day.year, begins, 1), date(day.year, ends, monthrange(day.year, ends)[1])


def thin_months(days: Iterable[date], span: tuple[date, date], least: int) -> list[tuple[date, int]]:
    """List the months of a period with fewer valid days than each of them needs.

    Parameters
    ----------
    days : iterable of datetime.date
        Days with a valid mean.
    span : tuple of datetime.date
        First and last day of the period.
    least : int
        Valid days that a month needs. [days]

    Returns
    -------
    list of tuple
        First day of the month, and how many valid days it has.

    Source
    ------
    GB 3095-2026, table 4: at least five daily means a month, evenly spread.

    Examples
    --------
    >>> thin_months([date(2026, 7, 1)], (date(2026, 7, 1), date(2026, 8, 31)), 1)
    [(datetime.date(2026, 8, 1), 0)]
    """
    had = Counter((one.year, one.month) for one in days)
    months = [date(span[0].year, month, 1) for month in range(span[0].month, span[1].month + 1)]
    return [(one, had[one.year, one.month]) for one in months if had[one.year, one.month] < least]


def longest_pause(days: Iterable[date], span: tuple[date, date]) -> int:
    """Count the days of the longest stretch of a period without a valid mean.

    Parameters
    ----------
    days : iterable of datetime.date
        Days with a valid mean.
    span : tuple of datetime.date
        First and last day of the period.

    Returns
    -------
    int [days]
        The standard gives no figure for an even spread; this is what to judge it by.

    Examples
    --------
    >>> longest_pause([date(2026, 7, 1), date(2026, 7, 8)], (date(2026, 7, 1), date(2026, 7, 10)))
    6
    """
    marks = [span[0].toordinal() - 1, *sorted(one.toordinal() for one in set(days)), span[1].toordinal() + 1]
    return max(later - earlier - 1 for earlier, later in pairwise(marks))
