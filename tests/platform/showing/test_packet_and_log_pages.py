"""Packets, devices, faults and the log, as administrators read them."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import NINE
from django.test import Client
from django.urls import reverse
from pages import get, ribbon, words

from qingyuan.kit import log

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]


def test_a_packet_is_shown_as_text_and_decoded(packet: Any, browser: Browser) -> None:
    shown = get(browser("administrator"), "packet", packet_id=packet.pk)
    assert f"ST=32;CN=2061;PW=123456;MN={packet.mn}" in ribbon(shown)
    page = words(shown)
    assert "COD" in page
    assert "w01018-Avg 68.4" in page


def test_the_password_in_a_packet_is_for_administrators_only(packet: Any, browser: Browser) -> None:
    shown = get(browser("duty_officer"), "packet", packet_id=packet.pk)
    assert "PW=******;" in ribbon(shown)
    assert "123456" not in shown.content.decode()


def test_secrets_are_hidden_wherever_a_packet_holds_them(packet: Any, browser: Browser) -> None:
    from qingyuan.sensing.logic.raw import segments
    from qingyuan.sensing.queries import RawPacket

    raw = b"noise PW=111111;##0050QN=1;ST=32 PW=222222;CN=1072;CP=&&NewPW=333333;PW=444444;NewSK=5555555555555555&&"
    segment = segments.append(segments.Body(raw, 1, NINE))
    packet.pk, packet.segment_id, packet.length, packet.state = None, segment.id, len(raw), "rejected"
    packet.save()
    latest = RawPacket.objects.latest("pk").pk
    shown = get(browser("duty_officer"), "packet", packet_id=latest).content.decode()
    assert [secret for secret in ("111111", "222222", "333333", "444444", "5555555555") if secret in shown] == []
    assert "333333" in get(browser("administrator"), "packet", packet_id=latest).content.decode()


def test_bytes_that_are_no_text_are_shown_as_numbers(packet: Any, device: Any, browser: Browser) -> None:
    from qingyuan.sensing.logic.raw import segments
    from qingyuan.sensing.queries import RawPacket

    raw = b"##0004\xff\x00\x81\xfe<b>"
    segment = segments.append(segments.Body(raw, 1, NINE))
    packet.pk, packet.segment_id, packet.length, packet.state = None, segment.id, len(raw), "rejected"
    packet.save()
    shown = get(browser("administrator"), "packet", packet_id=RawPacket.objects.latest("pk").pk)
    assert "##0004\\xff\\x00\\x81\\xfe<b>" in ribbon(shown)
    assert "<b>" not in shown.content.decode()


def test_a_device_in_quarantine_is_adopted_with_one_press(
    stranger: Any, station: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    administrator = browser("administrator")
    assert stranger.mn in words(get(administrator, "devices"))
    address = reverse("device-adopt", kwargs={"mn": stranger.mn})
    page = administrator.post(address, {"station": station.code}, follow=True)
    assert f"{stranger.mn} now belongs to East Water outlet" in words(page)
    stranger.refresh_from_db()
    assert (stranger.state, stranger.station) == ("active", station)
    line = next(line for line in log.about(f"device/{stranger.pk}") if line.act == "DeviceAdopted")
    assert line.actor == cast.administrator.username
    assert administrator.post(address, {"station": station.code}).status_code == 409


def test_faults_show_the_packets_that_made_them(packet: Any, fault: Any, browser: Browser) -> None:
    packet.state, packet.error, packet.received_at = "rejected", "BadChecksum", NINE
    packet.save()
    administrator = browser("administrator")
    assert "Wrong checksum" in words(get(administrator, "faults"))
    assert f"Packet {packet.pk}" in words(get(administrator, "fault", fault_id=fault.pk))


def test_the_log_is_verified_and_says_so(case: Any, browser: Browser) -> None:
    page = browser("administrator").post(reverse("log-verify"), follow=True)
    assert re.search(r"The chain holds: [\d,]+ lines of the log and \d+ segments", words(page))


def test_a_broken_chain_is_told_with_its_place(case: Any, browser: Browser) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE kit_entry SET why = 'another reason' WHERE seq = 3")
    page = browser("administrator").post(reverse("log-verify"), follow=True)
    assert "The chain is broken: line 3" in words(page)


def test_the_log_is_narrowed_by_subject(case: Any, browser: Browser) -> None:
    page = get(browser("administrator"), "log", {"subject": f"case/{case.pk}"})
    assert f"Case {case.number} opened" in words(page)
    assert {line.subject for line in page.context["lines"]} == {f"case/{case.pk}"}


def test_the_log_offers_acts_by_their_titles(case: Any, browser: Browser) -> None:
    page = words(get(browser("administrator"), "log", {"act": "StationRegistered"}))
    assert "Station registered" in page
    assert "CaseEvent" not in page


def test_every_event_has_words_in_the_log() -> None:
    from qingyuan.kit.events import Event
    from qingyuan.showing.logic.lines import TITLES

    ours = {name: event for name, event in Event.known.items() if event.__module__.startswith("qingyuan.")}
    written = {name for name, event in ours.items() if not event.__subclasses__()}
    silent = {name for name in written if not hasattr(Event.known[name], "words")}
    assert silent - set(TITLES) == set()


def test_what_was_refused_for_a_wrong_setting_is_read_again_once_it_is_mended(
    packet: Any, device: Any, channel: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    from qingyuan.recording.queries import window

    device.password = "999999"
    device.save()
    packet.state, packet.error, packet.note = "rejected", "BadPassword", "found another PW"
    packet.save()
    administrator = browser("administrator")
    assert "1 refused or stored in part" in words(get(administrator, "device", mn=device.mn))
    address = reverse("device-read-again", kwargs={"mn": device.mn})
    assert "1 packets were read again; 0 of them are sound" in words(administrator.post(address, follow=True))
    device.password = "123456"
    device.save()
    assert "1 packets were read again; 1 of them are sound" in words(administrator.post(address, follow=True))
    assert window(channel.pk, "h", NINE, NINE + timedelta(hours=1)).value.tolist() == [68.4]
    assert "refused or stored in part" not in words(get(administrator, "device", mn=device.mn))
    line = list(log.about(f"device/{device.pk}"))[-1]
    assert (line.act, line.actor) == ("PacketsReadAgain", cast.administrator.username)
