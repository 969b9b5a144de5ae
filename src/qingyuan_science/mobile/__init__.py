"""Monitors that move: tracks cut into drives, readings placed along them, background, peaks, means of squares.

Literature: Brantley et al. 2014 (Atmos. Meas. Tech. 7) for a background drawn through the low values of the drive
itself; Apte et al. 2017 (Environ. Sci. Technol. 51) for short pieces of road, a mean of each pass, and the median of
the passes. What neither settles is a parameter here, and its default our own choice; each function says so.
"""

from qingyuan_science.mobile.background import background
from qingyuan_science.mobile.peaks import Peak, Peaks, peaks
from qingyuan_science.mobile.placed import Placed, mean_along, placed
from qingyuan_science.mobile.squares import Square, squares
from qingyuan_science.mobile.track import Refused, Stop, Track, bearings, cut, distances, stops, track_of
from qingyuan_science.mobile.upwind import Upwind, mean_wind, upwind

__all__ = [
    "Peak",
    "Peaks",
    "Placed",
    "Refused",
    "Square",
    "Stop",
    "Track",
    "Upwind",
    "background",
    "bearings",
    "cut",
    "distances",
    "mean_along",
    "mean_wind",
    "peaks",
    "placed",
    "squares",
    "stops",
    "track_of",
    "upwind",
]
