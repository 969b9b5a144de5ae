"""A key that was changed: what the device repeats is still read for a while, and a key that is too old is shown."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wire import Sender, hour_packet, running_gateway, wait_until

from qingyuan.kit import log
from qingyuan.sensing import talking
from qingyuan.sensing.api import command_device, define_dialect, register_device
from qingyuan.sensing.events import DeviceRegistered
from qingyuan.sensing.gateway import Gateway
from qingyuan.sensing.logic import commanding, dialects
from qingyuan.sensing.queries import Command, CommandState, Device, FaultCount, keys_changed, keys_too_old
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


def unanswered_key(device: Device, sender: Sender, person: Any, monkeypatch: pytest.MonkeyPatch) -> Command:
    """A new key that the platform sent, and of which the device said nothing."""
    for name, seconds in (("LOOK_S", 0.05), ("STEP_S", 0.02), ("OVER_TIME_S", 0.1)):
        monkeypatch.setattr(talking, name, seconds)
    assert answered(sender, OLD, 1)
    given = command_device(device, "set-key", {"NewSK": NEW}, user=person, why="90 days", origin=log.PLATFORM)
    assert wait_until(lambda: Command.objects.get(pk=given.pk).state == CommandState.UNANSWERED)
    return Command.objects.get(pk=given.pk)


def test_a_new_key_whose_answer_was_lost_holds_once_something_comes_under_it(
    keyed: Device, heard: tuple[Gateway, Sender], cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, sender = heard
    command = unanswered_key(keyed, sender, cast.administrator, monkeypatch)
    gateway._look_at_devices()
    sender.answer(0.3)  # what it was asked, four times
    assert answered(sender, NEW, 2)
    assert wait_until(lambda: Device.objects.get(pk=keyed.pk).key == NEW)
    command.refresh_from_db()
    assert (command.state, command.secrets) == (CommandState.DONE, {})
    assert Device.objects.get(pk=keyed.pk).former_keys.split("\n")[0] == OLD
    assert not FaultCount.objects.exists()


def test_and_the_old_one_goes_on_holding_where_the_device_did_not_take_it(
    keyed: Device, heard: tuple[Gateway, Sender], cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, sender = heard
    unanswered_key(keyed, sender, cast.administrator, monkeypatch)
    gateway._look_at_devices()
    sender.answer(0.3)
    assert answered(sender, OLD, 2)
    assert Device.objects.get(pk=keyed.pk).key == OLD


def test_of_keys_that_came_back_the_one_before_is_the_last(keyed: Device, heard: tuple[Gateway, Sender]) -> None:
    gateway, sender = heard
    for key in (NEW, OLD, "A" * 16):
        changed(keyed, key)
    gateway._look_at_devices()
    assert answered(sender, OLD, 1)


def test_a_key_entered_by_hand_ends_the_waiting_for_one_that_was_not_confirmed(
    keyed: Device, heard: tuple[Gateway, Sender], cast: Any, monkeypatch: pytest.MonkeyPatch, client: Any
) -> None:
    gateway, sender = heard
    command, by_hand = unanswered_key(keyed, sender, cast.administrator, monkeypatch), "A" * 16
    client.force_login(cast.administrator)
    page = f"/admin/sensing/device/{keyed.pk}/change/"
    form = client.get(page).context["adminform"].form
    given = {name: form[name].value() for name in form.fields}
    given = {name: value for name, value in given.items() if value not in (None, False)} | {"key": by_hand}
    assert client.post(page, given).status_code == 302
    gateway._look_at_devices()
    sender.answer(0.3)
    assert not answered(sender, NEW, 2)
    command.refresh_from_db()
    assert (Device.objects.get(pk=keyed.pk).key, command.secrets) == (by_hand, {})


def ended_unfinished(row: Command) -> bool:
    commanding.tidy()  # what the gateway tidies at that moment is passed over
    row.refresh_from_db()
    return row.state == CommandState.UNFINISHED


def test_only_the_newest_keys_that_were_not_confirmed_are_tried(keyed: Device, heard: tuple[Gateway, Sender]) -> None:
    now = datetime.now(UTC)
    for number in range(6):
        row = Command.objects.create(
            device=keyed, code="set-key", secrets={"NewSK": f"{number:016d}"}, asked_at=now, expires_at=now,
            state=CommandState.ASKED, moved_at=now - timedelta(hours=1),
        )  # fmt: skip
        assert wait_until(lambda row=row: ended_unfinished(row))
    heard[0]._look_at_devices()
    assert len(heard[0].keys_of(MN)) == 4
    assert not answered(heard[1], f"{0:016d}", 1)
    assert answered(heard[1], f"{5:016d}", 2)
