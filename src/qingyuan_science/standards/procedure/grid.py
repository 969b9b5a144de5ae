"""Grids: how often each level goes round, whether it did, who belongs to a cell, and how a grid is assessed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.errors import OutsideRule, UnknownEntry
from qingyuan_science.standards.procedure.deadlines import CALENDAR_DAY, MONTH, last_day
from qingyuan_science.standards.sourced import SourcedTable, row_source, source_of, tables_of

_FILE = "procedure/grid"
_ANY = "any"
_FULL = 100.0
_LONGEST = 3650  # days; patrols of more than ten years are no question of one sitting


@dataclass(frozen=True)
class Frequency:
    """How often a level goes round.

    Parameters
    ----------
    level : str
    name : Text
    times : int
        Patrols in each window.
    length : int [unit]
        Length of a window.
    unit : str
        ``d`` or ``month``.
    source : Source
    """

    level: str
    name: Text
    times: int
    length: int
    unit: str
    source: Source


@dataclass(frozen=True)
class Patrolled:
    """Whether a level went round.

    Parameters
    ----------
    windows, kept : int
        Whole windows of the time, and those with enough patrols.
    thin : tuple of tuple
        First and last day of each window with too few, and how many it has.
    done : int
        Patrols counted in all, each day once.
    open_until : datetime.date
        Last day of the window that was running at the end.
    open_lacks : int
        Patrols that it still lacks.
    """

    windows: int
    kept: int
    thin: tuple[tuple[date, date, int], ...]
    done: int
    open_until: date
    open_lacks: int


def patrol_rules() -> dict[str, tuple[str, ...]]:
    """List the rules and the levels of each.

    Returns
    -------
    dict of tuple of str
    """
    found = {}
    for table in tables_of(_FILE, "patrols"):
        found[str(table.more["rule"])] = tuple(dict.fromkeys(row["level"] for row in table.rows))
    return found


def patrol_frequency(rule: str, level: str, *, key_site: bool, on: date) -> Frequency:
    """Find how often a level of a grid goes round.

    Parameters
    ----------
    rule : str
        ``chengde`` or ``sanhe``.
    level : str
        ``county``, ``town``, ``village``, or what else the rule has.
    key_site : bool
        A key source, or one that was complained about.
    on : datetime.date
        Day of the patrols.

    Returns
    -------
    Frequency

    Raises
    ------
    UnknownEntry
        The rule says nothing of such a level or such sites, or did not hold yet.

    Examples
    --------
    >>> found = patrol_frequency("chengde", "town", key_site=True, on=date(2026, 11, 1))
    >>> found.times, found.length, found.unit
    (2, 7, 'd')
    """
    sites = "key" if key_site else "other"
    there = []
    for table in tables_of(_FILE, "patrols"):
        if table.more["rule"] == rule and table.in_force(on):
            for row in table.rows:
                there.append(f"{row['level']} ({row['sites']} sites)")
                if row["level"] == level and row["sites"] in (sites, _ANY):
                    length, unit = (row["months"], MONTH) if "months" in row else (row["days"], CALENDAR_DAY)
                    return Frequency(level, Text(*row["name"]), row["times"], length, unit, row_source(table, row))
    raise UnknownEntry(
        f"{rule}: found {level} ({sites} sites) on {on}, expected one of: {', '.join(there) or 'none yet'}"
    )


def patrolled(days: Collection[date], span: tuple[date, date], frequency: Frequency) -> Patrolled:
    """Hold patrols against how often they have to be.

    Parameters
    ----------
    days : collection of datetime.date
        Days of patrols, in any order; a day counts once.
    span : tuple of datetime.date
        First day, from which the windows are counted, and last day.
    frequency : Frequency

    Returns
    -------
    Patrolled
        The last window is only judged where it ended.

    Raises
    ------
    OutsideRule
        The last day is before the first or more than ten years later, or a patrol lies outside.

    Examples
    --------
    >>> weekly = Frequency("town", Text("", ""), 1, 7, "d", Source("", ""))
    >>> found = patrolled([date(2026, 11, 3), date(2026, 11, 20)], (date(2026, 11, 1), date(2026, 11, 24)), weekly)
    >>> found.windows, found.kept, found.open_until.isoformat(), found.open_lacks
    (3, 2, '2026-11-28', 1)
    """
    first, last = span
    if not 0 <= (last - first).days < _LONGEST:
        raise OutsideRule(f"found {first} to {last}, expected up to {_LONGEST} days, the last not before the first")
    counted = set(days)
    if outside := sorted(day for day in counted if not first <= day <= last):
        raise OutsideRule(f"found a patrol on {outside[0]}, expected one from {first} to {last}")
    windows = [_window(first, 0, frequency)]
    while windows[-1][1] <= last:
        windows.append(_window(first, len(windows), frequency))
    whole = len(windows) - 1
    had = [sum(begin <= day <= end for day in counted) for begin, end in windows]
    thin = tuple(
        (begin, end, count)
        for (begin, end), count in zip(windows[:whole], had[:whole], strict=True)
        if count < frequency.times
    )
    lacks = max(frequency.times - had[whole], 0)
    return Patrolled(whole, whole - len(thin), thin, len(counted), windows[whole][1], lacks)


def staff_of_cell() -> tuple[int, int, Source]:
    """How many heads and workers a cell has at least.

    Returns
    -------
    tuple of int, int [persons] and Source
    """
    (table,) = tables_of(_FILE, "staff")
    (row,) = table.rows
    return int(row["heads"]), int(row["workers"]), table.source


def assessment_parts() -> tuple[dict[str, tuple[Text, float]], Source]:
    """List the parts of the assessment of a grid.

    Returns
    -------
    tuple of dict and Source
        Name and full points by part. [points]
    """
    (table,) = tables_of(_FILE, "assessment")
    return {row["part"]: (Text(*row["name"]), float(row["points"])) for row in table.rows}, _undated(table)


def assessed(shares: Mapping[str, float]) -> dict[str, float]:
    """Make points of what was reached of each part.

    Parameters
    ----------
    shares : mapping of str to float [%]
        One of each part of `assessment_parts`.

    Returns
    -------
    dict of float [points]

    Raises
    ------
    OutsideRule
        A part is missing, or a share is not from 0 to 100.

    Examples
    --------
    >>> assessed({"arrangements": 100, "system": 90, "running": 80})
    {'arrangements': 20.0, 'system': 27.0, 'running': 40.0}
    """
    parts, _source = assessment_parts()
    for part in parts:
        if not 0 <= shares.get(part, -1.0) <= _FULL:
            raise OutsideRule(f"{part}: found {shares.get(part)}, expected 0 to 100 %")
    return {part: full * shares[part] / _FULL for part, (_name, full) in parts.items()}


def _undated(table: SourcedTable) -> Source:
    """The clause of a table whose first day is not known."""
    return source_of(table.document, table.clause, table.status)


def _window(first: date, number: int, frequency: Frequency) -> tuple[date, date]:
    begin, after = (last_day(first, (number + more) * frequency.length, frequency.unit) for more in (0, 1))
    return begin, after - timedelta(days=1)
