"""When a mean of an outlet counts, how well data come, and what stands in where nothing was measured."""

import math
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from qingyuan_science.plugins import Source, Text
from qingyuan_science.series import Averaging, ValidityRule
from qingyuan_science.standards.errors import OutsideRule, UnknownEntry
from qingyuan_science.standards.sourced import row_source, source_of, tables_of
from qingyuan_science.standards.validity import mean_rule

Medium = Literal["water", "gas", "air"]
Kind = Literal["out_of_control", "other"]
_FILE = "monitoring/validity"
_STATIONS: dict[Medium, str] = {"gas": "outlet-gas", "water": "outlet-water", "air": "ambient-air"}
_FEBRUARY = 2


@dataclass(frozen=True)
class Validity:
    """Whether a mean counts.

    Parameters
    ----------
    valid : bool
    had, needed : int
        Valid parts, and how many it takes.
    due : int
        How many there would be.
    source : Source
    """

    valid: bool
    had: int
    needed: int
    due: int
    source: Source


@dataclass(frozen=True)
class Substitute:
    """What stands in for an amount that was not measured.

    Parameters
    ----------
    amount : float [kg]
        Of one hour (gas) or one day (water).
    method : str
        ``largest_of_valid`` or ``manual_samples``.
    of : int
        Values that were looked at.
    asked : int
        Values that the rule asks for.
    source : Source
    """

    amount: float
    method: str
    of: int
    asked: int
    source: Source


def mean_validity(
    medium: Medium, period: str, had: int, *, due: int | None = None, month: date | None = None
) -> Validity:
    """Tell whether the mean of an hour, a day or a month counts.

    Parameters
    ----------
    medium : {"water", "gas", "air"}
        Waste water, flue gas or ambient air.
    period : str
        ``hour``, ``day`` or ``month``.
    had : int
        Valid minutes, hours or days (gas, air), valid values (water).
    due : int, optional
        How many values are due; needed for water, known for the others.
    month : datetime.date, optional
        A day of the month, for the mean of a month.

    Returns
    -------
    Validity

    Raises
    ------
    UnknownEntry
        No rule counts the parts of such a mean.
    OutsideRule
        The number due, or the month, is missing, or there are more valid parts than are due.

    Source
    ------
    HJ 75-2017 with annex B of HJ 76-2017; HJ 356-2019, 7; GB 3095-2026, table 4.

    Examples
    --------
    >>> mean_validity("gas", "hour", 44).valid, mean_validity("gas", "month", 23, month=date(2026, 2, 1)).valid
    (False, True)
    """
    needed, due, source = _of_month(medium, due, month) if period == "month" else _of_rule(medium, period, due)
    if not 0 <= had <= due or due < 1:
        raise OutsideRule(f"valid: found {had} of {due} due, expected from 0 to the number due")
    return Validity(had >= needed, had, needed, due, source)


def capture_rate(hours: int, *, invalid: int, stopped: int) -> float | None:
    """Share of the running hours of a quarter whose data are valid.

    Parameters
    ----------
    hours, invalid, stopped : int [h]
        Hours of the quarter, hours with invalid data, hours in which the source stood still.

    Returns
    -------
    float or None [%]
        None where the source did not run.

    Raises
    ------
    OutsideRule
        Invalid and stopped hours are more than the quarter has.

    Source
    ------
    HJ 75-2017, 12.

    Examples
    --------
    >>> capture_rate(2208, invalid=100, stopped=208)
    95.0
    """
    if min(hours, invalid, stopped) < 0 or invalid + stopped > hours:
        raise OutsideRule(f"found {invalid} h invalid and {stopped} h stopped, expected no more than {hours} h in all")
    running = hours - stopped
    return (running - invalid) / running * 100.0 if running else None


def capture_needed() -> tuple[float, Source]:
    """Least capture rate of a quarter [%], and where it stands."""
    (table,) = tables_of(_FILE, "capture")
    return float(table.rows[0]["needed"]), table.source


def effective_transmission(due: int, received: int, valid: int) -> tuple[float, float, float, Source]:
    """Rates by which automatic monitoring is assessed.

    Parameters
    ----------
    due, received, valid : int
        Values due, values that came, valid ones among them.

    Returns
    -------
    tuple of float, float, float [%] and Source
        Transmission, validity, and their product.

    Raises
    ------
    OutsideRule
        Nothing was due, or more came or was valid than could be.

    Examples
    --------
    >>> effective_transmission(24, 18, 12)[:3]
    (75.0, 66.66666666666667, 50.0)
    """
    if due < 1 or not 0 <= valid <= received <= due:
        raise OutsideRule(f"found {valid} valid, {received} received, {due} due; expected each no more than the next")
    (table,) = tables_of(_FILE, "effective")
    validity = valid * 100.0 / received if received else 0.0
    return received * 100.0 / due, validity, valid * 100.0 / due, table.source


