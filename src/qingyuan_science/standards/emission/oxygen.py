"""Gas concentrations at the reference oxygen content of a plant."""

from typing import Any

from qingyuan_science.plugins import Source
from qingyuan_science.series.converted import OXYGEN_OF_AIR, at_reference, convertible
from qingyuan_science.standards.errors import OutsideRule, UnknownEntry
from qingyuan_science.standards.sourced import row_source, tables_of

_FILE, _HOLDS = "emission/rules", "oxygen"


def reference_oxygen(plant: str) -> tuple[float, Source]:
    """Look up the reference oxygen content of a kind of plant.

    Parameters
    ----------
    plant : str
        One of `plants`.

    Returns
    -------
    tuple of float and Source
        Oxygen content [%], and where it stands.

    Raises
    ------
    UnknownEntry
        There is no such kind; says which there are.
    """
    (table,) = tables_of(_FILE, _HOLDS)
    for row in table.rows:
        if row["plant"] == plant:
            return float(row["reference"]), row_source(table, row)
    raise UnknownEntry(f"found {plant!r}, expected one of: {', '.join(plants())}")


def plants() -> dict[str, dict[str, Any]]:
    """List the kinds of plant with a reference oxygen content.

    Returns
    -------
    dict of str to dict
        The rows of the table by kind.
    """
    (table,) = tables_of(_FILE, _HOLDS)
    return {row["plant"]: row for row in table.rows}


def converted(measured: float, oxygen: float, reference: float) -> float:
    """Convert a measured concentration to the reference oxygen content.

    Parameters
    ----------
    measured : float [mg/m3]
        Dry, at standard state.
    oxygen : float [%]
        Oxygen content measured, from 0 to below 21.
    reference : float [%]
        Reference oxygen content, below 21.

    Returns
    -------
    float [mg/m3]

    Raises
    ------
    OutsideRule
        The oxygen content is below nought, or that of air or above: the plant does not burn, and nothing is converted.

    Source
    ------
    GB 13271-2014, 5.2.

    Examples
    --------
    >>> converted(35.0, 9.0, 6.0)
    43.75
    """
    for name, content in (("oxygen", oxygen), ("reference", reference)):
        if not convertible(content):
            raise OutsideRule(
                f"{name}: found {content:g} %, expected from 0 to below {OXYGEN_OF_AIR:g} %, the content of air"
            )
    return float(at_reference(measured, oxygen, reference))


def conversion_source(standard: str) -> Source:
    """Name where a standard gives the reference oxygen content, and with it the formula.

    Parameters
    ----------
    standard : str
        Number of the standard, with or without year.

    Returns
    -------
    Source
        Of GB 13271, whose formula all share, where no row names the standard.

    Examples
    --------
    >>> conversion_source("GB 13271").clause, conversion_source("GB 18485-2014").document
    (Text(zh='5.2', en='5.2'), 'GB 18485-2014')
    """
    (table,) = tables_of(_FILE, _HOLDS)
    for row in table.rows:
        document = row.get("document", table.document)
        if standard in (document, document.rpartition("-")[0]):
            return row_source(table, row)
    return table.source
