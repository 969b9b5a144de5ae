"""Pages of what satellites see: files brought and taken back, problems with their reasons, map, grid cells screened."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest
from casefile import LONG_AGO, NINE, OFFICE, screened
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pages import get, words

from qingyuan.dispatching.api import add_rule, open_case_for_finding
from qingyuan.dispatching.queries import Case, tasks_of
from qingyuan.judging.api import judge_spots, judge_withdrawn_spots, save_screening, set_excluded_place, set_spot_rule
from qingyuan.judging.conditions import Condition, Definition
from qingyuan.judging.events import FindingOpened
from qingyuan.judging.fact import Comparison
from qingyuan.judging.queries import REPORTED, Finding, SuspectedProblem
from qingyuan.kit import clock, log
from qingyuan.sensing.events import SpotsStored, SpotsWithdrawn
from qingyuan.sensing.queries import Spot, SpotFile

pytestmark = [pytest.mark.django_db, pytest.mark.mission("S2-05")]
Browser = Callable[[str], Client]
HEAD = "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,confidence,version,bright_ti5,frp,daynight"
FIELD = "30.05,100.15,340,0.4,0.4,2026-11-22,0112,N20,h,2.0NRT,290,8.1,D"  # 09:12 in Shanghai, in East Two
WORKS = "30.101,100.051,320,0.4,0.4,2026-11-22,0112,N20,n,2.0NRT,290,3.0,D"  # 150 m from East Water
ODD = "130.05,100.15,340,0.4,0.4,2026-11-22,0112,N20,h,2.0NRT,290,8.1,D"


@pytest.fixture
def rules(cast: SimpleNamespace, enterprise: Any) -> None:
    set_spot_rule(
        title_zh="火点规则",
        title_en="Fires",
        kind="fire",
        reason_zh="VIIRS 375 米",
        reason_en="VIIRS 375 m",
        valid_from=LONG_AGO,
    )
    set_excluded_place(
        title_zh="持证热源", title_en="Licensed heat", enterprise=enterprise, within_m=800.0,
        reason_zh="污泥焚烧炉", reason_en="sludge incinerator",
        valid_from=LONG_AGO,
    )  # fmt: skip
    add_rule(
        title_zh="线索", title_en="Clues", case_type="exceedance", detector=REPORTED,
        organisation=cast.handler.organisation, valid_from=LONG_AGO,
    )  # fmt: skip


def take_up(kind: type[Any], handler: Callable[[Any], None]) -> None:
    """Hand every fact of a kind to its handler, as the loop does."""
    subjects = [f"spot-file/{one.pk}" for one in SpotFile.objects.all()]
    subjects += [f"finding/{one.pk}" for one in Finding.objects.all()]
    for subject in subjects:
        for line in log.about(subject):
            if line.act == kind.__name__:
                handler(kind.from_detail(line.detail))


def loop() -> None:
    take_up(SpotsStored, judge_spots)
    take_up(SpotsWithdrawn, judge_withdrawn_spots)
    take_up(FindingOpened, open_case_for_finding)


def upload(client: Client, *rows: str, name: str = "fires.csv") -> Any:
    file = SimpleUploadedFile(name, "\n".join((HEAD, *rows)).encode())
    return client.post(reverse("spot-files"), {"file": file}, follow=True)


@pytest.fixture
def brought(rules: None, browser: Browser) -> SpotFile:
    """A fire in a field and a hot spot at the works, brought by the analyst through the pages."""
    client = browser("analyst")
    upload(client, FIELD, WORKS)
    client.post(reverse("spot-file-enter", kwargs={"file_id": SpotFile.objects.get().pk}))
    loop()
    return SpotFile.objects.get()


def test_a_file_is_seen_row_by_row_before_anything_is_entered(rules: None, browser: Browser) -> None:
    client = browser("analyst")
    seen = words(upload(client, FIELD, ODD))
    for piece in ("East Two", "NOAA-20 VIIRS", "High h", "row 2", "1 Faulty rows", "Spots that can be entered: 1"):
        assert piece in seen
    assert "row 3: found latitude '130.05', expected -90 to 90 degrees" in seen
    assert not Spot.objects.exists()
    file = SpotFile.objects.get()
    entered = words(client.post(reverse("spot-file-enter", kwargs={"file_id": file.pk}), follow=True))
    assert "Spots entered: 1. The file is kept as evidence." in entered
    assert "row 3: found latitude '130.05'" in entered
    again = words(upload(client, FIELD))
    assert "Nothing in it can be entered" in again


def test_a_file_that_is_no_product_says_what_was_found_and_expected(browser: Browser) -> None:
    file = SimpleUploadedFile("x.csv", b"name,value\na,1")
    answer = browser("analyst").post(reverse("spot-files"), {"file": file}, follow=True)
    assert answer.status_code == 422
    assert "expected among them latitude, longitude" in words(answer)
    nothing = browser("analyst").post(reverse("spot-files"))
    assert "Choose a file" in words(nothing)


def test_the_list_and_the_page_of_a_problem_say_why_it_is_a_clue_or_is_not(brought: SpotFile, browser: Browser) -> None:
    client = browser("analyst")
    listed = words(get(client, "satellite"))
    assert "Heat anomaly · East Two" in listed
    assert "At an excluded place" in listed
    assert "East One" not in words(get(client, "satellite", {"state": "clue"}))
    assert "No suspected problem fits" in words(get(client, "satellite", {"kind": "waste"}))
    fire, works = SuspectedProblem.objects.order_by("lat")
    page = words(get(client, "problem", problem_id=fire.pk))
    for piece in (
        "2026-11-22 09:12 Beijing time",
        "Made a clue",
        "Grid_Worker",
        "fires.csv row 2",
        Case.objects.get().number,
    ):
        assert piece in page
    assert "Licensed heat" in words(get(client, "problem", problem_id=works.pk))
    found = words(get(client, "finding", finding_id=Finding.objects.get().pk))
    assert f"Suspected problem {fire.pk}" in found
    assert "fires.csv row 3" in words(get(client, "spots"))
    assert "Licensed heat" in words(get(client, "spot-rules"))


def test_the_case_page_names_the_place_and_its_grid_worker_can_work_on_it(brought: SpotFile, browser: Browser) -> None:
    case = Case.objects.get()
    page = words(get(browser("grid_worker"), "case", case_id=case.pk))
    assert "East Two" in page
    assert "100.15000, 30.05000 (WGS-84)" in page
    assert get(browser("other_grid_worker"), "case", case_id=case.pk).status_code == 404
    answer = browser("grid_worker").post(reverse("case-act", kwargs={"case_id": case.pk, "verb": "accept"}))
    assert answer.status_code == 302
    for name in ("cases", "tasks", "findings", "watch", "violations"):
        assert get(browser("supervisor"), name).status_code == 200
    bundle = get(browser("supervisor"), "case-evidence", case_id=case.pk)
    assert ZipFile(BytesIO(b"".join(bundle.streaming_content))).testzip() is None


def test_a_problem_that_the_rules_left_out_is_made_a_clue_with_a_reason(brought: SpotFile, browser: Browser) -> None:
    works = SuspectedProblem.objects.get(state="excluded")
    address = reverse("problem-clue", kwargs={"problem_id": works.pk})
    refused = browser("analyst").post(address, {"why": ""})
    assert refused.status_code == 422
    assert "Say why it is a clue" in words(refused)
    done = words(browser("analyst").post(address, {"why": "现场反映冒黑烟"}, follow=True))
    assert "现场反映冒黑烟" in done
    assert Finding.objects.count() == 2


def test_a_file_is_taken_back_with_a_reason_and_its_problems_say_so(brought: SpotFile, browser: Browser) -> None:
    client = browser("analyst")
    address = reverse("spot-file-undo", kwargs={"file_id": brought.pk})
    assert client.post(address, {"why": ""}).status_code == 422
    assert "Undone, spots taken back: 2." in words(client.post(address, {"why": "日期错误"}, follow=True))
    take_up(SpotsWithdrawn, judge_withdrawn_spots)
    assert "Taken back" in words(get(client, "satellite"))
    assert Finding.objects.get().dismissed_why == "日期错误"


def test_the_map_shows_spots_of_the_time_asked_for_with_what_became_of_them(
    brought: SpotFile, browser: Browser
) -> None:
    def drawn(name: str, **query: Any) -> list[dict[str, Any]]:
        answer = get(browser(name), "map-layer", query, code="satellite_spots").json()
        return [one["properties"] for one in answer["features"]]

    fire = next(one for one in drawn("duty_officer") if one["colour_key"] == "clue")
    page = reverse("problem", kwargs={"problem_id": SuspectedProblem.objects.get(state="clue").pk})
    assert fire["href"].startswith(f"{page}#spot-")
    for piece in ("2026-11-22 09:12", "NOAA-20 (VIIRS)", "High", "Made a clue"):
        assert piece in fire["detail"]
    assert {one["colour_key"] for one in drawn("duty_officer")} == {"clue", "excluded"}
    assert drawn("other_grid_worker") == drawn("enterprise") == []
    with clock.wound_to(NINE + timedelta(days=3)):
        assert drawn("duty_officer", days=1) == []
        assert len(drawn("duty_officer", days=7)) == 2
        layers = get(browser("duty_officer"), "map-layers", {"days": 30}).json()
    layer = next(one for one in layers if one["code"] == "satellite_spots")
    assert layer["url"].endswith("?days=30")
    assert [one["title"] for one in layer["spans"] if one["chosen"]] == ["30 days"]


def test_only_the_authority_sees_the_pages_and_only_some_bring_files(brought: SpotFile, browser: Browser) -> None:
    assert get(browser("enterprise"), "satellite").status_code == 403
    assert get(browser("grid_worker"), "spot-files").status_code == 403
    assert get(browser("leader"), "spot-file", file_id=brought.pk).status_code == 403
    fire = SuspectedProblem.objects.get(state="clue")
    assert get(browser("other_grid_worker"), "problem", problem_id=fire.pk).status_code == 404
    assert "No suspected problem fits" in words(get(browser("other_grid_worker"), "satellite"))


CELLS = Definition(
    "网格疑似问题排查", title_en="Suspected problems of grid cells", subject="cell", needed=1, days=7, schedule="daily",
    conditions=(
        Condition("seen_by_satellite", Comparison.AT_LEAST, 1.0),
        Condition("findings_without_case", Comparison.AT_LEAST, 1.0),
        Condition("devices_silent", Comparison.AT_LEAST, 1.0),
        Condition("clues_repeated", Comparison.AT_LEAST, 2.0),
    ),
)  # fmt: skip


@pytest.mark.mission("S3-32")
def test_screening_by_cloud_and_satellite_lists_grid_cells_with_evidence_and_gives_the_grid_worker_a_case(
    brought: SpotFile, browser: Browser, cast: SimpleNamespace, grid: SimpleNamespace, station: Any, device: Any
) -> None:
    from qingyuan.judging.api import report_clue
    from qingyuan.sensing.queries import Device

    Device.objects.filter(pk=device.pk).update(last_seen_at=NINE - timedelta(days=2))
    for what in ("有异味", "又有异味"):
        report_clue(station.code, cast.analyst, OFFICE, what=what, span=(NINE, NINE))
    run = screened(save_screening(CELLS, cast.analyst, OFFICE).pk, cast.analyst, end=NINE + timedelta(hours=2))
    assert (run.state, run.looked_at) == ("done", 3)  # the cells that no other one lies below
    rows = {row.cell: row for row in run.rows.all()}
    assert list(rows) == [grid.community, grid.next_community]
    values = [answer["value"] for answer in rows[grid.community].answers]
    assert values == [0.0, 2.0, 1.0, 2.0]  # the hot spot at the works is excluded and does not count
    assert [answer["value"] for answer in rows[grid.next_community].answers] == [1.0, 0.0, 0.0, 0.0]
    page = get(browser("analyst"), "screened", run_id=run.pk)
    assert "East One" in words(page)
    fire = SuspectedProblem.objects.get(state="clue")
    assert reverse("problem", kwargs={"problem_id": fire.pk}) in page.content.decode()
    book = load_workbook(BytesIO(get(browser("analyst"), "screened-table", run_id=run.pk).content))
    first = [[cell.value for cell in line] for line in book["List"].iter_rows()]
    assert first[0][1:4] == ["Grid cell", "Code", "Grid cell"]
    assert first[1][1] == "East One"
    shown = [[cell.value for cell in line] for line in book["Evidence"].iter_rows()]
    assert any("silent since 2026-11-20 09:00" in str(line[3]) for line in shown)
    entered = browser("analyst").post(reverse("screened-clue", kwargs={"row_id": rows[grid.community].pk}), follow=True)
    assert "Entered as finding" in words(entered)
    take_up(FindingOpened, open_case_for_finding)
    clue = Finding.objects.latest("pk")
    assert clue.place.cell == grid.community
    assert Case.objects.get(finding=clue).pk in {task.case_id for task in tasks_of(cast.grid_worker)}
    again = words(get(browser("analyst"), "screened", run_id=run.pk))
    assert f"Finding {clue.pk} Open" in again


@pytest.mark.mission("S3-32")
def test_the_timer_runs_it_every_day_and_enters_as_many_clues_as_it_may(
    brought: SpotFile, cast: SimpleNamespace, grid: SimpleNamespace
) -> None:
    from dataclasses import replace

    from qingyuan.judging.api import run_due_screenings, run_screening
    from qingyuan.judging.queries import ScreeningRun

    save_screening(replace(CELLS, enters=5), cast.analyst, OFFICE)
    with clock.wound_to(NINE + timedelta(days=1)):
        assert run_due_screenings(clock.now()) == 1
        run_screening(ScreeningRun.objects.get().pk)
        assert run_due_screenings(clock.now()) == 0
    (row,) = ScreeningRun.objects.get().rows.all()
    assert row.clue is not None
    assert (row.cell, row.clue.place.lon) == (grid.next_community, 100.15)


@pytest.mark.mission("S3-32")
def test_a_screening_of_grid_cells_is_made_through_the_pages_and_asks_only_facts_of_cells(browser: Browser) -> None:
    client = browser("analyst")
    page = client.get(reverse("screening-new"), {"subject": "cell"}).content.decode()
    offered = set(re.findall(r'<option value="(\w+)">', page.split('id="add-fact"')[1]))
    assert offered == {"seen_by_satellite", "findings_without_case", "devices_silent", "clues_repeated"}
    assert 'name="industry"' not in page
    sent = {
        "title_zh": "网格", "subject": "cell", "days": 7, "schedule": "daily", "enabled": "on", "count": 1,
        "do": "save",
        "condition-0-fact": "seen_by_satellite", "condition-0-comparison": "at_least", "condition-0-threshold": "1",
        "condition-0-set-days": "0",
    }  # fmt: skip
    saved = client.post(reverse("screening-new"), sent, follow=True)
    assert "Every grid cell" in words(saved)
    wrong = client.post(reverse("screening-new"), {**sent, "condition-0-fact": "hours_silent"})
    assert "This fact is not about what the screening looks at." in words(wrong)
