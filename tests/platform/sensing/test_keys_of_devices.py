"""A key that was changed: what the device repeats is still read for a while, and a key that is too old is shown."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wire import Sender, hour_packet, running_gateway

from qingyuan.kit import log
from qingyuan.sensing.api import define_dialect, register_device
from qingyuan.sensing.events import DeviceRegistered
from qingyuan.sensing.gateway import Gateway
from qingyuan.sensing.logic import dialects
from qingyuan.sensing.queries import Device, FaultCount, keys_changed, keys_too_old
from qingyuan_science.hj212 import EDITION_2025_SM4

pytestmark = pytest.mark.django_db(transaction=True)
MN, OLD, NEW = "K" * 24, "0123456789abcdef", "fedcba9876543210"


def under(key: str, packet: bytes) -> bytes:
    """A packet with its content enciphered, computed apart from the codec; length and CRC stay those of the text."""
    head, content = packet[:-6].split(b"CP=&&")
    text = content[:-2]
    whole = len(text) // 16 * 16
    one = Cipher(algorithms.SM4(key.encode()), modes.ECB()).encryptor()  # noqa: S305 the standard says ECB
    return head + b"CP=&&" + one.update(text[:whole]) + text[whole:] + b"&&" + packet[-6:]


@pytest.fixture
def keyed(station: Any) -> Device:
    define_dialect(EDITION_2025_SM4, title_zh="2025 SM4", title_en="2025 SM4")
    device = register_device(MN, station=station, dialect=EDITION_2025_SM4.code)
    changed(device, OLD, at=datetime.now(UTC) - timedelta(days=91))
    return device


def changed(device: Device, key: str, at: datetime | None = None) -> None:
    """A key entered as a person or a command does."""
    device.keep_former(device.key)
    device.key = key
    device.save()
    log.write(DeviceRegistered(device.pk, device.mn, ""), why="state, key", at=at)


@pytest.fixture
def heard(keyed: Device) -> Iterator[tuple[Gateway, Sender]]:
    with running_gateway() as (gateway, port):
        yield gateway, Sender(port)


def answered(sender: Sender, key: str, number: int) -> bool:
    packet = hour_packet(MN, "20261122010000", 40.0 + number, qn=f"2026112210000{number}000", flag=9)
    sender.send(under(key, packet))
    return b"CN=9014" in sender.answer(2.0)


def test_what_comes_under_the_key_before_is_read_for_a_while(keyed: Device, heard: tuple[Gateway, Sender]) -> None:
    gateway, sender = heard
    assert answered(sender, OLD, 1)
    changed(keyed, NEW)
    gateway._look_at_devices()
    assert answered(sender, OLD, 2)
    assert answered(sender, NEW, 3)
    assert not FaultCount.objects.exists()


def test_and_then_no_more(keyed: Device, heard: tuple[Gateway, Sender], monkeypatch: pytest.MonkeyPatch) -> None:
    gateway, sender = heard
    monkeypatch.setattr(dialects, "FORMER_HOLDS", timedelta())
    changed(keyed, NEW)
    gateway._look_at_devices()
    assert not answered(sender, OLD, 1)


def test_a_key_is_too_old_after_ninety_days_and_no_more_once_it_was_changed(keyed: Device) -> None:
    now = datetime.now(UTC)
    assert list(keys_too_old([keyed], now)) == [keyed.pk]
    assert keys_too_old([keyed], now - timedelta(days=2)) == {}
    changed(keyed, NEW)
    assert keys_too_old([keyed], now) == {}
    assert now - keys_changed([keyed])[keyed.pk] < timedelta(minutes=1)


def test_a_change_of_something_else_is_none_of_the_key(keyed: Device) -> None:
    log.write(DeviceRegistered(keyed.pk, keyed.mn, ""), why="keeps_samples, keyword")
    assert list(keys_too_old([keyed], datetime.now(UTC))) == [keyed.pk]
