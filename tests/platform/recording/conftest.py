"""Readings with an instant of arrival of their own, and the loop's handlers over them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def send() -> Callable[..., Any]:
    """Store readings of a channel that arrive at an instant; answers the event, newest values kept as the loop does."""
    from qingyuan.recording.api import append, keep_latest
    from qingyuan.recording.events import ReadingsAppended
    from qingyuan.sensing.api import Rows
    from qingyuan.sensing.logic.raw import segments

    def put(channel: Any, kind: str, values: Iterable[tuple[datetime, float, str]], received: datetime) -> Any:
        rows = Rows()
        for at, value, mark in values:
            key = (channel.pk, kind, round(at.timestamp() * 1_000_000))
            rows.add(key, (value, np.nan, np.nan, np.nan), mark, round(received.timestamp() * 1_000_000))
        segment = segments.append(segments.Body(b"test", 0, datetime(2026, 1, 1, tzinfo=UTC)))
        append(rows, segment)
        event = ReadingsAppended(id=segment.id, spans=[[channel.pk, kind, min(rows.at), max(rows.at)]])
        keep_latest(event)
        return event

    return put
