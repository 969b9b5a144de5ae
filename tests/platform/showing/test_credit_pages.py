"""The pages of environmental credit: the list, one enterprise, objections and answers, items, rules, the workbook."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import NINE, OFFICE
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from qingyuan.dispatching.api import determine_violation
from qingyuan.evaluating.api import ask_for_grades, compute_grades
from qingyuan.evaluating.queries import Grade, GradeRules, GradeRun, Objection, Sign
from qingyuan.places.api import register_enterprise

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def graded(inspected: Any, readings: Callable[..., Any], channel: Any, cast: SimpleNamespace) -> Grade:
    """The works: one of ten days over the limit, and a violation that the supervisor determined; then evaluated."""
    readings(
        channel, "d", [(NINE - timedelta(hours=9) - back * DAY, 60.0 if back == 3 else 40.0) for back in range(1, 11)]
    )
    determine_violation(inspected.pk, "over-limit", cast.supervisor, OFFICE, why="现场采样超标")
    return evaluated(cast)


def evaluated(cast: SimpleNamespace) -> Grade:
    from qingyuan.kit import clock

    with clock.wound_to(clock.now() + timedelta(minutes=5)):
        found = ask_for_grades(cast.analyst, OFFICE)
        compute_grades(found.pk)
    return Grade.objects.filter(run=found).latest("pk")


def page(client: Client, name: str, **values: Any) -> str:
    answer = client.get(reverse(name, kwargs=values))
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, name: str, data: dict[str, Any] | None = None, **values: Any) -> Any:
    return client.post(reverse(name, kwargs=values), data or {}, follow=True)


@pytest.mark.mission("S1-44")
def test_the_list_shows_levels_scores_and_what_counts_most_and_narrows(
    graded: Grade, browser: Callable[[str], Client]
) -> None:
    analyst = browser("analyst")
    text = page(analyst, "credit")
    assert "East Water Ltd" in text
    assert "Red, bad" in text
    assert "Violations determined (indicator −100 %)" in text
    for query, shown in (({"level": "red"}, True), ({"level": "blue"}, False), ({"area": "T0101"}, True),
                         ({"area": "T0102"}, False), ({"change": "new"}, True), ({"q": "nothing"}, False)):  # fmt: skip
        found = analyst.get(reverse("credit"), query).content.decode()
        assert (f'id="credit-{graded.enterprise.code}"' in found) is shown, query


def test_nothing_evaluated_yet_says_when_it_will_be(cast: SimpleNamespace, browser: Callable[[str], Client]) -> None:
    analyst = browser("analyst")
    assert "Nothing was evaluated yet" in page(analyst, "credit")
    waiting = post(analyst, "credit-compute").content.decode()
    assert "An evaluation is running" in waiting
    assert GradeRun.objects.get().state == "waiting"


@pytest.mark.mission("S1-44")
def test_the_page_of_an_enterprise_shows_points_evidence_clauses_and_what_would_change_the_level(
    graded: Grade, browser: Callable[[str], Client]
) -> None:
    text = page(browser("analyst"), "credit-enterprise", code=graded.enterprise.code)
    case = graded.measure("violations")["evidence"][0]["key"]  # type: ignore[index]
    assert f'href="/cases/{case}/"' in text
    assert "1 of 10 valid day means" in text
    assert "read at second hand" in text
    assert "No weight is set" in text
    assert "Not assessed" in text
    # without the violation 90 of 100 points remain: blue
    assert "90.00" in text
    assert "Blue, good" in text
    assert "20.00 points to Yellow, warned" in text


@pytest.mark.mission("S1-44")
def test_the_enterprise_objects_and_the_supervisor_answers(graded: Grade, browser: Callable[[str], Client]) -> None:
    firm, supervisor = browser("enterprise"), browser("supervisor")
    code = graded.enterprise.code
    own = page(firm, "credit-enterprise", code=code)
    assert "Object" in own
    assert 'href="/cases/' not in own  # an enterprise does not open cases
    missing = firm.post(reverse("credit-object", kwargs={"grade_id": graded.pk}), {"item": "violations", "reason": ""})
    assert missing.status_code == 422
    post(firm, "credit-object", {"item": "violations", "reason": "采样点位有误"}, grade_id=graded.pk)
    filed = Objection.objects.get()
    assert "waits for its answer" in page(firm, "credit-enterprise", code=code)
    assert "Objections that wait for an answer" in page(supervisor, "credit")
    assert "采样点位有误" in page(supervisor, "credit-answer", objection_id=filed.pk)
    post(supervisor, "credit-answer", {"accepted": "yes", "answer": "复测达标"}, objection_id=filed.pk)
    told = page(firm, "credit-enterprise", code=code)
    assert "taken out: 复测达标" in told
    assert "corrected since" in told
    assert "Blue, good" in page(firm, "credit")


def test_items_are_entered_and_taken_back_on_the_page(graded: Grade, browser: Callable[[str], Client]) -> None:
    officer, code = browser("officer"), graded.enterprise.code
    given = {"code": "incident", "on": "2026-11-20", "what": "罐区泄漏", "document": "清环函〔2026〕2号"}
    refused = officer.post(reverse("credit-item", kwargs={"code": code}), given | {"on": "2026-12-20"})
    assert refused.status_code == 422
    assert "罐区泄漏" in refused.content.decode()
    assert "罐区泄漏" in post(officer, "credit-item", given, code=code).content.decode()
    sign = Sign.objects.get()
    assert "误录" in post(officer, "credit-item-withdraw", {"why": "误录"}, sign_id=sign.pk).content.decode()


def test_the_administrator_sets_weights_and_curves_on_the_page(
    cast: SimpleNamespace, browser: Callable[[str], Client]
) -> None:
    administrator = browser("administrator")
    form = page(administrator, "credit-rules-set")
    assert 'value="0:0, 1:100"' in form
    given = {
        "document": "清环〔2026〕1号", "valid_from": "2026-01-01", "weight-compliance": "40", "weight-penalties": "30",
        "weight-complaints": "10", "curve-violations": "0:0, 2:100", "curve-complaints": "", "set-least_assessed": "40",
    }  # fmt: skip
    bad = administrator.post(reverse("credit-rules-set"), given | {"curve-violations": "0-0"})
    assert bad.status_code == 422
    assert "found 0-0, expected corners" in bad.content.decode()
    text = post(administrator, "credit-rules-set", given).content.decode()
    row = GradeRules.objects.get()
    assert row.values["curves"]["violations"] == [[0.0, 0.0], [2.0, 100.0]]
    assert row.values["weights"]["risk"] is None
    assert "清环〔2026〕1号" in text
    assert "40 %" in text


@pytest.mark.mission("S1-44")
def test_the_list_is_taken_away_as_excel_with_the_points_of_every_indicator(
    graded: Grade, browser: Callable[[str], Client]
) -> None:
    answer = browser("analyst").get(reverse("credit-table"), {"form": "xlsx"})
    sheet = load_workbook(BytesIO(answer.content)).worksheets[0]
    head, row = ([cell.value for cell in one] for one in sheet.iter_rows(max_row=2))
    told = dict(zip(head, row, strict=True))
    assert told["Level"] == "Red, bad"
    assert told["Score"] == 40
    assert told["Air and water pollutants within the limits (15 %)"] == 80
    assert told["Administrative penalties and orders (15 %)"] == 0


def test_the_list_asks_as_often_for_many_enterprises_as_for_one(
    graded: Grade, cast: SimpleNamespace, browser: Callable[[str], Client]
) -> None:
    analyst = browser("analyst")

    def asked() -> int:
        page(analyst, "credit")
        with CaptureQueriesContext(connection) as counted:
            page(analyst, "credit")
        return len(counted)

    one = asked()
    for number in range(2, 8):
        register_enterprise(
            f"91500000TEST{number:06d}", title_zh=f"厂{number}", title_en=f"Works {number}", industry_code="4620",
            industry_zh="污水处理", industry_en="Sewage", management="key", organisation=None, lon=100.05, lat=30.1,
        )  # fmt: skip
    evaluated(cast)
    assert asked() <= one + 1  # the evaluation before is read beside
