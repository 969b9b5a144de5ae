"""Months of sections, the share of classes in a river or a basin, and the change from one period to another."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.rounding import round_half_even
from qingyuan_science.standards.sourced import tables_of
from qingyuan_science.standards.water.classes import Judged
from qingyuan_science.standards.water.items import CLASSES

_FILE = "water/assessment"
_BEST, _GOOD = CLASSES[:2], CLASSES[:3]
_NAMED = 3


@dataclass(frozen=True)
class Shares:
    """How the sections of a river, a city or a basin spread over the classes.

    Parameters
    ----------
    sections : int
        Sections with a class.
    counts : dict of int
        Sections by class.
    best, good, worst : float [%]
        Shares of classes I and II, of I to III, and worse than V, to one decimal as they are printed; NaN without
        sections. What is decided by a share is decided by the counts.
    """

    sections: int
    counts: dict[str, int]
    best: float
    good: float
    worst: float


def mean_of(item: str, values: Sequence[float], *, ph_by_hydrogen: bool = True) -> float:
    """Mean of the samples of one item.

    Parameters
    ----------
    item : str
        Short name of the item.
    values : sequence of float [mg/L; pH; count/L]
        At least one.
    ph_by_hydrogen : bool
        Whether pH is averaged as the concentration of hydrogen ions, or as it is.

    Returns
    -------
    float [mg/L; pH; count/L]

    Source
    ------
    环办监测函〔2020〕82号 (not checked against the text): arithmetic mean; pH by the mean of hydrogen ions.

    Examples
    --------
    >>> mean_of("COD", [10.0, 20.0]), round(mean_of("pH", [7.0, 8.0]), 2)
    (15.0, 7.26)
    """
    if item == "pH" and ph_by_hydrogen:
        return round(-math.log10(sum(10.0**-value for value in values) / len(values)), 9)
    return round(sum(values) / len(values), 12)


def shares_of(classes: Iterable[str]) -> Shares:
    """Count the sections of each class.

    Parameters
    ----------
    classes : iterable of str
        Class of each section.

    Returns
    -------
    Shares

    Source
    ------
    环办〔2011〕22号, assessment by shares of classes.

    Examples
    --------
    >>> shares_of(["I", "II", "III", "IV", "worse"]).good
    60.0
    """
    counted = Counter(classes)
    total = sum(counted.values())
    return Shares(
        sections=total,
        counts={code: counted.get(code, 0) for code in CLASSES},
        best=_percent(sum(counted[code] for code in _BEST), total),
        good=_percent(sum(counted[code] for code in _GOOD), total),
        worst=_percent(counted[CLASSES[-1]], total),
    )


def river_status(shares: Shares) -> tuple[Text, Source]:
    """Status of a river or a basin of five sections or more.

    Parameters
    ----------
    shares : Shares
        Of at least one section.

    Returns
    -------
    tuple
        The status and the clause.

    Source
    ------
    环办〔2011〕22号, table 2.

    Examples
    --------
    >>> river_status(shares_of(["II"] * 9 + ["IV"]))[0].zh
    '优'
    """
    (table,) = tables_of(_FILE, "river")
    good, worst = _unrounded(shares)
    for row in table.rows:
        if good >= row.get("good_from", math.inf) or worst < row.get("worst_below", -1):
            return Text(*row["status"]), table.source
    raise AssertionError("the last row of the table holds for every share")


def sections_for_shares() -> int:
    """Say from how many sections on a river is judged by shares, and not by the means of its items.

    Returns
    -------
    int

    Source
    ------
    环办〔2011〕22号: fewer than five sections are averaged item by item.
    """
    (table,) = tables_of(_FILE, "river")
    return int(table.more["least_sections"])


def change_between(before: Shares, after: Shares) -> tuple[float, Text, Source]:
    """Judge the change of a river or a basin from one period to another.

    Parameters
    ----------
    before, after : Shares
        Of the same sections, at least one.

    Returns
    -------
    tuple [percentage points]
        Change of the share of I to III less the share worse than V, to one decimal; what it is called, and the clause.

    Source
    ------
    环办〔2011〕22号 (thresholds not checked against the text).

    Examples
    --------
    >>> change_between(shares_of(["IV"] * 5), shares_of(["III"] * 2 + ["IV"] * 3))[1].en
    'clearly better'
    """
    (table,) = tables_of(_FILE, "change")
    (good, worst), (good_before, worst_before) = _unrounded(after), _unrounded(before)
    moved = round((good - good_before) - (worst - worst_before), 9)
    row = next(row for row in table.rows if abs(moved) <= row["to"])
    return round_half_even(moved, 1), Text(*row["better" if moved >= 0 else "worse"]), table.source


def _unrounded(shares: Shares) -> tuple[float, float]:
    """The shares of I to III and of worse than V in per cent, as the counts have them."""
    good, worst = sum(shares.counts[code] for code in _GOOD), shares.counts[CLASSES[-1]]
    return good * 100.0 / shares.sections, worst * 100.0 / shares.sections


def main_pollutants_of_river(sections: Sequence[Judged]) -> list[tuple[Text, float]]:
    """Name the items worse than class III in the largest share of sections.

    Parameters
    ----------
    sections : sequence of Judged

    Returns
    -------
    list of tuple [%]
        Up to three names, each with the share of sections in which it is worse than class III.

    Source
    ------
    环办〔2011〕22号 (not checked against the text).
    """
    found = Counter(one.item.name for section in sections for one in section.polluting)
    return [(name, _percent(count, len(sections))) for name, count in found.most_common(_NAMED)]


def exceedance_rates(samples: Sequence[Judged]) -> dict[str, float]:
    """Share of samples in which an item is beyond the target.

    Parameters
    ----------
    samples : sequence of Judged

    Returns
    -------
    dict of float [%]
        By short name, only of the items that are beyond in some sample.

    Source
    ------
    环办〔2011〕22号: samples beyond over samples taken.
    """
    taken = Counter(one.item.item for sample in samples for one in sample.items)
    over = Counter(one.item.item for sample in samples for one in sample.over)
    return {item: _percent(count, taken[item]) for item, count in over.items()}


def means_by_item(samples: Sequence[Mapping[str, float | None]], *, ph_by_hydrogen: bool = True) -> dict[str, float]:
    """Mean of every item over samples that each measure some of them.

    Parameters
    ----------
    samples : sequence of mapping [mg/L; pH; count/L]
        By short name; None where an item was not measured.
    ph_by_hydrogen : bool
        As in `mean_of`.

    Returns
    -------
    dict of float [mg/L; pH; count/L]

    Source
    ------
    环办监测函〔2020〕82号 (not checked against the text).
    """
    found: dict[str, list[float]] = {}
    for sample in samples:
        for item, value in sample.items():
            if value is not None and not np.isnan(value):
                found.setdefault(item, []).append(value)
    return {item: mean_of(item, values, ph_by_hydrogen=ph_by_hydrogen) for item, values in found.items()}


def _percent(part: int, whole: int) -> float:
    return round_half_even(part * 100.0 / whole, 1) if whole else float("nan")
