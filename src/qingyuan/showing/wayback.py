"""The way from a number on a page back to what it was read from."""

from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from qingyuan.sensing.queries import Channel
from qingyuan_science.series import microseconds


def reading_address(channel: int, kind: str, at: datetime) -> str:
    """The page of one reading, with the bytes or shorter values that it comes from; `at` cut to the millisecond."""
    return reverse("reading", kwargs={"channel": channel, "kind": kind, "at": microseconds(at) // 1000})


def readings_address(channel: Channel, kind: str, start: datetime, end: datetime) -> str:
    """The readings of a time on the page of their station, each of which leads on to its bytes."""
    asked = {"factor": channel.factor, "basis": channel.basis, "kind": kind}
    span = {"from": start.isoformat(), "to": end.isoformat()}
    return f"{reverse('station', kwargs={'code': channel.station.code})}?{urlencode(asked | span)}"
