"""Ambient air: the index by its editions, means, a period's figures, warnings, forecasts scored."""

from qingyuan_science.standards.air.editions import AirEdition, Category, Item, air_edition, air_editions, edition_named
from qingyuan_science.standards.air.index import AirIndex, air_index, levels, sub_index
from qingyuan_science.standards.air.running import daily_maximum_8h, daily_mean, eight_hour_means, moving_mean

__all__ = [
    "AirEdition",
    "AirIndex",
    "Category",
    "Item",
    "air_edition",
    "air_editions",
    "air_index",
    "daily_maximum_8h",
    "daily_mean",
    "edition_named",
    "eight_hour_means",
    "levels",
    "moving_mean",
    "sub_index",
]
