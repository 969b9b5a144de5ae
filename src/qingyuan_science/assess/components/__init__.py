"""Components of ambient air: sums by group, ozone formation potential, mass of PM2.5 out of its parts, and wind."""

from qingyuan_science.assess.components.mass import Mass, mass_sources, reconstructed
from qingyuan_science.assess.components.ozone import mir_of, mir_source, ozone_formation
from qingyuan_science.assess.components.species import GROUPS, Group, group_of, sums_left_out
from qingyuan_science.assess.components.sums import GroupSum, summed
from qingyuan_science.assess.components.wind import (
    SECTORS,
    STILL,
    Sector,
    by_sector,
    calm_source,
    mean_direction,
    sector_places,
)

__all__ = [
    "GROUPS",
    "SECTORS",
    "STILL",
    "Group",
    "GroupSum",
    "Mass",
    "Sector",
    "by_sector",
    "calm_source",
    "group_of",
    "mass_sources",
    "mean_direction",
    "mir_of",
    "mir_source",
    "ozone_formation",
    "reconstructed",
    "sector_places",
    "summed",
    "sums_left_out",
]
