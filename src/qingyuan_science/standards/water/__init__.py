"""Surface water: classes, sections and rivers, lakes, drinking-water sources, cities."""

from qingyuan_science.standards.water.classes import Body, Judged, item_classes, judge, oxygen_saturation
from qingyuan_science.standards.water.items import CLASSES, TARGETS, WaterItem, item_named, water_class, water_items
from qingyuan_science.standards.water.sections import change_between, river_status, shares_of
from qingyuan_science.standards.water.trophic import trophic_index, trophic_state

__all__ = [
    "CLASSES",
    "TARGETS",
    "Body",
    "Judged",
    "WaterItem",
    "change_between",
    "item_classes",
    "item_named",
    "judge",
    "oxygen_saturation",
    "river_status",
    "shares_of",
    "trophic_index",
    "trophic_state",
    "water_class",
    "water_items",
]
