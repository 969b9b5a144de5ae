"""Which violation a case was found to be: asked when it is confirmed, kept with the law of its day."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import NINE, OFFICE, inspect, walk

from qingyuan.dispatching.api import act, determine_violation, set_legal_basis
from qingyuan.dispatching.queries import Case, legal_bases_of, suspecting, timeline
from qingyuan.judging.queries import DETECTORS
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan_science.standards.procedure.violations import legal_bases, suspected_violation, violations

pytestmark = pytest.mark.django_db


def last_line(case: Any, act_name: str) -> Any:
    return [line for line in log.about(f"case/{case.pk}") if line.act == act_name][-1]


def test_every_detector_that_makes_a_violation_suspected_exists() -> None:
    named = {code for one in violations() for code in one.detectors}
    assert named <= {one.code for one in DETECTORS}


def test_an_exceedance_makes_a_violation_suspected_at_an_outlet_and_not_in_a_river() -> None:
    assert suspected_violation("exceedance", "outlet-gas").code == "over-limit"  # type: ignore[union-attr]
    assert suspected_violation("exceedance", "surface-water") is None


def test_false_data_rest_on_the_monitoring_regulation_and_on_what_else_is_in_force_that_day() -> None:
    now = legal_bases("monitoring", date(2026, 9, 1), date(2026, 9, 1))
    assert now[0].law.zh == "生态环境监测条例"
    assert now[0].article is not None
    assert now[0].article.zh == "第25条"
    assert {one.document for one in now[1:]} == {"生态环境法典"}
    assert all(one.article is None for one in now[1:])  # the Code's article numbers were not obtained
    before = legal_bases("monitoring", date(2025, 9, 1), date(2025, 9, 1))
    assert [one.document for one in before] == ["生态环境法典施行前的法律"]


def test_an_act_that_lasted_over_a_change_of_the_law_rests_on_both_editions() -> None:
    found = legal_bases("treatment", date(2026, 8, 14), date(2026, 8, 15))
    assert {one.document for one in found} == {"生态环境法典施行前的法律", "生态环境法典"}


def test_a_case_is_confirmed_only_with_what_it_was_found_to_be(case: Any, cast: SimpleNamespace) -> None:
    walk(case, cast, "accept")
    inspect(case, cast.grid_worker)
    with pytest.raises(BadInput, match=r"查明的违法行为|Violation found"):
        act(case.pk, "confirm", cast.grid_worker, OFFICE)
    with pytest.raises(BadInput, match="over-limit"):
        act(case.pk, "confirm", cast.grid_worker, OFFICE, fields={"violation": "murder"})
    act(case.pk, "confirm", cast.grid_worker, OFFICE, fields={"violation": "over-limit"})
    found = Case.objects.get()
    assert (found.violation, found.violation_by, found.state) == ("over-limit", cast.grid_worker, "rectifying")


def test_what_was_found_stands_in_the_log_with_the_laws_of_the_day_of_the_act(case: Any, cast: SimpleNamespace) -> None:
    walk(case, cast, "accept", "confirm")
    told = last_line(case, "ViolationDetermined")
    assert told.actor == cast.grid_worker.username
    assert told.detail["violation"] == "over-limit"
    assert told.detail["act_first"] == NINE.date().isoformat()
    assert "生态环境法典" in {one["law_zh"][:6] for one in told.detail["bases"]}
    assert Case.objects.get().legal_bases == told.detail["bases"]
    assert any(
        "超标排放污染物" in line.what.zh and "条款未取得" in line.what.zh for line in timeline(Case.objects.get())
    )
    assert log.verify() > 0


def test_an_officer_determines_anew_with_a_reason_and_the_first_word_stays(case: Any, cast: SimpleNamespace) -> None:
    with pytest.raises(Refused):
        determine_violation(case.pk, "treatment", cast.officer, OFFICE, why="现场核查")
    walk(case, cast, "accept", "confirm")
    with pytest.raises(Forbidden):
        determine_violation(case.pk, "treatment", cast.grid_worker, OFFICE, why="现场核查")
    with pytest.raises(BadInput):
        determine_violation(case.pk, "treatment", cast.officer, OFFICE, why=" ")
    determine_violation(case.pk, "treatment", cast.officer, OFFICE, why="风机停运，超标由此引起")
    said = [line for line in log.about(f"case/{case.pk}") if line.act == "ViolationDetermined"]
    assert [line.detail["violation"] for line in said] == ["over-limit", "treatment"]
    assert said[1].why == "风机停运，超标由此引起"
    assert Case.objects.get().violation == "treatment"


def test_the_bureaus_own_article_goes_first_from_its_day_on_and_changes_nothing_that_was_said(
    case: Any, cast: SimpleNamespace
) -> None:
    walk(case, cast, "accept", "confirm")
    before = Case.objects.get().legal_bases
    set_legal_basis("over-limit", law="生态环境法典", article="第〇条（示例）", valid_from=date(2026, 8, 15))
    day = NINE.date()
    assert legal_bases_of("over-limit", day, day)[0].article.zh == "第〇条（示例）"  # type: ignore[union-attr]
    assert all(one.status != "bureau" for one in legal_bases_of("over-limit", date(2026, 8, 1), date(2026, 8, 1)))
    assert Case.objects.get().legal_bases == before
    then = datetime(2026, 1, 1, tzinfo=UTC)
    assert legal_bases_of("over-limit", day, day, known_at=then)[0].status != "bureau"
    with clock.wound_to(clock.now().replace(year=2027)):
        set_legal_basis("over-limit", law="生态环境法典", article="第一条（示例）", valid_from=date(2026, 12, 1))
        assert legal_bases_of("over-limit", day, day)[0].article.zh == "第〇条（示例）"  # type: ignore[union-attr]


def test_findings_can_be_asked_for_by_what_they_make_suspected(case: Any) -> None:
    from qingyuan.judging.queries import Finding

    assert list(Finding.objects.filter(suspecting("over-limit"))) == [case.finding]
    assert not Finding.objects.filter(suspecting("treatment")).exists()
