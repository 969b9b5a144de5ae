"""What a check that a monitor does not pass makes invalid, and by when it is to be checked again."""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Final, Literal

from qingyuan_science.plugins import Source
from qingyuan_science.series import Averaging
from qingyuan_science.standards.errors import OutsideRule, UnknownEntry
from qingyuan_science.standards.sourced import SourcedTable, row_source, tables_of
from qingyuan_science.standards.validity import mean_rule

Checked = Literal["water", "gas"]
_FILE: Final = "monitoring/validity"
_CHINA: Final = timezone(timedelta(hours=8))
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_STEPS: Final = {"hour": _HOUR, "day": _DAY}
_MEANS: Final = {"gas": ("outlet-gas", Averaging.HOUR, _HOUR), "water": ("outlet-water", Averaging.DAY, _DAY)}


@dataclass(frozen=True)
class InvalidTime:
    """The time that a failed check makes invalid.

    Parameters
    ----------
    begins : datetime.datetime or None
        The last check that was passed before; None where none is known, so that nobody can say how far back it reaches.
    failed : datetime.datetime
        The first check that was not passed.
    ends : datetime.datetime or None
        The next check that was passed; None as long as there is none.
    source : Source
        The clause, with how far it was checked.
    """

    begins: datetime | None
    failed: datetime
    ends: datetime | None
    source: Source


@dataclass(frozen=True)
class Due:
    """By when a monitor is to be checked again.

    Parameters
    ----------
    by : datetime.datetime
    every : int
    unit : str
        ``hour``, ``day`` or ``month``.
    source : Source
    """

    by: datetime
    every: int
    unit: str
    source: Source


def invalid_time(
    medium: Checked, failed: datetime, *, last_passed: datetime | None = None, next_passed: datetime | None = None
) -> InvalidTime:
    """Tell what a failed check makes invalid: all since the last passed one, until the next that is passed.

    Parameters
    ----------
    medium : {"water", "gas"}
        Waste water or flue gas.
    failed : datetime.datetime
        When the check was not passed; aware, like the others.
    last_passed, next_passed : datetime.datetime, optional
        The checks before and after it that were passed.

    Returns
    -------
    InvalidTime

    Raises
    ------
    OutsideRule
        The checks do not follow each other, or the rule was not in force.

    Source
    ------
    HJ 356-2019, 6, for waste water. Of flue gas the facts at hand say so only in that table 5 of HJ 75-2017 counts back
    from the last valid calibration.

    Examples
    --------
    >>> nine = datetime(2026, 11, 20, 9, tzinfo=timezone.utc)
    >>> found = invalid_time("water", nine, last_passed=nine - timedelta(days=7))
    >>> found.failed - found.begins, found.ends
    (datetime.timedelta(days=7), None)
    """
    for earlier, later in pairwise([one for one in (last_passed, failed, next_passed) if one is not None]):
        if later <= earlier:
            raise OutsideRule(f"found {later.isoformat()}, expected a time after {earlier.isoformat()}")
    table = _rule(medium)
    day = failed.astimezone(_CHINA).date()
    if not table.in_force(day):
        raise OutsideRule(f"found {day}, expected a day from {table.valid_from} on, the first of {table.document}")
    return InvalidTime(last_passed, failed, next_passed, table.source)


def invalid_times(medium: Checked, checks: Iterable[tuple[datetime, bool]]) -> tuple[InvalidTime, ...]:
    """Tell what a row of checks makes invalid.

    Parameters
    ----------
    medium : {"water", "gas"}
    checks : iterable of tuple of datetime.datetime and bool
        When each was made, aware and in any order, and whether it was passed. Of several at one instant one that was
        not passed counts.

    Returns
    -------
    tuple of InvalidTime
        One for each run of failed checks between two that were passed, oldest first; none of those that failed before
        the rule was in force.

    Examples
    --------
    >>> at = datetime(2026, 11, 20, tzinfo=timezone.utc)
    >>> hours = {0: True, 6: False, 12: False, 18: True, 24: True}
    >>> [one] = invalid_times("water", [(at + timedelta(hours=h), passed) for h, passed in hours.items()])
    >>> one.begins.hour, one.failed.hour, one.ends.hour
    (0, 6, 18)
    """
    outcomes: dict[datetime, bool] = {}
    for at, passed in checks:
        outcomes[at] = passed and outcomes.get(at, True)
    in_force = _rule(medium).in_force
    found = _runs_of_failures(medium, sorted(outcomes.items()))
    return tuple(one for one in found if in_force(one.failed.astimezone(_CHINA).date()))


