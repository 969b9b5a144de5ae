"""Ambient air: the index by its editions, means, a period's figures, warnings, forecasts scored."""

from qingyuan_science.standards.air.editions import AirEdition, Category, Item, air_edition, air_editions, edition_named
from qingyuan_science.standards.air.figures import AirFigures, air_figures, days_needed, figure_clauses
from qingyuan_science.standards.air.index import AirIndex, air_index, levels, sub_index
from qingyuan_science.standards.air.running import daily_maximum_8h, daily_mean, eight_hour_means, moving_mean
from qingyuan_science.standards.air.station import (
    MEAN,
    IndexSeries,
    day_figures,
    day_item,
    hour_items,
    index_by,
    index_of_days,
    pollutant_factors,
)

__all__ = [
    "MEAN",
    "AirEdition",
    "AirFigures",
    "AirIndex",
    "Category",
    "IndexSeries",
    "Item",
    "air_edition",
    "air_editions",
    "air_figures",
    "air_index",
    "daily_maximum_8h",
    "daily_mean",
    "day_figures",
    "day_item",
    "days_needed",
    "edition_named",
    "eight_hour_means",
    "figure_clauses",
    "hour_items",
    "index_by",
    "index_of_days",
    "levels",
    "moving_mean",
    "pollutant_factors",
    "sub_index",
]
