"""Kinds of violation: what makes one suspected, and the law each rests on, by days and with how far it was checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.errors import UnknownEntry
from qingyuan_science.standards.reading import Status
from qingyuan_science.standards.sourced import row_source, tables_of

_FILE = "procedure/violations"
_EMPTY = Text("", "")


@dataclass(frozen=True)
class LegalBasis:
    """A law that a kind of violation rests on.

    Parameters
    ----------
    law : Text
        Name of the law or regulation.
    document : str
        Its number or short name.
    article : Text or None
        None where the article was not obtained.
    valid_from, valid_to : datetime.date
        First and last day in force; ``valid_to`` is None while it has none.
    status : Status
        How far it was checked.
    remark : Text
        What it says, and what is not known of it.
    source : Source
    """

    law: Text
    document: str
    article: Text | None
    valid_from: date
    valid_to: date | None
    status: Status
    remark: Text
    source: Source


@dataclass(frozen=True)
class Violation:
    """A kind of violation.

    Parameters
    ----------
    code : str
    name : Text
    detectors : tuple of str
        Codes of the detectors whose findings make it suspected.
    stations : tuple of str
        The kinds of station at which they do; empty for every kind.
    """

    code: str
    name: Text
    detectors: tuple[str, ...]
    stations: tuple[str, ...]


@cache
def violations() -> tuple[Violation, ...]:
    """List the kinds of violation.

    Returns
    -------
    tuple of Violation
    """
    (table,) = tables_of(_FILE, "kinds")
    return tuple(
        Violation(row["code"], Text(*row["name"]), tuple(row.get("detectors", ())), tuple(row.get("stations", ())))
        for row in table.rows
    )


def violation(code: str) -> Violation:
    """Look a kind of violation up.

    Parameters
    ----------
    code : str

    Returns
    -------
    Violation

    Raises
    ------
    UnknownEntry
        There is no such kind; the message lists those that exist.

    Examples
    --------
    >>> violation("emergency").name.zh
    '未落实重污染天气应急减排措施'
    """
    for one in violations():
        if one.code == code:
            return one
    raise UnknownEntry(f"found {code!r}, expected one of: {', '.join(one.code for one in violations())}")


def suspected_violation(detector: str, station_kind: str) -> Violation | None:
    """Say which kind of violation a finding makes suspected.

    Parameters
    ----------
    detector : str
        Code of the detector that found it.
    station_kind : str
        Kind of the station where it was found; a river over its limit is nobody's violation yet.

    Returns
    -------
    Violation or None
        None where the finding by itself points at none.

    Examples
    --------
    >>> suspected_violation("exceedance", "outlet-water").code
    'over-limit'
    >>> suspected_violation("exceedance", "surface-water") is None
    True
    """
    for one in violations():
        if detector in one.detectors and (not one.stations or station_kind in one.stations):
            return one
    return None


def legal_bases(code: str, first: date, last: date) -> tuple[LegalBasis, ...]:
    """List the laws that a kind of violation rested on at some time of an act.

    Parameters
    ----------
    code : str
    first, last : datetime.date
        First and last day of the act, in China.

    Returns
    -------
    tuple of LegalBasis
        The best checked first. Where the act lasted over a change of the law, both editions.

    Raises
    ------
    UnknownEntry
        There is no such kind of violation.
    """
    violation(code)
    order = list(Status)
    found = [one for one in _bases(code) if one.valid_from <= last and (one.valid_to is None or first <= one.valid_to)]
    return tuple(sorted(found, key=lambda one: (one.article is None, order.index(one.status), one.valid_from)))


def _bases(code: str) -> Iterator[LegalBasis]:
    for table in tables_of(_FILE, "bases"):
        for row in table.rows:
            if row["kind"] == code:
                source = row_source(table, row)
                article = Text(*row["clause"]) if "clause" in row else None
                remark = Text(*table.more["remark"]) if "remark" in table.more else _EMPTY
                yield LegalBasis(
                    table.title, table.document, article, table.valid_from, table.valid_to,
                    Status(row.get("status", table.status)), remark, source,
                )  # fmt: skip
