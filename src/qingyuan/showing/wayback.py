"""The way from a number on a page back to what it was read from."""

from datetime import datetime

from django.urls import reverse


def reading_address(channel: int, kind: str, at: datetime) -> str:
    """The page of one reading, with the bytes or the shorter values that it comes from; `at` to the millisecond."""
    return reverse("reading", kwargs={"channel": channel, "kind": kind, "at": round(at.timestamp() * 1000)})
