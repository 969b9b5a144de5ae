"""The six steps of enforcement by data: collect, judge, trace, push, check on site, report; then acceptance."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, OFFICE, inspect, rectify
from river import rise, river

from qingyuan.dispatching.api import act, add_rule, note_finding_dismissed, open_case_for_finding
from qingyuan.dispatching.queries import CASE_TYPES, Case, next_acts, open_task
from qingyuan.judging.api import dismiss
from qingyuan.judging.events import FindingDismissed
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.tracing.api import trace_finding
from qingyuan.tracing.queries import NamedSource

pytestmark = pytest.mark.django_db
UPPER, LOWER = "enterprise:91110000802100433B", "enterprise:91110108551385082Q"


@pytest.fixture
def case(cast: SimpleNamespace, readings: Callable[..., Any], trace_rules: Any) -> Case:
    """An exceedance at a river section below two works, traced, as a case of six steps."""
    add_rule(
        title_zh="断面超标走六步", title_en="Exceedance at a section takes six steps", case_type="enforcement",
        detector="exceedance", station_kind="surface-water", organisation=cast.handler.organisation,
        valid_from=LONG_AGO,
    )  # fmt: skip
    event = rise(river(cast, readings), readings)
    trace_finding(event)
    open_case_for_finding(event)
    return Case.objects.get()


def named(case: Case, cast: SimpleNamespace, source: str = UPPER) -> None:
    act(case.pk, "name_source", cast.analyst, OFFICE, why="自身监控同时升高", fields={"source": source})


def to_the_site(case: Case, cast: SimpleNamespace) -> None:
    act(case.pk, "analyse", cast.analyst, OFFICE, why="三小时连续超标，数据有效")
    act(case.pk, "judge_real", cast.analyst, OFFICE, why="上下游一致")
    named(case, cast)
    act(case.pk, "push", cast.duty_officer, OFFICE, fields={"officer": cast.officer.username})


def test_the_six_steps_have_their_names() -> None:
    kind = CASE_TYPES.get("enforcement")
    titles = [one.title.zh for one in kind.states if not one.final]
    assert titles[:6] == ["数据收集分析", "综合研判", "精准溯源", "任务推送", "现场核查", "处置上报"]


@pytest.mark.mission("S2-21")
def test_a_case_goes_through_the_six_steps_and_is_accepted(case: Case, cast: SimpleNamespace) -> None:
    assert case.state == "collecting"
    to_the_site(case, cast)
    task = open_task(case)
    assert task is not None
    assert (task.state, task.assignee) == ("checking", cast.officer)
    inspect(case, cast.officer)
    act(case.pk, "confirm", cast.officer, OFFICE, fields={"violation": "over-limit"})
    rectify(case, cast.officer)
    act(case.pk, "report", cast.officer, OFFICE)
    act(case.pk, "accept_closure", cast.supervisor, OFFICE)
    case.refresh_from_db()
    assert (case.state, case.violation) == ("closed", "over-limit")
    assert NamedSource.objects.get().outcome == "confirmed"


@pytest.mark.mission("S2-21")
def test_a_source_that_was_not_it_sends_the_case_back_to_tracing(case: Case, cast: SimpleNamespace) -> None:
    to_the_site(case, cast)
    inspect(case, cast.officer, conclusion="unfounded")
    act(case.pk, "refute", cast.officer, OFFICE, why="当日未排放，采样达标")
    case.refresh_from_db()
    assert case.state == "tracing"
    assert NamedSource.objects.get().outcome == "refuted"
    named(case, cast, LOWER)
    act(case.pk, "push", cast.duty_officer, OFFICE, fields={"officer": cast.officer.username})
    with pytest.raises(Refused):
        act(case.pk, "confirm", cast.officer, OFFICE, fields={"violation": "over-limit"})


def test_nobody_is_sent_when_the_finding_was_dismissed(case: Case, cast: SimpleNamespace) -> None:
    act(case.pk, "analyse", cast.analyst, OFFICE, why="仪器校准")
    with pytest.raises(Refused):
        act(case.pk, "judge_unfounded", cast.analyst, OFFICE, why="仪器校准")
    dismiss(case.finding_id, cast.analyst, "仪器校准期间", OFFICE, code="service")
    note_finding_dismissed(FindingDismissed(id=case.finding_id, detector="exceedance", code="service"))
    act(case.pk, "judge_unfounded", cast.analyst, OFFICE, why="仪器校准")
    case.refresh_from_db()
    assert (case.outcome, case.closed_at is None) == ("unfounded", False)


def test_a_finding_dismissed_while_its_source_is_sought_ends_the_case_without_a_visit(
    case: Case, cast: SimpleNamespace
) -> None:
    act(case.pk, "analyse", cast.analyst, OFFICE, why="超标")
    act(case.pk, "judge_real", cast.analyst, OFFICE, why="属实")
    dismiss(case.finding_id, cast.analyst, "仪器校准期间", OFFICE, code="service")
    note_finding_dismissed(FindingDismissed(id=case.finding_id, detector="exceedance", code="service"))
    act(case.pk, "judge_unfounded", cast.analyst, OFFICE, why="仪器校准")
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("unfounded", "unfounded")


def test_a_source_that_nobody_looked_at_cannot_be_named(case: Case, cast: SimpleNamespace) -> None:
    act(case.pk, "analyse", cast.analyst, OFFICE, why="超标")
    act(case.pk, "judge_real", cast.analyst, OFFICE, why="属实")
    with pytest.raises(BadInput):
        named(case, cast, "enterprise:nobody")
    case.refresh_from_db()
    assert case.state == "tracing"
    assert [one.verb for one in next_acts(case, cast.analyst)] == ["judge_unfounded", "name_source", "leave_untraced"]
