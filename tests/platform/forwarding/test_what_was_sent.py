"""What was made here for a platform above is kept with its bytes: each number of it leads to as many messages."""

# ruff: noqa: F811 fixtures of other files are asked for by name

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import zstandard
from above import accepted, handing_on, platform_above, settle
from django.db import connection
from django.test import Client
from test_asked_from_above import ask, asking, port  # noqa: F401 a fixture
from test_decoded_late import STRANGER, adopt, hours, passed
from test_decoded_late import destination as late_destination
from test_listing import browser  # noqa: F401 a fixture
from test_own_means import MN, destination, own, pytestmark, send, sender, settled, tens, told  # noqa: F401 fixtures
from test_own_means_again import ONE, refuses, standing
from wire import Sender, hour_packet

from qingyuan.forwarding.api import message_faults
from qingyuan.forwarding.models import Sent
from qingyuan.forwarding.queries import asked_by
from qingyuan.kit.queries import lines
from qingyuan.sensing.queries import RawPacket

AT = "/destinations/province/"
COLUMNS = ("destination_id", "asked_id", "at", "count", "accepted", "refused", "withheld", "messages", "sent_hash")


def led(client: Client, name: str, page: str = AT) -> int:
    """The number that stands on a page as a link to a list."""
    found = re.search(rf'href="{re.escape(name)}">([0-9,]+)</a>', unescape(client.get(page).content.decode()))
    assert found is not None, name
    return int(found[1])


def listed(client: Client, address: str) -> list[str]:
    html = client.get(address).content.decode()
    return re.findall(r'data-queue-item><th scope="row"><a href="([^"]+)"', html)


def bytes_on(client: Client, address: str) -> str:
    """The ribbon of bytes of a page."""
    html = client.get(address).content.decode()
    ribbon = re.search(r'<p class="qy-ribbon"[^>]*>(.*?)</p>', html, re.DOTALL)
    assert ribbon is not None
    return unescape(re.sub(r"<[^>]+>", "", ribbon[1])).replace("\\r\\n", "")


def test_means_that_were_taken_and_those_that_were_not_lead_to_their_bytes(
    sender: Sender,
    browser: Client,
    monkeypatch: Any,
) -> None:
    send(sender, tens(1, [20.0] * 6))
    with platform_above(refuses) as above, handing_on(monkeypatch):
        one = destination(above)
        settle(lambda: settled(one) and one.own_refused == 1)
        above.answer = accepted
        send(sender, tens(2, [30.0] * 6))
        settle(lambda: settled(standing(one)) and one.own_handed == 1)
    for of, packet in (("refused", above.received[0]), ("accepted", above.received[-1])):
        address = f"{AT}own/?of={of}"
        assert led(browser, address) == 1
        (message,) = listed(browser, address)
        shown = bytes_on(browser, message)
        assert shown.replace("******", "123456") == packet.decode().strip()
        assert "123456" not in shown
    page = browser.get(message).content.decode()
    (line, _first) = lines(acts=("MessagesKept",))
    assert f"still have the hash that line {line.seq} of the log tells" in page
    assert re.search(r'<a href="/readings/\d+/H/\d+/">', page)


def test_kept_bytes_that_were_changed_are_told(sender: Sender, browser: Client, monkeypatch: Any) -> None:
    send(sender, tens(1, [20.0] * 6))
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above)
        settle(lambda: settled(one) and one.own_handed == 1)
    Sent.objects.update(sent_hash=b"0" * 32)
    (message,) = listed(browser, f"{AT}own/")
    assert "no longer has the hash that it had when it was stored" in browser.get(message).content.decode()


def _sealed(row: Sent, change: str) -> None:
    """Change what is kept of the messages of a row, as somebody with the key and the database can."""
    told = json.loads(zstandard.decompress(base64.b64decode(row.messages)))
    if change == "bytes":
        told[0][-1] = told[0][-1].replace("w01018-Avg=", "w01018-Avg=1")
    elif change == "time":
        told[0][6] += 1
    elif change == "order":
        told.reverse()
    elif change == "dropped":
        told.pop()
    packed = zstandard.compress(json.dumps(told, ensure_ascii=False).encode())
    sent = hashlib.sha256(b"".join(one[-1].encode("latin-1") for one in told if one[6]))
    row.messages, row.sent_hash = base64.b64encode(packed).decode(), sent.digest()
    row.save()


