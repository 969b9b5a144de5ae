"""Enforcement on pages: what a case was found to be and on which law it rests, and how many there are of which kind."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE, walk
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pages import get, words

from qingyuan.dispatching.api import watch_clocks
from qingyuan.kit import clock

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]


@pytest.mark.mission("S2-02")
def test_a_case_is_confirmed_as_a_kind_of_violation_shown_filtered_counted_and_taken_away(
    inspected: Any, browser: Browser
) -> None:
    worker = browser("grid_worker")
    address = reverse("case-act", kwargs={"case_id": inspected.pk, "verb": "confirm"})
    asked = words(worker.get(address))
    assert "Suspected: Discharge over the limits" in asked
    assert "Automatic monitoring not working or data falsified" in asked
    assert worker.post(address, {}).status_code == 422
    assert worker.post(address, {"violation": "over-limit"}).status_code == 302

    page = words(get(worker, "case", case_id=inspected.pk))
    assert "Found Discharge over the limits" in page
    assert "Ecological and Environmental Code" in page
    assert "article not obtained" in page
    assert "checked against the text" in page

    duty = browser("duty_officer")
    assert inspected.number in words(get(duty, "cases", {"violation": "over-limit", "area": "T0101"}))
    assert inspected.number not in words(get(duty, "cases", {"violation": "treatment"}))
    assert inspected.number not in words(get(duty, "cases", {"violation": "over-limit", "area": "T0102"}))

    counted = words(get(duty, "violations"))
    assert "Discharge over the limits 1 1 100% 1 100% 1" in counted
    assert "East Town 1 Discharge over the limits 1" in counted
    assert "COD hourly mean above the limit" in words(
        get(duty, "findings", {"state": "all", "violation": "over-limit"})
    )
    assert "COD hourly mean above the limit" not in words(
        get(duty, "findings", {"state": "all", "violation": "treatment"})
    )
    table = get(duty, "violations").content.decode()
    for led in ("case=held", "case=confirmed"):
        assert f"?state=all&amp;violation=over-limit&amp;year=2026&amp;{led}" in table
        listed = {"state": "all", "violation": "over-limit", "case": led.partition("=")[2]}
        assert "COD hourly mean above the limit" in words(get(duty, "findings", listed))
    sheet = get(duty, "violations-table", {"year": 2026}).content.decode("utf-8-sig")
    assert "over-limit,Discharge over the limits,1,1,1,1,0,0,0,0,0,0,0,0,0,0,1,0" in sheet
    assert get(duty, "violations-table", {"form": "xlsx"}).content[:2] == b"PK"
    elsewhere = words(get(browser("other_grid_worker"), "violations"))
    assert "Discharge over the limits 0 0 0 0" in elsewhere


NUMBER = re.compile(r'<a(?: class="qy-nowrap")? href="([^"?]*\?state=all[^"]*)">([^<]*[0-9])</a>')


def listed_rows(client: Client, address: str) -> int:
    return client.get(address).content.decode().count("data-queue-item")


def test_every_number_of_violations_leads_to_a_list_of_as_many(
    inspected: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    walk(inspected, cast, "confirm")
    duty, led = browser("duty_officer"), 0
    for asked in ({}, {"area": "T0101"}, {"year": 2026, "area": "T0101"}):
        page = unescape(get(duty, "violations", asked).content.decode())
        for address, number in NUMBER.findall(page):
            assert listed_rows(duty, address) == int(number.split()[-1]), address
            led += 1
    assert led > 20, "clues, cases, confirmed, found, month, of a kind and of all, and the area"


def test_a_list_of_another_year_or_area_holds_none_of_them(
    inspected: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    walk(inspected, cast, "confirm")
    duty = browser("duty_officer")
    for name, asked in (
        ("findings", {"year": 2025}), ("findings", {"area": "T0102"}), ("cases", {"determined": "2025"}),
        ("cases", {"determined": "2026-10"}), ("cases", {"determined": "2026", "area": "T0102"}),
        ("cases", {"determined": "30d", "violation": "none"}),
    ):  # fmt: skip
        address = reverse(name)
        query = "&".join(f"{key}={value}" for key, value in {"state": "all", "violation": "any", **asked}.items())
        assert listed_rows(duty, f"{address}?{query}") == 0, query
        assert listed_rows(duty, f"{address}?state=all&violation=any") == 1
    for strange in ("²", "2026-13", "9" * 400, "x"):
        assert duty.get(reverse("cases"), {"determined": strange, "state": "all"}).status_code == 200
        assert duty.get(reverse("findings"), {"year": strange, "area": strange}).status_code == 200
    judged = unescape(get(duty, "layers").content.decode())
    assert "?state=all&violation=any&determined=30d" in judged


def test_an_officer_determines_the_violation_anew_and_says_why(
    inspected: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    walk(inspected, cast, "confirm")
    officer = browser("officer")
    address = reverse("case-violation", kwargs={"case_id": inspected.pk})
    assert "Determine" in words(get(officer, "case", case_id=inspected.pk))
    assert officer.post(address, {"violation": "none"}).status_code == 422
    page = words(officer.post(address, {"violation": "none", "why": "Within the margin of the method"}, follow=True))
    assert "Found No violation" in page
    assert "No violation Within the margin of the method" in page
    listed = words(get(officer, "findings", {"state": "all", "case": "confirmed"}))
    assert "COD hourly mean above the limit" not in listed
    counted = words(get(officer, "violations"))
    assert "1 were found to be no violation" in counted


def test_the_year_before_counts_for_itself(inspected: Any, cast: SimpleNamespace, browser: Browser) -> None:
    walk(inspected, cast, "confirm")
    assert "No violation was found in this year" in words(get(browser("leader"), "violations", {"year": 2025}))
    assert get(browser("leader"), "violations", {"year": "９９９９", "area": "x" * 300}).status_code == 200


HOUR = timedelta(hours=1)


@pytest.fixture
def heard(device: Any) -> Any:
    """The outlet's data logger, heard a minute ago."""
    device.last_seen_at = clock.now() - timedelta(minutes=1)
    device.save(update_fields=["last_seen_at"])
    return device


