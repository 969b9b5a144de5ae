"""Rates that a stack may emit by its height, and several stacks taken as one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from qingyuan_science.plugins import Source, Text, folded
from qingyuan_science.standards.errors import OutsideRule, UnknownEntry
from qingyuan_science.standards.sourced import row_source, tables_of

Found = Literal["printed", "interpolated", "extrapolated"]
_FILE = "emission/stack_rates"


@dataclass(frozen=True)
class RateLimit:
    """The highest permitted rate of one stack.

    Parameters
    ----------
    item : Text
    rate : float [kg/h]
        After every halving.
    before : float [kg/h]
        By height alone.
    found : {"printed", "interpolated", "extrapolated"}
    halved : tuple of str
        Rules by which it is halved: ``above_buildings``, ``least_height``.
    sources : tuple of Source
    """

    item: Text
    rate: float
    before: float
    found: Found
    halved: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Stack:
    """One stack.

    Parameters
    ----------
    height : float [m]
    rate : float [kg/h]
        What it emits.
    """

    height: float
    rate: float


def stack_rate_limit(
    item: str, height: float, *, grade: str = "2", case: str = "", above_buildings: bool = True
) -> RateLimit:
    """Find the rate that a stack of some height may emit.

    Parameters
    ----------
    item : str
        Name in Chinese or English, or code of the factor.
    height : float
        Height of the stack above the ground. [m]
    grade : str
        Grade of the area, ``2`` or ``3``.
    case : str
        Process, by its code or the words of the standard; the main case if empty.
    above_buildings : bool
        Whether the stack rises 5 m or more above the buildings within 200 m.

    Returns
    -------
    RateLimit

    Raises
    ------
    UnknownEntry
        The standard prints no rate for the item.
    OutsideRule
        The height is not above nought.

    Source
    ------
    GB 16297-1996, table 2, 7.1 and 7.4, annex B.

    Examples
    --------
    >>> stack_rate_limit("SO2", 25.0).rate, stack_rate_limit("SO2", 15.0, above_buildings=False).rate
    (9.65, 1.3)
    """
    if not height > 0:
        raise OutsideRule(f"height: found {height} m, expected above 0")
    (table,) = tables_of(_FILE, "rates")
    row = _row(item, case)
    heights, rates = ([float(one) for one in row[name]] for name in ("height", f"grade_{grade}"))
    before, found = _by_height(height, heights, rates)
    sources = [row_source(table, row)]
    if found != "printed":
        sources.append(_rule("interpolation" if found == "interpolated" else "extrapolation")[1])
    halved, rate = [], before
    for name, broken in (("above_buildings", not above_buildings), ("least_height", height < _least_height())):
        if broken:
            rule, source = _rule(name)
            rate *= float(rule["factor"])
            halved.append(name)
            sources.append(source)
    return RateLimit(Text(*row["item"]), round(rate, 9), round(before, 9), found, tuple(halved), tuple(sources))


def equivalent_stack(stacks: Sequence[Stack], distances: Sequence[float]) -> tuple[Stack, Source]:
    """Take stacks that emit the same pollutant and stand close together as one.

    Parameters
    ----------
    stacks : sequence of Stack
        Two or more, in the order in which they are joined.
    distances : sequence of float [m]
        Distance of each stack after the first from the one (or the equivalent one) before it.

    Returns
    -------
    tuple of Stack and Source
        Rates add up; heights by the root mean square of two.

    Raises
    ------
    OutsideRule
        Fewer than two stacks, or two that stand farther apart than their heights together.

    Source
    ------
    GB 16297-1996, 7.2 and annex A.

    Examples
    --------
    >>> equivalent_stack([Stack(30.0, 2.0), Stack(40.0, 3.0)], [50.0])[0]
    Stack(height=35.35533905932738, rate=5.0)
    """
    if len(stacks) < 2 or len(distances) != len(stacks) - 1:
        raise OutsideRule(
            f"stacks: found {len(stacks)} and {len(distances)} distances, expected one for each but the first"
        )
    joined = stacks[0]
    for other, distance in zip(stacks[1:], distances, strict=True):
        if not 0 <= distance < joined.height + other.height:
            near = joined.height + other.height
            raise OutsideRule(f"distance: found {distance:g} m, expected below the heights together, {near:g} m")
        height = math.sqrt((joined.height**2 + other.height**2) / 2)
        joined = Stack(height, joined.rate + other.rate)
    return joined, _rule("equivalent")[1]


def _by_height(height: float, heights: Sequence[float], rates: Sequence[float]) -> tuple[float, Found]:
    if height in heights:
        return rates[heights.index(height)], "printed"
    for edge in (0, -1):
        outside = height < heights[0] if edge == 0 else height > heights[-1]
        if outside:
            return rates[edge] * (height / heights[edge]) ** 2, "extrapolated"
    place = next(index for index, one in enumerate(heights) if one > height)
    low, high = heights[place - 1], heights[place]
    share = (height - low) / (high - low)
    return rates[place - 1] + (rates[place] - rates[place - 1]) * share, "interpolated"


def _row(item: str, case: str) -> dict[str, Any]:
    (table,) = tables_of(_FILE, "rates")
    named = [row for row in table.rows if item and item in (*row["item"], row.get("factor"))]
    for row in named:
        words = Text(*row["condition"]).names() if "condition" in row else ()
        if row.get("case", "") == case or folded(case) in words:
            return row
    if named:
        there = ", ".join(row.get("case", "") or "(main case)" for row in named)
        raise UnknownEntry(f"{item}: found case {case!r}, expected one of: {there}")
    raise UnknownEntry(f"found {item!r}, expected one of: {', '.join(row['item'][1] for row in table.rows)}")


def _rule(name: str) -> tuple[dict[str, Any], Source]:
    (table,) = tables_of(_FILE, "stack")
    row = next(row for row in table.rows if row["rule"] == name)
    return row, row_source(table, row)


def _least_height() -> float:
    return float(_rule("least_height")[0]["metres"])
