"""The air quality index of an hour or a day, for one place or for arrays of any shape."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan_science.standards.air.editions import AirEdition, Item, Report
from qingyuan_science.standards.rounding import round_half_even

Values = NDArray[np.float64]
_PRIMARY_ABOVE, _EXCEEDING_ABOVE = 50, 100
_NOISE = 7  # decimals of an IAQI that are real; what stands behind them is binary noise and must not be rounded up


@dataclass(frozen=True)
class AirIndex:
    """The index with what it is made of.

    Parameters
    ----------
    aqi : ndarray [1]
        Largest IAQI, in the shape of the concentrations; NaN where no item has a value, and where a pollutant beyond
        its table has no IAQI at all: what the rest give would be too low.
    iaqi : dict of ndarray [1]
        By item.
    lost : dict of ndarray of bool
        By item that may hand over to another averaging time, whether it is beyond its table and none takes over.
    """

    aqi: Values
    iaqi: dict[str, Values]
    lost: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def primary(self) -> dict[str, NDArray[np.bool_]]:
        """By item, whether it is a primary pollutant: an AQI above 50, and no other item has a larger IAQI.

        Source
        ------
        HJ 633-2012 and HJ 633-2026, definition of the primary pollutant.
        """
        return {name: (values == self.aqi) & (self.aqi > _PRIMARY_ABOVE) for name, values in self.iaqi.items()}

    @property
    def exceeding(self) -> dict[str, NDArray[np.bool_]]:
        """By item, whether its IAQI is above 100; only the edition of 2012 gives these pollutants a name.

        Source
        ------
        HJ 633-2012, definition of the pollutant in exceedance.
        """
        return {name: values > _EXCEEDING_ABOVE for name, values in self.iaqi.items()}


def rounded_concentration(concentration: ArrayLike, item: Item) -> Values:
    """Round concentrations as the index wants them: to whole µg/m³, CO to 0.1 mg/m³.

    Parameters
    ----------
    concentration : float array of any shape [unit of the item]
    item : Item

    Returns
    -------
    ndarray [unit of the item]
        NaN kept.

    Source
    ------
    HJ 633-2026, clause 4.2.2; GB/T 8170-2008, half to even.
    """
    values = np.asarray(concentration, dtype=np.float64)
    if item.decimals == 0:  # a tie of whole numbers is exact in binary, so the quick way is the right one
        return np.rint(np.round(values, 9)) + 0.0
    flat = np.round(values, 9).reshape(-1)
    return round_half_even(flat, item.decimals).reshape(values.shape) + 0.0


def sub_index(concentration: ArrayLike, item: Item) -> Values:
    """Individual air quality index (IAQI) of one item.

    Parameters
    ----------
    concentration : float array of any shape [unit of the item]
        Means over the averaging time of the item; NaN where there is none.
    item : Item
        Pollutant and averaging time of an edition.

    Returns
    -------
    ndarray [1]
        Whole numbers, rounded up; NaN where the concentration is missing or below nought, and where the table gives no
        IAQI beyond its last break point.

    Source
    ------
    HJ 633-2012, formula (1) and table 1; HJ 633-2026, formula (1) and table 3 with its notes.

    Examples
    --------
    >>> from qingyuan_science.standards.air.editions import edition_named
    >>> pm25 = edition_named("HJ 633-2026").items["day"][-1]
    >>> sub_index([35.0, 60.0, 61.0, 700.0], pm25).tolist()
    [50.0, 100.0, 101.0, 500.0]
    """
    rounded = rounded_concentration(concentration, item)
    exact = np.interp(rounded, item.concentration, item.iaqi, left=np.nan, right=item.above)
    return np.ceil(np.round(exact, _NOISE))


def air_index(concentrations: Mapping[str, ArrayLike], edition: AirEdition, report: Report) -> AirIndex:
    """Air quality index of an hour or a day.

    Parameters
    ----------
    concentrations : mapping of float arrays of one shape [µg/m³; CO: mg/m³]
        By name of item; an item that is left out counts as missing everywhere.
    edition : AirEdition
        The edition in force on the day of the data.
    report : {"hour", "day"}
        Which report.

    Returns
    -------
    AirIndex
        The largest IAQI and all of them; an item that only stands in for another counts where that one has a
        concentration beyond its table. Where an item has no IAQI beyond its table and no other averaging time of its
        pollutant has one, the index is NaN.

    Raises
    ------
    KeyError
        A name is no item of the report.

    Source
    ------
    HJ 633-2012, formula (2); HJ 633-2026, formula (2) and clauses 4.1.1, 4.2.2 to 4.2.4.
    """
    items = {item.name: item for item in edition.items[report]}
    unknown = [name for name in concentrations if name not in items]
    if unknown:
        raise KeyError(f"found {unknown[0]!r}, expected one of: {', '.join(items)}")
    iaqi = {name: sub_index(values, items[name]) for name, values in concentrations.items()}
    for name, item in items.items():
        if item.instead_of and name in iaqi:
            stands_in = _beyond_its_table(concentrations.get(item.instead_of), items[item.instead_of])
            iaqi[name] = np.where(stands_in, iaqi[name], np.nan)
    if not iaqi:
        return AirIndex(np.array(np.nan), {})
    lost = _lost(concentrations, iaqi, items)
    aqi = np.maximum(np.fmax.reduce(list(iaqi.values())), edition.least_aqi)
    for nowhere in lost.values():
        aqi = np.where(nowhere, np.nan, aqi)
    return AirIndex(aqi, iaqi, lost)


def _lost(
    concentrations: Mapping[str, ArrayLike], iaqi: Mapping[str, Values], items: Mapping[str, Item]
) -> dict[str, NDArray[np.bool_]]:
    lost = {}
    for name, item in items.items():
        if name in concentrations and np.isnan(item.above):
            lost[name] = _beyond_its_table(concentrations[name], item)
            for other, values in iaqi.items():
                if other != name and items[other].pollutant == item.pollutant:
                    lost[name] = lost[name] & np.isnan(values)
    return lost


def _beyond_its_table(concentration: ArrayLike | None, item: Item) -> NDArray[np.bool_]:
    if concentration is None:
        return np.array(False)
    return np.asarray(rounded_concentration(concentration, item) > item.concentration[-1])


def levels(aqi: ArrayLike, edition: AirEdition) -> Values:
    """Level of the index, from 1 to 6.

    Parameters
    ----------
    aqi : float array of any shape [1]
    edition : AirEdition

    Returns
    -------
    ndarray [1]
        NaN where the index is NaN.

    Source
    ------
    HJ 633-2012, table 2; HJ 633-2026, table 1.
    """
    values = np.asarray(aqi, dtype=np.float64)
    tops = np.array([category.to for category in edition.categories[:-1]], dtype=np.float64)
    return np.where(np.isnan(values), np.nan, np.searchsorted(tops, values, side="left") + 1.0)
