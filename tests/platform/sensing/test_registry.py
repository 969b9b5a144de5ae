"""What the gateway remembers of devices: it forgets what changed, and asks of the log only what is new."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wire import hour_packet

from qingyuan.kit import log
from qingyuan.kit.queries import last_seq
from qingyuan.project.events import DemoMade
from qingyuan.sensing.api import register_device
from qingyuan.sensing.events import DialectChanged
from qingyuan.sensing.logic.arriving.arrivals import Arrival
from qingyuan.sensing.logic.intake import take_in
from qingyuan.sensing.logic.registry import Registry

RECEIVED_US = 1_795_313_000_000_000  # 2026-11-22

pytestmark = pytest.mark.django_db


def test_a_batch_asks_only_what_was_written_since_the_one_before(device: Any) -> None:
    log.number_at_once()
    registry = Registry()
    registry.refresh()
    for number in range(3):
        log.write(DemoMade(id=f"other {number}", seed=number))
    registry.refresh()
    newest = last_seq()
    with CaptureQueriesContext(connection) as asked:
        registry.refresh()
    assert [f"seq > {newest}" in one["sql"] for one in asked.captured_queries] == [True]


def test_a_device_that_changed_is_read_anew(device: Any) -> None:
    log.number_at_once()
    registry = Registry()
    registry.refresh()
    known = registry.device(device.mn)
    assert known is registry.device(device.mn)
    log.write(DialectChanged(id=device.dialect_id, code=device.dialect.code))
    registry.refresh()
    assert registry.device(device.mn) is not known


def test_devices_that_speak_for_the_first_time_are_looked_up_together(device: Any, station: Any) -> None:
    names = [f"{number:024d}" for number in range(8)]
    for mn in names:
        register_device(mn, station=station, password="123456")
    registry = Registry()
    packets = [hour_packet(mn, "20261121090000", 40) for mn in (*names, "X" * 24)]
    arrivals = [Arrival(raw, "127.0.0.1:1", RECEIVED_US, raw[6:-6]) for raw in packets]
    with CaptureQueriesContext(connection) as asked:
        take_in(arrivals, registry, lambda rows, segment: len(rows))
    assert [one.state for one in arrivals] == ["decoded"] * 8 + ["quarantined"]
    for table in ("sensing_device", "sensing_channel"):
        together = [one["sql"] for one in asked.captured_queries if f'FROM "{table}" ' in one["sql"]]
        assert sum(any(mn in sql for mn in names) or table == "sensing_channel" for sql in together) == 1
