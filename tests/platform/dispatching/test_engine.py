"""Whatever people try in whatever order: only what the table permits succeeds, and the log replays to the state."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE, inspect, rectify, walk
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qingyuan.dispatching.api import act
from qingyuan.dispatching.case_types.exceedance import Exceedance
from qingyuan.dispatching.queries import Case, Task, next_acts, open_task, timeline
from qingyuan.kit import log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, QingyuanError, Refused

WHO = ("duty_officer", "grid_worker", "other_grid_worker", "handler", "supervisor", "leader", "administrator")
VERBS = tuple(dict.fromkeys(move.verb for move in Exceedance.moves))
Step = tuple[str, str, bool, bool]


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(VERBS), st.sampled_from(WHO), st.booleans(), st.booleans()), min_size=5, max_size=40
    )
)
@example(steps=[("accept", "grid_worker", False, False), ("confirm", "grid_worker", True, False)])
def test_a_random_walk_never_leaves_the_table(case: Case, cast: SimpleNamespace, steps: list[Step]) -> None:
    with transaction.atomic():
        for step in steps:
            _try(Case.objects.get(pk=case.pk), cast, step)
        now = Case.objects.get(pk=case.pk)
        replayed = [line.state for line in timeline(now) if line.state]
        assert replayed[-1] == now.state
        assert Task.objects.filter(case=now, done_at=None).count() == (0 if Exceedance.state(now.state).final else 1)
        transaction.set_rollback(True)


def _try(case: Case, cast: SimpleNamespace, step: Step) -> None:
    """One attempt, perhaps with a record filed before and a reason given; its outcome is what the table says."""
    verb, who, with_record, with_reason = step
    user = getattr(cast, who)
    if with_record:
        for record in (inspect, rectify):
            try:
                with transaction.atomic():
                    record(case, user)
            except (Forbidden, Refused, NotFound):
                continue
    offered = {one.verb: one for one in next_acts(Case.objects.get(pk=case.pk), user)}
    move = Exceedance.move(case.state, verb)
    permitted = (
        move is not None
        and verb in offered
        and user.role in move.roles
        and not offered[verb].missing
        and (with_reason or not move.reason)
    )
    fields = {"assign": {"assignee": cast.grid_worker.username}, "confirm": {"violation": "over-limit"}}.get(verb, {})
    refusal = ""
    try:
        with transaction.atomic():
            act(case.pk, verb, user, OFFICE, why="理由" if with_reason else "", fields=fields)
    except QingyuanError as error:
        refusal = f"{type(error).__name__}: {error}"
    assert bool(refusal) != permitted, f"{who}, {verb} in {case.state}: permitted {permitted}, refused {refusal!r}"
    expected = move.target if move and permitted else case.state
    assert Case.objects.get(pk=case.pk).state == expected


@pytest.mark.django_db
def test_a_move_writes_one_task_and_a_failed_one_writes_nothing(case: Case, cast: SimpleNamespace) -> None:
    lines, tasks = log.verify(), Task.objects.count()
    with pytest.raises(BadInput), transaction.atomic():
        act(case.pk, "hand_back", cast.grid_worker, OFFICE)
    assert (log.verify(), Task.objects.count()) == (lines, tasks)
    walk(case, cast, "accept")
    assert Task.objects.count() == tasks + 1
    assert open_task(Case.objects.get()) != Task.objects.order_by("pk").first()


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_do_the_same_at_once_one_is_refused(case: Case, cast: SimpleNamespace) -> None:
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def accept() -> None:
        together.wait()
        try:
            act(case.pk, "accept", cast.grid_worker, OFFICE)
            outcomes.append("done")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=accept) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["done", "refused"]
    assert [line.act for line in timeline(Case.objects.get())].count("CaseMoved") == 1


@pytest.mark.django_db
@pytest.mark.mission("S0-44")
def test_the_loop_brings_readings_to_a_case_and_their_end_into_its_file(
    channel: Any, rule: Any, cast: SimpleNamespace, readings: Callable[..., Any]
) -> None:
    from loop_runner import run_waiting_jobs

    from qingyuan.judging.api import set_watch

    set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    readings(channel, "h", [(NINE, 68.4)])
    run_waiting_jobs()
    case = Case.objects.get()
    assert (case.state, case.finding.peak) == ("dispatched", 68.4)
    readings(channel, "h", [(NINE.replace(hour=hour), 30.0) for hour in (2, 3)])
    run_waiting_jobs()
    assert [item.kind for item in case.evidence.all()] == ["finding", "cleared"]
