"""A natural day of a municipal waste incinerator, judged by its automatic data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from qingyuan_science.plugins import Source
from qingyuan_science.standards.sourced import table_on

_FILE = "emission/incinerators"


@dataclass(frozen=True)
class Furnace:
    """The furnace of one day.

    Parameters
    ----------
    below : int
        Means of five minutes below the temperature asked for.
    allowed : int
        How many of them a day may have.
    temperature : float [°C]
        The temperature asked for.
    most : int
        Means of five minutes that a day has.
    """

    below: int
    allowed: int
    temperature: float
    most: int

    @property
    def over(self) -> bool:
        """Whether there are more than a day may have."""
        return self.below > self.allowed


def furnace_of(means: Sequence[float | None], on: date) -> tuple[Furnace, Source]:
    """Count the means of five minutes of a furnace that lie below its temperature.

    Parameters
    ----------
    means : sequence of float or None [°C]
        Means of five minutes in normal operation of one natural day; None where one is missing.
    on : datetime.date
        The day.

    Returns
    -------
    tuple of Furnace and Source

    Source
    ------
    MEE order 10 of 2019: means below 850 °C more than five times in a natural day (not checked against the text).

    Examples
    --------
    >>> found, _source = furnace_of([849.9] * 5 + [850.0, None], date(2026, 11, 20))
    >>> found.below, found.over
    (5, False)
    """
    table = table_on(_FILE, "furnace", on)
    (row,) = table.rows
    below = sum(one is not None and one < row["below"] for one in means)
    return Furnace(below, row["more_than"], float(row["below"]), row["of_day"]), table.source


def day_items(on: date) -> tuple[tuple[str, ...], Source]:
    """List the items whose daily means decide, by their codes of HJ 212.

    Parameters
    ----------
    on : datetime.date

    Returns
    -------
    tuple
        Codes, and the clause.
    """
    table = table_on(_FILE, "days", on)
    return tuple(row["factor"] for row in table.rows), table.source
