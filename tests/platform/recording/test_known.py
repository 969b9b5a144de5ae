"""What was known when: corrections and late data by `as_of`, and the newest value of each channel."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingyuan.kit import clock, log
from qingyuan.kit.delivery import run_until_quiet
from qingyuan.recording.events import ReadingsAppended, ReadingsWithdrawn
from qingyuan.recording.queries import latest, window

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Put = Callable[..., Any]


def values(channel: Any, as_of: datetime | None = None) -> list[float]:
    return window(channel.pk, "h", NINE, NINE + 10 * HOUR, as_of=as_of).value.tolist()


def test_what_was_corrected_later_stands_as_it_stood(channel: Any, send: Put) -> None:
    send(channel, "h", [(NINE, 1.0, "N")], NINE + HOUR)
    send(channel, "h", [(NINE, 2.0, "N"), (NINE + HOUR, 5.0, "N")], NINE + 2 * HOUR)
    send(channel, "h", [(NINE, 3.0, "D")], NINE + 3 * HOUR)
    assert values(channel, NINE) == []
    assert values(channel, NINE + HOUR) == [1.0]
    assert values(channel, NINE + 2 * HOUR) == [2.0, 5.0]
    assert values(channel, NINE + 9 * HOUR) == values(channel) == [3.0, 5.0]
    assert window(channel.pk, "h", NINE, NINE + HOUR, as_of=NINE + 2 * HOUR).mark.tolist() == ["N"]


def test_a_packet_received_earlier_and_decoded_later_does_not_undo_a_correction(channel: Any, send: Put) -> None:
    send(channel, "h", [(NINE, 2.0, "N")], NINE + 2 * HOUR)
    for _ in range(2):
        send(channel, "h", [(NINE, 1.0, "N")], NINE + HOUR)
    assert values(channel) == [2.0]
    assert values(channel, NINE + HOUR) == [1.0]
    assert corrections() == 1


def corrections() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM recording_correction")
        return int(cursor.fetchone()[0])


number = st.sampled_from([0.5, 1.0, 1.5, 2.0])
sendings = st.lists(
    st.tuples(st.integers(0, 9), st.dictionaries(st.integers(0, 3), st.tuples(number, st.sampled_from("ND")))),
    min_size=1,
    max_size=8,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sendings, st.integers(-1, 10), st.booleans())
def test_as_of_equals_a_plain_replay_up_to_that_instant(
    channel: Any, send: Put, sent: list[tuple[int, dict[int, tuple[float, str]]]], until: int, in_order: bool
) -> None:
    """Batches stored in the order of their arrival, resent ones among them; or in any order, then all different."""
    from django.db import connection, transaction

    if in_order:
        sent = sorted(sent, key=lambda one: one[0])
    else:
        sent = [
            (arrival, {hour: (value + 10 * place, mark) for hour, (value, mark) in batch.items()})
            for place, (arrival, batch) in enumerate(sent)
        ]
    with transaction.atomic():
        for arrival, batch in sent:
            if batch:
                rows = [(NINE + hour * HOUR, value, mark) for hour, (value, mark) in batch.items()]
                send(channel, "h", rows, NINE + arrival * MINUTE)
        replayed: dict[int, tuple[float, str]] = {}
        for _arrival, batch in sorted((one for one in sent if one[0] <= until), key=lambda one: one[0]):
            replayed |= batch
        found = window(channel.pk, "h", NINE, NINE + 10 * HOUR, as_of=NINE + until * MINUTE)
        shown = {
            (at - round(NINE.timestamp() * 1e6)) // 3_600_000_000: (value, mark)
            for at, value, mark in zip(found.at.tolist(), found.value.tolist(), found.mark.tolist(), strict=True)
        }
        now = window(channel.pk, "h", NINE, NINE + 10 * HOUR)
        then = window(channel.pk, "h", NINE, NINE + 10 * HOUR, as_of=NINE + 10 * MINUTE)
        assert (now.value.tolist(), now.mark.tolist()) == (then.value.tolist(), then.mark.tolist())
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM recording_reading")
            cursor.execute("DELETE FROM recording_correction")
    assert shown == replayed


def test_the_newest_value_follows_a_correction_and_never_goes_back(channel: Any, send: Put) -> None:
    with clock.wound_to(NINE + 3 * HOUR):
        send(channel, "r", [(NINE + HOUR, 2.0, "N")], NINE + HOUR)
        send(channel, "r", [(NINE, 9.0, "N")], NINE + 2 * HOUR)
        assert latest([channel.pk])[channel.pk].value == 2.0
        send(channel, "r", [(NINE + HOUR, 3.0, "D")], NINE + 2 * HOUR)
        found = latest([channel.pk])[channel.pk]
        assert (found.at, found.value, found.mark) == (NINE + HOUR, 3.0, "D")
        assert latest([channel.pk], since=HOUR) == {}


def test_a_newest_value_that_is_taken_back_soon_after_it_came_steps_back(channel: Any, send: Put) -> None:
    """A handler that has fallen behind finds the batch and its withdrawal together."""
    from django.db import connection

    send(channel, "r", [(NINE, 1.0, "N"), (NINE + HOUR, 2.0, "N")], NINE + HOUR)
    span = [channel.pk, "r", *(round((NINE + hour * HOUR).timestamp() * 1_000_000) for hour in (0, 1))]
    log.write(ReadingsAppended(id=1, spans=[span]))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM recording_reading WHERE at = %s", [NINE + HOUR])
    log.write(ReadingsWithdrawn(id=1, spans=[span]))
    run_until_quiet()
    with clock.wound_to(NINE + 3 * HOUR):
        assert latest([channel.pk])[channel.pk].value == 1.0


def test_only_events_that_both_bring_or_both_take_back_are_told_together() -> None:
    came, went = ReadingsAppended(id=1, spans=[[1, "r", 0, 5]]), ReadingsWithdrawn(id=1, spans=[[1, "r", 3, 7]])
    assert not came.joins(went)
    assert not went.joins(came)
    both = went.together([went])
    assert (both.takes_back, both.spans) == (True, [[1, "r", 3, 7]])


def test_the_newest_values_are_read_by_one_query_however_many(channel: Any, send: Put) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    send(channel, "r", [(NINE, 2.0, "N")], NINE)
    with clock.wound_to(NINE), CaptureQueriesContext(connection) as queries:
        latest([channel.pk, *range(10**6, 10**6 + 5000)])
    assert len(queries) == 1
