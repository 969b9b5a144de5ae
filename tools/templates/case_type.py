"""TODO in one sentence: which problem, and the way it goes from opening to closure."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.dispatching.casework import CASE_TYPES, CaseType, Clock, Field, Giving, Move, Need, Stage, State
from qingyuan.people.queries import Role
from qingyuan_science.plugins import Source, Text

INSPECTION = Need(
    "inspection", Text("现场核查记录（至少一张照片）", "An inspection record with at least one photo"), photos=1
)


@CASE_TYPES
@dataclass(frozen=True)
class NameOfThePlugin(CaseType):
    """TODO in one sentence: disposal of what."""

    code: ClassVar[str] = "code_of_the_plugin"
    title: ClassVar[Text] = Text("TODO 名称", "TODO what people call it")
    source: ClassVar[Source] = Source("TODO law, rule or standard", "TODO article or clause")
    definition: ClassVar[Text] = Text("TODO 定义", "TODO which problem is such a case, and which is not")
    plan: ClassVar[tuple[Text, ...]] = (Text("TODO 第一步", "TODO who does what first"),)
    # TODO put the codes of all clocks, with their hours and sources, into dispatching/tables/time_limits.toml
    clock: ClassVar[Clock] = Clock("code_of_the_plugin.case", Role.LEADER)
    starts: ClassVar[str] = "inspecting"
    starts_unassigned: ClassVar[str] = "undispatched"
    # TODO the states: a state without holder is an end; every other one has a clock and somebody to escalate to
    states: ClassVar[tuple[State, ...]] = (
        State(
            "undispatched",
            Text("待派单", "To be dispatched"),
            Stage.DISPOSE,
            Role.DUTY_OFFICER,
            Giving.ROLE,
            Clock("code_of_the_plugin.dispatch", Role.SUPERVISOR),
        ),
        State(
            "inspecting",
            Text("核查中", "Being inspected"),
            Stage.DISPOSE,
            Role.GRID_WORKER,
            Giving.PERSON,
            Clock("code_of_the_plugin.inspect", Role.SUPERVISOR),
        ),
        State("closed", Text("已销号", "Closed"), Stage.CLOSE),
    )
    # TODO the moves: what can be done in which states, where it leads, who may, which evidence it demands
    moves: ClassVar[tuple[Move, ...]] = (
        Move(
            "assign",
            Text("派单", "Dispatch"),
            ("undispatched", "inspecting"),
            "inspecting",
            (Role.DUTY_OFFICER,),
            gives_to="assignee",
            fields=(Field("assignee", Text("受派网格员", "Grid worker"), "person", Role.GRID_WORKER),),
        ),
        Move(
            "hand_back",
            Text("退回派单", "Hand back"),
            ("inspecting",),
            "undispatched",
            (Role.GRID_WORKER,),
            reason=True,
        ),
        Move("close", Text("销号", "Close"), ("inspecting",), "closed", (Role.GRID_WORKER,), needs=(INSPECTION,)),
    )
