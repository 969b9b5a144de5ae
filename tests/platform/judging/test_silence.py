"""A channel that falls silent is told while it is silent, and not only once it speaks again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from casefile import LONG_AGO, NINE

from qingyuan.judging.api import judge_readings, judge_silence, set_watch
from qingyuan.judging.queries import Finding
from qingyuan.kit import clock
from qingyuan.recording.api import keep_latest

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
Send = Callable[..., Any]


@pytest.fixture
def send(channel: Any, readings: Send) -> Send:
    """Hour means from an hour on, judged and kept as the newest, as the loop does."""
    set_watch("missing_data", kind="h", valid_from=LONG_AGO)

    def sent(start: Any, *values: float) -> None:
        event = readings(channel, "h", [(start + number * HOUR, value) for number, value in enumerate(values)])
        keep_latest(event)
        judge_readings(event)

    return sent


def at(hours: float) -> int:
    """Let the clock look so many hours after nine."""
    now = NINE + hours * HOUR
    with clock.wound_to(now):
        return judge_silence(now)


def test_a_channel_that_has_sent_nothing_for_four_hours_is_told_while_it_is_silent(send: Send) -> None:
    send(NINE, 38.0, 39.0)  # the last stands for ten to eleven
    assert (at(3.5), Finding.objects.count()) == (1, 0)
    at(6.2)
    found = Finding.objects.get()
    assert (found.detector, found.state) == ("missing_data", "open")
    assert (found.started_at, found.ended_at) == (NINE + 2 * HOUR, NINE + 6.2 * HOUR)
    assert "通道离线，至今无数据" in found.sentence_zh


def test_it_is_not_told_again_every_hour_and_grave_after_two_days(send: Send) -> None:
    send(NINE, 38.0, 39.0)
    at(6.2)
    assert at(7.2) == 0
    assert Finding.objects.get().ended_at == NINE + 6.2 * HOUR
    before = Finding.objects.get().severity
    assert at(51.0) == 1
    assert Finding.objects.get().severity > before


def test_what_comes_again_ends_it_as_any_gap(send: Send) -> None:
    send(NINE, 38.0, 39.0)
    at(6.2)
    with clock.wound_to(NINE + 10.1 * HOUR):
        send(NINE + 9 * HOUR, 40.0)
    found = Finding.objects.get()
    assert (found.state, found.ended_at) == ("cleared", NINE + 9 * HOUR)
    assert "数据缺失" in found.sentence_zh


def test_a_channel_that_speaks_or_that_nobody_watches_is_not_looked_at(channel: Any, readings: Send) -> None:
    event = readings(channel, "h", [(NINE, 38.0)])
    keep_latest(event)
    assert at(30.0) == 0
    set_watch("missing_data", kind="h", valid_from=LONG_AGO)
    assert at(1.5) == 0
    assert not Finding.objects.exists()
