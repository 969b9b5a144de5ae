"""Surface water: classes, sections and rivers, lakes, drinking-water sources, cities."""

from qingyuan_science.standards.water.classes import Body, Judged, item_classes, judge, oxygen_saturation
from qingyuan_science.standards.water.items import CLASSES, TARGETS, WaterItem, item_named, water_class, water_items
from qingyuan_science.standards.water.months import (
    TEMPERATURE,
    classes_of,
    mean_of_months,
    month_means,
    months_within,
    saturation_of,
    section_factors,
)
from qingyuan_science.standards.water.sections import change_between, river_status, shares_of
from qingyuan_science.standards.water.trophic import trophic_index, trophic_state

__all__ = [
    "CLASSES",
    "TARGETS",
    "TEMPERATURE",
    "Body",
    "Judged",
    "WaterItem",
    "change_between",
    "classes_of",
    "item_classes",
    "item_named",
    "judge",
    "mean_of_months",
    "month_means",
    "months_within",
    "oxygen_saturation",
    "river_status",
    "saturation_of",
    "section_factors",
    "shares_of",
    "trophic_index",
    "trophic_state",
    "water_class",
    "water_items",
]
