"""Pages of building sites: project and stage, thresholds by area and site, what alarms in front, to take away."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from loop_runner import run_waiting_jobs
from openpyxl import load_workbook
from pages import get, words

from qingyuan.judging.api import judge_readings, set_watch
from qingyuan.judging.queries import Finding
from qingyuan.places.api import enter_project, enter_threshold, register_station
from qingyuan.places.queries import AlarmThreshold, SiteProject, known_now
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
YEAR = (date(2026, 1, 1), None)
TEXTS = {"issued_by": "试验区生态环境局", "basis": "试环〔2026〕1号", "reason": "学校旁"}
MEANS = {"factor": "a34002", "averaging": "hour", "unit": "µg/m3"}


def build(number: int, lon: float = 100.05) -> Any:
    code = f"site-{number:04}"
    station = register_station(
        code, title_zh=f"{number}号工地", title_en=f"Site {number}", kind="dust-site", lon=lon, lat=30.1
    )
    return Channel.objects.create(station=station, factor="a34002", unit="µg/m3")


@pytest.fixture
def dusty(grid: SimpleNamespace, readings: Callable[..., Any]) -> SimpleNamespace:
    """Two sites of East Town and one of West Town; the second has more dust than the bureau allows itself."""
    first, second, other = build(1), build(2), build(3, 100.3)
    row = enter_threshold(grid.district, high=250.0, days=YEAR, **MEANS, **TEXTS)
    enter_project(second.station, name="东一安置房", builder="建工集团", stage="earthwork", days=YEAR)
    set_watch("alarm_threshold", kind="h", valid_from=LONG_AGO)
    for channel, value in ((first, 120.0), (second, 312.0), (other, 90.0)):
        judge_readings(readings(channel, "h", [(NINE, value)]))
    run_waiting_jobs()
    return SimpleNamespace(first=first, second=second, other=other, threshold=row)


@pytest.mark.mission("S1-20")
def test_the_site_that_alarms_stands_in_front_with_project_value_and_threshold(
    dusty: SimpleNamespace, browser: Browser
) -> None:
    text = words(get(browser("analyst"), "sites"))
    assert text.index("Site 2") < text.index("Site 1") < text.index("Site 3")
    for said in ("东一安置房", "建工集团", "Earthwork", "PM10 312 µg/m³", "PM10 > 250 µg/m³", "1 site alarms"):
        assert said in text
    assert "They are no limits of a standard" in text


def test_sites_are_found_by_alarm_stage_area_and_words(dusty: SimpleNamespace, browser: Browser, grid: Any) -> None:
    def found(**query: str) -> set[str]:
        text = words(get(browser("analyst"), "sites", query))
        return {one for one in ("Site 1", "Site 2", "Site 3") if one in text}

    assert found(alarm="yes") == {"Site 2"}
    assert found(alarm="no") == {"Site 1", "Site 3"}
    assert found(stage="earthwork") == {"Site 2"}
    assert found(stage="none") == {"Site 1", "Site 3"}
    assert found(area=grid.other_town.code) == {"Site 3"}
    assert found(q="0001") == {"Site 1"}
    assert found(q="nowhere") == set()


def test_another_territorys_sites_are_not_shown(dusty: SimpleNamespace, browser: Browser) -> None:
    text = words(get(browser("other_grid_worker"), "sites"))
    assert "Site 3" in text
    assert "Site 2" not in text


def test_the_list_can_be_taken_away(dusty: SimpleNamespace, browser: Browser) -> None:
    answer = get(browser("analyst"), "sites-table", {"form": "xlsx", "alarm": "yes"})
    rows = list(load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["Code", "site-0002"]
    assert rows[1][3:6] == ("东一安置房", "建工集团", "Earthwork")
    assert rows[1][-1] == 1


def test_the_finding_says_who_set_the_threshold_and_that_it_is_no_standard(
    dusty: SimpleNamespace, browser: Browser
) -> None:
    found = Finding.objects.get()
    text = words(get(browser("analyst"), "finding", finding_id=found.pk))
    for said in (
        "Alarm threshold",
        "no violation of a standard",
        "试环〔2026〕1号",
        "Alarm threshold of the authority; no standard",
    ):
        assert said in text
    assert "Exceedance multiple" not in text
    station = words(get(browser("analyst"), "station", code="site-0002"))
    assert "PM10 > 250 µg/m³ (hourly mean)" in station
    assert "东一安置房" in station


def test_a_threshold_is_set_changed_and_ended_in_the_page(dusty: SimpleNamespace, browser: Browser, grid: Any) -> None:
    officer = browser("officer")
    values = {**MEANS, **TEXTS, "station_kind": "dust-site", "cell": grid.town.code, "stage": "", "high": "200",
              "since": "2026-03-01"}  # fmt: skip
    assert officer.post(reverse("threshold-new"), values).status_code == 302
    row = AlarmThreshold.objects.get(high=200.0)
    change = reverse("paper-change", kwargs={"kind": "threshold", "paper_id": row.pk})
    assert officer.get(change).status_code == 200
    answer = officer.post(change, {**MEANS, **TEXTS, "high": "180", "since": "2026-06-01", "why": "从严"})
    assert answer.status_code == 302
    held = sorted(known_now(AlarmThreshold.objects.filter(cell=grid.town)).values_list("high", flat=True))
    assert held == [180.0, 200.0]
    text = words(get(officer, "thresholds"))
    assert "180" in text
    assert "试环〔2026〕1号" in text


def test_a_site_has_a_threshold_and_a_project_of_its_own(dusty: SimpleNamespace, browser: Browser) -> None:
    officer = browser("officer")
    code = {"code": "site-0001"}
    project = {"name": "东二学校", "builder": "二建", "stage": "demolition", "since": "2026-05-01"}
    assert officer.post(reverse("project-new", kwargs=code), project).status_code == 302
    assert SiteProject.objects.get(station=dusty.first.station).stage == "demolition"
    values = {**MEANS, **TEXTS, "high": "150", "since": "2026-05-01", "stage": "demolition"}
    assert officer.post(reverse("station-threshold", kwargs=code), values).status_code == 302
    assert "PM10 > 150 µg/m³" in words(get(officer, "sites", {"q": "site-0001"}))
    assert browser("leader").post(reverse("project-new", kwargs=code), project).status_code == 403


def test_a_long_list_takes_as_many_queries_as_a_short_one(dusty: SimpleNamespace, browser: Browser) -> None:
    client = browser("analyst")
    get(client, "sites")
    with CaptureQueriesContext(connection) as few:
        get(client, "sites")
    for number in range(10, 50):
        build(number)
    with CaptureQueriesContext(connection) as many:
        assert words(get(client, "sites")).count("Site ") >= 40
    assert len(many) <= len(few) + 1
