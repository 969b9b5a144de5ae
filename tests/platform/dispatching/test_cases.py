"""A case from the finding to its closure, by the doors that pages use."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE, inspect, rectify, walk
from django.db import transaction
from django.utils.translation import override

from qingyuan.dispatching.api import (
    Item,
    act,
    add_evidence,
    add_rule,
    assign,
    note_finding_cleared,
    note_finding_dismissed,
    open_case_by_hand,
    open_case_for_finding,
    retire_rule,
)
from qingyuan.dispatching.queries import (
    Case,
    Stage,
    case_of_finding,
    cases,
    counts,
    next_acts,
    open_task,
    people_for,
    stages,
    tasks_of,
    timeline,
)
from qingyuan.dispatching.queries import case as case_seen_by
from qingyuan.judging.events import FindingCleared, FindingDismissed
from qingyuan.judging.queries import SeverityLevel
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan_science.plugins import Text

pytestmark = pytest.mark.django_db
Opened = Callable[..., Any]


def verbs(case: Case, user: Any) -> list[str]:
    return [one.verb for one in next_acts(case, user)]


@pytest.mark.mission("S4-28")
def test_a_finding_becomes_a_case_of_the_rule_that_fits(case: Case, rule: Any, cast: SimpleNamespace) -> None:
    assert re.fullmatch(r"QY-\d{8}-0001", case.number)
    assert (case.state, case.rule, case.rule_zh) == ("dispatched", rule, "污水排口超标交城市管理局")
    assert (case.title_zh, case.severity) == ("东江水务总排口 COD 小时均值高于日均限值", SeverityLevel.NOTICE)
    task = open_task(case)
    assert task is not None
    assert (task.assignee, task.role) == (cast.grid_worker, "grid_worker")
    assert task.due_at - task.opened_at == timedelta(hours=2)
    assert [item.subject for item in case.evidence.all()] == [f"finding/{case.finding_id}"]


def test_the_same_finding_opens_one_case(case: Case, opened: Opened) -> None:
    event = opened()
    before = log.verify()
    open_case_for_finding(event)
    assert Case.objects.count() == 1
    assert log.verify() == before


@pytest.mark.mission("S0-44")
def test_a_case_goes_through_all_stages_to_its_closure(case: Case, cast: SimpleNamespace) -> None:
    closed = walk(case, cast, "accept", "confirm", "rectified", "accept_closure")
    assert (closed.state, closed.outcome) == ("closed", "closed")
    assert closed.closed_at is not None
    assert open_task(closed) is None
    reached = stages(case_seen_by(cast.leader, case.pk))
    assert [one.stage for one in reached] == [Stage.SENSE, Stage.JUDGE, Stage.DISPOSE, Stage.CLOSE]
    times = [one.at for one in reached if one.at]
    assert times == sorted(times)
    assert len(times) == 4


def test_a_case_that_a_visit_refutes_is_reviewed_before_it_ends(case: Case, cast: SimpleNamespace) -> None:
    walk(case, cast, "accept", "refute")
    assert verbs(Case.objects.get(), cast.supervisor) == ["close_unfounded", "send_back"]
    sent_back = walk(case, cast, "send_back")
    assert sent_back.state == "inspecting"
    with pytest.raises(Refused, match=r"photo|照片"):
        act(case.pk, "refute", cast.grid_worker, OFFICE, why="还是没有")
    assert walk(case, cast, "refute", "close_unfounded").outcome == "unfounded"


def test_a_returned_rectification_needs_a_new_record(case: Case, cast: SimpleNamespace) -> None:
    walk(case, cast, "accept", "confirm", "rectified", "return")
    with pytest.raises(Refused):
        act(case.pk, "rectified", cast.handler, OFFICE)
    assert walk(case, cast, "rectified", "accept_closure").state == "closed"
    assert Case.objects.get().evidence.filter(kind="rectification", voided_at=None).count() == 1


def test_an_ended_case_takes_nothing_more(case: Case, cast: SimpleNamespace) -> None:
    walk(case, cast, "accept", "confirm", "rectified", "accept_closure")
    with pytest.raises(Refused):
        act(case.pk, "return", cast.supervisor, OFFICE, why="再看看")
    with pytest.raises(Refused):
        rectify(case, cast.handler)
    assert verbs(Case.objects.get(), cast.supervisor) == []


def test_a_move_that_the_state_does_not_allow_is_refused_with_those_it_does(case: Case, cast: SimpleNamespace) -> None:
    with override("en"), pytest.raises(Refused, match="Sign for it"):
        act(case.pk, "confirm", cast.grid_worker, OFFICE)


def test_another_role_is_told_whose_it_is(case: Case, cast: SimpleNamespace) -> None:
    with override("zh-hans"), pytest.raises(Forbidden, match="网格员"):
        act(case.pk, "accept", cast.supervisor, OFFICE)


def test_a_case_elsewhere_does_not_exist_for_a_grid_worker(case: Case, cast: SimpleNamespace) -> None:
    with pytest.raises(NotFound):
        act(case.pk, "accept", cast.other_grid_worker, OFFICE)
    assert not cases(cast.other_grid_worker).exists()
    assert not tasks_of(cast.other_grid_worker).exists()


def test_an_enterprise_is_not_told_of_its_case(case: Case, cast: SimpleNamespace) -> None:
    assert not cases(cast.enterprise).exists()
    assert case_of_finding(cast.enterprise, case.finding_id) is None
    assert case_of_finding(cast.duty_officer, case.finding_id) == case


def test_a_colleague_in_the_same_grid_is_told_who_holds_the_task(case: Case, grid: Any, cast: Any) -> None:
    from qingyuan.people.api import register_person
    from qingyuan.places.api import post_person

    colleague = register_person(
        "colleague", name_zh="李工", name_en="Li", role="grid_worker", organisation=cast.grid_worker.organisation
    )
    post_person(colleague, grid.community, valid_from=LONG_AGO)
    with pytest.raises(Forbidden, match="grid_worker甲"):
        act(case.pk, "accept", colleague, OFFICE)
    assert verbs(case, colleague) == []
    assert verbs(case, cast.grid_worker) == ["accept", "hand_back"]


def test_only_the_organisation_of_the_rule_rectifies(case: Case, cast: SimpleNamespace) -> None:
    from qingyuan.people.api import register_organisation, register_person

    walk(case, cast, "accept", "confirm")
    elsewhere = register_organisation("water", title_zh="水务局", title_en="Water Bureau", kind="department")
    stranger = register_person(
        "stranger", name_zh="赵", name_en="Zhao", role="department_handler", organisation=elsewhere
    )
    with pytest.raises(Forbidden, match="城市管理局"):
        rectify(case, stranger)
    assert not tasks_of(stranger).exists()
    assert [task.case for task in tasks_of(cast.handler)] == [case]


def test_a_supervisor_of_another_town_is_offered_nothing(case: Case, grid: Any, cast: SimpleNamespace) -> None:
    from qingyuan.people.api import register_person
    from qingyuan.places.api import post_person

    elsewhere = register_person(
        "elsewhere", name_zh="钱", name_en="Qian", role="supervisor", organisation=cast.supervisor.organisation
    )
    post_person(elsewhere, grid.other_town, valid_from=LONG_AGO)
    reviewing = walk(case, cast, "accept", "refute")
    assert verbs(reviewing, cast.supervisor) == ["close_unfounded", "send_back"]
    assert verbs(reviewing, elsewhere) == []
    with pytest.raises(NotFound):
        act(case.pk, "close_unfounded", elsewhere, OFFICE)


def test_what_is_missing_is_named_before_and_at_the_move(case: Case, cast: SimpleNamespace) -> None:
    walk(case, cast, "accept")
    confirm = next(one for one in next_acts(Case.objects.get(), cast.grid_worker) if one.verb == "confirm")
    assert [need.kind for need in confirm.missing] == ["inspection"]
    assert not confirm.ready
    with override("zh-hans"), pytest.raises(Refused, match="至少一张照片"):
        act(case.pk, "confirm", cast.grid_worker, OFFICE)
    inspect(case, cast.grid_worker)
    assert next(one for one in next_acts(Case.objects.get(), cast.grid_worker) if one.verb == "confirm").ready


def test_an_inspection_without_a_photo_does_not_suffice(case: Case, cast: SimpleNamespace) -> None:
    walk(case, cast, "accept")
    record = Item("inspection", Text("记录", "Record"), "inspection/9", {"a": 1}, photos=0)
    add_evidence(case.pk, cast.grid_worker, OFFICE, record)
    with pytest.raises(Refused):
        act(case.pk, "confirm", cast.grid_worker, OFFICE)


def test_evidence_that_the_state_does_not_ask_for_is_refused(case: Case, cast: SimpleNamespace) -> None:
    with pytest.raises(Refused):
        inspect(case, cast.grid_worker)
    walk(case, cast, "accept")
    with pytest.raises(Forbidden, match="grid_worker甲"):
        rectify(case, cast.handler)


def test_handing_back_wants_a_reason_and_the_duty_officer_assigns_anew(case: Case, cast: SimpleNamespace) -> None:
    with pytest.raises(BadInput) as missing:
        act(case.pk, "hand_back", cast.grid_worker, OFFICE, why=" ")
    assert missing.value.field == "why"
    walk(case, cast, "hand_back")
    (choice,) = next_acts(Case.objects.get(), cast.duty_officer)
    assert choice.verb == "assign"
    assert people_for(case, choice.fields[0]) == [cast.grid_worker]
    with pytest.raises(BadInput, match="other_grid_worker"):
        assign(case.pk, cast.other_grid_worker, cast.duty_officer, OFFICE)
    with pytest.raises(BadInput):
        act(case.pk, "assign", cast.duty_officer, OFFICE)
    assert assign(case.pk, cast.grid_worker, cast.duty_officer, OFFICE, why="请再去").state == "dispatched"


def test_a_value_that_nobody_asked_for_is_refused(case: Case, cast: SimpleNamespace) -> None:
    with pytest.raises(BadInput, match="colour"):
        act(case.pk, "accept", cast.grid_worker, OFFICE, fields={"colour": "red"})


def test_where_nobody_answers_for_the_place_the_duty_officer_has_the_task(
    rule: Any, opened: Opened, cast: SimpleNamespace
) -> None:
    cast.grid_worker.is_active = False
    cast.grid_worker.save()
    open_case_for_finding(opened())
    case = Case.objects.get()
    assert case.state == "undispatched"
    assert [task.case for task in tasks_of(cast.duty_officer)] == [case]


def test_a_finding_that_no_rule_fits_waits_for_a_duty_officer(opened: Opened, cast: SimpleNamespace) -> None:
    event = opened()
    open_case_for_finding(event)
    assert not Case.objects.exists()
    assert "FindingUnrouted" in [line.act for line in log.about(f"finding/{event.id}")]
    with pytest.raises(Forbidden):
        open_case_by_hand(event.id, cast.analyst, OFFICE)
    case = open_case_by_hand(event.id, cast.duty_officer, OFFICE, why="规则尚未配置")
    assert (case.state, case.rule) == ("dispatched", None)
    with pytest.raises(Refused, match=case.number):
        open_case_by_hand(event.id, cast.duty_officer, OFFICE)


def test_the_rule_of_the_highest_priority_and_the_smallest_place_fires(
    rule: Any, opened: Opened, grid: Any, cast: SimpleNamespace
) -> None:
    common = {"title_en": "x", "case_type": "exceedance", "valid_from": LONG_AGO}
    add_rule(title_zh="别处", cell=grid.other_town, priority=90, **common)
    add_rule(title_zh="只管严重的", severity_from=SeverityLevel.CRITICAL, priority=90, **common)
    add_rule(title_zh="只管烟囱", station_kind="outlet-gas", priority=90, **common)
    add_rule(title_zh="全区", cell=grid.district, priority=20, **common)
    town = add_rule(title_zh="本镇", cell=grid.town, priority=20, **common)
    open_case_for_finding(opened())
    assert Case.objects.get().rule == town


def test_a_retired_rule_fires_no_longer_and_its_cases_keep_it(case: Case, rule: Any, opened: Opened) -> None:
    retire_rule(rule.pk, OFFICE, why="职责调整")
    assert Case.objects.get().rule == rule
    from qingyuan.dispatching.logic.rules import rule_for

    assert rule_for(case.finding, clock.now()) is None


def test_further_findings_at_the_same_channel_go_into_the_open_case(
    case: Case, opened: Opened, cast: SimpleNamespace, channel: Any, readings: Callable[..., Any]
) -> None:
    from qingyuan.judging.api import judge_readings

    judge_readings(readings(channel, "h", [(NINE + timedelta(hours=number), 30.0) for number in (1, 2)]))
    second = opened(hour=14)
    open_case_for_finding(second)
    open_case_for_finding(second)
    assert Case.objects.count() == 1
    assert case.evidence.filter(subject=f"finding/{second.id}").count() == 1
    assert case_of_finding(cast.leader, second.id) == case


def test_once_the_case_has_ended_a_further_finding_opens_another(
    case: Case, opened: Opened, cast: SimpleNamespace, channel: Any, readings: Callable[..., Any]
) -> None:
    from qingyuan.judging.api import judge_readings

    walk(case, cast, "accept", "confirm", "rectified", "accept_closure")
    judge_readings(readings(channel, "h", [(NINE + timedelta(hours=number), 30.0) for number in (1, 2)]))
    open_case_for_finding(opened(hour=14))
    assert Case.objects.count() == 2


def test_what_becomes_of_the_finding_is_in_the_file(case: Case) -> None:
    cleared = FindingCleared(id=case.finding_id, ended_at="2026-11-22T02:00:00+00:00", corrected=False)
    for _ in range(2):
        note_finding_cleared(cleared)
    note_finding_dismissed(FindingDismissed(id=case.finding_id, detector="exceedance"))
    assert [item.kind for item in case.evidence.order_by("pk")] == ["finding", "cleared", "dismissed"]


def test_numbers_of_a_day_have_no_gap_although_an_opening_failed(
    rule: Any, opened: Opened, grid: Any, station: Any
) -> None:
    from qingyuan.sensing.queries import Channel

    numbers = []
    with clock.wound_to(NINE + timedelta(days=30)):
        for factor in ("w01018", "w21003", "w21011"):
            channel = Channel.objects.get_or_create(
                station=station, factor=factor, basis="measured", defaults={"unit": "mg/L"}
            )[0]
            event = opened(channel)
            with transaction.atomic():
                open_case_for_finding(event)
                transaction.set_rollback(True)
            open_case_for_finding(event)
            numbers.append(Case.objects.latest("pk").number)
    assert numbers == ["QY-20261222-0001", "QY-20261222-0002", "QY-20261222-0003"]


def test_the_timeline_tells_who_when_from_where_what_and_why(case: Case, cast: SimpleNamespace) -> None:
    act(case.pk, "hand_back", cast.grid_worker, OFFICE, why="不在我的网格")
    walk(case, cast, "assign", "accept", "confirm", "rectified", "accept_closure")
    lines = timeline(Case.objects.get())
    assert [line.act for line in lines[:4]] == ["FindingOpened", "CaseOpened", "EvidenceAdded", "TaskGiven"]
    assert lines[-1].act == "CaseClosed"
    back = next(line for line in lines if line.why == "不在我的网格")
    assert (back.who.zh, back.origin, back.state) == ("grid_worker甲", "10.0.0.7", "undispatched")
    assert back.what == Text("退回派单 → 待派单", "Hand back → To be dispatched")
    assert lines[0].who.zh == "平台"
    assert [line.seq for line in lines] == sorted(line.seq for line in lines)
    for line in lines:
        assert line.what.zh
        assert line.what.en
        assert line.act not in {line.what.zh, line.what.en}


def test_menus_count_what_is_the_viewers(case: Case, cast: SimpleNamespace) -> None:
    assert counts(cast.grid_worker).my_tasks == 1
    assert counts(cast.other_grid_worker).my_tasks == counts(cast.other_grid_worker).open_cases == 0
    assert (counts(cast.leader).my_tasks, counts(cast.leader).open_cases) == (0, 1)
    with clock.wound_to(case.opened_at + timedelta(hours=3)):
        assert counts(cast.grid_worker).overdue == 1


def test_a_list_of_cases_is_read_in_a_few_queries(
    case: Case, cast: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(5):
        for one in cases(cast.duty_officer):
            assert one.station.enterprise.title_zh
            assert one.open_tasks[0].assignee.name_zh
