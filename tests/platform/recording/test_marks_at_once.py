"""Two marks that an operator gives at the same moment have one yearly cap between them."""

from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
from casefile import OFFICE
from database import readings_of_this_test  # noqa: F401 a fixture
from django.db import connection

from qingyuan.kit import clock
from qingyuan.places.api import register_station
from qingyuan.recording.api import mark_span
from qingyuan.recording.logic import marking
from qingyuan.recording.queries import marks
from qingyuan.sensing.api import define_channel

pytestmark = pytest.mark.django_db(transaction=True)
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_two_marks_at_once_do_not_share_out_what_only_one_may_have(
    cast: Any, enterprise: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """生活垃圾焚烧发电厂自动监测数据标记规则: 60 hours of start-up, shutdown, fault and accident a year."""
    stack = register_station(
        "stack-2", title_zh="焚烧炉", title_en="Incinerator", kind="outlet-gas", lon=100.05, lat=30.1,
        enterprise=enterprise,
    )  # fmt: skip
    define_channel(stack, factor="a34013", unit="mg/m3")
    counted, done, count = Event(), Event(), marking.counts_until

    def counts(*given: Any) -> datetime:
        until = count(*given)
        if not counted.is_set():  # the first one waits until the second is through, or cannot be
            counted.set()
            done.wait(1.0)
        return until

    def mark(starts_at: datetime) -> None:
        with clock.wound_to(NINE + 100 * HOUR):
            mark_span(
                stack.code, cast.enterprise, OFFICE, code="incinerator-start", starts_at=starts_at,
                ends_at=starts_at + 40 * HOUR, reason="起炉",
            )  # fmt: skip

    def second() -> None:
        counted.wait(10)
        try:
            mark(NINE + 50 * HOUR)
        finally:
            done.set()
            connection.close()

    monkeypatch.setattr(marking, "counts_until", counts)
    other = Thread(target=second)
    other.start()
    mark(NINE)
    other.join(20)
    found = marks(cast.enterprise)
    assert len(found) == 2
    assert sum((one.counts_until - one.starts_at for one in found), timedelta()) == 60 * HOUR
