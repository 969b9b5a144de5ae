"""The dispatch hub: what each department delivers, what is missing first, what came of it, and the next act."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import NINE, OFFICE
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pages import get, words

from qingyuan.dispatching.queries import Case
from qingyuan.judging.api import report_clue
from qingyuan.kit import clock
from qingyuan.kit.log import about
from qingyuan.people.api import register_organisation
from qingyuan.places.api import post_person, register_station
from qingyuan.recording.api import append, confirm_import, lay_out_import, start_import
from qingyuan.sensing.api import (
    Payload,
    define_feed,
    name_department,
    note_day_start,
    register_device,
    set_pace,
    take_in_payloads,
)
from qingyuan.sensing.api.records import feed_of_list, take_over_list
from qingyuan.sensing.queries import Device, Feed
from qingyuan.sensing.queries.records import record_files

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]


@pytest.fixture
def water(cast: SimpleNamespace) -> Any:
    return register_organisation("water", title_zh="水务局", title_en="Water Authority", kind="department")


def deliver(feed: Feed, raw: bytes, at: datetime = NINE) -> None:
    take_in_payloads(feed, [Payload(raw, "10.0.0.8:443", round(at.timestamp() * 1e6))], append)


def row_of(page: Any, department: str) -> str:
    """What the hub says of one department."""
    body = page.content.decode()
    start = body.index(f'id="department-{department}"')
    return words(SimpleNamespace(content=f"<{body[start : body.index('</tr>', start)]}".encode()))


@pytest.mark.mission("S0-34")
@pytest.mark.mission("S1-25")
@pytest.mark.mission("S2-19")
def test_a_department_is_named_where_its_source_is_set_up_and_the_hub_shows_what_it_delivers(
    feed: Feed, station: Any, water: Any, browser: Browser
) -> None:
    administrator, duty = browser("administrator"), browser("duty_officer")
    register_organisation("weather", title_zh="气象局", title_en="Weather Bureau", kind="department")
    told = {"title_zh": "电表", "title_en": "Meters", "stations": [station.code], "enabled": "on"}
    told |= {"department": "water", "every_minutes": "60"}
    assert administrator.post(reverse("feed-settings", kwargs={"code": "meters"}), told).status_code == 302
    assert "Source department Water Authority" in words(get(administrator, "feed", code="meters"))
    facts = {line.act: line.detail for line in about(f"feed/{feed.pk}")}
    assert (facts["FeedAttributed"]["department"], facts["FeedAttributed"]["before"]) == ("water", "")
    assert facts["FeedPaceSet"]["every_minutes"] == 60

    deliver(feed, json.dumps({"readings": [{"name": "meter 7", "at": NINE.isoformat(), "value": 1}]}).encode())
    deliver(feed, b"<xml/>")
    page = get(duty, "hub")
    told_of_water = row_of(page, "water")
    assert "Water Authority HTTP push (JSON) 1" in told_of_water
    assert "1 of 1 silent or in trouble Meters overdue by 10 min, expected within 1 h 0 min" in told_of_water
    assert "0 / 2" in told_of_water  # both came seventy minutes ago
    assert "2 1 names wait" in told_of_water  # one is refused, one waits for its name
    assert "Known, but deliver nothing and hold nothing: " in words(page)
    assert "Weather Bureau" in words(page).partition("hold nothing:")[2]
    silent = words(get(duty, "hub-sources", {"state": "missing", "department": "water"}))
    assert "Meters HTTP push (JSON) Water Authority Silent" in silent
    came = reverse("hub-packets", kwargs={"sender": "feed:meters"})
    listed = get(duty, "hub-sources", {"state": "refused"}).content.decode()
    assert f'<a href="{came}?since=day&amp;state=refused">2</a>' in listed
    assert f'<a href="{came}?since=today">2</a>' in listed
    refused = duty.get(came, {"state": "refused"})
    assert "Packets: 2" in words(refused)
    assert "meter 7 1 " in words(refused).partition("Names that wait")[2]
    assert "Packets: 0" in words(duty.get(came, {"since": "hour"}))
    assert browser("administrator").get(came).content.decode().count('href="/packets/') == 2
    assert "No source fits" in words(get(duty, "hub-sources", {"state": "in-order"}))
    deliver(feed, b"{}", at=NINE + timedelta(minutes=65))
    assert "Nothing is silent" in row_of(get(duty, "hub"), "water")


def test_what_came_today_counts_from_midnight(feed: Feed, water: Any, browser: Browser) -> None:
    name_department(feed, water)
    assert note_day_start() == 1  # the first day of all
    deliver(feed, b"{}", at=NINE)
    assert "0 / 1" in row_of(get(browser("duty_officer"), "hub"), "water")
    midnight = NINE + timedelta(hours=15)
    assert note_day_start(midnight) == 1
    with clock.wound_to(midnight + timedelta(minutes=5)):
        assert "0 / 0" in row_of(get(browser("duty_officer"), "hub"), "water")
        deliver(feed, b"{}", at=midnight)
        assert note_day_start() == 0
        assert "1 / 1" in row_of(get(browser("duty_officer"), "hub"), "water")
    with clock.wound_to(midnight + timedelta(days=1)):
        assert "0 / — no value" in row_of(get(browser("duty_officer"), "hub"), "water")


@pytest.mark.mission("S2-19")
def test_findings_of_all_departments_stand_in_one_stream_and_are_dispatched_from_it(
    inspected: Any, packet: Any, cast: SimpleNamespace, station: Any, browser: Browser
) -> None:
    duty = browser("duty_officer")
    clue = report_clue(station.code, cast.handler, OFFICE, what="水面有油花", span=(NINE, NINE))
    page = get(duty, "hub")
    firms = row_of(page, "enterprises")
    assert "Enterprises Device (HJ 212) 1" in firms
    assert "1 / 1" in firms  # a finding and a case came of what it sends
    bureau = row_of(page, "bureau")
    assert "Test Bureau delivers no data" in bureau
    assert "1 open" in bureau  # its grid worker inspects
    assert "0 min" in bureau  # and signed at once
    assert "1 / 0" in row_of(page, "department")

    lines = words(get(duty, "hub-lines"))
    assert f"Enterprises 11-22 10:10 {inspected.number} Being inspected" in lines
    assert "City Works 11-22 10:10 no case Open Open a case" in lines
    assert "Open a case" not in words(get(browser("leader"), "hub-lines"))
    dispatch = reverse("case-act", kwargs={"case_id": inspected.pk, "verb": "assign"})
    assert f'href="{dispatch}"' in page.content.decode()
    assert duty.get(dispatch).status_code == 200
    assert duty.post(reverse("finding-open-case", kwargs={"finding_id": clue.pk})).status_code == 302
    assert Case.objects.get(finding=clue).number in words(get(duty, "hub-lines"))


@pytest.mark.mission("S2-19")
def test_every_number_of_a_department_leads_to_its_list(
    inspected: Any, packet: Any, cast: SimpleNamespace, station: Any, browser: Browser
) -> None:
    duty = browser("duty_officer")
    clue = report_clue(station.code, cast.handler, OFFICE, what="水面有油花", span=(NINE, NINE))

    def listed(name: str, **query: str) -> set[int]:
        return {row[name.removesuffix("s")].pk for row in get(duty, name, {"state": "all", **query}).context["rows"]}

    assert listed("findings", **{"from": "department"}) == {clue.pk}
    assert listed("findings", **{"from": "enterprises"}) == {inspected.finding_id}
    assert listed("findings", **{"from": "bureau"}) == set()
    assert listed("cases", **{"from": "enterprises"}) == {inspected.pk}
    assert listed("cases", **{"from": "department"}) == set()
    assert listed("cases", department="bureau") == {inspected.pk}
    assert listed("cases", department="department") == set()
    assert listed("findings", **{"from": "department", "since": "30"}) == {clue.pk}
    assert listed("cases", signed="bureau") == {inspected.pk}
    assert listed("cases", signed="department") == set()
    assert listed("cases", state="due-soon") == set()
    soon, due = inspected.tasks.filter(done_at=None).values_list("due_soon_at", "due_at").get()
    with clock.wound_to(soon + (due - soon) / 2):
        assert listed("cases", state="due-soon", department="bureau") == {inspected.pk}
    bureau = get(duty, "hub").content.decode().partition('id="department-bureau"')[2].partition("</tr>")[0]
    for address in ("/cases/?state=all&amp;since=30&amp;from=bureau", "/cases/?state=all&amp;signed=bureau"):
        assert f'href="{address}"' in bureau


def test_a_packet_of_a_device_leads_from_the_counts_of_the_hub_to_its_bytes(
    device: Device, packet: Any, browser: Browser
) -> None:
    duty = browser("duty_officer")
    page = duty.get(reverse("hub-packets", kwargs={"sender": device.mn}), {"since": "today"})
    assert f'href="{reverse("packet", kwargs={"packet_id": packet.pk})}"' in page.content.decode()
    assert "Packets: 1" in words(page)
    assert duty.get(reverse("hub-packets", kwargs={"sender": "nobody"})).status_code == 404


def test_the_departments_that_deliver_can_be_shown_alone(
    inspected: Any, packet: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    duty = browser("duty_officer")
    every, alone = (get(duty, "hub", asked).content.decode() for asked in ({}, {"only": "delivering"}))
    assert (every.count('id="department-'), alone.count('id="department-')) == (2, 1)
    assert 'href="/hub/?only=delivering#hub-departments" data-figure="delivering"><strong>1</strong>' in every
    assert "/hub/now/?only=delivering" in alone


def test_a_device_without_a_department_counts_as_its_enterprises_or_as_the_bureaus_own(
    device: Device, water: Any, browser: Browser
) -> None:
    administrator = browser("administrator")
    river = register_station("river", title_zh="河", title_en="River", kind="surface-water", lon=100.05, lat=30.1)
    register_device("R" * 24, station=river)
    assert "East Water as that of its station’s enterprise" in words(get(administrator, "device", mn=device.mn))
    assert "Test Bureau nobody is named" in words(get(administrator, "device", mn="R" * 24))
    assert "Device (HJ 212) 1" in row_of(get(administrator, "hub"), "bureau")
    for code, status in (("nowhere", 422), ("water", 302)):
        answer = administrator.post(reverse("device-department", kwargs={"mn": "R" * 24}), {"department": code})
        assert answer.status_code == status
    assert "Source department Water Authority" in words(get(administrator, "device", mn="R" * 24))
    (named,) = [
        line for line in about(f"device/{Device.objects.get(mn='R' * 24).pk}") if line.act == "DeviceAttributed"
    ]
    assert (named.actor, named.detail["department"], named.detail["before"]) == ("administrator", "water", "")
    page = get(administrator, "hub")
    assert "Device (HJ 212) 1" in row_of(page, "water")
    assert "delivers no data" not in row_of(page, "enterprises")


def test_a_table_counts_as_brought_by_the_department_of_who_imported_it(
    station: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    draft = start_import(cast.analyst, "table.csv", b"time,COD\n2026-11-22 08:00,1\n")
    layout = {"time": "time", "at": station.code, "columns": '{"COD": {"name": "w01018"}}'}
    lay_out_import(draft.pk, cast.analyst, layout)
    made = confirm_import(draft.pk, cast.analyst, OFFICE)
    assert made.feed.department == cast.analyst.organisation
    assert "Source department Test Bureau" in words(get(browser("analyst"), "import", import_id=made.pk))


def test_more_sources_ask_no_more_of_the_database(
    case: Any, device: Device, water: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    duty = browser("duty_officer")

    def asked(name: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert duty.get(reverse(name)).status_code == 200
        return len(queries)

    names = ("hub", "hub-now", "hub-lines", "hub-sources")
    feed = define_feed("one", connector="push", title_zh="一", title_en="One", stations=[case.station])
    deliver(feed, b"{}")
    asked("hub")
    before = [asked(name) for name in names]
    for number in range(4):
        more = define_feed(f"more-{number}", connector="push", title_zh="多", title_en="More", stations=[case.station])
        name_department(more, water)
        set_pace(more, 60)
        deliver(more, b"{}")
        register_device(f"{number}" * 24, station=case.station)
        report_clue(case.station.code, cast.handler, OFFICE, what="异味", span=(NINE, NINE))
    assert [asked(name) for name in names] == before
    assert max(before) < 45


def test_who_answers_for_one_town_sees_what_is_delivered_there_alone(
    case: Any, device: Device, cast: SimpleNamespace, grid: Any, browser: Browser
) -> None:
    post_person(cast.officer, grid.other_town, valid_from=date(2020, 1, 1))
    page = get(browser("officer"), "hub")
    assert 'id="department-enterprises"' not in page.content.decode()
    assert "Nothing was found yet" in words(page)
    assert "No source fits" in words(get(browser("officer"), "hub-sources"))


def test_who_may_bring_a_list_comes_from_a_packet_of_it_to_the_delivery(
    cast: SimpleNamespace, browser: Callable[[str], Client]
) -> None:
    found = take_over_list("electricity", cast.handler.organisation)
    feed = feed_of_list(found)
    deliver(feed, "户号,户名,统一社会信用代码,用电月份,用电量\n0101,某厂,,2026-10,5\n".encode(), clock.now())
    (file,) = record_files(cast.duty_officer)
    came = reverse("hub-packets", kwargs={"sender": feed.sender})
    page = browser("duty_officer").get(came).content.decode()
    assert reverse("record-file", kwargs={"file_id": file.pk}) in page
    assert 'href="/packets/' not in page
    assert 'href="/packets/' in browser("administrator").get(came).content.decode()
