"""Every number of a platform above, and of each of its runs, leads to a list of as many packets."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from above import accepted, handing_on, platform_above, settle
from django.test import Client
from test_handing_on import MN, all_settled, destination, hours, send
from wire import Sender, running_gateway

from qingyuan.forwarding.api import send_again
from qingyuan.forwarding.listing import handed_on, waiting
from qingyuan.forwarding.queries import Destination, runs_of
from qingyuan.kit import clock, log
from qingyuan.sensing.queries import RawPacket

pytestmark = pytest.mark.django_db(transaction=True)
LINK = re.compile(r'<a href="([^"]*/packets/\?of=[^"]*)">([0-9,]+)</a>')


@pytest.fixture
def sender(device: Any) -> Iterator[Sender]:
    with running_gateway() as (_, port):
        yield Sender(port)


@pytest.fixture
def browser(cast: Any) -> Client:
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(cast.administrator)
    return browser


def led(browser: Client, *addresses: str) -> dict[str, int]:
    pages = "".join(browser.get(address).content.decode() for address in addresses)
    return {unescape(address): int(number.replace(",", "")) for address, number in LINK.findall(pages)}


def listed(browser: Client, address: str) -> list[str]:
    """The packets that a list names, over all its pages."""
    found: list[str] = []
    for page in range(1, 100):
        answer = browser.get(f"{address}&page={page}")
        assert answer.status_code == 200
        found += re.findall(r'data-queue-item><th scope="row"><a href="(/packets/[^"]+)"', answer.content.decode())
        if 'rel="next"' not in answer.content.decode():
            break
    return found


def test_each_number_of_a_platform_above_leads_to_as_many_packets_and_those_to_their_bytes(
    sender: Sender, browser: Client, monkeypatch: Any
) -> None:
    packets, strict = hours(64), {"now": True}
    send(sender, packets[:1])
    RawPacket.objects.update(received_at=clock.now() - timedelta(hours=30))

    def choosy(packet: bytes) -> bytes | None:
        return accepted(packet, "QnRtn=3") if strict["now"] and packet == packets[60] else accepted(packet)

    with platform_above(choosy) as above, handing_on(monkeypatch, keep_s=0.05):
        one = destination(above, keep_hours=24)
        for first in range(1, 64, 7):
            send(sender, packets[first : first + 7])
            settle(lambda: all_settled(one))
        strict["now"] = False
        send_again(one, None, log.PLATFORM)
        settle(lambda: Destination.objects.get().accepted == 63)
    one.refresh_from_db()
    assert (one.accepted, one.left_out, len(handed_on(one))) == (63, 1, 63)
    assert runs_of(one).count() > 3
    numbers = led(browser, "/destinations/", "/destinations/province/")
    assert {"of=accepted", "of=left_out"} < {address.partition("?")[2] for address in numbers}
    assert any("of=refused&run=" in address for address in numbers)
    for address, number in numbers.items():
        found = listed(browser, address)
        assert len(found) == len(set(found)) == number, address
        assert all(browser.get(packet).status_code == 200 for packet in found[:2])
    every = listed(browser, "/destinations/province/packets/?of=accepted")
    assert {int(path.split("/")[2]) for path in every} == set(
        RawPacket.objects.order_by("pk").values_list("pk", flat=True)[1:]
    )


def test_what_waits_is_listed_by_its_packets(sender: Sender, browser: Client, monkeypatch: Any) -> None:
    with platform_above() as above:
        one = destination(above)
    send(sender, hours(3))
    Destination.objects.update(waiting=3)
    (number,) = {count for address, count in led(browser, "/destinations/").items() if "of=waiting" in address}
    assert len(listed(browser, "/destinations/province/packets/?of=waiting")) == number == len(waiting(one)) == 3
    assert MN in browser.get("/destinations/province/packets/?of=waiting").content.decode()
    for strange in ("of=x", "of=refused", "page=999999999999999999999"):
        assert browser.get(f"/destinations/province/packets/?{strange}").status_code == 200
    for strange in ("x", "²", "9" * 30, "999999"):
        assert browser.get("/destinations/province/packets/", {"run": strange}).status_code == 404
