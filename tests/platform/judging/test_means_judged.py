"""What is computed here and judged: a day's mean by the limit for days, heavy metals by theirs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from casefile import LONG_AGO, NINE
from django.db import transaction
from loop_runner import run_waiting_jobs

from qingyuan.judging.api import set_watch
from qingyuan.judging.queries import Finding
from qingyuan.sensing.api import define_channel

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
MIDNIGHT = NINE - 9 * HOUR
Readings = Callable[..., Any]


@pytest.fixture
def a_day(readings: Readings) -> Callable[[Any, float, float], None]:
    """The hour means of the day before, odd and even hours, and what the loop makes of them."""
    set_watch("exceedance", kind="d", valid_from=LONG_AGO)

    def put(where: Any, odd: float, even: float) -> None:
        with transaction.atomic():
            readings(where, "h", [(MIDNIGHT + n * HOUR, odd if n % 2 else even) for n in range(-24, 0)])
        run_waiting_jobs()

    return put


@pytest.mark.mission("S2-26")
def test_the_mean_of_a_day_is_computed_and_judged_by_the_limit_for_days(channel: Any, a_day: Any) -> None:
    a_day(channel, 40.0, 70.0)
    found = Finding.objects.get()
    assert (found.kind, found.peak, found.limit_high) == ("d", 55.0, 50.0)
    assert found.clause_zh == "GB 18918-2002 表1"


def test_a_day_that_keeps_its_limit_on_the_whole_is_no_finding(channel: Any, a_day: Any) -> None:
    a_day(channel, 29.9, 70.0)
    assert not Finding.objects.exists()


@pytest.mark.mission("S4-14")
def test_heavy_metals_are_judged_by_their_own_limits_in_the_unit_of_their_monitor(station: Any, a_day: Any) -> None:
    mercury, cadmium = (define_channel(station, factor=code, unit="µg/L") for code in ("w20111", "w20115"))
    a_day(mercury, 0.9, 1.1)
    assert not Finding.objects.exists(), "1.0 µg/L is the limit itself, 0.001 mg/L"
    a_day(cadmium, 15.0, 21.0)
    found = Finding.objects.get()
    assert (found.channel_id, found.peak, found.unit) == (cadmium.pk, 18.0, "µg/L")
    assert (found.limit_high, found.clause_zh) == (10.0, "GB 18918-2002 表2")
    assert "镉" in found.sentence_zh
