"""Time limits of procedures, and the days on which they end."""

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from qingyuan_science.plugins import Source, Text, folded
from qingyuan_science.standards.errors import OutsideRule, UnknownEntry, UnknownProcess
from qingyuan_science.standards.sourced import row_source, tables_of

CALENDAR_DAY, WORKING_DAY, MONTH, YEAR = "d", "working day", "month", "year"
HOUR, OCLOCK = "h", "o'clock"
_MONTHS_OF_YEAR = 12
_CHINA = timezone(timedelta(hours=8))
_LAST_YEAR = 9000
_LONGEST = 3660  # days; more is no time limit of a procedure


@dataclass(frozen=True)
class TimeLimit:
    """One time limit.

    Parameters
    ----------
    process, step : str
        Keys.
    process_name, name : Text
    limit : int [unit]
    unit : str
        ``d``, ``working day``, ``month``, ``year``, ``h`` or ``o'clock``.
    days : int [days]
        How many days after the day of the event the hour of the clock falls.
    runs_from : Text or None
        From what it runs, or another condition.
    source : Source
    before : bool
        Whether it is counted back from its event, such as the end of a permit.
    """

    process: str
    step: str
    process_name: Text
    name: Text
    limit: int
    unit: str
    days: int
    runs_from: Text | None
    source: Source
    before: bool = False


@dataclass(frozen=True)
class Calendar:
    """Which days are worked.

    Parameters
    ----------
    holidays : collection of datetime.date
        Days off beside Saturdays and Sundays.
    workdays : collection of datetime.date
        Saturdays and Sundays that are worked (调休上班).
    """

    holidays: Collection[date] = ()
    workdays: Collection[date] = ()

    def is_worked(self, day: date) -> bool:
        """Tell whether a day is worked."""
        if day in self.workdays:
            return True
        return day not in self.holidays and day.weekday() < 5

    def next_worked(self, day: date) -> date:
        """The day itself, or the first after it that is worked."""
        for later in range(_LONGEST):
            found = day + timedelta(days=later)
            if self.is_worked(found):
                return found
        raise OutsideRule(f"holidays: found no working day within {_LONGEST} days of {day}")

    def last_worked(self, day: date) -> date:
        """The day itself, or the last before it that is worked."""
        for earlier in range(_LONGEST):
            found = day - timedelta(days=earlier)
            if self.is_worked(found):
                return found
        raise OutsideRule(f"holidays: found no working day within {_LONGEST} days of {day}")


def time_limits(on: date) -> tuple[TimeLimit, ...]:
    """List the time limits in force on a day.

    Parameters
    ----------
    on : datetime.date

    Returns
    -------
    tuple of TimeLimit
    """
    return tuple(
        TimeLimit(
            process=row["process"],
            step=row["step"],
            process_name=Text(*row["process_name"]),
            name=Text(*row["name"]),
            limit=row["limit"],
            unit=table.unit,
            days=row.get("days", 0),
            runs_from=Text(*row["from"]) if "from" in row else None,
            source=row_source(table, row),
            before=row.get("before", False),
        )
        for table in tables_of("procedure/deadlines", "limits")
        if table.in_force(on)
        for row in table.rows
    )


def time_limit(process: str, step: str, on: date) -> TimeLimit:
    """Look a time limit up.

    Parameters
    ----------
    process, step : str
        Keys, such as ``penalty`` and ``decision``, or what they are called in either language.
    on : datetime.date
        Day from which it runs.

    Returns
    -------
    TimeLimit

    Raises
    ------
    UnknownProcess, UnknownEntry
        None of that name is in force; says which are.

    Examples
    --------
    >>> found = time_limit("penalty", "decision", date(2026, 11, 22))
    >>> found.limit, found.unit
    (90, 'd')
    """
    there = time_limits(on)
    known = [one for one in there if folded(process) in {one.process, *one.process_name.names()}]
    for one in known:
        if folded(step) in {one.step, *one.name.names()}:
            return one
    if known:
        names = "; ".join(f"{one.step} ({one.name.zh} {one.name.en})" for one in known)
        raise UnknownEntry(f"found {step!r} on {on}, expected one of: {names}")
    names = "; ".join(dict.fromkeys(f"{one.process} ({one.process_name.zh} {one.process_name.en})" for one in there))
    raise UnknownProcess(f"found {process!r} on {on}, expected one of: {names}")


def last_moment(limit: TimeLimit, event: datetime) -> datetime:
    """Find the last moment of a time limit that runs in hours or to an hour of the clock.

    Parameters
    ----------
    limit : TimeLimit
        One in ``h`` or ``o'clock``.
    event : datetime.datetime
        The event, with its zone.

    Returns
    -------
    datetime.datetime
        In China.

    Examples
    --------
    >>> report = time_limit("air_report", "daily_report", date(2026, 11, 22))
    >>> last_moment(report, datetime(2026, 11, 22, 0, 0, tzinfo=_CHINA)).isoformat()
    '2026-11-23T12:00:00+08:00'
    """
    at = event.astimezone(_CHINA)
    if limit.unit == HOUR:
        return at + timedelta(hours=limit.limit)
    return datetime.combine(at.date() + timedelta(days=limit.days), time(limit.limit), _CHINA)


