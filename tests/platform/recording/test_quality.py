"""Rates of transmission, validity and timeliness, by day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from casefile import OFFICE

from qingyuan.kit import clock
from qingyuan.recording.api import mark_span
from qingyuan.recording.queries import late, quality
from qingyuan_science.series import Delivery

pytestmark = pytest.mark.django_db
MIDNIGHT = datetime(2026, 11, 21, 16, tzinfo=UTC)  # of the 22nd in Shanghai
HOUR = timedelta(hours=1)
TODAY = date(2026, 11, 22)
Put = Callable[..., Any]


def counted(channel: Any, now: datetime = MIDNIGHT + 30 * HOUR, kind: str = "h") -> Any:
    (found,) = quality([channel.pk], (TODAY, TODAY), kind, now)
    return found


def test_a_day_is_counted_by_what_was_due_came_and_is_valid(channel: Any, send: Put) -> None:
    for number in range(18):
        at = MIDNIGHT + number * HOUR
        send(channel, "h", [(at, 1.0, "D" if number < 6 else "N")], at + HOUR + timedelta(seconds=30))
    found = counted(channel)
    assert found.delivery == Delivery(due=24, received=18, valid=12, timely=18)
    assert found.delivery.effective == pytest.approx(0.75 * 12 / 18)
    assert found.delay_s == pytest.approx(30)


def test_of_a_running_day_only_what_has_ended_is_due(channel: Any) -> None:
    assert counted(channel, now=MIDNIGHT + 6.5 * HOUR).delivery.due == 6
    assert counted(channel, now=MIDNIGHT - HOUR).delivery.due == 0
    assert counted(channel, now=MIDNIGHT + 6 * HOUR, kind="d").delivery.due == 0


def test_what_came_later_than_an_hour_is_not_timely(channel: Any, send: Put) -> None:
    send(channel, "h", [(MIDNIGHT, 1.0, "N")], MIDNIGHT + 2 * HOUR)
    send(channel, "h", [(MIDNIGHT + HOUR, 1.0, "N")], MIDNIGHT + 3 * HOUR + timedelta(seconds=1))
    assert counted(channel).delivery.timely == 1
    assert [one.at for one in late(channel.pk, TODAY, "h")] == [MIDNIGHT + HOUR]


def test_what_people_marked_is_received_and_not_valid(channel: Any, cast: Any, send: Put) -> None:
    for number in range(4):
        send(channel, "h", [(MIDNIGHT + number * HOUR, 1.0, "N")], MIDNIGHT + (number + 1) * HOUR)
    with clock.wound_to(MIDNIGHT + 5 * HOUR):
        mark_span(
            channel.station.code, cast.enterprise, OFFICE, code="fault", starts_at=MIDNIGHT + HOUR,
            ends_at=MIDNIGHT + 2.5 * HOUR, reason="泵故障",
        )  # fmt: skip
    found = counted(channel)
    assert (found.delivery.received, found.delivery.valid) == (4, 2)


def test_every_channel_and_day_has_its_line(channel: Any) -> None:
    days = (TODAY - timedelta(days=2), TODAY)
    found = quality([channel.pk], days, "h", MIDNIGHT + 30 * HOUR)
    assert [one.day for one in found] == [TODAY - timedelta(days=2), TODAY - timedelta(days=1), TODAY]
