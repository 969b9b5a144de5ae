"""A measured series with its marks: the shared vocabulary of everything that computes."""

from qingyuan_science.series.converted import converted
from qingyuan_science.series.delivery import Delivery, missing, together
from qingyuan_science.series.errors import (
    AirOxygen,
    NoFixedLength,
    SeriesError,
    UnequalLengths,
    UnknownMark,
    UnknownStep,
    UnsortedTimes,
)
from qingyuan_science.series.means import PeriodMeans, day_means, hour_means, period_means
from qingyuan_science.series.measured import Gap, Series, gaps, overlaid
from qingyuan_science.series.rules import Statistic, ValidityRule
from qingyuan_science.series.times import CHINA_OFFSET, SECOND, day_bounds, local_days, microseconds, moment
from qingyuan_science.series.trend import LEAST_YEARS, Trend, long_enough, seasonal_trend
from qingyuan_science.series.vocabulary import Averaging, Mark
from qingyuan_science.series.weights import is_concentration

__all__ = [
    "CHINA_OFFSET",
    "LEAST_YEARS",
    "SECOND",
    "AirOxygen",
    "Averaging",
    "Delivery",
    "Gap",
    "Mark",
    "NoFixedLength",
    "PeriodMeans",
    "Series",
    "SeriesError",
    "Statistic",
    "Trend",
    "UnequalLengths",
    "UnknownMark",
    "UnknownStep",
    "UnsortedTimes",
    "ValidityRule",
    "converted",
    "day_bounds",
    "day_means",
    "gaps",
    "hour_means",
    "is_concentration",
    "local_days",
    "long_enough",
    "microseconds",
    "missing",
    "moment",
    "overlaid",
    "period_means",
    "seasonal_trend",
    "together",
]
