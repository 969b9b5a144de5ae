"""Every case type keeps what a case type promises, whoever wrote it."""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from qingyuan.dispatching.case_types import CASE_TYPES
from qingyuan.dispatching.casework import CaseType, Giving, State
from qingyuan.dispatching.fields import READERS
from qingyuan.dispatching.queries import bpmn, diagram
from qingyuan.dispatching.time_limits import shipped, shipped_limit
from qingyuan.people.queries import Role
from qingyuan.tracing.queries import Outcome

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=list(CASE_TYPES), ids=lambda case_type: case_type.code)
def case_type(request: pytest.FixtureRequest) -> type[CaseType]:
    found: type[CaseType] = request.param
    return found


def reached_from(case_type: type[CaseType], start: str) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        for move in case_type.moves_from(waiting.pop()):
            if move.target not in seen:
                seen.add(move.target)
                waiting.append(move.target)
    return seen


def working(case_type: type[CaseType]) -> Iterator[State]:
    return (state for state in case_type.states if not state.final)


def test_there_are_case_types() -> None:
    assert "exceedance" in CASE_TYPES


def test_codes_are_unique_and_moves_name_known_states(case_type: type[CaseType]) -> None:
    codes = [state.code for state in case_type.states]
    assert len(codes) == len(set(codes))
    assert {case_type.starts, case_type.starts_unassigned} <= set(codes)
    for source, move in case_type.steps():
        assert {source, move.target} <= set(codes), move.verb
    for code in codes:
        verbs = [move.verb for move in case_type.moves_from(code)]
        assert len(verbs) == len(set(verbs)), f"{code}: a verb must lead to one place"


def test_every_state_is_reached_from_either_start(case_type: type[CaseType]) -> None:
    everything = {state.code for state in case_type.states}
    assert reached_from(case_type, case_type.starts_unassigned) == everything
    assert reached_from(case_type, case_type.starts) == everything


def test_every_state_leads_to_an_end_and_no_end_leads_on(case_type: type[CaseType]) -> None:
    ends = {state.code for state in case_type.states if state.final}
    assert ends
    for state in working(case_type):
        assert case_type.moves_from(state.code), f"{state.code} has no exit"
        assert reached_from(case_type, state.code) & ends, f"{state.code} never ends"
    for end in ends:
        assert not case_type.moves_from(end)


def test_every_state_has_a_holder_who_can_move_on_a_clock_and_an_escalation(case_type: type[CaseType]) -> None:
    for state in working(case_type):
        assert state.holder in Role
        assert any(state.holder in move.roles for move in case_type.moves_from(state.code)), state.code
        assert state.clock is not None, f"{state.code} has no clock"
        assert state.clock.escalates_to in Role
        assert state.clock.escalates_to != state.holder, f"{state.code} escalates to who is late"
        assert state.given_to in Giving
        assert shipped_limit(state.clock.limit).hours > 0
    assert shipped_limit(case_type.clock.limit).hours > 0


def test_the_whole_case_has_at_least_the_time_of_its_longest_step(case_type: type[CaseType]) -> None:
    steps = [shipped_limit(state.clock.limit).hours for state in working(case_type) if state.clock]
    assert shipped_limit(case_type.clock.limit).hours >= max(steps)


def test_every_end_demands_evidence(case_type: type[CaseType]) -> None:
    for _, move in case_type.steps():
        if case_type.state(move.target).final:
            assert move.needs, f"{move.verb} ends a case on nothing"


def test_demanded_evidence_can_be_filed_before_it_is_demanded(case_type: type[CaseType]) -> None:
    """Who holds a state files what the moves out of it demand; a later state may rely on it."""
    filed = {
        (need.kind, state.holder)
        for state in working(case_type)
        for move in case_type.moves_from(state.code)
        if state.holder in move.roles
        for need in move.needs
    }
    for move in case_type.moves:
        for need in move.needs:
            assert need.kind in {kind for kind, _ in filed}
        assert set(move.voids) <= {kind for kind, _ in filed}, f"{move.verb} voids what nobody files"


