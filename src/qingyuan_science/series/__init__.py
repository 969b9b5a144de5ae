"""A measured series with its marks: the shared vocabulary of everything that computes."""

from qingyuan_science.series.errors import SeriesError, UnequalLengths, UnknownMark, UnknownStep, UnsortedTimes
from qingyuan_science.series.means import day_means, hour_means
from qingyuan_science.series.measured import Gap, Series, gaps
from qingyuan_science.series.times import CHINA_OFFSET, SECOND, local_days, microseconds, moment
from qingyuan_science.series.vocabulary import Averaging, Mark

__all__ = [
    "CHINA_OFFSET",
    "SECOND",
    "Averaging",
    "Gap",
    "Mark",
    "Series",
    "SeriesError",
    "UnequalLengths",
    "UnknownMark",
    "UnknownStep",
    "UnsortedTimes",
    "day_means",
    "gaps",
    "hour_means",
    "local_days",
    "microseconds",
    "moment",
]
