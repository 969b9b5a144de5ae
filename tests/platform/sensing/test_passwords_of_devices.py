"""A new password whose answer was lost: either side's holds until the device is heard with one of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from wire import Sender, frame, hour_packet, running_gateway, wait_until

from qingyuan.kit import log
from qingyuan.sensing import talking
from qingyuan.sensing.api import command_device
from qingyuan.sensing.gateway import Gateway
from qingyuan.sensing.queries import Command, CommandState, Device, FaultCount

pytestmark = pytest.mark.django_db(transaction=True)
MN, OLD, NEW = "T" * 24, "123456", "654321"


@pytest.fixture
def heard(device: Device, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Gateway, Sender]]:
    for name, seconds in (("LOOK_S", 0.05), ("STEP_S", 0.02), ("OVER_TIME_S", 0.5), ("EXECUTION_S", 0.5)):
        monkeypatch.setattr(talking, name, seconds)
    device.password = OLD
    device.save()
    with running_gateway() as (gateway, port):
        yield gateway, Sender(port)


def answered(sender: Sender, password: str, number: int) -> bool:
    packet = hour_packet(MN, "20261122010000", 40.0 + number, qn=f"2026112210000{number}000")
    segment = packet[6:-6].decode().replace(f"PW={OLD}", f"PW={password}")
    sender.send(frame(segment))
    return b"CN=9014" in sender.answer(2.0)


def told(sender: Sender, command: Command, cn: str, content: str, password: str) -> None:
    command.refresh_from_db()
    sender.send(frame(f"QN={command.qn};ST=91;CN={cn};PW={password};MN={MN};Flag=4;CP=&&{content}&&"))


def asked_and_lost(device: Device, sender: Sender, person: Any) -> Command:
    """A new password that the device accepted, and of whose end nothing was heard."""
    assert answered(sender, OLD, 1)
    given = command_device(device, "set-password", {"NewPW": NEW}, user=person, why="leaked", origin=log.PLATFORM)
    assert b"NewPW=" in sender.answer()  # on file as asked a moment before the device is asked
    told(sender, given, "9011", "QnRtn=1", OLD)
    assert wait_until(lambda: Command.objects.get(pk=given.pk).state == CommandState.UNFINISHED)
    sender.answer(0.3)
    return Command.objects.get(pk=given.pk)


def test_a_new_password_whose_answer_was_lost_holds_once_the_device_uses_it(
    device: Device, heard: tuple[Gateway, Sender], cast: Any
) -> None:
    gateway, sender = heard
    command = asked_and_lost(device, sender, cast.administrator)
    assert answered(sender, NEW, 2)
    device.refresh_from_db()
    command.refresh_from_db()
    assert (device.password, command.state, command.secrets) == (NEW, CommandState.DONE, {})
    assert not FaultCount.objects.exists()
    gateway._look_at_devices()
    assert not answered(sender, OLD, 3)


def test_and_the_old_one_goes_on_holding_where_the_device_did_not_take_it(
    device: Device, heard: tuple[Gateway, Sender], cast: Any
) -> None:
    _, sender = heard
    asked_and_lost(device, sender, cast.administrator)
    assert answered(sender, OLD, 2)
    device.refresh_from_db()
    assert device.password == OLD


def test_a_device_may_say_that_it_took_a_new_password_with_the_new_password(
    device: Device, heard: tuple[Gateway, Sender], cast: Any
) -> None:
    _, sender = heard
    assert answered(sender, OLD, 1)
    given = command_device(device, "set-password", {"NewPW": NEW}, user=cast.administrator, why="leaked",
                           origin=log.PLATFORM)  # fmt: skip
    assert b"NewPW=" in sender.answer()  # on file as asked a moment before the device is asked
    told(sender, given, "9011", "QnRtn=1", OLD)
    told(sender, given, "9012", "ExeRtn=1", NEW)
    assert wait_until(lambda: Command.objects.get(pk=given.pk).has_ended)
    device.refresh_from_db()
    assert (Command.objects.get(pk=given.pk).state, device.password) == (CommandState.DONE, NEW)


def test_a_password_that_nobody_set_is_refused_all_the_same(
    device: Device, heard: tuple[Gateway, Sender], cast: Any
) -> None:
    _, sender = heard
    asked_and_lost(device, sender, cast.administrator)
    assert not answered(sender, "999999", 2)
    assert FaultCount.objects.get().error == "BadPassword"


def test_a_password_entered_by_hand_ends_the_waiting_for_one_that_was_not_confirmed(
    device: Device, heard: tuple[Gateway, Sender], cast: Any, client: Any
) -> None:
    gateway, sender = heard
    asked_and_lost(device, sender, cast.administrator)
    client.force_login(cast.administrator)
    page = f"/admin/sensing/device/{device.pk}/change/"
    form = client.get(page).context["adminform"].form
    given = {name: form[name].value() for name in form.fields}
    given = {name: value for name, value in given.items() if value not in (None, False)} | {"password": "111111"}
    assert client.post(page, given).status_code == 302
    gateway._look_at_devices()
    assert not answered(sender, NEW, 2)
    assert answered(sender, "111111", 3)
