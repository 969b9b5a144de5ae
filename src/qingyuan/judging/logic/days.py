"""Days in China, and the blocks of days in which detectors that learn from the past judge."""

from datetime import UTC, datetime, timedelta

from qingyuan_science.detect import DETECTORS

BLOCK = timedelta(days=30)
A_DAY = timedelta(days=1)
_MIDNIGHT = datetime(1970, 1, 1, tzinfo=UTC) - timedelta(hours=8)  # in China


def midnight_before(at: datetime) -> datetime:
    """The beginning of the day in China that an instant falls in."""
    return at - (at - _MIDNIGHT) % A_DAY


def block_before(at: datetime) -> datetime:
    """The beginning of the block that an instant falls in; blocks begin on the same days for every channel."""
    return at - (at - _MIDNIGHT) % BLOCK


def at_once(detector: str) -> bool:
    """Whether a detector that learns from the past need not wait until a day is over."""
    return detector in DETECTORS and DETECTORS.get(detector).at_once


def past_days(detector: str) -> int:
    """How many days of the past a detector learns from; none where it is not installed."""
    return DETECTORS.get(detector).looks_back_days if detector in DETECTORS else 0
