"""The pages of the other direction: asking a device, following the answer, taking a packet apart."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from casefile import LONG_AGO, NINE
from django.test import Client
from django.urls import reverse
from pages import words
from wire import frame

from qingyuan.kit import clock, log
from qingyuan.places.api import post_person
from qingyuan.sensing.api import define_dialect
from qingyuan.sensing.events import DeviceRegistered
from qingyuan.sensing.logic.raw import segments
from qingyuan.sensing.queries import Command, Device, DeviceReport, RawPacket, Silence
from qingyuan_science.hj212 import Dialect, requests_in

Browser = Callable[[str], Client]


PACKET = (
    "##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
    "CP=&&RtdInterval=30&&1C80\\r\\n"
)


def test_every_command_of_the_edition_has_a_form(packet: Any, browser: Browser) -> None:
    for kind in requests_in("2017"):
        page = browser("administrator").get(reverse("device-ask", kwargs={"mn": packet.mn, "code": kind.code}))
        assert page.status_code == 200
        for argument in kind.arguments_in("2017"):
            assert f'name="{argument.name}"' in page.content.decode()


def test_an_officer_sees_the_devices_of_the_own_territory_and_no_quarantine(
    packet: Any, stranger: Any, browser: Browser, cast: Any, grid: Any
) -> None:
    officer, administrator = browser("officer"), browser("administrator")
    own, unknown = (reverse("device", kwargs={"mn": mn}) for mn in (packet.mn, stranger.mn))
    assert [officer.get(address).status_code for address in (own, unknown)] == [200, 404]
    assert [administrator.get(address).status_code for address in (own, unknown)] == [200, 200]
    listed = officer.get(reverse("devices"))
    assert (list(listed.context["waiting"]), list(listed.context["stations"])) == ([], [])
    assert stranger.mn in administrator.get(reverse("devices")).content.decode()
    post_person(cast.officer, grid.other_town, valid_from=LONG_AGO)
    assert officer.get(own).status_code == 404
    assert packet.mn not in officer.get(reverse("devices")).content.decode()


def test_what_was_asked_stands_on_the_devices_page_and_can_be_taken_back(
    packet: Any, browser: Browser, cast: Any
) -> None:
    administrator = browser("administrator")
    asked = reverse("device-ask", kwargs={"mn": packet.mn, "code": "set-realtime-interval"})
    assert administrator.post(asked, {"RtdInterval": "60"}).status_code == 302
    page = administrator.get(reverse("device", kwargs={"mn": packet.mn})).content.decode()
    assert "interval of real-time data 60 s" in page.lower()
    assert f'data-label="Asked by">{cast.administrator.name}' in page, "the person's name, not the account"
    assert "Waiting for the device" in page
    command = Command.objects.get()
    withdrawn = reverse("device-withdraw", kwargs={"mn": packet.mn, "command_id": command.pk})
    assert administrator.post(withdrawn).status_code == 302
    rows = administrator.get(reverse("device-commands", kwargs={"mn": packet.mn})).content.decode()
    assert "Withdrawn" in rows


def test_all_that_was_ever_asked_of_a_device_can_be_paged_through(packet: Any, device: Any, browser: Browser) -> None:
    for number in range(12):
        Command.objects.create(
            device=device, code="read-clock", state="done", asked_at=packet.received_at, ended_at=packet.received_at,
            expires_at=packet.received_at, answer=[[["SystemTime", f"202611220900{number:02}"]]],
        )  # fmt: skip
    administrator = browser("administrator")
    for name in ("device", "device-commands"):
        first, second = (
            words(administrator.get(reverse(name, kwargs={"mn": device.mn}), {"page": page})) for page in (1, 2)
        )
        assert ("1 to 10 of 12" in first, "20261122090000" in first) == (True, False)
        assert ("11 to 12 of 12" in second, "20261122090000" in second, "Done" in second) == (True, True, True)


def test_a_wrong_argument_is_said_at_its_form_and_nothing_is_asked(packet: Any, browser: Browser) -> None:
    asked = reverse("device-ask", kwargs={"mn": packet.mn, "code": "set-realtime-interval"})
    answer = browser("administrator").post(asked, {"RtdInterval": "5"})
    assert answer.status_code == 422
    assert "30 to 3600" in answer.content.decode()
    assert not Command.objects.exists()


def test_the_factors_of_the_device_are_offered_by_name_and_another_code_is_taken_too(
    packet: Any, channel: Any, browser: Browser
) -> None:
    asked = reverse("device-ask", kwargs={"mn": packet.mn, "code": "read-clock"})
    administrator = browser("administrator")
    page = administrator.get(asked).content.decode()
    assert re.search(r'<input[^>]*name="PolId"[^>]*list="factors"', page)
    assert '<datalist id="factors"><option value="w01018">COD</option></datalist>' in page
    assert "This device has: w01018 COD." in page
    assert administrator.post(asked, {"PolId": "zz99"}).status_code == 302
    assert Command.objects.get().arguments == {"PolId": "zz99"}


def test_a_factor_is_offered_under_the_code_that_the_device_itself_uses(
    packet: Any, device: Any, channel: Any, browser: Browser
) -> None:
    asked = reverse("device-ask", kwargs={"mn": packet.mn, "code": "read-clock"})
    for dialect in (Dialect("own", codes={"CODcr": "w01018"}), Dialect("old", edition="2005")):
        device.dialect = define_dialect(dialect, title_zh="自有", title_en="Own")
        device.save()
        if dialect.edition == "2005":
            asked = asked.replace("read-clock", "read-alarm-limits")
        page = browser("administrator").get(asked).content.decode()
        assert f'<option value="{dict(own="CODcr", old="011")[dialect.code]}">COD</option>' in page


def test_a_code_that_cannot_be_one_is_refused_at_its_field(packet: Any, channel: Any, browser: Browser) -> None:
    asked = reverse("device-ask", kwargs={"mn": packet.mn, "code": "read-clock"})
    answer = browser("administrator").post(asked, {"PolId": "COD 出口"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["PolId"] == [
        "found PolId 'COD 出口', expected a code of letters and figures such as w01018"
    ]
    assert not Command.objects.exists()


def test_a_dangerous_command_needs_a_reason_and_an_administrator(packet: Any, browser: Browser) -> None:
    asked = reverse("device-ask", kwargs={"mn": packet.mn, "code": "set-clock"})
    values = {"SystemTime": "20261122100000"}
    assert browser("administrator").post(asked, values).status_code == 422
    assert browser("officer").post(asked, {**values, "why": "drifted"}).status_code == 403
    assert browser("administrator").post(asked, {**values, "why": "drifted"}).status_code == 302


def test_the_page_tells_clock_reports_and_silences(packet: Any, device: Any, browser: Browser) -> None:
    at = packet.received_at
    state = {"value": "1", "meaning": {"title_zh": "运行", "title_en": "running"}}
    DeviceReport.objects.create(
        device=device, kind="InstallationState", subject="SB1", at=at, received_at=at, values=state
    )
    DeviceReport.objects.create(
        device=device, kind="Boot", subject="", at=at, received_at=at, values={"restarted": "2026-11-21T16:30:00+00:00"}
    )
    Silence.objects.create(device=device, began_at=at, ended_at=at)
    page = browser("administrator").get(reverse("device", kwargs={"mn": device.mn})).content.decode()
    for told in ("Its clock", "State of an installation", "running", "2026-11-22 00:30:00", "being looked into"):
        assert told in page


def test_a_pasted_packet_is_taken_apart_and_not_kept(cast: SimpleNamespace, device: Any, browser: Browser) -> None:
    page = browser("grid_worker").post(reverse("inspector"), {"raw": PACKET, "dialect": "HJ 212-2017"})
    text = page.content.decode()
    assert page.status_code == 200
    for told in ("interval of real-time data", "waste water source", "no fault", "1C80"):
        assert told in text


def test_what_is_wrong_with_a_pasted_packet_is_marked_at_its_place(device: Any, browser: Browser, cast: Any) -> None:
    wrong = PACKET.replace("1C80", "1C81")
    page = browser("duty_officer").post(reverse("inspector"), {"raw": wrong, "dialect": "HJ 212-2017"})
    assert "is-crc is-faulty" in page.content.decode()


def test_the_raw_mean_of_2025_is_named_and_said_not_to_be_stored(device: Any, browser: Browser, cast: Any) -> None:
    content = "CP=&&DataTime=20261122090000;a34013-Avg=12.1,a34013-RawAvg=10.8,a34013-Flag=N&&"
    raw = frame(f"QN=20261122100001000;ST=31;CN=2061;PW=123456;MN={device.mn};Flag=13;{content}").decode()
    reader = browser("administrator")
    for language, said in {
        "en": "unconverted mean: known at second hand: kept beside the readings, not as one",
        "zh-hans": "原始平均值: 含义仅据二手资料：与监测数据一并保存，但不作为监测数据",
    }.items():
        reader.cookies["django_language"] = language
        page = words(reader.post(reverse("inspector"), {"raw": raw, "dialect": "HJ 212-2017"}))
        assert page.count(said) == 1


def test_a_packet_is_pasted_as_hex_too(device: Any, browser: Browser, cast: Any) -> None:
    raw = PACKET.replace("\\r\\n", "\r\n").encode().hex(" ")
    page = browser("duty_officer").post(reverse("inspector"), {"raw": raw, "dialect": "HJ 212-2017"})
    assert "no fault" in page.content.decode()


def kept(device: Any, cn: str, content: str, at: Any) -> RawPacket:
    """A packet of the device as the gateway keeps it."""
    raw = frame(f"QN=20261122090001000;ST=32;CN={cn};PW=123456;MN={device.mn};Flag=5;CP=&&{content}&&")
    segment = segments.append(segments.Body(raw, 1, at))
    return RawPacket.objects.create(
        segment_id=segment.id, offset=0, length=len(raw), received_at=at, peer="10.0.0.9:4711", mn=device.mn, cn=cn,
        state="decoded",
    )  # fmt: skip


def test_what_a_device_told_of_itself_leads_to_the_packet_that_told_it(
    packet: Any, device: Any, browser: Browser
) -> None:
    at = packet.received_at
    kept(device, "2021", "DataTime=20261122080000;SB1-RS=0", at)  # in one piece with the one that is meant
    told = kept(device, "2021", "DataTime=20261122090000;SB1-RS=1", at)
    DeviceReport.objects.create(
        device=device, kind="InstallationState", subject="SB1", at=NINE, received_at=at, values={"value": "1"}
    )
    page = browser("administrator").get(reverse("device", kwargs={"mn": device.mn}))
    assert [row.packet for row in page.context["reports"]] == [told.pk]
    assert browser("administrator").get(reverse("packet", kwargs={"packet_id": told.pk})).status_code == 200


def test_what_a_command_brought_leads_to_the_packet_that_brought_it(packet: Any, device: Any, browser: Browser) -> None:
    brought = kept(device, "1011", "SystemTime=20261122090000", packet.received_at)
    moment = timedelta(seconds=1)
    Command.objects.create(
        device=device, code="read-clock", state="done", asked_at=packet.received_at - moment, uploads=1,
        expires_at=packet.received_at + moment, sent_at=packet.received_at - moment,
        ended_at=packet.received_at + moment, answer=[[["SystemTime", "20261122090000"]]],
    )  # fmt: skip
    page = browser("administrator").get(reverse("device", kwargs={"mn": device.mn}))
    assert [row.packet for row in page.context["commands"]] == [brought.pk]
    assert f'href="{reverse("packet", kwargs={"packet_id": brought.pk})}"' in page.content.decode()


def test_the_page_says_whether_a_device_is_on_line(device: Any, browser: Browser, cast: Any) -> None:
    def shown() -> str:
        return str(browser("administrator").get(reverse("device", kwargs={"mn": device.mn})).context["online"]["title"])

    assert shown() == "Never heard"
    for heard, said in ((timedelta(minutes=1), "On line"), (timedelta(hours=3), "Off line")):
        type(device).objects.filter(pk=device.pk).update(last_seen_at=clock.now() - heard)
        assert shown() == said


def test_a_key_that_is_too_old_stands_in_the_list_and_on_the_devices_page(packet: Any, browser: Browser) -> None:
    device = Device.objects.select_related("dialect").get(mn=packet.mn)
    device.dialect.settings |= {"edition": "2025", "cipher": "sm4"}
    device.dialect.save()
    device.key = "0" * 16
    device.save()
    log.number_at_once()
    pages = [reverse("devices"), reverse("device", kwargs={"mn": packet.mn})]
    assert "Key too old" not in words(browser("administrator").get(pages[0]))
    assert "Key since time not known" in words(browser("administrator").get(pages[1]))
    log.write(DeviceRegistered(device.pk, device.mn, ""), why="key", at=clock.now() - timedelta(days=91))
    assert "Key too old" in words(browser("administrator").get(pages[0]))
    page = words(browser("administrator").get(pages[1]))
    assert "HJ 212-2025 wants a new one every 90 days" in page
    assert "Set a new key" in page
    assert "Its key is from" not in words(browser("officer").get(pages[1]))
