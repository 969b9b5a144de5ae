"""When a matter under a time limit turns yellow and red, with its clock stopped where a rule says so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.errors import OutsideRule, UnknownEntry
from qingyuan_science.standards.sourced import SourcedTable, source_of, table_on, tables_of

_FILE = "procedure/supervision"
_ALL = 100

Colour = Literal["green", "yellow", "red"]
Rule = Literal["by_share", "by_days"]
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Lights:
    """The colour of a matter, and when it turns.

    Parameters
    ----------
    colour : {"green", "yellow", "red"}
    due, yellow_from, red_from : datetime.datetime
        With all stops so far added.
    used, term : datetime.timedelta
        Time that counted, and that there is.
    stopped : datetime.timedelta
        Time that did not count.
    """

    colour: Colour
    due: datetime
    yellow_from: datetime
    red_from: datetime
    used: timedelta
    term: timedelta
    stopped: timedelta


@dataclass(frozen=True)
class ElectronicClass:
    """A class of electronic supervision.

    Parameters
    ----------
    code : str
    name : Text
    feedback : bool or None
        Whether the plant must answer; None where that was not obtained.
    to : Text or None
        Whom it is sent to; None where that was not obtained.
    source : Source
    """

    code: str
    name: Text
    feedback: bool | None
    to: Text | None
    source: Source


def thresholds(rule: Rule) -> tuple[float, float, Source]:
    """Say with how much left a matter turns yellow, and with how much gone beyond its end red.

    Parameters
    ----------
    rule : {"by_share", "by_days"}
        Shares of the term or days.

    Returns
    -------
    tuple of float, float [% or d] and Source

    Examples
    --------
    >>> thresholds("by_share")[:2], thresholds("by_days")[:2]
    ((25.0, 50.0), (3.0, 0.0))
    """
    (table,) = tables_of(_FILE, rule)
    (row,) = table.rows
    return float(row["left"]), float(row["over"]), source_of(table.document, table.clause, table.status)


def reasons_to_stop(on: date) -> tuple[dict[str, Text], Source]:
    """List what stops the clock of a penalty.

    Parameters
    ----------
    on : datetime.date
        Day on which the term began.

    Returns
    -------
    tuple of dict and Source
        Names by reason.

    Raises
    ------
    NoEdition
        The day is before the first rule.
    """
    table: SourcedTable = table_on(_FILE, "pauses", on)
    return {row["reason"]: Text(*row["name"]) for row in table.rows}, table.source


def lights(term: Span, at: datetime, stops: Iterable[Span], *, rule: Rule, turns: tuple[float, float]) -> Lights:
    """Tell the colour of a matter.

    Parameters
    ----------
    term : tuple of datetime.datetime
        When it began and when it was due.
    at : datetime.datetime
        As of when; when it was closed, where it was.
    stops : iterable of tuple of datetime.datetime
        From when to when the clock stood; they may overlap.
    rule : {"by_share", "by_days"}
        What `turns` are.
    turns : tuple of float [% or d]
        How much is left when it turns yellow, and gone beyond the end when it turns red, as `thresholds` gives them.

    Returns
    -------
    Lights

    Raises
    ------
    OutsideRule
        The term ends before it begins, it had not begun, a stop ends before it begins or lies before the term, or a
        figure is below nought.

    Examples
    --------
    >>> from datetime import timezone
    >>> begun, due = (datetime(2026, 11, day, tzinfo=timezone.utc) for day in (1, 9))
    >>> [lights((begun, due), datetime(2026, 11, day, tzinfo=timezone.utc), (), rule="by_share", turns=(25, 50)).colour
    ...  for day in (6, 7, 12, 13)]
    ['green', 'yellow', 'yellow', 'red']
    """
    begun, due = term
    length = due - begun
    if length <= timedelta(0) or at < begun:
        raise OutsideRule(f"found {begun} to {due} as of {at}, expected an end after the begin, and no time before it")
    if min(turns) < 0:
        raise OutsideRule(f"found {min(turns):g}, expected 0 or more")
    stopped = _together(stops, begun, at)
    left, over = (length * one / _ALL if rule == "by_share" else timedelta(days=one) for one in turns)
    used = at - begun - stopped
    red = used > length if over == timedelta(0) else used >= length + over
    colour: Colour = "red" if red else "yellow" if used >= length - left else "green"
    end = due + stopped
    return Lights(colour, end, max(end - left, begun), end + over, used, length, stopped)


def electronic_class(matter: str) -> ElectronicClass:
    """Find the class of electronic supervision that a matter of a waste incinerator falls in.

    Parameters
    ----------
    matter : str
        ``exempt_time``, ``violation_time``, ``fault_time``, ``network``, ``missing_data``, ``in_process`` or
        ``after_event``.

    Returns
    -------
    ElectronicClass

    Raises
    ------
    UnknownEntry
        There is no such matter.

    Examples
    --------
    >>> electronic_class("network").code
    'pre_warning'
    """
    (table,) = tables_of(_FILE, "electronic")
    for row in table.rows:
        if matter in row["matters"]:
            to = Text(*row["to"]) if "to" in row else None
            return ElectronicClass(row["class"], Text(*row["name"]), row.get("feedback"), to, table.source)
    raise UnknownEntry(f"found {matter!r}, expected one of: {', '.join(electronic_matters())}")


def electronic_matters() -> tuple[str, ...]:
    """List the matters that `electronic_class` knows.

    Returns
    -------
    tuple of str
    """
    (table,) = tables_of(_FILE, "electronic")
    return tuple(matter for row in table.rows for matter in row["matters"])


def _together(stops: Iterable[Span], begun: datetime, at: datetime) -> timedelta:
    """How long the clock stood up to a time, each moment once."""
    whole, last = timedelta(0), begun
    for first, end in sorted(stops):
        if end < first or first < begun:
            raise OutsideRule(
                f"found a stop from {first} to {end}, expected one after the begin, with its end after it"
            )
        first, end = max(first, last), min(end, at)
        if end > first:
            whole, last = whole + (end - first), end
    return whole