@pytest.mark.mission("S4-16")
def test_every_monitored_enterprise_stands_beside_its_limits_by_control_level(
    heard: Any, channel: Any, readings: Any, browser: Browser
) -> None:
    from qingyuan.sensing.queries import Channel

    ammonia = Channel.objects.create(station=channel.station, factor="w21003", basis="measured", unit="mg/L")
    readings(channel, "h", [(NINE, 45.0)])
    readings(ammonia, "h", [(NINE, 1.0)])
    readings(channel, "d", [(NINE - timedelta(hours=33), 68.4)])
    officer = browser("officer")
    sent = {"document": "重点监控名录2026", "since": "2026-01-01", "rows": f"{channel.station.enterprise.code}\t国控"}
    assert officer.post(reverse("control-list"), sent).status_code == 302

    page = words(get(officer, "compliance"))
    assert "State-controlled 1 1 0" in page
    assert "Over the limit" in page
    assert "COD 45.0 mg/L · 0.90 × the limit" in page  # of several factors the worst
    assert "COD 68.4 mg/L · 1.37 × the limit" in page
    assert "all 1 online" in page
    assert "East Water Ltd" in words(get(officer, "compliance", {"level": "national", "state": "over", "q": "east"}))
    for other in ({"level": "municipal"}, {"state": "kept"}, {"area": "T0102"}, {"q": "nothing"}):
        assert "No enterprise fits" in words(get(officer, "compliance", other))
    sheet = get(officer, "compliance-table").content.decode("utf-8-sig")
    assert "East Water Ltd,State-controlled,Over the limit,COD,45.0" in sheet
    live = get(officer, "compliance").content.decode()
    assert "sse:FindingOpened" in live
    assert "every 60s" in live
    assert "State-controlled" in words(get(officer, "enterprises", {"level": "national"}))
    assert "No enterprise fits" in words(get(officer, "enterprises", {"level": "none"}))
    assert "No enterprise is monitored" in words(get(browser("other_enterprise"), "compliance"))


