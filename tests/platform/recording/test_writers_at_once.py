"""Two writers that change the same reading at once: each value that was replaced stays on record."""

from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import numpy as np
import pytest
from database import readings_of_this_test  # noqa: F401 a fixture
from django.db import connection, transaction

from qingyuan.kit import log
from qingyuan.recording.api import append
from qingyuan.recording.logic import store
from qingyuan.recording.queries import window
from qingyuan.sensing.api import Rows
from qingyuan.sensing.logic.raw import segments

pytestmark = pytest.mark.django_db(transaction=True)
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@transaction.atomic
def send(channel: Any, value: float, received: datetime, segment: Any) -> None:
    rows = Rows()
    key = (channel.pk, "h", round(NINE.timestamp() * 1_000_000))
    rows.add(key, (value, np.nan, np.nan, np.nan), "N", round(received.timestamp() * 1_000_000))
    append(rows, segment)


@pytest.mark.parametrize("seconds", [(1, 2), (2, 1)], ids=["received later", "received earlier"])
def test_what_another_writer_puts_in_while_one_replaces_a_value_is_kept(channel: Any, seconds: tuple[int, int]) -> None:
    with transaction.atomic():
        segment = segments.append(segments.Body(b"test", 0, NINE))
    send(channel, 1.0, NINE + HOUR, segment)

    def other() -> None:
        try:
            send(channel, 2.0, NINE + HOUR + seconds[0] * SECOND, segment)
        finally:
            connection.close()

    writer = Thread(target=other)

    def lets_in(execute: Any, sql: str, *given: Any) -> Any:
        done = execute(sql, *given)
        if sql == store._OLD and not writer.ident:  # between what it reads and what it writes
            writer.start()
            writer.join(1.0)  # it waits until this one is through, or is through itself
        return done

    with connection.execute_wrapper(lets_in):
        send(channel, 3.0, NINE + HOUR + seconds[1] * SECOND, segment)
    writer.join(20)
    then = [
        window(channel.pk, "h", NINE, NINE + HOUR, as_of=NINE + HOUR + after * SECOND).value.tolist()
        for after in range(3)
    ]
    assert then == ([[1.0], [2.0], [3.0]] if seconds == (1, 2) else [[1.0], [3.0], [2.0]])
    assert window(channel.pk, "h", NINE, NINE + HOUR).value.tolist() == then[2]
    told = [line.detail["old"] for line in log.about(f"channel/{channel.pk}") if line.act == "ReadingsCorrected"]
    assert [item[2] for items in told for item in items] == (["1.0"] if seconds == (1, 2) else ["1.0", "3.0"])