def last_day(start: date, number: int, unit: str, calendar: Calendar | None = None) -> date:
    """Find the last day of a time limit; the day on which it begins is not counted.

    Parameters
    ----------
    start : datetime.date
        Day of the event.
    number : int
        0 or more.
    unit : str
        ``d``, ``working day``, ``month`` or ``year``.
    calendar : Calendar, optional
        Holidays; only Saturdays and Sundays are off if left out.

    Returns
    -------
    datetime.date
        As counted; see `Calendar.next_worked` where it may end on no day off.

    Raises
    ------
    OutsideRule
        The number is below nought or too large, or the unit is not one of days or months.

    Examples
    --------
    >>> last_day(date(2026, 9, 28), 5, "working day", Calendar({date(2026, 10, day) for day in range(1, 8)}))
    datetime.date(2026, 10, 12)
    >>> last_day(date(2026, 11, 30), 3, "month")
    datetime.date(2027, 2, 28)
    """
    if not 0 <= number <= _LONGEST:
        raise OutsideRule(f"number: found {number}, expected 0 to {_LONGEST}")
    if start.year >= _LAST_YEAR:
        raise OutsideRule(f"start: found {start}, expected a day before the year {_LAST_YEAR}")
    if unit == CALENDAR_DAY:
        return start + timedelta(days=number)
    if unit in (MONTH, YEAR):
        number = number * _MONTHS_OF_YEAR if unit == YEAR else number
        months = start.year * _MONTHS_OF_YEAR + start.month - 1 + number
        year, month = months // _MONTHS_OF_YEAR, months % _MONTHS_OF_YEAR + 1
        return date(year, month, min(start.day, monthrange(year, month)[1]))
    if unit != WORKING_DAY:
        raise OutsideRule(f"unit: found {unit!r}, expected d, working day, month or year")
    worked, day = calendar or Calendar(), start
    for _ in range(number):
        day = worked.next_worked(day + timedelta(days=1))
    return day


def last_day_before(event: date, number: int, unit: str) -> date:
    """Find the last day on which something may be done that is due so long before an event.

    Parameters
    ----------
    event : datetime.date
        Day of the event, which is not counted.
    number : int
        0 or more.
    unit : str
        ``d``: the rules count back in no other.

    Returns
    -------
    datetime.date

    Raises
    ------
    OutsideRule
        The number is below nought or too large, the unit is another, or the day would lie before all calendars.

    Examples
    --------
    >>> last_day_before(date(2026, 12, 31), 60, "d")
    datetime.date(2026, 11, 1)
    """
    if unit != CALENDAR_DAY:
        raise OutsideRule(f"unit: found {unit!r}, expected d")
    if not 0 <= number <= _LONGEST:
        raise OutsideRule(f"number: found {number}, expected 0 to {_LONGEST}")
    if event.toordinal() <= number + _LONGEST:
        raise OutsideRule(f"start: found {event}, expected a later day")
    return event - timedelta(days=number)


def working_days_between(first: date, last: date, calendar: Calendar | None = None) -> int:
    """Count the working days after one day up to another.

    Parameters
    ----------
    first, last : datetime.date
        The first is not counted, the last is.
    calendar : Calendar, optional

    Returns
    -------
    int [working days]
        Below nought if ``last`` comes before ``first``.

    Raises
    ------
    OutsideRule
        The days lie too far apart.
    """
    if abs((last - first).days) > _LONGEST:
        raise OutsideRule(f"days: found {first} and {last}, expected at most {_LONGEST} days between them")
    worked = calendar or Calendar()
    early, late = min(first, last), max(first, last)
    days = (early + timedelta(days=step) for step in range(1, (late - early).days + 1))
    return sum(worked.is_worked(day) for day in days) * (1 if last >= first else -1)


@dataclass(frozen=True)
class FinedDays:
    """The days of a daily consecutive fine.

    Parameters
    ----------
    first, last : datetime.date
        The day after service, and the day of the re-check; both are fined.
    days : int
        How many there are. [days]
    recheck_until : datetime.date
        Last day on which the re-check is in time.
    sources : tuple of Source
        The rule for the days, and that for the re-check.
    law_changed_on : datetime.date
        From this day on another law holds, whose text is not known here.
    """

    first: date
    last: date
    days: int
    recheck_until: date
    sources: tuple[Source, Source]
    law_changed_on: date


def fined_days(served: date, rechecked: date) -> FinedDays:
    """Count the days of a daily consecutive fine.

    Parameters
    ----------
    served : datetime.date
        Day on which the order to correct was served.
    rechecked : datetime.date
        Day of the re-check that found the violation to go on.

    Returns
    -------
    FinedDays

    Raises
    ------
    OutsideRule
        The re-check is not after the service, or later than it may be.
    UnknownProcess
        There was no such rule on the day of service.

    Source
    ------
    环境保护主管部门实施按日连续处罚办法: counted from the day after service to that of the re-check, which article 10
    puts within 30 days.

    Examples
    --------
    >>> fined_days(date(2026, 3, 2), date(2026, 3, 20)).days
    18
    """
    (table,) = tables_of("procedure/deadlines", "fined_days")
    (row,) = table.rows
    limit = time_limit("daily_fine", "covert_recheck", served)
    until = served + timedelta(days=limit.limit)
    first = served + timedelta(days=row["begins_after_service"])
    if not first <= rechecked <= until:
        raise OutsideRule(f"found a re-check on {rechecked}, expected one from {first} to {until}")
    days = (rechecked - first).days + 1
    return FinedDays(first, rechecked, days, until, (table.source, limit.source), row["law_changed_on"])
