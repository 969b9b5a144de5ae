"""What came enciphered leaves enciphered, or not at all unless somebody allows it; the cipher is computed apart."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from above import Above, handing_on, platform_above, settle
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wire import Sender, crc, hour_packet, running_gateway

from qingyuan.forwarding.api import define_destination, delivery_faults, hand_on_late, send_withheld
from qingyuan.forwarding.queries import Destination, Names, Run, undelivered_of
from qingyuan.kit import log
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.kit.queries import lines
from qingyuan.sensing.api import define_dialect, register_device
from qingyuan.sensing.events import PacketsReadAgain
from qingyuan.sensing.queries import RawPacket
from qingyuan_science.hj212 import EDITION_2025, EDITION_2025_SM4

pytestmark = pytest.mark.django_db(transaction=True)
MN, KEY, KEY_ABOVE, KEY_OF_ONE = "K" * 24, "0123456789abcdef", "fedcba9876543210", "30" * 16


def sm4(content: bytes, key: bytes, *, reverse: bool = False) -> bytes:
    """Whole blocks of 16 bytes under the key, what is left over in the clear."""
    whole = len(content) // 16 * 16
    one = Cipher(algorithms.SM4(key), modes.ECB())  # noqa: S305 the standard says ECB
    context = one.decryptor() if reverse else one.encryptor()
    return context.update(content[:whole]) + context.finalize() + content[whole:]


def under(key: str, packet: bytes) -> bytes:
    """A packet with its content enciphered, and length and CRC as they were."""
    head, content = packet[:-6].split(b"CP=&&")
    return head + b"CP=&&" + sm4(content[:-2], key.encode()) + b"&&" + packet[-6:]


def opened(key: bytes, packet: bytes) -> bytes:
    """The segment of a packet in the clear; length and CRC must be those of it."""
    head, content = packet[6:-6].split(b"CP=&&", 1)
    clear = head + b"CP=&&" + sm4(content[:-2], key, reverse=True) + b"&&"
    assert (packet[:6], packet[-6:]) == (b"##%04d" % len(clear), crc(clear) + b"\r\n")
    return clear


@pytest.fixture
def sender(station: Any) -> Iterator[Sender]:
    """A device of 2025 whose key the platform has, as the gateway hears it."""
    define_dialect(EDITION_2025, title_zh="2025", title_en="2025")
    define_dialect(EDITION_2025_SM4, title_zh="2025 SM4", title_en="2025 SM4")
    device = register_device(MN, station=station, password="123456", dialect=EDITION_2025_SM4.code)
    device.key = KEY
    device.save()
    with running_gateway() as (_, port):
        yield Sender(port)


def destination(above: Above, **values: Any) -> Destination:
    told = {"title_zh": "省平台", "title_en": "Province", "host": "127.0.0.1", "port": above.port, "what": ["h"],
            "edition": "2025", "over_time_s": 2, "re_count": 1, "reason": "省厅要求"}  # fmt: skip
    identities = values.pop("identities", None)
    return define_destination("province", told | values, valid_from=date(2020, 1, 1), identities=identities)


def packets(count: int) -> list[bytes]:
    return [hour_packet(MN, f"202611220{hour}0000", 10.5 + hour, qn=f"20261123100000{hour:03d}", flag=9)
            for hour in range(count)]  # fmt: skip


def send(sender: Sender, some: list[bytes]) -> None:
    for packet in some:
        sender.send(under(KEY, packet))
        assert b"CN=9014" in sender.answer()


def passed(one: Destination) -> bool:
    last = RawPacket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    one.refresh_from_db()
    return one.position >= last


@pytest.mark.parametrize("form", ["received", "anew"])
def test_a_line_with_a_key_hands_on_under_its_own_key(sender: Sender, monkeypatch: Any, form: str) -> None:
    send(sender, packets(2))
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, cipher="sm4", key=KEY_ABOVE, form=form)
        settle(lambda: passed(one))
    assert (one.accepted, one.withheld) == (2, 0)
    clear = [opened(KEY_ABOVE.encode(), packet) for packet in above.received]
    if form == "received":
        assert clear == [packet[6:-6] for packet in packets(2)]
    else:
        assert [b"w01018-Avg=10.5" in clear[0], b"w01018-Avg=11.5" in clear[1]] == [True, True]


def test_a_number_with_a_key_of_its_own_is_enciphered_with_that(sender: Sender, monkeypatch: Any) -> None:
    send(sender, packets(1))
    with platform_above() as above, handing_on(monkeypatch):
        names = {MN: Names("U" * 24, key=KEY_OF_ONE)}
        one = destination(above, cipher="sm4", key=KEY_ABOVE, identities=names)
        settle(lambda: passed(one))
    (packet,) = above.received
    assert opened(b"0" * 16, packet) == packets(1)[0][6:-6].replace(MN.encode(), b"U" * 24)


@pytest.mark.parametrize(("form", "edition"), [("received", "2025"), ("anew", "2025"), ("received", "2017")])
def test_a_line_without_a_key_withholds_and_counts_until_somebody_allows_it(
    sender: Sender, monkeypatch: Any, form: str, edition: str
) -> None:
    send(sender, packets(2))
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, form=form, edition=edition)
        settle(lambda: passed(one))
        assert (above.received, one.accepted, one.withheld) == ([], 0, 2)
        assert [(run.withheld, run.accepted) for run in Run.objects.exclude(withheld=0)] == [(2, 0)]
        assert set(delivery_faults()) == {None}
        with pytest.raises(Refused):
            send_withheld(one, log.PLATFORM)
        one = destination(above, form=form, edition=edition, enciphered_in_clear=True)
        assert send_withheld(one, log.PLATFORM) == 2
        settle(lambda: not undelivered_of(one).exists() and len(above.received) == 2)
    for number, packet in enumerate(above.received):
        assert b"w01018-Avg=%.1f" % (10.5 + number) in packet
    one.refresh_from_db()
    assert (one.accepted, one.withheld) == (2, 0)


def test_a_key_stands_in_no_line_of_the_log_and_sealed_in_the_database(station: Any, device: Any) -> None:
    from django.db import connection

    with platform_above() as above:
        destination(above, cipher="sm4", key=KEY_ABOVE, identities={device.mn: Names(key=KEY_OF_ONE)})
    told = str([line.detail for line in lines(acts=("DestinationDefined",))])
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM forwarding_destination UNION ALL SELECT key FROM forwarding_identity")
        kept = str(cursor.fetchall())
    for secret in (KEY_ABOVE, KEY_OF_ONE):
        assert secret not in told
        assert secret not in kept


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"edition": "2017", "cipher": "sm4", "key": KEY}, "cipher"),
        ({"cipher": "sm4", "key": ""}, "key"),
        ({"cipher": "sm4", "key": "short"}, "key"),
        ({"cipher": "sm4", "key": KEY, "enciphered_in_clear": True}, "enciphered_in_clear"),
    ],
    ids=["an edition that has no cipher", "no key", "a short key", "two wills"],
)
def test_what_does_not_fit_together_is_refused(device: Any, values: dict[str, Any], field: str) -> None:
    with platform_above() as above, pytest.raises(BadInput) as refused:
        destination(above, **values)
    assert refused.value.field == field
    assert not Destination.objects.exists()


def test_what_was_withheld_and_arrived_since_is_not_sent_again(sender: Sender, monkeypatch: Any) -> None:
    send(sender, packets(2))
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, form="anew")
        settle(lambda: passed(one))
        one = destination(above, form="anew", enciphered_in_clear=True)
        settle(lambda: above.opened == 2)
        first = RawPacket.objects.order_by("pk").first()
        assert first is not None
        hand_on_late(PacketsReadAgain(0, 1, 1, grown=[first.pk]))  # more of it was stored, so it is sent as a whole
        settle(lambda: len(above.received) == 1)
        settle(lambda: passed(one) and one.accepted == 1)
        for _ in range(2):
            send_withheld(one, log.PLATFORM)
            settle(lambda: passed(one) and one.withheld_to >= one.withheld_wanted > 0 and one.accepted == 2)
    assert [b"w01018-Avg=10.5" in above.received[0], b"w01018-Avg=11.5" in above.received[1]] == [True, True]
    assert len(above.received) == 2


def test_wanting_what_was_withheld_asks_the_database_as_little_for_many_runs(
    sender: Sender, monkeypatch: Any, django_assert_max_num_queries: Any
) -> None:
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above)
        for packet in packets(3):
            send(sender, [packet])
            settle(lambda: passed(one))
        settle(lambda: one.withheld == 3)
    assert Run.objects.filter(withheld=1).count() == 3
    one = destination(above, enciphered_in_clear=True)
    with django_assert_max_num_queries(12):
        assert send_withheld(one, log.PLATFORM) == 3
    assert not undelivered_of(one).exists()  # the line enters them, a run at a time
