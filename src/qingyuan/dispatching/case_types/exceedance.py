"""A discharge or a body of water or air over its limit: signed for, checked on site, rectified, accepted, closed."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.dispatching.casework import CASE_TYPES, CaseType, Clock, Field, Giving, Move, Need, Stage, State
from qingyuan.people.queries import Role
from qingyuan_science.plugins import Source, Text

INSPECTION = Need(
    "inspection", Text("现场核查记录（至少一张照片）", "An inspection record with at least one photo"), photos=1
)
RECTIFICATION = Need("rectification", Text("整改记录", "A rectification record"))
WORKER = (Role.GRID_WORKER,)
HANDLER = (Role.DEPARTMENT_HANDLER,)
SUPERVISOR = (Role.SUPERVISOR,)


@CASE_TYPES
@dataclass(frozen=True)
class Exceedance(CaseType):
    """Disposal of an exceedance."""

    code: ClassVar[str] = "exceedance"
    title: ClassVar[Text] = Text("超标处置", "Exceedance")
    source: ClassVar[Source] = Source(
        "排污许可管理条例 (2021)",
        Text("第二十九条", "article 29"),
        Text(
            "自动监测数据可作为认定超标的依据；处置步骤为本平台自定",
            "automatic monitoring data may decide on an exceedance; the steps are our own",
        ),
    )
    definition: ClassVar[Text] = Text(
        "自动监测数据超过该点位当日适用的排放标准或环境质量标准限值，由系统研判生成线索后立案处置。",
        "Automatic monitoring shows a value above the limit that binds the station on the day of the data; the finding "
        "that judging made of it is disposed of as a case.",
    )
    plan: ClassVar[tuple[Text, ...]] = (
        Text(
            "值班员确认线索已派给该网格的网格员。",
            "The duty officer sees that the grid worker of the place has the task.",
        ),
        Text(
            "网格员到场核查生产、排放和治理设施运行情况，拍照取证。",
            "The grid worker checks production, discharge and treatment on site and takes photos.",
        ),
        Text(
            "属实的，责任部门督促整改并留存整改记录。",
            "If confirmed, the department has it rectified and keeps a record.",
        ),
        Text("不属实的，督查员复核后办结。", "If unfounded, the supervisor reviews it before it is closed."),
        Text("督查员验收整改结果，通过后销号。", "The supervisor accepts the rectification, and the case is closed."),
        Text("超过时限的环节自动督办。", "A step that passes its time limit is escalated by itself."),
    )
    clock: ClassVar[Clock] = Clock("exceedance.case", Role.LEADER)
    starts: ClassVar[str] = "dispatched"
    starts_unassigned: ClassVar[str] = "undispatched"
    states: ClassVar[tuple[State, ...]] = (
        State(
            "undispatched",
            Text("待派单", "To be dispatched"),
            Stage.DISPOSE,
            Role.DUTY_OFFICER,
            Giving.ROLE,
            Clock("exceedance.dispatch", Role.SUPERVISOR),
        ),
        State(
            "dispatched",
            Text("待签收", "To be signed for"),
            Stage.DISPOSE,
            Role.GRID_WORKER,
            Giving.PERSON,
            Clock("exceedance.sign", Role.SUPERVISOR),
        ),
        State(
            "inspecting",
            Text("核查中", "Being inspected"),
            Stage.DISPOSE,
            Role.GRID_WORKER,
            Giving.PERSON,
            Clock("exceedance.inspect", Role.SUPERVISOR),
        ),
        State(
            "reviewing",
            Text("待复核", "To be reviewed"),
            Stage.DISPOSE,
            Role.SUPERVISOR,
            Giving.ROLE,
            Clock("exceedance.review", Role.LEADER),
        ),
        State(
            "rectifying",
            Text("整改中", "Being rectified"),
            Stage.DISPOSE,
            Role.DEPARTMENT_HANDLER,
            Giving.ORGANISATION,
            Clock("exceedance.rectify", Role.SUPERVISOR),
        ),
        State(
            "accepting",
            Text("待验收", "To be accepted"),
            Stage.CLOSE,
            Role.SUPERVISOR,
            Giving.ROLE,
            Clock("exceedance.accept", Role.LEADER),
        ),
        State("closed", Text("已销号", "Closed"), Stage.CLOSE),
        State("unfounded", Text("不属实办结", "Closed as unfounded"), Stage.CLOSE),
    )
    moves: ClassVar[tuple[Move, ...]] = (
        Move(
            "assign",
            Text("派单", "Dispatch"),
            ("undispatched", "dispatched", "inspecting"),
            "dispatched",
            (Role.DUTY_OFFICER,),
            gives_to="assignee",
            fields=(Field("assignee", Text("受派网格员", "Grid worker"), "person", Role.GRID_WORKER),),
        ),
        Move("accept", Text("签收", "Sign for it"), ("dispatched",), "inspecting", WORKER),
        Move(
            "hand_back",
            Text("退回派单", "Hand back"),
            ("dispatched", "inspecting"),
            "undispatched",
            WORKER,
            reason=True,
        ),
        Move(
            "confirm",
            Text("属实", "Confirm"),
            ("inspecting",),
            "rectifying",
            WORKER,
            needs=(INSPECTION,),
            fields=(Field("violation", Text("查明的违法行为", "Violation found"), "violation"),),
            finds="violation",
        ),
        Move(
            "refute", Text("不属实", "Refute"), ("inspecting",), "reviewing", WORKER, needs=(INSPECTION,), reason=True
        ),
        Move(
            "close_unfounded",
            Text("不属实办结", "Close as unfounded"),
            ("reviewing",),
            "unfounded",
            SUPERVISOR,
            needs=(INSPECTION,),
        ),
        Move(
            "send_back",
            Text("退回重查", "Send back"),
            ("reviewing",),
            "inspecting",
            SUPERVISOR,
            reason=True,
            voids=(INSPECTION.kind,),
        ),
        Move("rectified", Text("整改完成", "Rectified"), ("rectifying",), "accepting", HANDLER, needs=(RECTIFICATION,)),
        Move(
            "accept_closure",
            Text("验收销号", "Accept and close"),
            ("accepting",),
            "closed",
            SUPERVISOR,
            needs=(RECTIFICATION,),
        ),
        Move(
            "return",
            Text("退回整改", "Return"),
            ("accepting",),
            "rectifying",
            SUPERVISOR,
            reason=True,
            voids=(RECTIFICATION.kind,),
        ),
    )