def test_an_hour_above_a_limit_of_days_warns_and_is_not_called_over(
    heard: Any, channel: Any, readings: Any, browser: Browser
) -> None:
    readings(channel, "h", [(NINE, 68.4)])
    page = words(get(browser("officer"), "compliance", {"state": "warns"}))
    assert "East Water Ltd" in page
    assert "East Water Ltd" not in words(get(browser("officer"), "compliance", {"state": "over"}))


def test_what_does_not_count_makes_no_state_and_why_there_is_no_value_is_told(
    heard: Any, channel: Any, readings: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    from qingyuan.places.api import enter_order
    from qingyuan.recording.api import mark_span

    officer = browser("officer")
    readings(channel, "h", [(NINE, 168.4)], mark="F")
    assert "East Water Ltd" in words(get(officer, "compliance", {"state": "silent"}))
    mark_span(
        channel.station.code, cast.enterprise, OFFICE, code="maintenance", starts_at=NINE, ends_at=NINE + 3 * HOUR,
        reason="更换试剂",
    )  # fmt: skip
    page = words(get(officer, "compliance", {"state": "marked"}))
    assert "maintenance" in page.casefold()
    enter_order(
        channel.station.enterprise, kind="stop-discharge", number="停〔2026〕1号", issued_by="试验区生态环境局",
        span=(NINE - HOUR, None),
    )  # fmt: skip
    assert "停〔2026〕1号" in words(get(officer, "compliance", {"state": "stopped"}))
    heard.last_seen_at = NINE - timedelta(days=1)
    heard.save(update_fields=["last_seen_at"])
    assert "last heard" in words(get(officer, "compliance"))


def test_compliance_takes_as_many_queries_for_many_enterprises_as_for_one(
    heard: Any, channel: Any, readings: Any, browser: Browser, django_assert_max_num_queries: Any
) -> None:
    from qingyuan.places.api import apply_standard, register_enterprise, register_station
    from qingyuan.sensing.queries import Channel

    officer = browser("officer")
    readings(channel, "h", [(NINE, 45.0)])
    get(officer, "compliance")
    with CaptureQueriesContext(connection) as one:
        get(officer, "compliance")
    for number in range(5):
        owner = register_enterprise(
            f"91500000TEST1000{number:02d}", lon=100.05, lat=30.1, title_zh=f"企业{number}", title_en=f"Firm {number}",
            industry_code="4620", industry_zh="污水处理", industry_en="Sewage treatment", management="key",
        )  # fmt: skip
        outlet = register_station(
            f"more-{number}", title_zh="排口", title_en="Outlet", kind="outlet-water", lon=100.05, lat=30.1,
            enterprise=owner,
        )  # fmt: skip
        apply_standard(outlet, standard="GB 18918-2002", level="1A", valid_from=LONG_AGO)
        more = Channel.objects.create(station=outlet, factor="w01018", basis="measured", unit="mg/L")
        readings(more, "h", [(NINE, 45.0)])
    with django_assert_max_num_queries(len(one)):
        page = words(get(officer, "compliance"))
    assert "Firm 4" in page


def test_a_list_of_key_dischargers_is_entered_whole_or_every_fault_is_told(enterprise: Any, browser: Browser) -> None:
    from qingyuan.places.queries import ControlListing

    officer = browser("officer")
    rows = f"{enterprise.code}，国控\nNobody Ltd，省控\n{enterprise.title_zh}，县控\n{enterprise.code}"
    page = officer.post(reverse("control-list"), {"document": "名录", "since": "2026-01-01", "rows": rows})
    told = words(page)
    assert page.status_code == 422
    assert "Line 2: found Nobody Ltd, expected the credit code or the name" in told
    assert "Line 3: found level 县控, expected one of" in told
    assert "Line 4: found 1 columns, expected 2" in told
    assert "Nobody Ltd，省控" in told  # nothing typed is lost
    assert not ControlListing.objects.exists()


def test_a_control_level_has_editions_and_the_day_decides(enterprise: Any, browser: Browser) -> None:
    from qingyuan.places.queries import control_levels

    officer = browser("officer")
    for document, since, level in (("2025年名录", "2025-01-01", "市控"), ("2026年名录", "2026-01-01", "省控")):
        sent = {"document": document, "since": since, "rows": f"{enterprise.title_zh} | {level}"}
        assert officer.post(reverse("control-list"), sent).status_code == 302
    assert control_levels([enterprise.pk], date(2025, 6, 1)) == {enterprise.pk: "municipal"}
    assert control_levels([enterprise.pk], date(2026, 6, 1)) == {enterprise.pk: "provincial"}
    again = officer.post(reverse("control-list"), sent, follow=True)
    assert "1 lines read, 0 entered" in words(again)
    page = words(get(officer, "enterprise", code=enterprise.code))
    assert "Provincially controlled 2026年名录" in page
    assert "City-controlled 2025年名录" in page


@pytest.fixture
def known(inspected: Any, marked: Any, device: Any, cast: SimpleNamespace) -> Any:
    """The enterprise of the case with something of every kind in its file, and a complaint at a river nearby."""
    from qingyuan.judging.api import report_clue
    from qingyuan.places.api import declare_warning, enter_controls, enter_order, register_station
    from qingyuan.places.queries import GridCell

    enterprise = inspected.station.enterprise
    walk(inspected, cast, "confirm")
    enter_controls({enterprise: "national"}, document="2026年名录", days=(date(2026, 1, 1), None))
    enter_order(
        enterprise, kind="cut-production", number="限〔2026〕3号", issued_by="试验区生态环境局", cut=0.3,
        span=(NINE - 24 * HOUR, NINE - HOUR),
    )  # fmt: skip
    declare_warning(
        GridCell.objects.get(level=1), level="yellow", number="警〔2026〕1号", span=(NINE - 50 * HOUR, NINE)
    )
    river = register_station(
        "river-1", title_zh="东江断面", title_en="East River", kind="surface-water", lon=100.051, lat=30.1
    )
    report_clue(river.code, cast.duty_officer, OFFICE, what="河水发黑有异味", span=(NINE - HOUR, NINE))
    return enterprise


@pytest.mark.mission("S2-04")
def test_everything_known_of_an_enterprise_stands_on_one_page_along_one_time(known: Any, browser: Browser) -> None:
    officer = browser("officer")
    page = words(get(officer, "enterprise", code=known.code))
    for told in (
        "Compliance now", "Outlets and devices", "T" * 24, "State-controlled", "2026年名录", "限〔2026〕3号",
        "Violations found 1", "Discharge over the limits", "The problem is real", "COD hourly mean above the limit",
        "Reported nearby",
        "河水发黑有异味", "警〔2026〕1号", "零点与量程校准", "Case QY-20261122-0001 opened", "No screening listed it",
    ):  # fmt: skip
        assert told in page, told
    only = words(get(officer, "enterprise", {"show": "warnings"}, code=known.code))
    history = only[only.index("Marks of data") :]
    assert "警〔2026〕1号" in history
    assert "Case QY-20261122-0001 opened" not in history


def test_an_enterprise_sees_its_own_file_without_cases_and_complaints(known: Any, browser: Browser) -> None:
    page = words(get(browser("enterprise"), "enterprise", code=known.code))
    assert "限〔2026〕3号" in page
    for hidden in ("QY-20261122-0001", "Discharge over the limits", "河水发黑有异味", "The problem is real"):
        assert hidden not in page


def test_the_file_takes_as_many_queries_however_much_there_is(
    known: Any, channel: Any, cast: SimpleNamespace, browser: Browser, django_assert_max_num_queries: Any
) -> None:
    from qingyuan.judging.api import report_clue
    from qingyuan.places.api import enter_order

    officer = browser("officer")
    get(officer, "enterprise", code=known.code)
    with CaptureQueriesContext(connection) as before:
        get(officer, "enterprise", code=known.code)
    for number in range(5):
        span = (NINE - (number + 2) * HOUR, NINE - (number + 1) * HOUR)
        report_clue(channel.station.code, cast.duty_officer, OFFICE, what=f"异味{number}", span=span)
        enter_order(
            known, kind="stop-discharge", number=f"停〔2026〕{number}号", issued_by="试验区生态环境局",
            station=channel.station, span=(span[0] - 48 * HOUR, span[1] - 48 * HOUR),
        )  # fmt: skip
    with django_assert_max_num_queries(len(before)):
        assert "停〔2026〕4号" in words(get(officer, "enterprise", code=known.code))


@pytest.mark.mission("S2-24")
def test_a_case_shows_warning_before_dispatch_during_and_supervision_after(
    case: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    def phase(name: str) -> str:
        page = get(browser("supervisor"), "case", case_id=case.pk).content.decode()
        part = page.split(f'id="phase-{name}"')[1].split("</section>")[0]
        return " ".join(re.sub(r"<[^>]+>", " ", part).split())

    assert "Before: warning" in phase("before")
    assert "COD" in phase("before")
    assert "Given to" in phase("during")
    assert "Nothing yet" in phase("after")
    walk(case, cast, "accept", "confirm", "rectified")
    assert "Sign for it" in phase("during")
    assert "Rectified" in phase("after")
    with clock.wound_to(clock.now() + timedelta(days=30)):
        watch_clocks()
        assert "Escalated" in phase("after")
        walk(case, cast, "accept_closure")
        assert "Accept and close" in phase("after")
        assert "Ended" in phase("after")
    assert "Accept and close" not in phase("during")


def test_what_was_found_at_the_place_before_the_case_stands_under_before(
    channel: Any, cast: SimpleNamespace, readings: Any, browser: Browser, request: pytest.FixtureRequest
) -> None:
    from qingyuan.judging.api import report_clue

    with clock.wound_to(NINE - timedelta(days=2)):
        span = (NINE - timedelta(days=2, hours=2), NINE - timedelta(days=2, hours=1))
        report_clue(channel.station.code, cast.duty_officer, OFFICE, what="排口异味", span=span)
    case = request.getfixturevalue("case")
    page = get(browser("supervisor"), "case", case_id=case.pk).content.decode()
    assert "排口异味" in page.split('id="phase-before"')[1]


@pytest.mark.mission("S0-39")
def test_abnormal_discharge_is_told_from_ordinary_and_from_what_does_not_count_with_what_shows_it(
    channel: Any, readings: Any, browser: Browser
) -> None:
    from qingyuan.judging.api import judge_readings, set_watch
    from qingyuan.judging.queries import Finding

    set_watch("exceedance", kind="d", valid_from=LONG_AGO)
    yesterday = NINE - timedelta(hours=33)
    judge_readings(readings(channel, "d", [(yesterday - 2 * timedelta(days=1), 49.0)]))
    judge_readings(readings(channel, "d", [(yesterday - timedelta(days=1), 500.0)], mark="F"))
    assert not Finding.objects.exists()
    judge_readings(readings(channel, "d", [(yesterday, 68.4)]))
    found = Finding.objects.get()
    duty = browser("duty_officer")
    page = get(duty, "finding", finding_id=found.pk)
    for told in ("68.4", "50", "GB 18918-2002", "Table 1", "Suspected violation Discharge over the limits"):
        assert told in words(page), told
    assert re.search(r'href="/readings/[^"]+"', page.content.decode())
    turned = words(get(duty, "finding-would-change", finding_id=found.pk))
    assert "68.4" in turned
