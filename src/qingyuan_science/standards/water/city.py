"""The water quality index of cities, by which they are ranked."""

from collections.abc import Mapping, Sequence

from qingyuan_science.plugins import Source
from qingyuan_science.standards.rounding import round_half_even
from qingyuan_science.standards.sourced import SourcedTable, tables_of
from qingyuan_science.standards.water.classes import Body, class_limit
from qingyuan_science.standards.water.items import WaterItem, water_items
from qingyuan_science.standards.water.sections import means_by_item


def _rule() -> SourcedTable:
    (table,) = tables_of("water/assessment", "city_index")
    return table


def index_of(item: WaterItem, mean: float, body: Body) -> float:
    """Water quality index of one item.

    Parameters
    ----------
    item : WaterItem
        An item of table 1 that decides classes.
    mean : float [mg/L; pH]
        Mean over the sections.
    body : {"river", "lake"}

    Returns
    -------
    float [1]
        Concentration over the class III limit; the limit over the concentration for dissolved oxygen; the distance of
        pH from 7 over that of the nearer end of its range.

    Raises
    ------
    ValueError
        Dissolved oxygen is nought or below, for which there is no index.

    Source
    ------
    环办监测〔2017〕51号, indices of single items (not checked against the text).

    Examples
    --------
    >>> from qingyuan_science.standards.water.items import water_items
    >>> items = water_items("basic")
    >>> [index_of(items[name], mean, "river") for name, mean in (("NH3-N", 0.5), ("DO", 10.0), ("pH", 8.0))]
    [0.5, 0.5, 0.5]
    """
    (row,) = _rule().rows
    if item.item == "pH":
        end = row["ph_low"] if mean <= row["ph_middle"] else row["ph_high"]
        return (mean - float(row["ph_middle"])) / (float(end) - float(row["ph_middle"]))
    limit = class_limit(item, row["class"], body)
    if limit is None:
        raise LookupError(f"found no class {row['class']} limit of {item.item} for a {body}, expected one")
    if limit.low is not None:
        if not mean > 0:
            raise ValueError(f"{item.item}: found {mean}, expected a value above 0 {limit.unit}")
        return limit.low / mean
    return mean / float(limit.high or 0.0)


def water_index(sections: Sequence[Mapping[str, float | None]], body: Body) -> tuple[dict[str, float], float]:
    """Water quality index of the rivers, or of the lakes, of a city.

    Parameters
    ----------
    sections : sequence of mapping [mg/L; pH]
        Means of each section by short name of item; None where an item was not measured.
    body : {"river", "lake"}

    Returns
    -------
    tuple [1]
        The index of each item, over the mean of its sections, and their sum.

    Source
    ------
    环办监测〔2017〕51号, indices of rivers and of lakes: the 21 items that decide classes (formulas not checked
    against the text).
    """
    items = water_items("basic")
    means = means_by_item(sections, ph_by_hydrogen=False)
    single = {name: index_of(items[name], mean, body) for name, mean in means.items() if not items[name].apart}
    return single, sum(single.values())


def city_water_index(
    rivers: Sequence[Mapping[str, float | None]], lakes: Sequence[Mapping[str, float | None]]
) -> tuple[float, float | None, float | None, Source]:
    """Water quality index of a city (CWQI).

    Parameters
    ----------
    rivers, lakes : sequence of mapping [mg/L; pH]
        Means of each section of the city, as in `water_index`; one of the two may be empty.

    Returns
    -------
    tuple [1]
        The index to four decimals, that of its rivers and that of its lakes (None without sections), and the clause.

    Raises
    ------
    ValueError
        There is no section at all.

    Source
    ------
    环办监测〔2017〕51号: rivers and lakes weighted by their numbers of sections (formulas not checked against
    the text).

    Examples
    --------
    >>> city_water_index([{"NH3-N": 0.5}, {"NH3-N": 1.5}], [{"NH3-N": 0.4}])[0]
    0.8
    """
    total = len(rivers) + len(lakes)
    if not total:
        raise ValueError("sections: found none, expected at least one of a river or a lake")
    river = water_index(rivers, "river")[1] if rivers else None
    lake = water_index(lakes, "lake")[1] if lakes else None
    whole = ((river or 0.0) * len(rivers) + (lake or 0.0) * len(lakes)) / total
    return round_half_even(round(whole, 12), 4), river, lake, _rule().source
