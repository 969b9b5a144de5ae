"""Levels of heavy-pollution warnings by forecast daily AQI."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.errors import NoEdition
from qingyuan_science.standards.sourced import SourcedTable, table_on, tables_of

_FILE = "air/warning"
_HOURS_OF_DAY = 24


@dataclass(frozen=True)
class Warning:
    """One level with what it asks for and how far the forecast meets it.

    Parameters
    ----------
    level : str
        ``red``, ``orange`` or ``yellow``.
    name : Text
    met : bool
        Whether all conditions of one alternative are met.
    conditions : tuple of str
        Each condition in words of figures: what it asks for and the longest stretch found.
    """

    level: str
    name: Text
    met: bool
    conditions: tuple[str, ...]


def longest_stretch(aqi: Sequence[float | None], above: float, bridged: int = 0) -> int:
    """Length of the longest stretch of days above an AQI.

    Parameters
    ----------
    aqi : sequence of float or None [1]
        Daily AQI of days in a row; None ends a stretch.
    above : float [1]
        AQI that must be exceeded.
    bridged : int
        Days at or below it that do not end the stretch, being one process. [days]

    Returns
    -------
    int [days]
        Bridged days are counted.

    Source
    ------
    Uniform warning thresholds of 2018/2019: two processes too close to each other count as one.

    Examples
    --------
    >>> longest_stretch([210, 220, 180, 230], 200), longest_stretch([210, 220, 180, 230], 200, bridged=1)
    (2, 4)
    """
    longest, first, last = 0, None, None
    for day, value in enumerate(aqi):
        if value is None or value <= above:
            continue
        if first is None or last is None or day - last > bridged + 1 or any(one is None for one in aqi[last:day]):
            first = day
        last = day
        longest = max(longest, day - first + 1)
    return longest


def warnings_for(aqi: Sequence[float | None], rule: SourcedTable, bridged: int = 0) -> tuple[Warning, ...]:
    """Hold a forecast against every level.

    Parameters
    ----------
    aqi : sequence of float or None [1]
        Forecast daily AQI of days in a row.
    rule : SourcedTable
        The levels, from `warning_rule`.
    bridged : int
        Days in between that do not end a process. [days]

    Returns
    -------
    tuple of Warning
        From the gravest down; the first that is met is the level to announce.

    Source
    ------
    重污染天气应急预案修订要求(2018/2019); 环大气〔2024〕6号 (not checked against the text).
    """
    levels = []
    for row in rule.rows:
        tried = [[_condition(aqi, one, bridged) for one in alternative] for alternative in row["any"]]
        met = any(all(fulfilled for fulfilled, _ in alternative) for alternative in tried)
        said = tuple(" & ".join(words for _, words in alternative) for alternative in tried)
        levels.append(Warning(row["level"], Text(*row["name"]), met, said))
    return tuple(levels)


def warning_rule(on: date, key: str = "") -> tuple[SourcedTable, Source]:
    """Return the thresholds that hold on a day, or those that a bureau's plan names.

    Parameters
    ----------
    on : datetime.date
        Day on which the forecast is issued.
    key : str
        ``2018`` or ``2024``; empty for the one in force.

    Returns
    -------
    tuple
        The levels and their clause.

    Raises
    ------
    NoEdition
        There is none of that name or for that day.

    Source
    ------
    重污染天气应急预案修订要求(2018/2019); 环大气〔2024〕6号.
    """
    if not key:
        table = table_on(_FILE, "levels", on)
        return table, table.source
    for table in tables_of(_FILE, "levels"):
        if table.key == key:
            return table, table.source
    raise NoEdition(f"found {key!r}, expected one of: {', '.join(one.key for one in tables_of(_FILE, 'levels'))}")


def _condition(aqi: Sequence[float | None], asked: dict[str, int], bridged: int) -> tuple[bool, str]:
    hours = longest_stretch(aqi, asked["above"], bridged) * _HOURS_OF_DAY
    return hours >= asked["hours"], f"AQI > {asked['above']}: {hours} h / {asked['hours']} h"
