"""The register of standards: which of them hold on a day, and what followed."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.errors import UnknownEntry
from qingyuan_science.standards.reading import Status
from qingyuan_science.standards.sourced import tables_of


@dataclass(frozen=True)
class Registered:
    """One standard or rule.

    Parameters
    ----------
    code, title : str
        Number, and title in Chinese.
    domain : Text
    valid_from, valid_to : datetime.date or None
        First day, None where it is not known; last day, None while it holds.
    replaced_by : str
        Number of what followed; empty where nothing did.
    status : Status
        How far the days were checked.
    """

    code: str
    title: str
    domain: Text
    valid_from: date | None
    valid_to: date | None
    replaced_by: str
    status: Status


def registered_standards(on: date | None = None) -> tuple[Registered, ...]:
    """List the standards, or those in force on a day.

    Parameters
    ----------
    on : datetime.date, optional

    Returns
    -------
    tuple of Registered
        Those whose first day is not known hold on no day.
    """
    return tuple(one for one in _registered() if on is None or _holds(one, on))


@cache
def _registered() -> tuple[Registered, ...]:
    (table,) = tables_of("procedure/register", "standards")
    return tuple(
        Registered(
            code=row["code"],
            title=row["title"],
            domain=Text(*row["domain"]),
            valid_from=row.get("from"),
            valid_to=row.get("to"),
            replaced_by=row.get("replaced_by", ""),
            status=Status(row["status"]),
        )
        for row in table.rows
    )


def registered_standard(code: str) -> Registered:
    """Look a standard up by its number.

    Parameters
    ----------
    code : str

    Returns
    -------
    Registered

    Raises
    ------
    UnknownEntry
        It is not in the register.

    Examples
    --------
    >>> registered_standard("GB 3095-2012").replaced_by
    'GB 3095-2026'
    """
    for one in registered_standards():
        if one.code == code:
            return one
    raise UnknownEntry(f"found {code!r}, expected a number such as GB 3838-2002")


def days_in_force(source: Source) -> tuple[date | None, date | None]:
    """Say from when to when a clause holds: by its table, else by the register of its document.

    Parameters
    ----------
    source : Source

    Returns
    -------
    tuple of datetime.date or None
        First and last day, each None where it is not known or has no end yet.

    Examples
    --------
    >>> days_in_force(Source("HJ 633-2012", "5.3"))
    (datetime.date(2016, 1, 1), datetime.date(2026, 2, 28))
    """
    if source.valid_from is not None:
        return source.valid_from, source.valid_to
    for one in registered_standards():
        if one.code == source.document:
            return one.valid_from, one.valid_to
    return None, None


def _holds(one: Registered, on: date) -> bool:
    return one.valid_from is not None and one.valid_from <= on and (one.valid_to is None or on <= one.valid_to)
