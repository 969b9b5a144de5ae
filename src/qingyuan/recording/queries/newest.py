"""The newest reading of each channel, from rows that the loop keeps."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from qingyuan.kit import clock
from qingyuan.kit.queries import last_taken_up
from qingyuan.recording import known
from qingyuan.recording.unread import STEPS
from qingyuan_science.series import Mark

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Latest(NamedTuple):
    """The newest reading of a channel; a tuple, because boards make thousands of them at a time."""

    channel_id: int
    at: datetime
    value: float | None
    mark: str


def latest(channel_ids: Iterable[int], kind: str = "r", since: timedelta = timedelta(days=2)) -> dict[int, Latest]:
    """The newest reading of each channel.

    Parameters
    ----------
    channel_ids : iterable of int
    kind : str
    since : timedelta
        How far back to look; a channel silent for longer has no entry.

    Returns
    -------
    dict of int to Latest

    Notes
    -----
    Read from rows that the loop keeps, so that it takes the same time however many readings there are.
    """
    found: dict[int, Latest] = {}
    for channel, at, value, mark, letter in known.newest(list(channel_ids), kind, clock.now() - since, STEPS[kind]):
        if letter:
            mark = Mark.strongest(letter + (found[channel].mark if channel in found else mark)).value
        found[channel] = Latest(channel, EPOCH + timedelta(microseconds=at), value, mark)
    return found


def latest_seq() -> int:
    """Number of the line of the log up to which `latest` answers what was stored.

    Returns
    -------
    int
        It grows a moment after the lines do; open pages are told `NewestKept`.
    """
    return last_taken_up("recording.api.readings.keep_latest")
