"""From what a reading comes: the shorter readings of a mean, and what stood before a correction."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from qingyuan.sensing.queries import Channel

MadeOfRow = tuple[int, float | None, str, bool]  # start [µs since 1970 in UTC], value, mark, whether it counts

MOST_EARLIER = 50
_EARLIER = (
    "SELECT value, mark::text, received_at, replaced_at FROM recording_correction"
    ' WHERE (channel_id, kind, at) = (%s, %s::"char", %s) ORDER BY replaced_at DESC, id DESC LIMIT %s'
)


@dataclass(frozen=True)
class MadeOf:
    """Readings of one channel and kind that a mean is made of."""

    channel: Channel
    kind: str
    rows: list[MadeOfRow]


@dataclass(frozen=True)
class Earlier:
    """What stood for a reading from when it came until something else did."""

    value: float | None
    mark: str
    received_at: datetime
    replaced_at: datetime


def earlier(channel_id: int, kind: str, at: datetime) -> list[Earlier]:
    """What stood for a reading before it was corrected, the newest first.

    Parameters
    ----------
    channel_id : int
    kind : str
    at : datetime
        Start of the reading's period.

    Returns
    -------
    list of Earlier
        At most `MOST_EARLIER`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_EARLIER, [channel_id, kind, at, MOST_EARLIER])
        return [Earlier(*row) for row in cursor.fetchall()]
