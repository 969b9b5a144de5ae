"""Levels of heavy-pollution warnings by forecast daily AQI."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.errors import NoEdition, UnknownEntry
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


@dataclass(frozen=True)
class Share:
    """How much of a pollutant an area cuts under a warning.

    Parameters
    ----------
    pollutant : str
    emitted, cut : float [kg/d]
        On an ordinary day, and the part of it that is not emitted under the warning.
    share, least : float [%]
        The one of the other, and what it has to reach.
    """

    pollutant: str
    emitted: float
    cut: float
    share: float
    least: float

    @property
    def reached(self) -> bool:
        """Whether the share reaches what it has to."""
        return self.share >= self.least


def cut_pollutants(on: date) -> tuple[str, ...]:
    """List the pollutants of which a warning asks for a share.

    Parameters
    ----------
    on : datetime.date
        Day of the warning.

    Returns
    -------
    tuple of str
    """
    return tuple(table_on(_FILE, "cuts", on).more["pollutants"])


def least_cut(level: str, on: date) -> tuple[float, Source]:
    """Return the share of the emission of an area that a warning asks to be cut.

    Parameters
    ----------
    level : str
        ``yellow``, ``orange`` or ``red``.
    on : datetime.date
        Day of the warning.

    Returns
    -------
    tuple
        The share [%] and its clause.

    Raises
    ------
    NoEdition
        There is none for that day.
    UnknownEntry
        There is no such level.

    Source
    ------
    重污染天气应急预案修订要求(2018/2019), not checked against the text.

    Examples
    --------
    >>> least_cut("orange", date(2026, 11, 22))[0]
    20.0
    """
    table = table_on(_FILE, "cuts", on)
    for row in table.rows:
        if row["level"] == level:
            return float(row["least"]), table.source
    raise UnknownEntry(f"found {level!r}, expected one of: {', '.join(row['level'] for row in table.rows)}")


def shares_cut(emitted: Mapping[str, float], cut: Mapping[str, float], least: float) -> list[Share]:
    """Hold what an area cuts against what a warning asks for.

    Parameters
    ----------
    emitted : mapping of float [kg/d]
        Emission of an ordinary day, by pollutant.
    cut : mapping of float [kg/d]
        What of it is cut, by the same pollutants.
    least : float [%]
        The share that has to be reached.

    Returns
    -------
    list of Share
        One a pollutant that is emitted at all.

    Examples
    --------
    >>> [(one.share, one.reached) for one in shares_cut({"SO2": 300.0}, {"SO2": 60.0}, 20.0)]
    [(20.0, True)]
    """
    return [
        Share(name, amount, cut[name], round(cut[name] * 100.0 / amount, 9), least)
        for name, amount in emitted.items()
        if amount > 0.0
    ]


def _condition(aqi: Sequence[float | None], asked: dict[str, int], bridged: int) -> tuple[bool, str]:
    sign, edge = (">", asked["above"]) if "above" in asked else ("≥", asked["reaches"])
    above = edge if sign == ">" else math.nextafter(edge, -math.inf)
    hours = longest_stretch(aqi, above, bridged) * _HOURS_OF_DAY
    return hours >= asked["hours"], f"AQI {sign} {edge}: {hours} h / {asked['hours']} h"
