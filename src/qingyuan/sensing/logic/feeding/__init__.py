"""Payloads of a feed into the database: taken in, read again, and how the feed fares."""

from qingyuan.sensing.logic.feeding.again import Replayed, replay
from qingyuan.sensing.logic.feeding.delivery import Delivery
from qingyuan.sensing.logic.feeding.names import LONGEST_NAME, Target
from qingyuan.sensing.logic.feeding.noting import (
    count_bad_token,
    count_feed_fault,
    note_position,
    note_trouble,
    trouble_is_over,
)
from qingyuan.sensing.logic.feeding.taking import KINDS_SENT, take_in

__all__ = [
    "KINDS_SENT",
    "LONGEST_NAME",
    "Delivery",
    "Replayed",
    "Target",
    "count_bad_token",
    "count_feed_fault",
    "note_position",
    "note_trouble",
    "replay",
    "take_in",
    "trouble_is_over",
]
