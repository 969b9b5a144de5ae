"""Time limits: shipped or the bureau's own, warned of, escalated once, and not to be bought by going back."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, OFFICE, walk

from qingyuan.dispatching.api import act, set_time_limit, watch_clocks
from qingyuan.dispatching.errors import UnknownTimeLimit
from qingyuan.dispatching.jobs import watch_clocks as watch_clocks_job
from qingyuan.dispatching.queries import Case, TaskClock, escalated, open_task, time_limit, timeline
from qingyuan.kit import clock

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def told(case: Case) -> list[str]:
    return [line.act for line in timeline(case) if line.act in {"TaskDueSoon", "CaseEscalated"}]


def watch_at(instant: Any) -> int:
    with clock.wound_to(instant):
        return watch_clocks()


def test_a_task_is_due_soon_when_a_quarter_of_its_time_is_left(case: Case) -> None:
    assert watch_at(case.opened_at + timedelta(minutes=89)) == 0
    assert watch_at(case.opened_at + timedelta(minutes=90)) == 1
    assert watch_at(case.opened_at + timedelta(minutes=95)) == 0, "it is told once"
    assert told(case) == ["TaskDueSoon"]


def test_an_overdue_task_is_escalated_once_and_the_supervisor_sees_it(case: Case, cast: SimpleNamespace) -> None:
    late = case.opened_at + timedelta(hours=2)
    assert (watch_at(late), watch_at(late + MINUTE)) == (1, 0)
    assert told(case) == ["CaseEscalated"]
    assert list(escalated(cast.supervisor)) == [case]
    assert not escalated(cast.leader).exists()
    task = open_task(case)
    assert task is not None
    assert (task.escalated_at, task.clock(late)) == (late, TaskClock.OVERDUE)
    assert Case.objects.get().escalated_at == late


def test_once_it_is_signed_for_the_supervisor_no_longer_waits(case: Case, cast: SimpleNamespace) -> None:
    watch_at(case.opened_at + timedelta(hours=2))
    walk(case, cast, "accept")
    assert not escalated(cast.supervisor).exists()


def test_a_case_past_its_whole_time_goes_to_the_leader(case: Case, cast: SimpleNamespace) -> None:
    assert case.due_at - case.opened_at == timedelta(hours=360)
    assert watch_at(case.due_at) == 2
    assert list(escalated(cast.leader)) == [case]
    assert watch_at(case.due_at + timedelta(days=30)) == 0


def test_a_task_that_was_escalated_is_not_escalated_again_with_its_case(case: Case) -> None:
    assert watch_at(case.opened_at + timedelta(hours=2)) == 1
    assert watch_at(case.due_at) == 1
    assert told(case) == ["CaseEscalated", "CaseEscalated"]


def test_an_ended_case_has_no_clock(case: Case, cast: SimpleNamespace) -> None:
    walk(case, cast, "accept", "confirm", "rectified", "accept_closure")
    assert watch_at(case.due_at + timedelta(days=1)) == 0


def test_a_returned_case_keeps_its_clock(case: Case, cast: SimpleNamespace) -> None:
    walk(case, cast, "accept", "confirm")
    first = open_task(case)
    with clock.wound_to(case.opened_at + timedelta(days=6)):
        walk(case, cast, "rectified", "return")
    again = open_task(Case.objects.get())
    assert first is not None
    assert again is not None
    assert (again.state, again.due_at) == ("rectifying", first.due_at)
    assert again.pk != first.pk


def test_handing_back_buys_no_time(case: Case, cast: SimpleNamespace) -> None:
    with clock.wound_to(case.opened_at + timedelta(hours=1)):
        walk(case, cast, "hand_back", "assign")
    task = open_task(Case.objects.get())
    assert task is not None
    assert task.due_at == case.opened_at + timedelta(hours=2)


def test_a_task_tells_how_much_time_is_left(case: Case) -> None:
    task = open_task(case)
    assert task is not None
    told = [task.clock(case.opened_at + timedelta(minutes=minutes)) for minutes in (0, 89, 90, 119, 120)]
    assert told == ["on_time", "on_time", "due_soon", "due_soon", "overdue"]


def test_a_bureau_sets_its_own_time_limit_from_a_day_on(case: Case, cast: SimpleNamespace) -> None:
    set_time_limit("exceedance.inspect", 12, document="试验区环函〔2026〕8号", valid_from=LONG_AGO, origin=OFFICE)
    set_time_limit(
        "exceedance.inspect", 6, document="试验区环函〔2026〕9号", valid_from=date(2026, 12, 1), origin=OFFICE
    )
    assert time_limit("exceedance.inspect", date(2026, 11, 30)).hours == 12
    assert time_limit("exceedance.inspect", date(2026, 12, 1)).hours == 6
    assert time_limit("exceedance.inspect", date(2026, 12, 1)).document == "试验区环函〔2026〕9号"
    assert time_limit("exceedance.inspect", date(2019, 12, 31)).hours == 24
    with clock.wound_to(case.opened_at + MINUTE):
        act(case.pk, "accept", cast.grid_worker, OFFICE)
    task = open_task(Case.objects.get())
    assert task is not None
    assert task.due_at - task.opened_at == timedelta(hours=12)


def test_what_was_known_before_an_edition_came_can_still_be_asked() -> None:
    before = clock.now()
    set_time_limit("exceedance.sign", 1, document="8号", valid_from=LONG_AGO)
    assert time_limit("exceedance.sign", date(2026, 11, 22), known_at=before - MINUTE).hours == 2
    assert time_limit("exceedance.sign", date(2026, 11, 22)).hours == 1


def test_a_time_limit_that_no_clock_uses_is_refused_with_those_that_are() -> None:
    with pytest.raises(UnknownTimeLimit, match=r"exceedance\.sign"):
        set_time_limit("exceedance.sleep", 1, document="8号", valid_from=LONG_AGO)


def test_the_worker_looks_every_minute(case: Case) -> None:
    with clock.wound_to(case.opened_at + timedelta(hours=2)):
        watch_clocks_job(timestamp=0)
    assert told(case) == ["CaseEscalated"]
