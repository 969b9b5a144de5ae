"""A watch for exceedances of hour means, and hours that are judged as they come in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest


@pytest.fixture
def watch(db: None) -> Any:
    from casefile import LONG_AGO

    from qingyuan.judging.api import set_watch

    return set_watch("exceedance", kind="h", valid_from=LONG_AGO)


@pytest.fixture
def hours(watch: Any, readings: Callable[..., Any]) -> Callable[..., Any]:
    """Send hour means from 09:00 on (None for an hour that is not sent) and judge them; answers the event."""
    from casefile import NINE

    from qingyuan.judging.api import judge_readings

    def send(
        channel: Any,
        *values: float | None,
        after: int = 0,
        mark: str = "N",
        kind: str = "h",
        start: datetime | None = None,
    ) -> Any:
        at = [(start or NINE) + timedelta(hours=after + number) for number in range(len(values))]
        rows = [(instant, value) for instant, value in zip(at, values, strict=True) if value is not None]
        event = readings(channel, kind, rows, mark)
        judge_readings(event)
        return event

    return send
