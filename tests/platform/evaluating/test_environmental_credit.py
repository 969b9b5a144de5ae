"""Environmental credit: scores from what the platform knows, signs that people enter, objections and their answers."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE, inspect
from django.utils import translation

from qingyuan.dispatching.api import act, add_rule, determine_violation, open_case_for_finding
from qingyuan.dispatching.queries import Case
from qingyuan.evaluating import api
from qingyuan.evaluating.queries import Grade, GradeRun, Objection, grades, history, run, runs
from qingyuan.judging.api import judge_readings, set_watch
from qingyuan.judging.events import FindingOpened
from qingyuan.judging.queries import Finding
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = NINE + DAY


@pytest.fixture(autouse=True)
def on_the_day_after() -> Iterator[None]:
    with clock.wound_to(NOW):
        yield


@pytest.fixture
def ten_days(channel: Any, readings: Callable[..., Any]) -> Any:
    """Day means of COD against a limit of 50 mg/L: one of ten is over it."""
    readings(
        channel, "d", [(NINE - timedelta(hours=9) - back * DAY, 60.0 if back == 3 else 40.0) for back in range(1, 11)]
    )
    return channel.station.enterprise


@pytest.fixture
def violation(channel: Any, cast: SimpleNamespace, readings: Callable[..., Any]) -> Case:
    """An hour of 68.4 mg/L that became a case and was found to be a violation."""
    set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    add_rule(
        title_zh="交办", title_en="Dispatch", case_type="exceedance", organisation=cast.handler.organisation,
        valid_from=LONG_AGO,
    )  # fmt: skip
    judge_readings(readings(channel, "h", [(NINE, 68.4)]))
    line = next(line for line in log.about(f"finding/{Finding.objects.latest('pk').pk}") if line.act == "FindingOpened")
    open_case_for_finding(FindingOpened.from_detail(line.detail))
    case = Case.objects.get()
    act(case.pk, "accept", cast.grid_worker, OFFICE)
    inspect(case, cast.grid_worker)
    with clock.wound_to(NOW - timedelta(hours=1)):
        determine_violation(case.pk, "over-limit", cast.supervisor, OFFICE, why="现场采样超标")
    return case


def graded(cast: SimpleNamespace, **asked: Any) -> GradeRun:
    """An evaluation, ended as the worker ends it."""
    found = api.ask_for_grades(cast.analyst, OFFICE, **asked)
    api.compute_grades(found.pk)
    found.refresh_from_db()
    assert (found.state, found.why) == ("done", "")
    return found


def only(cast: SimpleNamespace, found: GradeRun) -> Grade:
    return grades(cast.analyst, found).get()


def item(grade: Grade, code: str) -> dict[str, Any]:
    return next(one for one in grade.items if one["code"] == code)


@pytest.mark.mission("S1-44")
def test_each_deduction_names_its_number_and_what_shows_it(
    ten_days: Any, violation: Case, cast: SimpleNamespace
) -> None:
    grade = only(cast, graded(cast))
    compliance, penalties = item(grade, "compliance"), item(grade, "penalties")
    # one day of ten over the limit: 90 % within it is the border of the first band, 80 points
    assert (compliance["points"], compliance["measures"][0]["deducted"]) == (80.0, 20.0)
    assert compliance["measures"][0]["value"] == pytest.approx(10.0)
    assert "10 个" in compliance["measures"][0]["zh"]
    assert compliance["measures"][0]["evidence"][0]["key"] == "outlet-1"
    # a violation leaves nothing of the indicator
    assert penalties["points"] == 0.0
    assert penalties["measures"][0]["evidence"] == [
        {"kind": "case", "key": str(violation.pk), "zh": f"{violation.number} {violation.title_zh}",
         "en": f"{violation.number} {violation.title_en}"}
    ]  # fmt: skip
    # 15 % x 80 and 15 % x 0, the other weights that are known not assessed
    assert (grade.score, grade.level) == (40.0, "red")
    assert grade.assessed == pytest.approx(100 * 30 / 56, abs=0.01)


@pytest.mark.mission("S1-44")
def test_what_nothing_is_known_of_is_not_assessed_and_no_level_is_made_of_it(
    enterprise: Any, cast: SimpleNamespace
) -> None:
    grade = only(cast, graded(cast))
    assert item(grade, "compliance")["points"] is None
    assert item(grade, "risk")["measures"] == []
    assert item(grade, "media")["weight"] is None
    assert item(grade, "penalties")["points"] == 100.0
    assert (grade.score, grade.level) == (None, "")
    assert "50%" in grade.said[0]["zh"]
    api.set_grade_rules({"parameters": {"least_assessed": 20.0}}, document="清环〔2026〕1号", valid_from=LONG_AGO)
    sparse = only(cast, graded(cast))
    assert (sparse.score, sparse.level) == (100.0, "blue")
    full = {"least_assessed": 0.0, "unassessed_full": True}
    api.set_grade_rules({"parameters": full}, document="清环〔2026〕2号", valid_from=LONG_AGO)
    assert item(only(cast, graded(cast)), "compliance")["gained"] == pytest.approx(100 * 15 / 56)


def test_a_bureau_sets_weights_and_curves_from_a_day_on_and_grades_keep_the_rules_they_were_made_by(
    ten_days: Any, cast: SimpleNamespace
) -> None:
    before = graded(cast)
    api.set_grade_rules(
        {"weights": {"compliance": 60.0, "penalties": 30.0, "complaints": 5.0, "risk": None, "noise": None,
                     "solid_waste": None, "hazardous_waste": None, "siting": None},
         "curves": {"compliance_days": [[0, 0], [10, 50]]}},
        document="清环〔2026〕1号", valid_from=LONG_AGO,
    )  # fmt: skip
    after = graded(cast)
    grade = only(cast, after)
    assert item(grade, "compliance")["points"] == 50.0
    assert item(grade, "compliance")["source_zh"] == "清环〔2026〕1号"
    assert grade.score == pytest.approx((60 * 50 + 30 * 100 + 5 * 100) / 95, abs=0.01)
    assert before.rules["edition"] is None
    assert only(cast, before).score == 90.0
    line = next(line for line in log.about(f"grade-rules/{after.rules['edition']}") if line.act == "GradeRulesSet")
    assert line.detail["document"] == "清环〔2026〕1号"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"weights": {"compliance": 101.0}}, "0 to 100"),
        ({"weights": {"nothing": 1.0}}, "expected one of"),
        ({"weights": {"compliance": 90.0}}, "at most 100"),
        ({"curves": {"violations": [[1, 0], [0, 100]]}}, "ascend"),
        ({"curves": {"violations": [[0, 0], [1, 101]]}}, "0 to 100"),
        ({"parameters": {"least_assessed": 101.0}}, "0.0 to 100.0"),
    ],
)
def test_rules_out_of_bounds_are_refused_with_what_was_expected(values: dict[str, Any], told: str, db: None) -> None:
    with translation.override("en"), pytest.raises(BadInput, match=told):
        api.set_grade_rules(values, document="清环〔2026〕1号", valid_from=LONG_AGO)


@pytest.mark.mission("S1-44")
def test_a_veto_makes_red_an_incident_lowers_and_two_green_items_make_green(
    enterprise: Any, cast: SimpleNamespace
) -> None:
    few = {"parameters": {"least_assessed": 20.0}}
    api.set_grade_rules(few, document="清环〔2026〕1号", valid_from=LONG_AGO)

    def enter(code: str, what: str) -> Any:
        return api.enter_sign(
            enterprise, cast.analyst, OFFICE, code=code, on=NINE.date(), what=what, document="清环函〔2026〕2号"
        )

    for what in ("通过清洁生产自愿审核", "环境管理体系认证"):
        enter("green", what)
    assert only(cast, graded(cast)).level == "green"
    incident = enter("incident", "罐区泄漏")
    assert only(cast, graded(cast)).level == "blue"
    enter("large_incident", "较大突发环境事件")
    grade = only(cast, graded(cast))
    assert grade.level == "red"
    assert [one["kind"] for one in grade.signs if one["counts"]].count("veto") == 1
    with pytest.raises(Forbidden):
        api.withdraw_sign(incident.pk, cast.grid_worker, OFFICE, why="误录")
    api.withdraw_sign(incident.pk, cast.analyst, OFFICE, why="误录")
    many = {"parameters": {"least_assessed": 90.0}}
    api.set_grade_rules(many, document="清环〔2026〕3号", valid_from=LONG_AGO)
    assert {one["code"] for one in only(cast, graded(cast)).signs} == {"green", "large_incident"}
    assert history(cast.analyst, enterprise).count() == 4


@pytest.mark.mission("S1-44")
def test_an_accepted_objection_takes_the_deduction_out_for_good_and_a_refused_one_nothing(
    ten_days: Any, violation: Case, cast: SimpleNamespace
) -> None:
    first = only(cast, graded(cast))
    refused = api.file_objection(first.pk, cast.enterprise, OFFICE, item="compliance_days", reason="当日在检修")
    with pytest.raises(Refused):
        api.file_objection(first.pk, cast.enterprise, OFFICE, item="compliance_days", reason="再说一遍")
    with pytest.raises(Forbidden):
        api.answer_objection(refused.pk, cast.analyst, OFFICE, accepted=False, words="不成立")
    api.answer_objection(refused.pk, cast.supervisor, OFFICE, accepted=False, words="未事先报备检修")
    assert only(cast, first.run) == first
    filed = api.file_objection(first.pk, cast.enterprise, OFFICE, item="violations", reason="采样点位有误")
    answered = api.answer_objection(filed.pk, cast.supervisor, OFFICE, accepted=True, words="复测达标")
    second = only(cast, first.run)
    assert (answered.accepted, answered.points) == (True, 100.0)
    assert item(second, "penalties")["points"] == 100.0
    assert item(second, "penalties")["measures"][0]["withdrawn_why"] == "复测达标"
    assert (first.score, second.score, second.level) == (40.0, 90.0, "blue")
    assert only(cast, graded(cast)).score == 90.0  # an evaluation of an overlapping time leaves it out too
    acts = [line.act for line in log.about(f"enterprise/{ten_days.pk}")]
    assert acts[-5:] == [
        "ObjectionFiled", "ObjectionAnswered", "ObjectionFiled", "GradeCorrected", "ObjectionAnswered",
    ]  # fmt: skip
    with pytest.raises(Refused):
        api.answer_objection(filed.pk, cast.supervisor, OFFICE, accepted=False, words="改主意")


def test_only_the_enterprise_itself_objects_with_a_reason_and_to_what_counts(
    ten_days: Any, violation: Case, cast: SimpleNamespace
) -> None:
    grade = only(cast, graded(cast))
    with pytest.raises(NotFound):
        api.file_objection(grade.pk, cast.other_enterprise, OFFICE, item="violations", reason="不属实")
    with pytest.raises(Forbidden):
        api.file_objection(grade.pk, cast.analyst, OFFICE, item="violations", reason="不属实")
    with pytest.raises(BadInput):
        api.file_objection(grade.pk, cast.enterprise, OFFICE, item="violations", reason=" ")
    with pytest.raises(BadInput):
        api.file_objection(grade.pk, cast.enterprise, OFFICE, item="complaints", reason="没有投诉")
    assert not Objection.objects.exists()


def test_everybody_sees_the_grades_of_the_own_territory(ten_days: Any, cast: SimpleNamespace) -> None:
    found = graded(cast)
    seen = {name: grades(getattr(cast, name), found).count() for name in
            ("supervisor", "grid_worker", "other_grid_worker", "enterprise", "other_enterprise")}  # fmt: skip
    assert seen == {"supervisor": 1, "grid_worker": 1, "other_grid_worker": 0, "enterprise": 1, "other_enterprise": 0}
    with pytest.raises(Forbidden):
        api.ask_for_grades(cast.enterprise, OFFICE)


def test_the_timer_asks_on_mondays_and_once_in_january_for_the_year_that_ended(db: None) -> None:
    monday = NINE + DAY
    assert monday.strftime("%A") == "Monday"
    with clock.wound_to(monday):
        assert (api.ask_for_due_grades(monday), api.ask_for_due_grades(monday)) == (1, 0)
    january = NINE.replace(year=2027, month=1, day=6)
    with clock.wound_to(january):
        assert (api.ask_for_due_grades(january), api.ask_for_due_grades(january)) == (1, 0)
    assert [one.year for one in runs()] == [2026, None]


def test_a_year_that_is_not_over_is_refused(cast: SimpleNamespace) -> None:
    with pytest.raises(BadInput):
        api.ask_for_grades(cast.analyst, OFFICE, year=2026)
    assert run() is None
