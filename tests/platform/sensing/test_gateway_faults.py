"""What goes wrong behind the socket: no packet pays for it, and the next one is served."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Event, Timer
from typing import Any

import psycopg
import pytest
import wire
from wire import Sender, frame, hour_packet, running_gateway

from qingyuan.recording.api import append
from qingyuan.recording.queries import window
from qingyuan.sensing.queries import Channel, RawPacket

pytestmark = pytest.mark.django_db(transaction=True)
MN = "T" * 24
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)  # 09:00 in Shanghai


@pytest.fixture
def sender() -> Iterator[Sender]:
    with running_gateway() as (_, port):
        sender = Sender(port)
        yield sender
        sender.close()


def failing(times: int, error: Exception) -> Callable[..., int]:
    """A store that fails some times before it works."""
    left = iter(range(times))

    def sink(*values: Any) -> int:
        if next(left, None) is not None:
            raise error
        return append(*values)

    return sink


def test_a_packet_waits_until_the_database_is_back(device: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    away = psycopg.OperationalError("server closed the connection unexpectedly")
    monkeypatch.setattr(wire, "append", failing(3, away))
    with running_gateway() as (_, port):
        sender = Sender(port)
        sender.send(hour_packet(MN, "20261122090000", 43.5))
        assert b"CN=9014" in sender.answer()
    channel = Channel.objects.get(factor="w01018")
    assert list(window(channel.pk, "h", NINE, NINE + timedelta(hours=1)).value) == [43.5]
    assert not RawPacket.objects.exclude(state="decoded").exists()


def test_a_packet_that_breaks_the_code_is_kept_as_rejected_with_the_reason_and_not_answered(
    device: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "append", failing(2, ZeroDivisionError("found 0: expected a number")))
    with running_gateway() as (_, port):
        sender = Sender(port)
        sender.send(hour_packet(MN, "20261122080000", 20, qn="20261122090001000"))
        sender.send(hour_packet(MN, "20261122090000", 43.5))
        answer = sender.answer()
        assert (answer.count(b"CN=9014"), answer.count(b"QN=20261122100001000")) == (1, 1)
    refused = RawPacket.objects.get(state="rejected")
    assert "ZeroDivisionError: found 0" in refused.note


@pytest.mark.parametrize("odd", ["QN=1=2", "QN=" + "9" * 1500], ids=["an equals sign", "too long"])
def test_a_packet_whose_answer_cannot_be_written_is_kept_and_the_next_is_answered(
    device: Any, sender: Sender, odd: str
) -> None:
    time_and_value = "DataTime=20261122080000;w01018-Avg=20,w01018-Flag=N"
    sender.send(frame(f"{odd};ST=32;CN=2061;PW=123456;MN={MN};Flag=5;CP=&&{time_and_value}&&"))
    sender.send(hour_packet(MN, "20261122090000", 43.5))
    answer = sender.answer()
    assert (answer.count(b"CN=9014"), answer.count(b"QN=20261122100001000")) == (1, 1)
    assert RawPacket.objects.filter(state="decoded").count() == 2


def test_a_batch_on_its_way_when_the_gateway_stops_is_kept_once(device: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, stopping = Event(), Event()

    def slow(*values: Any) -> int:
        begun.set()
        stopping.wait(10)
        return append(*values)

    monkeypatch.setattr(wire, "append", slow)
    with running_gateway() as (_, port):
        Sender(port).send(hour_packet(MN, "20261122090000", 43.5))
        assert begun.wait(10)
        Timer(0.3, stopping.set).start()
    assert RawPacket.objects.filter(mn=MN, cn="2061").count() == 1
    channel = Channel.objects.get(factor="w01018", basis="measured")
    assert window(channel.pk, "h", NINE, NINE + timedelta(hours=1)).value.tolist() == [43.5]
