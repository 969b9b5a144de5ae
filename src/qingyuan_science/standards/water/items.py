"""The items of surface water, under the names that questions use, and the classes."""

from dataclasses import dataclass
from functools import cache

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.errors import UnknownFactor
from qingyuan_science.standards.sourced import SourcedTable, tables_of

CLASSES = ("I", "II", "III", "IV", "V", "worse")
"""The classes from the best to worse than V."""

TARGETS = CLASSES[:-1]


@dataclass(frozen=True)
class WaterItem:
    """One item of GB 3838.

    Parameters
    ----------
    item : str
        Short name in questions and answers, for example ``NH3-N``.
    name : Text
        Name as printed.
    factor : str
        Code of HJ 212; empty if it has none.
    group : str
        ``basic``, ``supplementary`` or ``specific``: tables 1, 2 and 3.
    limit : float or None [mg/L]
        The single limit of tables 2 and 3.
    apart : bool
        Whether the item is told apart and does not decide the class (total nitrogen, faecal coliforms).
    first : bool
        Whether it is named first among the main pollutants (cyanide, heavy metals).
    """

    item: str
    name: Text
    factor: str
    group: str
    limit: float | None
    apart: bool
    first: bool


@dataclass(frozen=True)
class WaterClass:
    """One class as people read it.

    Parameters
    ----------
    code : str
        ``I`` to ``V``, or ``worse``.
    name, status, colour : Text
        Class, status of a section in it, and colour.
    hex : str
        The colour as the public portals draw it.
    """

    code: str
    name: Text
    status: Text
    colour: Text
    hex: str


@cache
def water_items(*groups: str) -> dict[str, WaterItem]:
    """List the items of some tables of the standard.

    Parameters
    ----------
    *groups : str
        ``basic``, ``supplementary``, ``specific``.

    Returns
    -------
    dict of WaterItem
        By short name, in the order printed.

    Source
    ------
    GB 3838-2002, tables 1 to 3.
    """
    found = {}
    for group in groups:
        for row in item_table(group).rows:
            found[row["item"]] = WaterItem(
                item=row["item"],
                name=Text(*row["name"]),
                factor=row.get("factor", ""),
                group=group,
                limit=float(row["limit"]) if "limit" in row else None,
                apart=row.get("apart", False),
                first=row.get("first", False),
            )
    return found


def item_table(group: str) -> SourcedTable:
    """Return the table that a group of items is printed in.

    Parameters
    ----------
    group : str
        ``basic``, ``supplementary`` or ``specific``.

    Returns
    -------
    SourcedTable

    Source
    ------
    GB 3838-2002, tables 1 to 3.
    """
    (table,) = tables_of("water/items", group)
    return table


def item_named(name: str, *groups: str) -> WaterItem:
    """Find an item by its short name, its printed Chinese name or its code.

    Parameters
    ----------
    name : str
        For example ``NH3-N``, ``氨氮`` or ``w21003``.
    *groups : str
        Where to look.

    Returns
    -------
    WaterItem

    Raises
    ------
    UnknownFactor
        No item has that name.

    Source
    ------
    GB 3838-2002, tables 1 to 3.

    Examples
    --------
    >>> item_named("氨氮", "basic").item, item_named("w21011", "basic").item
    ('NH3-N', 'TP')
    """
    items = water_items(*groups)
    for one in items.values():
        if name and name in (one.item, one.name.zh, one.factor):
            return one
    raise UnknownFactor(f"found {name!r}, expected one of: {', '.join(items)}")


@cache
def water_class(code: str) -> WaterClass:
    """Return what people read for a class.

    Parameters
    ----------
    code : str
        ``I`` to ``V``, or ``worse``.

    Returns
    -------
    WaterClass

    Source
    ------
    环办〔2011〕22号, table 1; the colours are practice.
    """
    (table,) = tables_of("water/assessment", "classes")
    row = next(row for row in table.rows if row["class"] == code)
    return WaterClass(code, Text(*row["name"]), Text(*row["status"]), Text(*row["colour"]), row["hex"])


def class_source() -> Source:
    """Name the clause that gives sections their status.

    Returns
    -------
    Source

    Source
    ------
    环办〔2011〕22号, table 1.
    """
    return tables_of("water/assessment", "classes")[0].source
