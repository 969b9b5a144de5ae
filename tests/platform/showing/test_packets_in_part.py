"""What of a packet was stored is said as it is: in whole, in part, or nothing of it, with the reason."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pages import get, words
from wire import Sender, frame, running_gateway

from qingyuan.sensing.queries import RawPacket

pytestmark = pytest.mark.django_db(transaction=True)
Browser = Callable[[str], Client]
NOTHING, PART, WHOLE = ("内容未入库", "Nothing of it stored"), ("部分入库", "Stored in part"), ("已解码", "Decoded")


@pytest.mark.parametrize(
    ("cn", "content", "state", "why"),
    [
        ("2061", "w01018-Avg=43.5,w01018-Flag=N", WHOLE, ""),
        ("2061", "w01018-Avg=,w01018-Flag=D", WHOLE, ""),
        ("2061", "w01018-Avg=43.5;zz9999-Avg=1", PART, "Unknown factor found factor zz9999: expected a code"),
        ("2061", "w01018-Avg=43.5;w21003-Avg=--", PART, "Reading not understood found w21003-Avg='--'"),
        ("2061", "w01018-Avg=--,w01018-Cou=3.5", PART, "Reading not understood found w01018-Avg='--'"),
        ("2061", "w01018-Avg=--", NOTHING, "No reading in it found w01018-Avg='--': expected a decimal number"),
        ("2061", "zz9999-Avg=1", NOTHING, "No reading in it found factor zz9999"),
        ("2099", "w01018-Avg=1", NOTHING, "Unknown command found CN 2099"),
        ("2021", "SB1-RS=1", WHOLE, ""),
        ("2021", "w01018-Avg=1", NOTHING, "No report in it found nothing in CN=2021 that can be kept"),
        ("2041", "SB1-RT=2;SB2-RT=long", PART, "Reading not understood found SB2-RT='long': expected a decimal number"),
        ("2041", "SB1-RT=long", NOTHING, "No report in it"),
        ("3019", "PolId=w01018", NOTHING, "No report in it"),
    ],
)
def test_the_list_and_the_page_of_a_packet_say_what_became_of_its_parts(
    device: Any, browser: Browser, cn: str, content: str, state: tuple[str, str], why: str
) -> None:
    with running_gateway() as (_, port):
        sender = Sender(port)
        head = f"QN=20261122100001000;ST=32;CN={cn};PW=123456;MN={device.mn};Flag=9"
        sender.send(frame(f"{head};CP=&&DataTime=20261122090000;{content}&&"))
        assert b"CN=9014" in sender.answer()
        sender.close()
    packet, reader = RawPacket.objects.get(), browser("administrator")
    for language, expected in zip(("zh-hans", "en"), state, strict=True):
        reader.cookies["django_language"] = language
        for name, key in (("device", {"mn": device.mn}), ("packet", {"packet_id": packet.pk})):
            page = words(get(reader, name, **key))
            states = [one[language == "en"] for one in (NOTHING, PART, WHOLE)]
            assert [one for one in states if one in page] == [expected]
            assert language != "en" or why in page


def test_a_counted_fault_shows_the_packet_of_which_it_left_nothing(device: Any, browser: Browser) -> None:
    from qingyuan.sensing.queries import faults

    with running_gateway() as (_, port):
        sender = Sender(port)
        head = f"QN=20261122100001000;ST=32;CN=2061;PW=123456;MN={device.mn};Flag=9"
        sender.send(frame(f"{head};CP=&&DataTime=20261122090000;zz9999-Avg=1&&"))
        sender.answer()
        sender.close()
    fault = faults().get()
    assert (fault.error, fault.count) == ("UnknownFactor", 1)
    assert f"Packet {RawPacket.objects.get().pk}" in words(get(browser("administrator"), "fault", fault_id=fault.pk))