def test_whatever_is_changed_of_messages_made_here_is_found(port: int, browser: Client, monkeypatch: Any) -> None:
    """The hash beside them is made anew each time: it is the line of the log that tells."""
    with platform_above() as above, handing_on(monkeypatch):
        one = asking(port, above)
        settle(lambda: above.opened > 0)
        above.say(ask("2061", "BeginTime=20261121010000;EndTime=20261121020000"))
        settle(lambda: asked_by(one).exists() and asked_by(one)[0].ended_at is not None)
    row = Sent.objects.get()
    (line,) = lines(acts=("MessagesKept",))
    assert list(message_faults()) == [None]
    (message, *_more) = listed(browser, f"{AT}asked/{row.asked_id}/")
    assert f"still have the hash that line {line.seq} of the log tells" in browser.get(message).content.decode()
    for change in ("bytes", "time", "order", "dropped"):
        _sealed(Sent.objects.get(), change)
        assert list(message_faults()) == [f"messages {row.pk} were changed after they were written"], change
        page = browser.get(f"{AT}sent/{row.pk}/1/").content.decode()
        assert "no longer has the hash that it had when it was stored" in page, change
        assert "still have the hash" not in page
        row.save()
        assert list(message_faults()) == [None]
    for name in ("count", "accepted", "refused", "withheld"):
        Sent.objects.update(**{name: getattr(row, name) + 1})
        assert list(message_faults()) == [f"messages {row.pk} were changed after they were written"], name
        row.save()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE forwarding_sent SET messages = left(messages, 40)")
    (told,) = message_faults()
    assert told is not None
    assert told.startswith(f"messages {row.pk} cannot be read: ")
    row.save()
    Sent(**{name: getattr(row, name) for name in COLUMNS}).save()
    assert list(message_faults()) == [None, f"messages {row.pk + 1} are named by no line of the log"]
    Sent.objects.all().delete()
    assert list(message_faults()) == [f"messages {row.pk} are gone, though the log names them"]


def test_a_password_of_the_platform_above_lies_sealed_in_what_was_sent(
    port: int,
    browser: Client,
    monkeypatch: Any,
) -> None:
    with platform_above() as above, handing_on(monkeypatch):
        one = asking(port, above)
        settle(lambda: above.opened > 0)
        above.say(ask("2061", "BeginTime=20261121010000;EndTime=20261121020000"))
        settle(lambda: asked_by(one).exists() and asked_by(one)[0].ended_at is not None)
    (row,) = asked_by(one)
    address = f"{AT}asked/{row.pk}/"
    assert led(browser, address) == row.uploads == 2
    messages = listed(browser, address)
    assert len(messages) == 2
    shown = bytes_on(browser, messages[-1])
    assert shown.replace("******", "654321") == above.received[-1].decode().strip()
    with connection.cursor() as cursor:
        cursor.execute("SELECT messages FROM forwarding_sent")
        assert all("DataTime" not in told and "654321" not in told for (told,) in cursor.fetchall())


def test_what_devices_sent_in_place_of_ours_is_listed(sender: Sender, browser: Client, monkeypatch: Any) -> None:
    send(sender, tens(1, [20.0] * 6))
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above, edition="2025")
        settle(lambda: settled(one) and len(above.received) == 1)
        send(sender, [hour_packet(MN, ONE, 43.5)])
        settle(lambda: standing(one).own_corrected == 1)
    address = f"{AT}packets/?of=corrected"
    assert led(browser, address) == 1
    (packet,) = listed(browser, address)
    assert "taken, in place of a mean computed here" in browser.get(packet).content.decode()
    assert len(listed(browser, f"{AT}packets/?of=accepted")) == standing(one).accepted


def test_what_was_too_old_when_it_was_decoded_is_listed_and_says_so_on_its_page(
    device: Any,
    sender: Sender,
    station: Any,
    browser: Client,
    monkeypatch: Any,
) -> None:
    with platform_above() as above, handing_on(monkeypatch):
        one = late_destination(above, keep_hours=24)
        send(sender, hours(STRANGER, 1, 2))
        settle(lambda: passed(one))
        first = RawPacket.objects.order_by("pk")[0]
        RawPacket.objects.filter(pk=first.pk).update(received_at=datetime.now(UTC) - timedelta(hours=25))
        adopt(station)
        settle(lambda: bool(above.received) and passed(one) and one.accepted == 1)
    address = f"{AT}packets/?of=left_out"
    assert led(browser, address) == 1
    assert listed(browser, address) == [f"/packets/{first.pk}/"]
    assert "only counted" not in browser.get(address).content.decode()
    assert "left out as too old" in browser.get(f"/packets/{first.pk}/").content.decode()


def test_what_was_sent_before_bytes_were_kept_is_said_to_be_counted_only(
    sender: Sender,
    browser: Client,
    monkeypatch: Any,
) -> None:
    send(sender, tens(1, [20.0] * 6))
    with platform_above() as above, handing_on(monkeypatch):
        one = destination(above)
        settle(lambda: settled(one) and one.own_handed == 1)
    Sent.objects.all().delete()
    page = browser.get(f"{AT}own/").content.decode()
    assert "1 more is only counted: it went before bytes of such messages were kept." in page
    assert own(1, 20.0, 20.0, 20.0) in told(above.received[0])
