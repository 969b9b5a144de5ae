"""A platform above asks: the past is answered out of the store, anything else is refused, and all is written down."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from above import Above, accepted, handing_on, platform_above, settle
from wire import Sender, frame, hour_packet, running_gateway

from qingyuan.forwarding import requests
from qingyuan.forwarding.api import define_destination
from qingyuan.forwarding.logic import answering
from qingyuan.forwarding.queries import Destination, Names, asked_by
from qingyuan.kit.queries import lines
from qingyuan.sensing.queries import Command

pytestmark = pytest.mark.django_db(transaction=True)
MN, ABOVE = "T" * 24, "U" * 24


@pytest.fixture
def port(device: Any) -> Iterator[int]:
    with running_gateway() as (_, port):
        yield port


def asking(port: int, above: Above, **values: Any) -> Destination:
    """A destination that is given nothing by itself, of a device that has told four hours."""
    sender = Sender(port)
    for hour in range(4):
        sender.send(hour_packet(MN, f"202611210{hour}0000", 20.0 + hour, qn=f"2026112200000{hour}000"))
        assert b"CN=9014" in sender.answer()
    told = {
        "title_zh": "省平台", "title_en": "Province", "host": "127.0.0.1", "port": above.port, "what": ["d"],
        "over_time_s": 5, "reason": "省厅要求",
    }  # fmt: skip
    names = {MN: Names(ABOVE, "654321")}
    return define_destination("province", told | values, valid_from=date(2020, 1, 1), identities=names)


def ask(cn: str, content: str = "", *, mn: str = ABOVE, pw: str = "654321", qn: str = "20261122100001000") -> bytes:
    return frame(f"QN={qn};ST=32;CN={cn};PW={pw};MN={mn};Flag=5;CP=&&{content}&&")


def test_hours_of_the_past_are_answered_out_of_the_store(port: int, monkeypatch: Any) -> None:
    with platform_above() as above, handing_on(monkeypatch):
        one = asking(port, above)
        settle(lambda: above.opened > 0)
        above.say(ask("2061", "BeginTime=20261121010000;EndTime=20261121020000"))
        settle(lambda: len(above.said) == 2)
        settle(lambda: asked_by(one)[0].ended_at is not None)  # which is kept once the answer is written
    head = f"QN=20261122100001000;ST=91;%s;PW=654321;MN={ABOVE};Flag=4;CP=&&%s&&"
    assert above.said == [frame(head % ("CN=9011", "QnRtn=1")), frame(head % ("CN=9012", "ExeRtn=1"))]
    told = [packet[packet.index(b"CP=&&") : -6] for packet in above.received]
    assert told == [
        f"CP=&&DataTime=202611210{hour}0000;w01018-Cou=1.2,w01018-Min={19.0 + hour},w01018-Avg={20.0 + hour},"
        f"w01018-Max={21.0 + hour},w01018-Flag=N&&".encode()
        for hour in (1, 2)
    ]
    assert all(f"ST=32;CN=2061;PW=654321;MN={ABOVE};Flag=5;".encode() in packet for packet in above.received)
    (row,) = asked_by(one)
    assert (row.outcome, row.mn, row.qn_rtn, row.exe_rtn, row.uploads) == ("history", MN, 1, 1, 2)


def test_a_span_without_data_is_answered_so(port: int, monkeypatch: Any) -> None:
    with platform_above() as above, handing_on(monkeypatch):
        asking(port, above)
        settle(lambda: above.opened > 0)
        above.say(ask("2061", "BeginTime=20251121010000;EndTime=20251121020000"))
        settle(lambda: len(above.said) == 2)
    assert b"ExeRtn=100" in above.said[1]
    assert not above.received


@pytest.mark.parametrize(
    ("request_from_above", "returned"),
    [
        (ask("3011", "PolId=w01018"), 2),
        (ask("2061", "BeginTime=20261121010000;EndTime=20261121020000", mn="N" * 24), 4),
        (ask("2061", "BeginTime=20261121010000;EndTime=20261121020000", pw="wrong1"), 3),
        (ask("2061", "BeginTime=20261121030000;EndTime=20261121020000"), 2),
    ],
    ids=["a command", "a stranger", "a wrong password", "a span that goes back"],
)
def test_what_may_not_be_is_refused_by_the_protocol_and_written_down(
    port: int, monkeypatch: Any, request_from_above: bytes, returned: int
) -> None:
    with platform_above() as above, handing_on(monkeypatch):
        one = asking(port, above)
        settle(lambda: above.opened > 0)
        above.say(request_from_above)
        settle(lambda: len(above.said) == 1)
    assert f"QnRtn={returned}".encode() in above.said[0]
    (row,) = asked_by(one)
    assert (row.outcome, row.qn_rtn) == ("refused", returned)
    assert lines(acts=("RequestFromAbove",)).count() == 1
    assert not Command.objects.exists()


def test_a_command_is_passed_on_to_the_device_where_the_row_allows_it(port: int, monkeypatch: Any) -> None:
    with platform_above() as above, handing_on(monkeypatch):
        asking(port, above, passes_commands=True)
        settle(lambda: above.opened > 0)
        above.say(ask("1062", "RtdInterval=60"))
        settle(lambda: len(above.said) == 1)
        above.say(ask("1012", "SystemTime=20261122100000", qn="20261122100002000"))
        settle(lambda: len(above.said) == 2)
    assert [b"QnRtn=1" in said for said in above.said] == [True, False]  # to set a clock takes an administrator
    (command,) = Command.objects.all()
    assert (command.code, command.arguments, command.device.mn) == ("set-realtime-interval", {"RtdInterval": "60"}, MN)
    assert "province" in command.why


def test_a_request_that_breaks_the_code_is_answered_as_failed(port: int, monkeypatch: Any) -> None:
    def broken(*_values: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(answering, "past", broken)
    with platform_above() as above, handing_on(monkeypatch):
        one = asking(port, above)
        settle(lambda: above.opened > 0)
        above.say(ask("2061", "BeginTime=20261121010000;EndTime=20261121020000"))
        settle(lambda: len(above.said) == 2)
        settle(lambda: asked_by(one)[0].ended_at is not None)
    assert b"ExeRtn=2" in above.said[1]
    assert asked_by(one)[0].exe_rtn == 2


def test_who_asks_for_much_of_the_past_at_once_is_told_of_little_at_a_time(port: int, monkeypatch: Any) -> None:
    with platform_above(lambda packet: None) as above, handing_on(monkeypatch):
        asking(port, above, over_time_s=60)
        settle(lambda: above.opened > 0)
        span = "BeginTime=20261121010000;EndTime=20261121010000"
        for number in range(6):
            above.say(ask("2061", span, qn=f"2026112210000{number}000"))
        settle(lambda: len(above.said) == 6)
        settle(lambda: len(above.received) >= requests.PASTS_AT_ONCE)
        above.say(ask("3011", "PolId=w01018", qn="20261122100009000"))
        settle(lambda: len(above.said) == 7)  # other requests are not held up
        assert len(above.received) == requests.PASTS_AT_ONCE
        above.answer = accepted
        for packet in above.received[: requests.PASTS_AT_ONCE]:
            above.say(accepted(packet))
        settle(lambda: len(above.received) == 6 and sum(b"CN=9012" in said for said in above.said) == 6)
