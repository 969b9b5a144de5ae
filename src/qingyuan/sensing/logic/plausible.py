"""What can be true at all: bounds on the times and values that senders report, and the sender's times as instants."""

import math
from functools import lru_cache

from qingyuan_science.hj212 import BadTime, Dialect, period_start
from qingyuan_science.standards.factors import LATITUDE, LONGITUDE

EARLIEST_US = 946_684_800_000_000  # 2000-01-01: no automatic monitor reported before
AHEAD_US = 3_600_000_000  # a clock may run at most an hour ahead
LARGEST = 1e9  # far above the widest data type of the standard's tables
MISSING = math.nan
_ON_GLOBE = {LONGITUDE: 180.0, LATITUDE: 90.0}  # [degree]


def largest(factor: str) -> float:
    """Beyond what no value of a factor lies, to either side."""
    return _ON_GLOBE.get(factor, LARGEST)


def data_instant(cn: str, text: str, dialect: Dialect, received_us: int) -> int:
    """When the data of a command hold, from the text of its DataTime. [µs since 1970 UTC]

    Raises
    ------
    BadTime
        The text is not a time, or one before 2000, or more than an hour ahead of the clock here.
    """
    at = _start(cn, text, dialect)
    if not EARLIEST_US <= at <= received_us + AHEAD_US:
        raise BadTime(f"found DataTime {text}: expected between 2000-01-01 and one hour from now")
    return at


@lru_cache(maxsize=4096)  # devices report on the same round minutes and hours
def _start(cn: str, text: str, dialect: Dialect) -> int:
    return int(period_start(cn, text, dialect).timestamp()) * 1_000_000