def test_going_back_wants_a_reason(case_type: type[CaseType]) -> None:
    for move in case_type.moves:
        if move.voids:
            assert move.reason, move.verb


def test_roles_and_fields_exist(case_type: type[CaseType]) -> None:
    for move in case_type.moves:
        assert move.roles
        assert set(move.roles) <= set(Role)
        assert {field.kind for field in move.fields} <= set(READERS)
        people = {field.name for field in move.fields if field.kind == "person"}
        assert all(field.role in Role for field in move.fields if field.kind == "person")
        assert not move.gives_to or move.gives_to in people
        assert not move.names or move.names in {field.name for field in move.fields if field.kind == "source"}
        assert move.settles in ("", Outcome.CONFIRMED, Outcome.REFUTED)


def test_a_case_type_defines_itself_its_duties_and_its_plan(case_type: type[CaseType]) -> None:
    texts = [case_type.title, case_type.definition, *case_type.plan]
    texts += [state.title for state in case_type.states] + [move.title for move in case_type.moves]
    texts += [need.title for move in case_type.moves for need in move.needs]
    assert all(text.zh and text.en for text in texts)
    assert case_type.plan
    duties = case_type.duties()
    assert [duty.state for duty in duties] == list(working(case_type))
    assert all(duty.verbs for duty in duties)


def test_the_stages_of_the_loop_never_run_backwards_on_the_way_to_an_end(case_type: type[CaseType]) -> None:
    order = {stage: number for number, stage in enumerate(type(case_type.states[0].stage))}
    for _, move in case_type.steps():
        target = case_type.state(move.target)
        if target.final:
            assert order[target.stage] == max(order.values()), f"{target.code} is an end before the last stage"


def test_bpmn_has_a_task_a_state_a_flow_a_move_and_a_timer_a_clock(case_type: type[CaseType]) -> None:
    root = ET.fromstring(bpmn(case_type.code))  # noqa: S314 - our own output
    process = root.find(f"{BPMN}process")
    assert process is not None
    tasks = {task.get("id") for task in process.iter(f"{BPMN}userTask")}
    ends = {end.get("id") for end in process.iter(f"{BPMN}endEvent")}
    assert tasks == {state.code for state in working(case_type)}
    assert ends == {state.code for state in case_type.states if state.final}
    flows = [(flow.get("sourceRef"), flow.get("targetRef")) for flow in process.iter(f"{BPMN}sequenceFlow")]
    moves = [(source, move.target) for source, move in case_type.steps()]
    assert sorted(flows) == sorted([("opened", case_type.starts), *moves])
    timers = {timer.get("attachedToRef") for timer in process.iter(f"{BPMN}boundaryEvent")}
    assert timers == {state.code for state in working(case_type) if state.clock}
    placed = {node.text for node in process.iter(f"{BPMN}flowNodeRef")}
    assert placed == tasks | ends
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    drawn = {shape.get("bpmnElement") for shape in root.iter() if shape.tag in {f"{DI}BPMNShape", f"{DI}BPMNEdge"}}
    assert drawn <= {node.get("id") for node in process.iter()}
    assert tasks | ends <= drawn


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_diagram_names_every_state_and_draws_every_move(case_type: type[CaseType], language: str) -> None:
    picture = ET.fromstring(diagram(case_type.code, language))  # noqa: S314 - our own output
    words = [text.text for text in picture.iter(f"{SVG}text")]
    assert {state.title.in_language(language) for state in case_type.states} <= set(words)
    arrows = [path for path in picture.iter(f"{SVG}path") if path.get("marker-end")]
    assert len(arrows) == len(list(case_type.steps()))
    assert not list(picture.iter(f"{SVG}style")), "a page's content security policy would drop it"


def test_every_time_limit_has_a_source_and_says_whether_it_is_our_own() -> None:
    for limit in shipped().values():
        assert limit.basis in {"standard", "borrowed", "own"}, limit.code
        assert limit.document
        assert limit.clause
        assert limit.title.zh
        assert limit.title.en