def hourly_substitute(capture: float, gap_hours: int, before: Sequence[float], kind: Kind) -> Substitute:
    """What stands in for the emission of an hour of a gap in flue gas data.

    Parameters
    ----------
    capture : float [%]
        Capture rate of the quarter.
    gap_hours : int [h]
        Length of the gap in a row.
    before : sequence of float [kg/h]
        Hourly emission of valid hours, oldest first: before the last valid calibration if the monitor was out of
        control, else before the gap.
    kind : {"out_of_control", "other"}

    Returns
    -------
    Substitute

    Raises
    ------
    OutsideRule
        The capture rate is below every band, or there is no valid hour.

    Source
    ------
    HJ 75-2017, tables 5 and 6.

    Examples
    --------
    >>> hourly_substitute(95.0, 10, [1.0] * 20 + [3.0] + [2.0] * 180, "other").amount
    2.0
    """
    (table,) = tables_of(_FILE, "substitution")
    for row in table.rows:
        if capture >= row["capture_from"] and gap_hours <= row.get("gap_to", math.inf):
            asked = int(row["valid_hours"])
            break
    else:
        least = table.rows[-1]["capture_from"]
        raise OutsideRule(f"capture: found {capture:g} %, expected {least} % or more: below it the tables say nothing")
    if not before:
        raise OutsideRule("before: found no valid hour, expected at least one")
    looked_at = before[-asked:]
    source = source_of(table.document, Text(*table.more["kinds"][kind]), table.status)
    return Substitute(max(looked_at), "largest_of_valid", len(looked_at), asked, source)


def daily_substitute(before: Sequence[float], manual: Sequence[float] = ()) -> Substitute:
    """What stands in for the amount of a day without a valid daily mean of waste water.

    Parameters
    ----------
    before : sequence of float [kg/d]
        Amounts of valid days before the last passed calibration, oldest first.
    manual : sequence of float [kg/d]
        Amounts by samples taken by hand on that day.

    Returns
    -------
    Substitute
        The mean of the samples where there are enough, else the largest of the days.

    Raises
    ------
    OutsideRule
        Neither enough samples nor a valid day.

    Source
    ------
    HJ 356-2019, 8.
    """
    (table,) = tables_of(_FILE, "substitution_water")
    (row,) = table.rows
    if len(manual) >= row["manual_samples"]:
        return Substitute(
            math.fsum(manual) / len(manual), "manual_samples", len(manual), row["manual_samples"], table.source
        )
    if not before:
        raise OutsideRule(f"before: found no valid day, expected one, or {row['manual_samples']} samples by hand")
    looked_at = before[-row["valid_days"] :]
    return Substitute(max(looked_at), "largest_of_valid", len(looked_at), row["valid_days"], table.source)


def _of_rule(medium: Medium, period: str, due: int | None) -> tuple[int, int, Source]:
    """Parts needed and due of an hour or a day, by the rules that the means themselves follow."""
    found = _rules().get((medium, period))
    if found is None:
        there = ", ".join(" ".join(key) for key in (*_rules(), *((one, "month") for one in _STATIONS)))
        raise UnknownEntry(f"found {medium} {period}, expected one of: {there}")
    rule, source = found
    if medium != "water":  # an hour has its minutes and a day its hours; what is due of water hangs on the sampling
        due = rule.due
    if due is None:
        raise OutsideRule("due: found none, expected the number of values due")
    return math.ceil(due * rule.needed / rule.due), due, source


@cache
def _rules() -> dict[tuple[str, str], tuple[ValidityRule, Source]]:
    """The rules that count valid parts alone; an hour of water is left out, as one abnormal value spoils it."""
    found: dict[tuple[str, str], tuple[ValidityRule, Source]] = {}
    for medium, station in _STATIONS.items():
        for averaging in (Averaging.HOUR, Averaging.DAY):
            one = mean_rule(station, averaging, "")
            if one is not None and one.rule is not None and not one.rule.spoiled_by_one:
                found[medium, averaging.value] = one.rule, source_of(one.document, one.clause, one.status)
    return found


def _of_month(medium: Medium, due: int | None, month: date | None) -> tuple[int, int, Source]:
    if month is None:
        raise OutsideRule("month: found none, expected a day of the month")
    due = due if due is not None else monthrange(month.year, month.month)[1]
    table, row = next(
        (table, row) for table in tables_of(_FILE, "months") for row in table.rows if row["medium"] == medium
    )
    if "needed_share" in row:
        return math.ceil(due * int(row["needed_share"]) / 100), due, row_source(table, row)
    return int(row["february"] if month.month == _FEBRUARY else row["needed"]), due, row_source(table, row)
