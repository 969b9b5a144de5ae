"""A device's packets are explained by the dialect and the key that held when they were stored, not by those of now."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pages import get, words
from wire import frame

from qingyuan.kit import clock, log
from qingyuan.recording.api import append
from qingyuan.sensing.api import adopt_device, define_dialect, read_device_again, register_device
from qingyuan.sensing.logic.intake import Arrival, take_in
from qingyuan.sensing.logic.registry import Registry
from qingyuan.sensing.queries import Device, DialectProfile, RawPacket
from qingyuan_science.hj212 import EDITION_2025_SM4, STANDARD, Dialect, Frame, Framer, Message, encode

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
MN = "D" * 24
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
KEYS = ("abcdefgh12345678", "hgfedcba87654321")


def meaning(code: str, at: datetime) -> Any:
    """From an instant on, senders of the profile mean COD or ammonia by the code X1."""
    with clock.wound_to(at):
        return define_dialect(Dialect("maker", codes={"X1": code}), title_zh="厂家", title_en="Maker")


def registered(station: Any, at: datetime, dialect: str = "maker") -> Device:
    with clock.wound_to(at):
        return register_device(MN, station=station, password="123456", dialect=dialect)


def sent(at: datetime, dialect: Dialect, fields: str = "X1-Avg=43.5,X1-Flag=N", raw: bytes = b"") -> RawPacket:
    """An hour's packet comes in by the gateway's own door."""
    text = f"QN=1;ST=32;CN=2061;PW=123456;MN={MN};Flag=5;CP=&&DataTime=20261122090000;{fields}&&"
    (cut,) = Framer(dialect, keys=lambda _mn: [key.encode() for key in KEYS]).feed(raw or frame(text))
    assert isinstance(cut, Frame)
    with clock.wound_to(at):
        stamp = round(at.timestamp() * 1_000_000)
        take_in([Arrival(cut.raw, "10.0.0.9:4711", stamp, cut.segment, dialect)], Registry(), append)
    return RawPacket.objects.order_by("-pk")[0]


def page_of(browser: Browser, packet: RawPacket, **query: str) -> str:
    return words(get(browser("administrator"), "packet", query, packet_id=packet.pk))


def test_a_packet_is_read_by_what_its_profile_said_when_it_came(station: Any, browser: Browser) -> None:
    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    meaning("w01018", NINE - HOUR)
    registered(station, NINE - HOUR)
    packet = sent(NINE, Dialect("maker", codes={"X1": "w01018"}))
    assert "it has another one now" not in page_of(browser, packet)
    meaning("w21003", NINE + HOUR)
    page = page_of(browser, packet)
    assert "COD" in page
    assert "ammonia nitrogen" not in page
    assert "Read by the dialect that the device had when the packet was stored; it has another one now." in page
    assert "maker · until 11-22 10:00" in page
    now = page_of(browser, packet, settings="now")
    assert "ammonia nitrogen" in now
    assert "COD" not in now


def test_a_packet_is_read_by_the_profile_that_its_device_had(station: Any, browser: Browser, cast: Any) -> None:
    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    meaning("w01018", NINE - HOUR)
    device = registered(station, NINE - HOUR)
    packet = sent(NINE, Dialect("maker", codes={"X1": "w01018"}))
    entered = {"mn": MN, "station": station.pk, "state": "active", "password": "123456"}
    standard = DialectProfile.objects.get(code=STANDARD.code).pk
    changed = browser("administrator").post(
        f"/admin/sensing/device/{device.pk}/change/", {**entered, "dialect": standard}
    )
    assert changed.status_code == 302
    assert "COD" in page_of(browser, packet)
    assert "COD" not in page_of(browser, packet, settings="now")


def test_a_profile_changed_in_the_administration_still_reads_what_came_before(station: Any, browser: Browser) -> None:
    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    profile = DialectProfile.objects.create(  # as it stood before the log told what profiles say
        code="maker", title_zh="厂家", title_en="Maker", settings={"codes": {"X1": "w01018"}}
    )
    registered(station, NINE - HOUR)
    packet = sent(NINE, Dialect("maker", codes={"X1": "w01018"}))
    entered = {
        "code": "maker",
        "title_zh": "厂家",
        "title_en": "Maker",
        "settings": json.dumps({"codes": {"X1": "w21003"}}),
    }
    address = f"/admin/sensing/dialectprofile/{profile.pk}/change/"
    assert browser("administrator").post(address, entered).status_code == 302
    assert "COD" in page_of(browser, packet)


def test_what_was_read_again_is_told_by_the_dialect_of_that_time(station: Any, browser: Browser) -> None:
    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    with clock.wound_to(NINE - HOUR):
        define_dialect(Dialect("maker"), title_zh="厂家", title_en="Maker")
    device = registered(station, NINE - HOUR)
    packet = sent(NINE, Dialect("maker"))
    assert packet.note  # nobody knows what X1 is
    meaning("w01018", NINE + MINUTE)
    with clock.wound_to(NINE + 2 * MINUTE):
        read_device_again(device, append, log.PLATFORM)
    meaning("w21003", NINE + HOUR)
    page = page_of(browser, packet)
    assert "COD" in page
    assert "ammonia nitrogen" not in page


def test_what_came_in_quarantine_is_read_by_the_profile_of_its_adoption(station: Any, browser: Browser) -> None:
    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    packet = sent(NINE, STANDARD, "w01018-Avg=43.5,w01018-Flag=N")
    with clock.wound_to(NINE + MINUTE):
        adopt_device(Device.objects.get(mn=MN).pk, station, log.PLATFORM)
    page = page_of(browser, packet)
    assert "COD" in page
    assert "it has another one now" not in page


def test_where_the_log_does_not_tell_what_a_profile_held_the_page_says_so(station: Any, browser: Browser) -> None:
    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    DialectProfile.objects.create(code="gone", title_zh="旧", title_en="Gone")
    device = registered(station, NINE - HOUR, "gone")
    packet = sent(NINE, STANDARD, "w01018-Avg=43.5,w01018-Flag=N")
    entered = {"mn": MN, "station": station.pk, "state": "active", "password": "123456"}
    standard = DialectProfile.objects.get(code=STANDARD.code).pk
    browser("administrator").post(f"/admin/sensing/device/{device.pk}/change/", {**entered, "dialect": standard})
    DialectProfile.objects.filter(code="gone").delete()
    assert "What the device's dialect profile held then is not kept." in page_of(browser, packet)


def test_what_was_enciphered_with_a_former_key_stays_readable(station: Any, browser: Browser) -> None:
    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    define_dialect(EDITION_2025_SM4, title_zh="2025 版", title_en="2025 edition")
    device = registered(station, NINE - HOUR, EDITION_2025_SM4.code)
    Device.objects.filter(pk=device.pk).update(key=KEYS[0])
    cp = ((("DataTime", "20261122090000"),), (("w01018-Avg", "43.5"), ("w01018-Flag", "N")))
    told = Message("20261122090100000", "32", "2061", pw="123456", mn=MN, cp=cp, edition="2025")
    packet = sent(NINE, EDITION_2025_SM4, raw=encode(told, EDITION_2025_SM4, KEYS[0].encode()))
    entered = {"mn": MN, "station": station.pk, "state": "active", "password": "123456", "key": KEYS[1]}
    profile = DialectProfile.objects.get(code=EDITION_2025_SM4.code).pk
    changed = browser("administrator").post(
        f"/admin/sensing/device/{device.pk}/change/", {**entered, "dialect": profile}
    )
    assert changed.status_code == 302
    assert Device.objects.get(pk=device.pk).key == KEYS[1]
    assert "43.5" in page_of(browser, packet)
