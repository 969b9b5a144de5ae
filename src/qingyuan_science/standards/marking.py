"""What an operator may mark of a time at an outlet (数据标记), and what the mark does to the values of that time."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from qingyuan_science.plugins import Source, Text
from qingyuan_science.series import Mark
from qingyuan_science.standards.errors import BrokenTable, UnknownMarking
from qingyuan_science.standards.reading import Status, read_table
from qingyuan_science.standards.sourced import source_of

_KIND = Text("标记内容", "kinds of mark")
_CAP = Text("年度累计时限", "cap of the year")
_DEADLINE = Text("标记时限", "deadline of marking")


@dataclass(frozen=True)
class Marking:
    """One kind of mark.

    Parameters
    ----------
    code : str
        Its name.
    title : Text
        What the rule calls it.
    letter : Mark or None
        What the values of the time are marked with; None where they count as before.
    stations : tuple[str, ...]
        Kinds of station at which it may be given.
    group : str
        Marks of one group share a yearly cap; empty where there is none.
    cap : datetime.timedelta or None
        What one year may have of the group; beyond it the mark changes nothing.
    single : datetime.timedelta or None
        What one time may have; beyond it the mark changes nothing.
    condition : Text or None
        What must hold for the mark to change anything.
    document : str
        The rule.
    status : Status
        How far it was checked against the rule.
    valid_from : datetime.date
        First day of the data for which the rule holds.
    """

    code: str
    title: Text
    letter: Mark | None
    stations: tuple[str, ...]
    group: str
    cap: timedelta | None
    single: timedelta | None
    condition: Text | None
    document: str
    status: Status
    valid_from: date

    def holds_on(self, day: date) -> bool:
        """Whether the rule was in force on a day of the data."""
        return day >= self.valid_from


@cache
def markings() -> tuple[Marking, ...]:
    """Return every kind of mark, in the order of the table.

    Returns
    -------
    tuple[Marking, ...]
        The kinds.

    Raises
    ------
    BrokenTable
        A row lacks what every row must say.
    """
    table = read_table("marking")
    caps = {row["group"]: timedelta(hours=row["hours"]) for row in table["cap"]}
    days = {row["document"]: row["valid_from"] for row in table["rule"]}
    return tuple(_marking(row, caps, days) for row in table["mark"])


def marking(code: str) -> Marking:
    """Look a kind of mark up.

    Parameters
    ----------
    code : str
        Its name.

    Returns
    -------
    Marking
        The kind.

    Raises
    ------
    UnknownMarking
        There is none of that name; says which there are.

    Examples
    --------
    >>> marking("fault").letter.name
    'FAULT'
    """
    found = next((one for one in markings() if one.code == code), None)
    if found is None:
        raise UnknownMarking(f"found mark {code!r}, expected one of: {', '.join(one.code for one in markings())}")
    return found


@cache
def marking_deadline() -> timedelta:
    """Return by when a day must be marked.

    Returns
    -------
    datetime.timedelta
        Time after the end of the day.
    """
    return timedelta(hours=read_table("marking")["deadline"]["hours"])


def marking_sources(kind: Marking) -> tuple[Source, ...]:
    """Name the rules behind a kind of mark, its cap and the deadline, each with how far it was checked.

    Parameters
    ----------
    kind : Marking

    Returns
    -------
    tuple of Source
    """
    table = read_table("marking")
    caps = [row for row in table["cap"] if row["group"] == kind.group]
    rows = ((kind.document, _KIND, kind.status), *((row["document"], _CAP, Status(row["status"])) for row in caps))
    last = (table["deadline"]["document"], _DEADLINE, Status(table["deadline"]["status"]))
    return tuple(source_of(*row) for row in (*rows, last))


def _marking(row: dict[str, Any], caps: dict[str, timedelta], days: dict[str, date]) -> Marking:
    try:
        group = row.get("group", "")
        return Marking(
            row["code"],
            Text(*row["title"]),
            Mark(row["letter"]) if "letter" in row else None,
            tuple(row["stations"]),
            group,
            caps[group] if group else None,
            timedelta(hours=row["single_hours"]) if "single_hours" in row else None,
            Text(*row["condition"]) if "condition" in row else None,
            row["document"],
            Status(row["status"]),
            days[row["document"]],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenTable(f"marking: found {row}, expected code, title, stations and source ({error})") from error
