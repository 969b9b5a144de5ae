"""What the gateway remembers of devices: it forgets what changed, and asks of the log only what is new."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qingyuan.kit import log
from qingyuan.kit.queries import last_seq
from qingyuan.project.events import DemoMade
from qingyuan.sensing.events import DialectChanged
from qingyuan.sensing.logic.registry import Registry

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
