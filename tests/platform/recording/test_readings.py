"""What goes in comes out: marks, gaps, corrections, hour means, and windows over days."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingyuan.kit import clock, log
from qingyuan.recording.api import compute_means
from qingyuan.recording.logic.batch import Columns, binary_copy
from qingyuan.recording.queries import coverage, latest, window

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
Put = Callable[..., Any]


def ten_minutes(values: list[float], start: datetime = NINE) -> list[tuple[datetime, float]]:
    return [(start + timedelta(minutes=10 * number), value) for number, value in enumerate(values)]


def test_a_window_holds_its_start_and_not_its_end(channel: Any, readings: Put) -> None:
    readings(channel, "h", [(NINE, 1.0), (NINE + HOUR, 2.0), (NINE + 2 * HOUR, 3.0)])
    series = window(channel.pk, "h", NINE, NINE + 2 * HOUR)
    assert series.value.tolist() == [1.0, 2.0]
    assert series.unit == "mg/L"
    assert coverage(channel.pk, "h", NINE, NINE + 2 * HOUR) == 2


def test_a_window_spans_midnight_and_partitions(channel: Any, readings: Put) -> None:
    start = datetime(2026, 11, 20, 22, tzinfo=UTC)
    readings(channel, "h", [(start + number * HOUR, float(number)) for number in range(30)])
    assert window(channel.pk, "h", start, start + 30 * HOUR).value.tolist() == [float(number) for number in range(30)]


def test_readings_sent_twice_are_stored_once_and_leave_no_correction(channel: Any, readings: Put) -> None:
    for _ in range(2):
        readings(channel, "h", [(NINE, 1.5)])
    assert window(channel.pk, "h", NINE, NINE + HOUR).value.tolist() == [1.5]
    assert not [line for line in log.about(f"channel/{channel.pk}") if line.act == "ReadingsCorrected"]


def test_the_latest_reading_is_the_newest_in_time_not_in_arrival(channel: Any, readings: Put) -> None:
    with clock.wound_to(NINE + 3 * HOUR):
        readings(channel, "r", [(NINE + HOUR, 2.0)])
        readings(channel, "r", [(NINE, 1.0)])
        found = latest([channel.pk])
    assert (found[channel.pk].at, found[channel.pk].value) == (NINE + HOUR, 2.0)


def test_a_finished_hour_is_computed_from_its_minutes(channel: Any, readings: Put) -> None:
    event = readings(channel, "m", ten_minutes([10, 20, 30, 40, 50, 60]))
    with clock.wound_to(NINE + 2 * HOUR):
        compute_means(event)
    computed = window(channel.pk, "H", NINE, NINE + HOUR)
    assert computed.value.tolist() == [35.0]
    assert computed.mark.tolist() == ["N"]


def test_an_hour_that_still_runs_is_not_computed(channel: Any, readings: Put) -> None:
    event = readings(channel, "m", ten_minutes([10, 20, 30]))
    with clock.wound_to(NINE + timedelta(minutes=30)):
        compute_means(event)
    assert coverage(channel.pk, "H", NINE, NINE + HOUR) == 0


def test_late_minutes_compute_their_hour_anew(channel: Any, readings: Put) -> None:
    with clock.wound_to(NINE + 5 * HOUR):
        compute_means(readings(channel, "m", ten_minutes([10, 20, 30])))
        assert window(channel.pk, "H", NINE, NINE + HOUR).mark.tolist() != ["N"]
        compute_means(readings(channel, "m", ten_minutes([40, 50, 60], NINE + timedelta(minutes=30))))
    computed = window(channel.pk, "H", NINE, NINE + HOUR)
    assert (computed.value.tolist(), computed.mark.tolist()) == ([35.0], ["N"])


def test_one_abnormal_minute_spoils_a_waste_water_hour(channel: Any, readings: Put) -> None:
    """HJ 212-2017, notes on 2051 and 2061."""
    readings(channel, "m", ten_minutes([10]), mark="D")
    event = readings(channel, "m", ten_minutes([20, 30, 40, 50, 60], NINE + timedelta(minutes=10)))
    with clock.wound_to(NINE + 2 * HOUR):
        compute_means(event)
    assert window(channel.pk, "H", NINE, NINE + HOUR).mark.tolist() == ["D"]


number = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False, width=64))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(number, number, number, number), min_size=1, max_size=30))
def test_the_binary_form_keeps_every_number_and_every_gap(channel: Any, rows: list[tuple[float | None, ...]]) -> None:
    from django.db import connection

    numbers = np.array([[np.nan if value is None else value for value in row] for row in rows], dtype=np.float64)
    at = 1_763_000_000_000_000 + np.arange(len(rows), dtype=np.int64)
    full = np.full(len(rows), channel.pk, dtype=np.int32)
    letters = np.full(len(rows), b"h", dtype="S1")
    columns = Columns(full, letters, at, numbers, np.full(len(rows), b"N", dtype="S1"), at)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE echo (LIKE recording_reading) ON COMMIT DROP")
        with cursor.copy("COPY echo FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(binary_copy(columns))
        cursor.execute("SELECT value, low, high, total FROM echo ORDER BY at")
        found = cursor.fetchall()
        cursor.execute("DROP TABLE echo")
    assert found == [tuple(row) for row in rows]


def test_two_corrections_in_one_transaction_leave_the_second(channel: Any, readings: Put) -> None:
    for value in (1.0, 2.0, 3.0):
        readings(channel, "h", [(NINE, value)])
    assert window(channel.pk, "h", NINE, NINE + HOUR).value.tolist() == [3.0]
