"""Months and longer periods of sections out of day values, and the class of many of them at once."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.standards.sourced import tables_of
from qingyuan_science.standards.water.classes import Body, item_classes, oxygen_saturation
from qingyuan_science.standards.water.items import water_items

Values = NDArray[np.float64]
TEMPERATURE = "temperature"
"""Name of the water temperature among values: it decides nothing itself, and gives the saturation of oxygen."""

_PH = "pH"


@cache
def section_factors() -> dict[str, str]:
    """List what is assessed of a section with the codes under which stations send it.

    Returns
    -------
    dict of str
        Code of HJ 212 by short name: the items of table 1, water temperature, and chlorophyll a and transparency for
        the trophic state of lakes.

    Source
    ------
    HJ 212-2017, annex B (codes of chlorophyll a and transparency recalled, not checked against the text).

    Examples
    --------
    >>> section_factors()["NH3-N"], section_factors()["temperature"]
    ('w21003', 'w01010')
    """
    (table,) = tables_of("water/assessment", "beside")
    found = {one.item: one.factor for one in water_items("basic").values() if one.factor}
    return found | {row["item"]: row["factor"] for row in table.rows}


def months_within(days: Sequence[date]) -> list[date]:
    """List the months that days lie in, each by its first day.

    Parameters
    ----------
    days : sequence of datetime.date
        In order.

    Returns
    -------
    list of datetime.date

    Source
    ------
    The calendar.
    """
    return list(dict.fromkeys(day.replace(day=1) for day in days))


def month_means(item: str, days: Sequence[date], values: Values) -> tuple[Values, NDArray[np.int64]]:
    """Means of months out of the values of days.

    Parameters
    ----------
    item : str
        Short name of the item.
    days : sequence of datetime.date, length n
        In order.
    values : ndarray, shape (..., n) [mg/L; pH; °C]
        NaN on days without a valid value.

    Returns
    -------
    tuple of ndarray, shape (..., months)
        The means, NaN where a month has no value, and how many days each has.

    Source
    ------
    环办监测函〔2020〕82号 (not checked against the text): arithmetic mean; pH by the mean of hydrogen ions.

    Examples
    --------
    >>> days = [date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 1)]
    >>> means, counts = month_means("NH3-N", days, np.array([0.2, 0.4, np.nan]))
    >>> means.round(3).tolist(), counts.tolist()
    ([0.3, nan], [2, 0])
    """
    months = months_within(days)
    starts = np.searchsorted([day.toordinal() for day in days], [month.toordinal() for month in months]).tolist()
    shape = (*values.shape[:-1], len(months))
    means, counts = np.full(shape, np.nan), np.zeros(shape, dtype=np.int64)
    for number, (begins, ends) in enumerate(pairwise([*starts, len(days)])):
        part = values[..., begins:ends]
        means[..., number], counts[..., number] = _mean(item, part), (~np.isnan(part)).sum(axis=-1)
    return means, counts


def mean_of_months(item: str, months: Values) -> Values:
    """Means of a quarter or a year out of the means of its months.

    Parameters
    ----------
    item : str
        Short name of the item.
    months : ndarray, shape (..., m) [mg/L; pH; °C]

    Returns
    -------
    ndarray, shape (...)
        NaN without any month.

    Source
    ------
    环办监测函〔2020〕82号 (not checked against the text).

    Examples
    --------
    >>> float(mean_of_months("COD", np.array([10.0, np.nan, 20.0])))
    15.0
    """
    return _mean(item, months)


def classes_of(means: Mapping[str, Values], body: Body) -> tuple[NDArray[np.int64], dict[str, NDArray[np.int64]]]:
    """Class of many sections or months by their worst item.

    Parameters
    ----------
    means : mapping of ndarray of one shape [mg/L; pH; °C]
        By short name; `temperature` gives the saturation of oxygen.
    body : {"river", "lake"}

    Returns
    -------
    tuple
        Position in `CLASSES` of the whole, -1 where no item decides; and the same of each item.

    Source
    ------
    GB 3838-2002, clause 5.1; 环办〔2011〕22号.

    Examples
    --------
    >>> whole, items = classes_of({"NH3-N": np.array([0.4, 1.3]), "DO": np.array([6.5, 6.5])}, "river")
    >>> whole.tolist(), items["NH3-N"].tolist()
    ([1, 3], [1, 3])
    """
    known = water_items("basic")
    shape = np.broadcast_shapes(*(np.shape(values) for values in means.values())) if means else (0,)
    found: dict[str, NDArray[np.int64]] = {}
    worst = np.full(shape, -1, dtype=np.int64)
    for name, values in means.items():
        if name in known:
            saturation = saturation_of(means) if name == "DO" else np.full(shape, np.nan)
            classes = item_classes(values.reshape(-1), known[name], body, saturation=np.ravel(saturation))
            found[name] = classes.reshape(shape)
            if not known[name].apart:
                worst = np.maximum(worst, found[name])
    return worst, found


def saturation_of(means: Mapping[str, Values]) -> Values:
    """Saturation of oxygen by the means of oxygen and of temperature.

    Parameters
    ----------
    means : mapping of ndarray of one shape [mg/L; °C]

    Returns
    -------
    ndarray [%]
        NaN where either is not known.

    Source
    ------
    HJ 2.3-2018, annex D.
    """
    oxygen = np.asarray(means["DO"], dtype=np.float64)
    temperature = np.asarray(means.get(TEMPERATURE, np.full(oxygen.shape, np.nan)), dtype=np.float64)
    return oxygen_saturation(oxygen, temperature)


def _mean(item: str, values: Values) -> Values:
    known = ~np.isnan(values)
    count = known.sum(axis=-1)
    used = 10.0**-values if item == _PH else values
    mean = np.where(known, used, 0.0).sum(axis=-1) / np.maximum(count, 1)
    mean = np.round(-np.log10(mean, where=count > 0, out=np.zeros(mean.shape)), 9) if item == _PH else mean
    return np.where(count > 0, np.round(mean, 12), np.nan)
