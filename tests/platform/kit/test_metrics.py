"""What Prometheus is told: how far the handlers are behind, what the gateway committed, how long pages take."""

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from django.test import Client
from prometheus_client import REGISTRY, CollectorRegistry
from wire import Sender, hour_packet, running_gateway

from qingyuan.kit import delivery, log
from qingyuan.kit.events import Event
from qingyuan.kit.metrics import LogFigures
from qingyuan.kit.models import Subscription

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class GongStruck(Event):
    subject_kind: ClassVar[str] = "bell"
    id: int


def test_a_handler_that_does_not_look_falls_behind_in_the_figures() -> None:
    delivery.subscribe()
    registry = CollectorRegistry()
    registry.register(LogFigures())
    handler = "judging.judge_readings"
    before = registry.get_sample_value("qingyuan_handler_behind_lines", {"handler": handler})
    for number in range(3):
        log.write(GongStruck(id=number))
    after = registry.get_sample_value("qingyuan_handler_behind_lines", {"handler": handler})
    assert before is not None
    assert after == before + 3
    assert Subscription.objects.filter(handler=handler).exists()


def _sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_the_gateway_counts_what_it_committed(device: Any) -> None:
    before = _sample("qingyuan_gateway_packets_total", state="decoded")
    with running_gateway() as (_, port):
        sender = Sender(port)
        sender.send(hour_packet(device.mn, "20261122090000", 43.5))
        assert sender.answer()
        assert _sample("qingyuan_gateway_connections") == 1
        sender.close()
    assert _sample("qingyuan_gateway_packets_total", state="decoded") == before + 1


def test_a_page_is_timed_under_its_name(cast: Any) -> None:
    client = Client()
    client.force_login(cast.duty_officer)
    before = _sample("qingyuan_request_seconds_count", page="cases", status="200")
    client.get("/cases/")
    assert _sample("qingyuan_request_seconds_count", page="cases", status="200") == before + 1
