"""Something seen where no source stands: six steps from the data to the report, with the source named on the way."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan.dispatching.casework import CASE_TYPES, CaseType, Clock, Field, Giving, Move, Need, Stage, State
from qingyuan.people.queries import Role
from qingyuan_science.plugins import Source, Text

DISMISSED = Need("dismissed", Text("线索已被排除（附理由）", "The finding dismissed with its reason"))
IN_ORDER = Need("cleared", Text("数据已恢复正常", "The values in order again"))
INSPECTION = Need(
    "inspection", Text("现场核查记录（至少一张照片）", "An inspection record with at least one photo"), photos=1
)
DISPOSAL = Need("rectification", Text("处置记录", "A record of what was done"))
ANALYST, OFFICER = (Role.ANALYST,), (Role.ENFORCEMENT_OFFICER,)
SUPERVISOR = (Role.SUPERVISOR,)


def _step(code: str, title: Text, stage: Stage, *, holder: Role, escalates_to: Role = Role.SUPERVISOR) -> State:
    given = Giving.PERSON if holder is Role.ENFORCEMENT_OFFICER else Giving.ROLE
    return State(code, title, stage, holder, given, Clock(f"enforcement.{code}", escalates_to))


@CASE_TYPES
@dataclass(frozen=True)
class Enforcement(CaseType):
    """The six steps of enforcement by data."""

    code: ClassVar[str] = "enforcement"
    title: ClassVar[Text] = Text("六步执法", "Six-step enforcement")
    source: ClassVar[Source] = Source(
        "成都市智慧执法",
        Text("六步工作机制", "the mechanism of six steps"),
        Text(
            "六步名称照其公开介绍，各步由谁承担、时限和所需材料为本平台自定",
            "the names of the steps are as published; who does them, time limits and evidence are our own",
        ),
    )
    definition: ClassVar[Text] = Text(
        "断面、环境空气站等受纳环境点位出现异常，责任来源尚不明确，需先研判溯源、再派执法人员核查。",
        "Something abnormal at a river section or an air station whose source is not known: it is judged and traced "
        "before anybody is sent.",
    )
    plan: ClassVar[tuple[Text, ...]] = (
        Text(
            "数据收集分析：分析员核对线索、数据质量和周边数据，写明数据说明了什么。",
            "Collect and analyse data: the analyst looks through finding, data quality and surroundings, and writes "
            "what the data show.",
        ),
        Text(
            "综合研判：分析员判断是否真实异常；若属仪器故障等，排除线索后办结，不派人。",
            "Judge: the analyst says whether it is real; if it is a fault of the instrument or the like, the finding "
            "is dismissed and nobody is sent.",
        ),
        Text(
            "精准溯源：在平台排序的疑似源及其证据中确定首先核查的一个；无法判断的写明理由。",
            "Trace: of the ranked suspects with their evidence, the one to look at first is named, or why none can be.",
        ),
        Text(
            "任务推送：值班员把核查任务推送给一名执法员。", "Push the task: the duty officer gives it to one officer."
        ),
        Text(
            "现场核查：执法员到场核查取证；不是该来源的，回到溯源，结果用于以后的排序。",
            "Check on site: the officer inspects and takes photos; if it was not the source, the case goes back to "
            "tracing, and later rankings learn from it.",
        ),
        Text(
            "处置上报：执法员处置并上报，督查员验收后销号。",
            "Dispose and report: the officer deals with it and reports; the supervisor accepts and closes the case.",
        ),
    )
    clock: ClassVar[Clock] = Clock("enforcement.case", Role.LEADER)
    starts: ClassVar[str] = "collecting"
    starts_unassigned: ClassVar[str] = "collecting"
    states: ClassVar[tuple[State, ...]] = (
        _step("collecting", Text("数据收集分析", "Collecting and analysing data"), Stage.JUDGE, holder=Role.ANALYST),
        _step("judging", Text("综合研判", "Judging"), Stage.JUDGE, holder=Role.ANALYST),
        _step("tracing", Text("精准溯源", "Tracing"), Stage.JUDGE, holder=Role.ANALYST),
        _step("pushing", Text("任务推送", "Pushing the task"), Stage.DISPOSE, holder=Role.DUTY_OFFICER),
        _step("checking", Text("现场核查", "Checking on site"), Stage.DISPOSE, holder=Role.ENFORCEMENT_OFFICER),
        _step("reporting", Text("处置上报", "Disposing and reporting"), Stage.DISPOSE, holder=Role.ENFORCEMENT_OFFICER),
        _step(
            "accepting", Text("待验收", "To be accepted"), Stage.CLOSE, holder=Role.SUPERVISOR, escalates_to=Role.LEADER
        ),
        State("closed", Text("已销号", "Closed"), Stage.CLOSE),
        State("unfounded", Text("不属实办结", "Closed as unfounded"), Stage.CLOSE),
        State("untraced", Text("未查明来源办结", "Closed without a source"), Stage.CLOSE),
    )
    moves: ClassVar[tuple[Move, ...]] = (
        Move("analyse", Text("分析完成", "Analysed"), ("collecting",), "judging", ANALYST, reason=True),
        Move("judge_real", Text("确属异常", "It is real"), ("judging",), "tracing", ANALYST, reason=True),
        Move(
            "judge_unfounded",
            Text("不属实办结", "Close as unfounded"),
            ("judging", "tracing"),
            "unfounded",
            ANALYST,
            needs=(DISMISSED,),
            reason=True,
        ),
        Move(
            "name_source",
            Text("确定疑似源", "Name the source"),
            ("tracing",),
            "pushing",
            ANALYST,
            reason=True,
            fields=(Field("source", Text("首先核查的来源", "Source to look at first"), "source"),),
            names="source",
        ),
        Move(
            "leave_untraced",
            Text("未查明来源办结", "Close without a source"),
            ("tracing",),
            "untraced",
            (Role.ANALYST, Role.SUPERVISOR),
            needs=(IN_ORDER,),
            reason=True,
        ),
        Move(
            "push",
            Text("推送任务", "Push the task"),
            ("pushing", "checking"),
            "checking",
            (Role.DUTY_OFFICER,),
            gives_to="officer",
            fields=(Field("officer", Text("执法员", "Enforcement officer"), "person", Role.ENFORCEMENT_OFFICER),),
        ),
        Move(
            "trace_again",
            Text("退回溯源", "Back to tracing"),
            ("pushing",),
            "tracing",
            (Role.DUTY_OFFICER,),
            reason=True,
        ),
        Move(
            "confirm",
            Text("属实", "Confirm"),
            ("checking",),
            "reporting",
            OFFICER,
            needs=(INSPECTION,),
            fields=(Field("violation", Text("查明的违法行为", "Violation found"), "violation"),),
            finds="violation",
            settles="confirmed",
        ),
        Move(
            "refute",
            Text("不是该来源", "Not the source"),
            ("checking",),
            "tracing",
            OFFICER,
            needs=(INSPECTION,),
            reason=True,
            voids=(INSPECTION.kind,),
            settles="refuted",
        ),
        Move("report", Text("处置上报", "Report"), ("reporting",), "accepting", OFFICER, needs=(DISPOSAL,)),
        Move(
            "accept_closure",
            Text("验收销号", "Accept and close"),
            ("accepting",),
            "closed",
            SUPERVISOR,
            needs=(DISPOSAL,),
        ),
        Move(
            "return",
            Text("退回处置", "Return"),
            ("accepting",),
            "reporting",
            SUPERVISOR,
            reason=True,
            voids=(DISPOSAL.kind,),
        ),
    )