def _runs_of_failures(medium: Checked, checks: Sequence[tuple[datetime, bool]]) -> Iterator[InvalidTime]:
    table = _rule(medium)
    last_passed: datetime | None = None
    failed: datetime | None = None
    for at, passed in checks:
        if not passed:
            failed = failed or at
            continue
        if failed is not None:
            yield InvalidTime(last_passed, failed, at, table.source)
        last_passed, failed = at, None
    if failed is not None:
        yield InvalidTime(last_passed, failed, None, table.source)


def means_lost(medium: Checked, begins: datetime, ends: datetime) -> int:
    """How many means no longer count where nothing between two instants does and all else does.

    Parameters
    ----------
    medium : {"water", "gas"}
        Hours of flue gas, days of waste water: what a substitute is put in for.
    begins, ends : datetime.datetime
        Aware; ``begins`` belongs to the time, ``ends`` does not.

    Returns
    -------
    int

    Notes
    -----
    An hour of flue gas counts with 45 valid minutes. A day of waste water counts with three quarters of what is due,
    which is taken to be due evenly over the day.

    Source
    ------
    Annex B of HJ 76-2017; HJ 356-2019, 7.

    Examples
    --------
    >>> nine = datetime(2026, 11, 20, 9, tzinfo=timezone.utc)
    >>> means_lost("gas", nine - timedelta(minutes=15), nine), means_lost("gas", nine - timedelta(minutes=16), nine)
    (0, 1)
    """
    station, averaging, length = _MEANS[medium]
    found = mean_rule(station, averaging, "")
    if found is None or found.rule is None:
        raise UnknownEntry(f"found no rule for the {averaging.value} of {medium}, expected one in validity.toml")
    bearable = length * (found.rule.due - found.rule.needed) / found.rule.due
    begins, ends = begins.astimezone(_CHINA), ends.astimezone(_CHINA)
    first = begins.replace(minute=0, second=0, microsecond=0, hour=begins.hour if length == _HOUR else 0)
    if ends <= first + length:
        return int(ends - begins > bearable)
    whole = (ends - first) // length  # periods up to the one that the end falls into
    inside = whole - 1 + int(first + length - begins > bearable)
    return inside + int(ends - (first + whole * length) > bearable)


def check_due(kind: str, last: datetime, check: Literal["calibration", "verification"] = "calibration") -> Due:
    """By when a monitor of flue gas is to be calibrated or verified again.

    Parameters
    ----------
    kind : str
        ``automatic`` (it calibrates itself); without that, for a calibration: ``direct`` (particles, and gas read
        directly), ``extractive`` (gas drawn out) or ``flow_meter``; for a verification: ``manual``.
    last : datetime.datetime
        When it was done last; aware.
    check : {"calibration", "verification"}

    Returns
    -------
    Due

    Raises
    ------
    UnknownEntry
        There is no such kind; says which there are.

    Source
    ------
    HJ 75-2017, 11.2 and 11.3.

    Examples
    --------
    >>> check_due("extractive", datetime(2026, 11, 20, 9, tzinfo=timezone.utc)).by.isoformat()
    '2026-11-27T17:00:00+08:00'
    """
    (table,) = tables_of(_FILE, "check_intervals")
    rows = {row["kind"]: row for row in table.rows if row["check"] == check}
    if kind not in rows:
        raise UnknownEntry(f"found {kind}, expected one of: {', '.join(rows)}")
    row = rows[kind]
    at = last.astimezone(_CHINA)
    by = _months_later(at, row["every"]) if row["unit"] == "month" else at + row["every"] * _STEPS[row["unit"]]
    return Due(by, row["every"], row["unit"], row_source(table, row))


def kinds_checked(check: Literal["calibration", "verification"]) -> tuple[str, ...]:
    """Kinds of monitor that `check_due` knows, in the order of the table."""
    (table,) = tables_of(_FILE, "check_intervals")
    return tuple(row["kind"] for row in table.rows if row["check"] == check)


def _months_later(at: datetime, months: int) -> datetime:
    """The same day so many months on, or the last of that month where it has no such day."""
    years, month = divmod(at.month - 1 + months, 12)
    year, month = at.year + years, month + 1
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))


def _rule(medium: str) -> SourcedTable:
    return next(one for one in tables_of(_FILE, "failed_check") if _of(one, medium))


def _of(table: SourcedTable, medium: str) -> bool:
    return any(row["medium"] == medium for row in table.rows)
