"""Means that are computed here are handed on where a device sent none: marked, never beside the device's own."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from above import Above, handing_on, platform_above, settle
from wire import Sender, frame, hour_packet, running_gateway

from qingyuan.forwarding.api import define_destination
from qingyuan.forwarding.queries import Destination
from qingyuan.kit import delivery
from qingyuan.kit.errors import BadInput
from qingyuan.kit.queries import lines
from qingyuan.sensing.queries import RawPacket

pytestmark = pytest.mark.django_db(transaction=True)
MN = "T" * 24


@pytest.fixture
def sender(device: Any) -> Iterator[Sender]:
    with running_gateway() as (_, port):
        delivery.subscribe()
        yield Sender(port)


def destination(above: Above, **values: Any) -> Destination:
    told = {"title_zh": "省平台", "title_en": "Province", "host": "127.0.0.1", "port": above.port, "what": ["h"],
            "own_means": ["H"], "own_wait_minutes": 1, "over_time_s": 2, "re_count": 1,
            "reason": "省厅要求"}  # fmt: skip
    return define_destination("province", told | values, valid_from=date(2026, 11, 21))


def tens(hour: int, values: list[float], *, serial: int = 0) -> list[bytes]:
    """The values of an hour, ten minutes each."""
    return [
        frame(
            f"QN=202611231{serial}{hour:02d}{place:02d}0000;ST=32;CN=2051;PW=123456;MN={MN};Flag=5;"
            f"CP=&&DataTime=20261122{hour:02d}{10 * place:02d}00;w01018-Avg={value},w01018-Flag=N&&"
        )
        for place, value in enumerate(values)
    ]


def send(sender: Sender, packets: list[bytes]) -> None:
    for packet in packets:
        sender.send(packet)
        assert b"CN=9014" in sender.answer()
    delivery.run_until_quiet()


def told(packet: bytes) -> str:
    """A packet without its QN and what is around it."""
    return packet[6:-6].decode().split(";", 1)[1]


def own(hour: int, low: float, mean: float, high: float, *, head: str = "Flag=5;", edition_mark: str = "CALC") -> str:
    mark = f",w01018-EFlag={edition_mark}" if edition_mark else ""
    return (
        f"ST=32;CN=2061;PW=123456;MN={MN};{head}CP=&&DataTime=20261122{hour:02d}0000;"
        f"w01018-Min={low},w01018-Avg={mean},w01018-Max={high},w01018-Flag=N{mark}&&"
    )


def settled(one: Destination) -> bool:
    """Every raw packet has been passed, and every hour of that day."""
    last = RawPacket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    one.refresh_from_db()
    return one.position >= last and one.own_to.get("H", 0) > 1_795_370_400_000_000  # 2026-11-22 22:00 UTC+8 and more


def test_an_hour_that_the_device_did_not_send_is_told_and_marked(sender: Sender, monkeypatch: Any) -> None:
    sent = hour_packet(MN, "20261122020000", 43.5)
    send(sender, [*tens(1, [20.0, 22.0, 24.0, 26.0, 28.0, 30.0]), *tens(2, [40.0] * 6), sent])
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above)
        settle(lambda: settled(one) and len(above.received) == 2)
    assert sent in above.received
    (mine,) = (packet for packet in above.received if packet != sent)
    assert told(mine) == own(1, 20.0, 25.0, 30.0)
    assert (one.own_handed, one.own_refused) == (1, 0)
    (line,) = lines(acts=("OwnMeansHandedOn",))
    assert (line.detail["accepted"], line.detail["again"]) == (1, False)


@pytest.mark.parametrize(
    ("edition", "head", "flag"), [("2017", "Flag=5;", 5), ("2025", "Flag=9;RF=1;", 9)], ids=["2017", "2025"]
)
def test_a_mean_that_changes_by_late_data_is_told_again_with_the_mark_of_2025(
    sender: Sender, monkeypatch: Any, edition: str, head: str, flag: int
) -> None:
    send(sender, tens(1, [20.0, 22.0, 24.0, 26.0, 28.0, 30.0]))
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, edition=edition)
        settle(lambda: settled(one) and len(above.received) == 1)
        send(sender, tens(1, [32.0], serial=1))
        settle(lambda: len(above.received) == 2)
        settle(lambda: lines(acts=("OwnMeansHandedOn",)).count() == 2)
    first, second = map(told, above.received)
    assert first == own(1, 20.0, 25.0, 30.0, head=f"Flag={flag};")
    assert second == own(1, 22.0, 27.0, 32.0, head=head)


def test_after_a_late_hour_of_the_device_the_own_one_is_told_no_more(sender: Sender, monkeypatch: Any) -> None:
    late = hour_packet(MN, "20261122010000", 43.5)
    send(sender, tens(1, [20.0] * 6))
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, own_mark="")
        settle(lambda: settled(one) and len(above.received) == 1)
        send(sender, [late, *tens(1, [50.0], serial=1)])
        settle(lambda: settled(one) and len(above.received) == 2)
        send(sender, tens(3, [30.0] * 6))
        settle(lambda: len(above.received) == 3)
    assert above.received[1] == late
    assert [told(packet) for packet in above.received[::2]] == [
        own(1, 20.0, 20.0, 20.0, edition_mark=""), own(3, 30.0, 30.0, 30.0, edition_mark=""),
    ]  # fmt: skip


def test_refused_means_are_counted_and_named_in_the_log(sender: Sender, monkeypatch: Any) -> None:
    def strict(packet: bytes) -> bytes:
        qn = packet[9 : packet.index(b";")].decode()
        return frame(f"QN={qn};ST=91;CN=9014;PW=123456;MN={MN};Flag=4;CP=&&QnRtn=8&&")

    send(sender, tens(1, [20.0] * 6))
    with platform_above(strict) as above, handing_on(monkeypatch):
        one = destination(above)
        settle(lambda: settled(one) and one.own_refused == 1)
    (line,) = lines(acts=("OwnMeansHandedOn",))
    ((mn, cn, _qn, ended, said),) = line.detail["failed"]
    assert (mn, cn, ended, said) == (MN, "2061", "refused", "CN=9014 QnRtn=8")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"what": ["r"]}, "own_means"),
        ({"what": ["m"], "own_means": ["M", "T"]}, "own_means"),
        ({"own_mark": "a;b"}, "own_mark"),
    ],
    ids=["hours that are not handed on", "two intervals of minutes", "a mark that would break the message"],
)
def test_what_does_not_fit_together_is_refused(device: Any, values: dict[str, Any], field: str) -> None:
    with platform_above() as above, pytest.raises(BadInput) as refused:
        destination(above, **values)
    assert refused.value.field == field
