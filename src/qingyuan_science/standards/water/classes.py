"""The class of one sample or one mean by its worst item, what decides it, and what is beyond the target by how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan_science.plugins import Text
from qingyuan_science.standards.limit_entries import Limit
from qingyuan_science.standards.limits import limits_for
from qingyuan_science.standards.rounding import round_half_even
from qingyuan_science.standards.water.items import CLASSES, TARGETS, WaterItem, water_items

Values = NDArray[np.float64]
Body = Literal["river", "lake"]
_SATURATED_FROM = 90.0  # [%], beside 7.5 mg/L
_CLEAN_TO = CLASSES.index("III")
_NAMED = 3  # main pollutants that a report names


@dataclass(frozen=True)
class ItemJudged:
    """One item of a sample against the classes and the target.

    Parameters
    ----------
    item : WaterItem
    value : float [mg/L; pH; count/L]
    code : str
        Class of this item alone.
    limit : Limit
        Limit of the target class.
    over : bool
        Whether the target is missed.
    multiple : float or None [1]
        Exceedance multiple C/S - 1, to two decimals; None for pH and dissolved oxygen, and where the target is kept.
    """

    item: WaterItem
    value: float
    code: str
    limit: Limit
    over: bool
    multiple: float | None

    @property
    def label(self) -> Text:
        """The item as reports write it: 氨氮(1.3)."""
        if self.multiple is None:
            return self.item.name
        tenths = round_half_even(self.multiple, 1)
        times = f"{tenths:.1f}" if tenths else f"{self.multiple:.2g}"  # 1.05 beside 1 is over, so not by nought
        return Text(f"{self.item.name.zh}（{times}）", f"{self.item.name.en} ({times})")


@dataclass(frozen=True)
class Judged:
    """A sample or a mean, judged.

    Parameters
    ----------
    code : str or None
        Class of the worst item; None where no item decides.
    items : tuple of ItemJudged
        The items that decide, as printed.
    apart : tuple of ItemJudged
        Total nitrogen of lakes and faecal coliforms, told apart.
    """

    code: str | None
    items: tuple[ItemJudged, ...]
    apart: tuple[ItemJudged, ...]

    @property
    def deciding(self) -> tuple[ItemJudged, ...]:
        """The items that have the class of the whole, where that is not class I."""
        return tuple(one for one in self.items if one.code == self.code and one.code != CLASSES[0])

    @property
    def over(self) -> tuple[ItemJudged, ...]:
        """The items beyond the target."""
        return tuple(one for one in self.items if one.over)

    @property
    def polluting(self) -> tuple[ItemJudged, ...]:
        """The items worse than class III, whatever the target.

        Source
        ------
        环办〔2011〕22号, from which class on an item is a pollutant (not checked against the text).
        """
        return tuple(one for one in self.items if CLASSES.index(one.code) > _CLEAN_TO)

    @property
    def main_pollutants(self) -> tuple[ItemJudged, ...]:
        """The first three items worse than class III: cyanide and heavy metals first, then by class, then by multiple.

        Source
        ------
        环办〔2011〕22号, main pollutants of a section (order of detail not checked against the text).
        """
        ranked = sorted(
            self.polluting, key=lambda one: (not one.item.first, -CLASSES.index(one.code), -(one.multiple or 0.0))
        )
        return tuple(ranked[:_NAMED])


def oxygen_saturation(oxygen: ArrayLike, temperature: ArrayLike) -> Values:
    """Saturation of dissolved oxygen in fresh water at 101.3 kPa.

    Parameters
    ----------
    oxygen : float array [mg/L]
    temperature : float array [°C]
        Water temperature, from 0 to 40.

    Returns
    -------
    ndarray [%]

    Source
    ------
    HJ/T 2.3-1993 and HJ 2.3-2018, annex D: DOf = 468 / (31.6 + T).

    Examples
    --------
    >>> round(float(oxygen_saturation(8.26, 25.0)), 1)
    99.9
    """
    full = 468.0 / (31.6 + np.asarray(temperature, dtype=np.float64))
    return np.asarray(np.asarray(oxygen, dtype=np.float64) / full * 100.0)


def item_classes(
    values: ArrayLike, item: WaterItem, body: Body = "river", *, saturation: ArrayLike = np.nan, rounded: bool = False
) -> NDArray[np.int64]:
    """Class of values of one basic item.

    Parameters
    ----------
    values : float array, shape (n,) [mg/L; pH; count/L]
        NaN has no class.
    item : WaterItem
        An item of table 1.
    body : {"river", "lake"}
        Lakes have limits of their own for total phosphorus and total nitrogen.
    saturation : float array, shape (n,) [%]
        Oxygen saturation, for dissolved oxygen only: from 90 % on the item is class I, whatever the concentration. NaN
        where not known.
    rounded : bool
        Whether to round to the decimals of the limit first, or to compare values as they are.

    Returns
    -------
    ndarray of int, shape (n,)
        Position in `CLASSES`, 5 for worse than V; -1 for NaN, and where the item has no limit (total nitrogen in
        rivers).

    Source
    ------
    GB 3838-2002, table 1; GB/T 8170-2008, clause 4.3.1: full values are compared unless a standard says otherwise.

    Examples
    --------
    >>> from qingyuan_science.standards.water.items import item_named
    >>> item_classes([0.15, 0.16, 1.0, 2.0, 2.1], item_named("NH3-N", "basic")).tolist()
    [0, 1, 2, 4, 5]
    """
    array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    missed = np.zeros(array.shape, dtype=np.int64)
    for level in TARGETS:
        found = class_limit(item, level, body)
        if found is None:
            return np.full(array.shape, -1)
        missed += found.exceeded(array, rounded=rounded)
    if item.item == "DO":
        missed = np.where(np.asarray(saturation, dtype=np.float64) >= _SATURATED_FROM, 0, missed)
    return np.where(np.isnan(array), -1, missed)


@cache
def class_limit(item: WaterItem, level: str, body: Body) -> Limit | None:
    """Return the limit of a class for one item.

    Parameters
    ----------
    item : WaterItem
        An item of table 1.
    level : str
        ``I`` to ``V``.
    body : {"river", "lake"}

    Returns
    -------
    Limit or None
        None where the table sets none for this kind of water.

    Source
    ------
    GB 3838-2002, table 1.
    """
    for case in ("lake", "") if body == "lake" else ("",):
        found = limits_for(item.factor, "GB 3838", level, None, case=case)
        if found:
            return found[0]
    return None


def judge(
    values: Mapping[str, float],
    body: Body = "river",
    target: str = "III",
    *,
    saturation: float = np.nan,
    rounded: bool = False,
) -> Judged:
    """Judge one sample, or one set of means, by its worst item.

    Parameters
    ----------
    values : mapping of float [mg/L; pH; count/L]
        By short name of item; items without a limit for this kind of water are left out, as is NaN.
    body : {"river", "lake"}
    target : str
        Class that the water must keep; exceedance is against its limits.
    saturation : float [%]
        Oxygen saturation, where it is known.
    rounded : bool
        As in `item_classes`.

    Returns
    -------
    Judged

    Source
    ------
    GB 3838-2002, clause 5.1; 环办〔2011〕22号: the 24 items of table 1 less water temperature, total nitrogen and
    faecal coliforms decide.

    Examples
    --------
    >>> judge({"pH": 7.2, "DO": 6.1, "NH3-N": 1.3}).code
    'IV'
    """
    known = water_items("basic")
    judged = []
    for name, value in values.items():
        (code,) = item_classes([value], known[name], body, saturation=saturation, rounded=rounded).tolist()
        if code >= 0:
            judged.append(_against_target(known[name], value, CLASSES[code], _target(known[name], target, body)))
    items = tuple(one for one in judged if not one.item.apart)
    worst = max((CLASSES.index(one.code) for one in items), default=None)
    return Judged(None if worst is None else CLASSES[worst], items, tuple(one for one in judged if one.item.apart))


def _target(item: WaterItem, target: str, body: Body) -> Limit:
    found = class_limit(item, target, body)
    if found is None:
        raise LookupError(f"found no class {target} limit of {item.item} for a {body}, expected one")
    return found


def _against_target(item: WaterItem, value: float, code: str, limit: Limit) -> ItemJudged:
    over = CLASSES.index(code) > TARGETS.index(limit.level)
    multiple = None
    if over and limit.direction == "max":
        multiple = round_half_even(round(float(limit.times_over(np.array([value]))[0]), 9), 2)
    return ItemJudged(item, value, code, limit, over, multiple)
