"""A sampler at an outlet is asked for a sample while a limit is exceeded, and the bottle goes into the case's file."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from loop_runner import run_waiting_jobs
from spoken import simulated, speaking
from wire import running_gateway, wait_until

from qingyuan.dispatching.queries import Case
from qingyuan.judging.api import judge_readings, set_watch
from qingyuan.sensing import talking
from qingyuan.sensing.admin import DeviceForm
from qingyuan.sensing.api import define_dialect, register_device
from qingyuan.sensing.queries import Command, Device
from qingyuan_science.hj212 import EDITION_2005, EDITION_2025, STANDARD, Dialect

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


@pytest.fixture
def port(db: None) -> Iterator[int]:
    with running_gateway() as (_, port):
        yield port


@pytest.fixture
def exceeded(channel: Any, readings: Callable[..., Any], rule: Any) -> Callable[[datetime], None]:
    """Let an hour mean of COD stand over its limit, and the loop take it up."""
    set_watch("exceedance", kind="h", valid_from=rule.valid.lower)

    def put(hour: datetime) -> None:
        with transaction.atomic():
            event = readings(channel, "h", [(hour, 68.4)])
        judge_readings(event)
        run_waiting_jobs()

    return put


def sampler(station: Any, dialect: Dialect, mn: str = "T" * 24, *, keeps: bool = True) -> Device:
    define_dialect(dialect, title_zh="试验", title_en="Under test")
    return register_device(mn, station=station, dialect=dialect.code, keeps_samples=keeps)


def last_hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - HOUR


@pytest.mark.mission("S4-15")
@pytest.mark.parametrize(
    ("dialect", "title"), [(STANDARD, "超标留样，瓶号 1"), (EDITION_2025, "超标留样完成，设备未报瓶号")]
)
def test_a_sample_is_retained_while_a_limit_is_exceeded_and_filed_with_the_case(
    station: Any, port: int, exceeded: Any, monkeypatch: pytest.MonkeyPatch, dialect: Dialect, title: str
) -> None:
    monkeypatch.setattr(talking, "LOOK_S", 0.05)
    monkeypatch.setattr(talking, "STEP_S", 0.02)
    sampler(station, dialect)
    exceeded(last_hour())
    command = Command.objects.get()
    assert "COD" in command.why or "化学需氧量" in command.why
    with speaking(simulated(dialect, "T" * 24), port):
        assert wait_until(lambda: Command.objects.get().has_ended, 15.0)
    run_waiting_jobs()
    filed = Case.objects.get().evidence.get(kind="sample")
    assert filed.title_zh == title


def test_nothing_is_asked_of_a_device_without_a_sampler_or_of_an_edition_without_the_request(
    station: Any, exceeded: Any
) -> None:
    sampler(station, STANDARD, keeps=False)
    sampler(station, EDITION_2005, "88888880000001")
    exceeded(last_hour())
    assert Case.objects.exists()
    assert not Command.objects.exists()


def test_no_sample_is_asked_for_what_is_long_past(station: Any, exceeded: Any) -> None:
    sampler(station, STANDARD)
    exceeded(last_hour() - 24 * HOUR)
    assert Case.objects.exists()
    assert not Command.objects.exists()


def test_a_device_of_2005_cannot_be_entered_as_one_that_retains_samples(station: Any) -> None:
    device = sampler(station, EDITION_2005, "88888880000001", keeps=False)
    given = {"mn": device.mn, "station": station.pk, "state": device.state, "dialect": device.dialect_id}
    form = DeviceForm({**given, "keeps_samples": "on"}, instance=device)
    assert "keeps_samples" in form.errors
    assert "keeps_samples" not in DeviceForm(given, instance=device).errors
