"""The editions of the air quality index: break points, items of each report, categories."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.errors import NoEdition
from qingyuan_science.standards.sourced import SourcedTable, table_on, tables_of
from qingyuan_science.units import canonical

Report = Literal["hour", "day"]
_FILE = "air/index"


@dataclass(frozen=True)
class Item:
    """One pollutant over one averaging time, as a report counts it.

    Parameters
    ----------
    name : str
        Name in questions and answers, for example ``O3_8h``.
    pollutant, averaging : str
        Pollutant, and ``1h``, ``8h`` or ``24h``.
    unit : str
        Unit of the concentration.
    decimals : int
        Decimals to which the concentration is rounded first.
    instead_of : str
        Name of the item whose place it takes where that one gives no IAQI; empty if it counts by itself.
    concentration, iaqi : ndarray of shape (k,) [unit, 1]
        Break points.
    above : float
        IAQI beyond the last break point; NaN if the table gives none there. [1]
    """

    name: str
    pollutant: str
    averaging: str
    unit: str
    decimals: int
    instead_of: str
    concentration: NDArray[np.float64]
    iaqi: NDArray[np.float64]
    above: float


@dataclass(frozen=True)
class Category:
    """One of the six levels of the index.

    Parameters
    ----------
    level, to : int
        Level from 1, and its greatest AQI.
    numeral : str
        The level as printed in Chinese.
    name, colour : Text
        Category and colour.
    rgb, hex : tuple of int, str
        The official colour.
    cmyk : tuple of int [%]
        The official colour for print.
    """

    level: int
    to: int
    numeral: str
    name: Text
    colour: Text
    rgb: tuple[int, int, int]
    hex: str
    cmyk: tuple[int, int, int, int]


@dataclass(frozen=True)
class AirEdition:
    """One edition of the index.

    Parameters
    ----------
    document : str
        Number of the standard with its year.
    valid_from, valid_to : datetime.date
        First and last day in force.
    items : dict
        The items of the ``hour`` and of the ``day`` report.
    categories : tuple of Category
        The six levels.
    least_aqi : int
        Smallest AQI that is published. [1]
    has_exceeding : bool
        Whether the edition names pollutants in exceedance beside the primary ones.
    thin_publishes_above : int
        Where a pollutant is missing, the AQI is published only above this value. [1]
    sources : dict of Source
        The clauses of ``breakpoints``, ``items`` and ``categories``.
    """

    document: str
    valid_from: date
    valid_to: date | None
    items: dict[Report, tuple[Item, ...]]
    categories: tuple[Category, ...]
    least_aqi: int
    has_exceeding: bool
    thin_publishes_above: int
    sources: dict[str, Source]

    def category(self, aqi: float) -> Category:
        """Return the level of an AQI.

        Parameters
        ----------
        aqi : float
            The index, at most 500. [1]

        Returns
        -------
        Category

        Source
        ------
        HJ 633-2012, table 2; HJ 633-2026, table 1; colours by annex A.
        """
        return next(one for one in self.categories if aqi <= one.to)


@cache
def air_editions() -> tuple[AirEdition, ...]:
    """List the editions of the index, earliest first.

    Returns
    -------
    tuple of AirEdition

    Source
    ------
    HJ 633-2012 and HJ 633-2026.
    """
    return tuple(_edition(table) for table in tables_of(_FILE, "breakpoints"))


def air_edition(on: date) -> AirEdition:
    """Return the edition of the index that holds for the data of a day.

    Parameters
    ----------
    on : datetime.date
        Day of the data in China.

    Returns
    -------
    AirEdition

    Raises
    ------
    NoEdition
        The day lies before 2016, when the index came into force nationwide.

    Source
    ------
    HJ 633-2012 and HJ 633-2026, forewords: days of entry into force.

    Examples
    --------
    >>> air_edition(date(2026, 2, 28)).document, air_edition(date(2026, 3, 1)).document
    ('HJ 633-2012', 'HJ 633-2026')
    """
    document = table_on(_FILE, "breakpoints", on).document
    return edition_named(document)


def edition_named(document: str) -> AirEdition:
    """Return one edition of the index, whatever the day.

    Parameters
    ----------
    document : str
        ``HJ 633-2012`` or ``HJ 633-2026``.

    Returns
    -------
    AirEdition

    Raises
    ------
    NoEdition
        There is no such edition.

    Source
    ------
    HJ 633-2012 and HJ 633-2026.
    """
    for edition in air_editions():
        if edition.document == document:
            return edition
    raise NoEdition(f"found {document!r}, expected one of: {', '.join(one.document for one in air_editions())}")


@cache
def advice(level: int) -> tuple[Text, Text, Source]:
    """Return what a level means for health and what people should do.

    Parameters
    ----------
    level : int
        Level from 1 to 6.

    Returns
    -------
    tuple
        Effect on health, advice, and the clause.

    Source
    ------
    HJ 633-2012, table 2; the wording of 2026 was not at hand.
    """
    (table,) = tables_of(_FILE, "advice")
    row = next(row for row in table.rows if row["level"] == level)
    return Text(*row["effect"]), Text(*row["advice"]), table.source


def _edition(breakpoints: SourcedTable) -> AirEdition:
    key = breakpoints.key
    items, categories = (_of(key, holds) for holds in ("items", "categories"))
    points = {(row["pollutant"], row["averaging"]): row for row in breakpoints.rows}
    reports: dict[Report, tuple[Item, ...]] = {
        report: tuple(_item(row, points, breakpoints) for row in items.rows if row["report"] == report)
        for report in ("hour", "day")
    }
    return AirEdition(
        document=breakpoints.document,
        valid_from=breakpoints.valid_from,
        valid_to=breakpoints.valid_to,
        items=reports,
        categories=tuple(_category(row) for row in categories.rows),
        least_aqi=breakpoints.more["least_aqi"],
        has_exceeding=breakpoints.more["has_exceeding"],
        thin_publishes_above=breakpoints.more["thin_publishes_above"],
        sources={
            "breakpoints": breakpoints.source,
            "items": items.source,
            "categories": categories.source,
        },
    )


def _of(key: str, holds: str) -> SourcedTable:
    return next(table for table in tables_of(_FILE, holds) if table.key == key)


def _item(row: dict[str, Any], points: dict[tuple[str, str], dict[str, Any]], table: SourcedTable) -> Item:
    printed = points[row["pollutant"], row["averaging"]]
    concentration = np.array(printed["concentration"], dtype=np.float64)
    return Item(
        name=row["item"],
        pollutant=row["pollutant"],
        averaging=row["averaging"],
        unit=canonical(printed.get("unit", table.unit)),
        decimals=row["decimals"],
        instead_of=row.get("instead_of", ""),
        concentration=concentration,
        iaqi=np.array(table.more["iaqi"][: concentration.size], dtype=np.float64),
        above=float(printed.get("above", "nan")),
    )


def _category(row: dict[str, Any]) -> Category:
    red, green, blue = row["rgb"]
    cyan, magenta, yellow, black = row["cmyk"]
    return Category(
        level=row["level"],
        to=row["to"],
        numeral=row["level_zh"],
        name=Text(*row["name"]),
        colour=Text(*row["colour"]),
        rgb=(red, green, blue),
        hex=row["hex"],
        cmyk=(cyan, magenta, yellow, black),
    )
