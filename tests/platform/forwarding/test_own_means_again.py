"""The device's own mean after ours went; and ours that were refused or withheld, sent again when somebody wants it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from above import accepted, handing_on, platform_above, qn_of, settle
from test_own_means import MN, destination, own, send, settled, tens, told
from wire import Sender, frame, hour_packet, running_gateway

from qingyuan.forwarding.api import send_again, send_own_again, send_own_withheld
from qingyuan.forwarding.logic import own_means
from qingyuan.forwarding.logic.choosing import plan_of
from qingyuan.forwarding.queries import Destination, OwnUndelivered, own_undelivered_of, undelivered_of
from qingyuan.kit import delivery, log
from qingyuan.kit.errors import Refused
from qingyuan.kit.queries import lines
from qingyuan.places.api import register_station
from qingyuan.recording import queries as recording
from qingyuan.sensing.api import register_device
from qingyuan.sensing.queries import Device

pytestmark = pytest.mark.django_db(transaction=True)
ONE, TWO = "20261122010000", "20261122020000"
ANEW = f"ST=32;CN=2061;PW=123456;MN={MN};Flag=9;{{}}CP=&&DataTime={{}};w01018-Cou=1.2,w01018-Min=42.5,w01018-Avg=43.5,w01018-Max=44.5,w01018-Flag=N&&"  # noqa: E501


@pytest.fixture
def sender(device: Any) -> Iterator[Sender]:
    with running_gateway() as (_, port):
        delivery.subscribe()
        yield Sender(port)


def refuses(packet: bytes) -> bytes:
    qn = packet[9 : packet.index(b";")].decode()
    return frame(f"QN={qn};ST=91;CN=9014;PW=123456;MN={MN};Flag=4;CP=&&QnRtn=8&&")


def standing(one: Destination) -> Destination:
    one.refresh_from_db()
    return one


def is_true(one: Destination, name: str, value: int) -> Callable[[], bool]:
    return lambda: getattr(standing(one), name) == value


def test_the_devices_own_goes_on_in_place_of_ours_and_is_marked_and_counted(sender: Sender, monkeypatch: Any) -> None:
    send(sender, tens(1, [20.0] * 6))
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, edition="2025")
        settle(lambda: settled(one) and len(above.received) == 1)
        send(sender, [hour_packet(MN, TWO, 43.5), hour_packet(MN, ONE, 43.5)])
        settle(lambda: settled(one) and len(above.received) == 3)
        settle(is_true(one, "own_corrected", 1))
    assert told(above.received[0]) == own(1, 20.0, 20.0, 20.0, head="Flag=9;")
    assert sorted(map(told, above.received[1:])) == sorted([ANEW.format("RF=1;", ONE), ANEW.format("", TWO)])
    (line,) = lines(acts=("OwnMeansHandedOn",))
    hour = 1_795_280_400_000_000  # 2026-11-22 01:00 UTC+8
    assert [span[1:] for span in line.detail["told"]] == [["H", hour, hour + 3_600_000_000]]


def test_the_devices_own_is_withheld_and_shown_where_that_is_set_until_somebody_lets_it_go(
    sender: Sender, monkeypatch: Any
) -> None:
    late = hour_packet(MN, ONE, 43.5)
    send(sender, tens(1, [20.0] * 6))
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, own_late="withheld")
        settle(lambda: settled(one) and len(above.received) == 1)
        send(sender, [late, hour_packet(MN, TWO, 43.5, qn="20261122100002000")])
        settle(lambda: settled(one) and undelivered_of(one).count() == 1 and len(above.received) == 2)
        assert late not in above.received
        assert (undelivered_of(one).get().why, standing(one).own_corrected) == ("behind", 0)
        assert send_again(one, None, log.PLATFORM) == 1
        settle(lambda: late in above.received and not undelivered_of(one).exists())


def test_a_refused_mean_is_a_row_and_arrives_when_it_is_sent_again(sender: Sender, monkeypatch: Any) -> None:
    send(sender, tens(1, [20.0] * 6))
    with platform_above(refuses) as above, handing_on(monkeypatch):
        one = destination(above)
        settle(lambda: settled(one) and own_undelivered_of(one).count() == 1)
        row = own_undelivered_of(one).get()
        assert (row.kind, row.why, row.said, row.again_at) == ("H", "refused", "CN=9014 QnRtn=8", None)
        assert send_own_again(one, [row.pk], log.PLATFORM) == 1
        settle(lambda: len(above.received) == 2 and own_undelivered_of(one).filter(again_at=None, tries=2).exists())
        above.answer = accepted
        assert send_own_again(one, None, log.PLATFORM) == 1
        settle(lambda: not own_undelivered_of(one).exists())
    assert [told(packet) for packet in above.received] == [own(1, 20.0, 20.0, 20.0)] * 3
    assert standing(one).own_handed == 1
    assert lines(acts=("OwnMeansSentAgain",)).count() == 2


def test_a_refused_mean_is_not_sent_again_once_the_device_has_sent_its_own(sender: Sender, monkeypatch: Any) -> None:
    late = hour_packet(MN, ONE, 43.5)
    send(sender, tens(1, [20.0] * 6))
    with platform_above(refuses) as above, handing_on(monkeypatch):
        one = destination(above)
        settle(lambda: settled(one) and own_undelivered_of(one).count() == 1)
        above.answer = accepted
        send(sender, [late])
        settle(lambda: settled(one) and late in above.received)
        assert send_own_again(one, None, log.PLATFORM) == 1
        settle(lambda: not own_undelivered_of(one).exists())
    assert len(above.received) == 2


def test_a_withheld_mean_is_let_go_once_the_line_may_let_it_out(sender: Sender, monkeypatch: Any) -> None:
    send(sender, tens(1, [20.0] * 6))
    device = Device.objects.select_related("dialect").get(mn=MN)
    device.dialect.settings |= {"edition": "2025", "cipher": "sm4"}
    device.dialect.save()
    device.key = "0" * 16
    device.save()
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above)
        settle(lambda: settled(one) and standing(one).own_withheld == 1)
        assert (above.received, own_undelivered_of(one).count()) == ([], 0)
        with pytest.raises(Refused):
            send_own_withheld(one, log.PLATFORM)
        one = destination(above, enciphered_in_clear=True)
        assert send_own_withheld(one, log.PLATFORM) == 1
        settle(lambda: len(above.received) == 1 and not own_undelivered_of(one).exists())
    assert told(above.received[0]) == own(1, 20.0, 20.0, 20.0)
    assert (standing(one).own_withheld, one.own_handed) == (0, 1)


def test_it_is_marked_too_where_ours_went_before_the_wait_was_made_longer(sender: Sender, monkeypatch: Any) -> None:
    send(sender, tens(1, [20.0] * 6))
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, edition="2025")
        settle(lambda: settled(one) and len(above.received) == 1)
        one = destination(above, edition="2025", own_wait_minutes=60 * 24 * 3_650)
        settle(lambda: above.opened == 2)
        send(sender, [hour_packet(MN, ONE, 43.5)])
        settle(lambda: settled(one) and len(above.received) == 2)
    assert told(above.received[1]) == ANEW.format("RF=1;", ONE)


def test_of_two_means_a_year_apart_the_year_between_is_not_read(sender: Sender, monkeypatch: Any) -> None:
    send(sender, tens(1, [20.0] * 6))
    read: list[timedelta] = []

    def stored(channels: Any, kind: str, begin: datetime, after: datetime) -> Any:
        read.append(after - begin)
        return recording.stored(channels, kind, begin, after)

    monkeypatch.setattr(own_means, "stored", stored)
    with platform_above() as above:
        one = destination(above)
    hour, now = datetime(2026, 11, 21, 17, tzinfo=UTC), datetime.now(UTC)
    station = Device.objects.get(mn=MN).station
    for at in (hour, hour - timedelta(days=365)):
        OwnUndelivered.objects.create(
            destination=one, station=station, kind="H", at=at, why="refused", noted_at=now, again_at=now
        )
    stretch = own_means.next_stretch(one, plan_of(one))
    assert stretch is not None
    assert [item.at for item in stretch.items] == [hour]
    assert max(read) < timedelta(days=1)


def keyed(device: Device) -> None:
    """The device has a key, so that what is made of its values must not leave in the clear."""
    device.dialect.settings |= {"edition": "2025", "cipher": "sm4"}
    device.dialect.save()
    device.key = "0" * 16
    device.save()


def test_a_withheld_mean_that_arrived_since_is_not_sent_again(sender: Sender, monkeypatch: Any) -> None:
    send(sender, tens(1, [20.0] * 6))
    keyed(Device.objects.select_related("dialect").get(mn=MN))
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above)
        settle(lambda: settled(one) and standing(one).own_withheld == 1)
        one = destination(above, enciphered_in_clear=True)
        Device.objects.filter(mn=MN).update(key="")
        send(sender, tens(1, [26.0], serial=1))  # the hour is computed anew
        settle(is_true(one, "own_handed", 1))
        Device.objects.filter(mn=MN).update(key="0" * 16)
        assert send_own_withheld(one, log.PLATFORM) == 1
        settle(lambda: standing(one).own_withheld_to >= one.own_withheld_wanted > 0)
        send(sender, tens(3, [30.0] * 6))
        settle(lambda: len(above.received) == 2)
    assert [told(packet) for packet in above.received] == [own(1, 20.0, 21.0, 26.0), own(3, 30.0, 30.0, 30.0)]


def test_the_devices_own_that_is_read_while_ours_is_on_its_way_waits_for_how_that_ends(
    sender: Sender, monkeypatch: Any
) -> None:
    send(sender, tens(1, [20.0] * 6))
    with platform_above(lambda packet: None) as above, handing_on(monkeypatch):
        one = destination(above, edition="2025", over_time_s=60)
        settle(lambda: settled(one) or len(above.received) == 1)
        settle(lambda: len(above.received) == 1)
        above.answer = accepted
        send(sender, [hour_packet(MN, TWO, 42.0, qn="20261122100002000"), hour_packet(MN, ONE, 43.5)])
        settle(lambda: len(above.received) == 2)
        settle(lambda: standing(one).accepted == 1)
        above.say(accepted(above.received[0]))
        settle(lambda: settled(one) and len(above.received) == 3)
        settle(is_true(one, "own_corrected", 1))
    assert told(above.received[2]) == ANEW.format("RF=1;", ONE)


def test_means_of_all_stations_have_numbers_of_their_own(sender: Sender, enterprise: Any, monkeypatch: Any) -> None:
    other = register_station(
        "outlet-2", title_zh="二号排口", title_en="Second", kind="outlet-water", lon=100.06, lat=30.1,
        enterprise=enterprise,
    )  # fmt: skip
    register_device("V" * 24, station=other, password="123456")
    both = [packet for hour in (1, 2) for one in tens(hour, [20.0] * 6) for packet in (one, of_other(one))]
    for packet in both:
        sender.send(packet)
        assert b"CN=9014" in sender.answer()
    delivery.run_until_quiet()  # all hours of both are computed at once
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above)
        settle(lambda: settled(one) and len(above.received) == 4)
    numbers = [qn_of(packet) for packet in above.received]
    assert len(set(numbers)) == 4, numbers
    assert numbers == sorted(numbers)


def of_other(packet: bytes) -> bytes:
    return frame(packet[6:-6].decode().replace(MN, "V" * 24))
