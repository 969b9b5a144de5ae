"""What a case type is: a table of states and moves, from which engine, diagram, forms and checks all follow."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from qingyuan.dispatching.errors import UnknownState
from qingyuan.people.queries import Role
from qingyuan_science.plugins import Plugin, Registry, Text


class Stage(Enum):
    """The four stages of the closed loop, in their order; no case skips one."""

    SENSE = Text("智慧感知", "Sensing")
    JUDGE = Text("问题研判", "Judging")
    DISPOSE = Text("分类处置", "Disposal")
    CLOSE = Text("问题销号", "Closure")


class Giving(Enum):
    """To whom a state's task is given."""

    PERSON = "the person of the role who answers for the place"
    ORGANISATION = "anybody of the role in the organisation that the dispatch rule names"
    ROLE = "anybody of the role whose territory holds the place"


@dataclass(frozen=True)
class Clock:
    """A time limit, by its code in the table of time limits, and who is told when it has passed."""

    limit: str
    escalates_to: Role


@dataclass(frozen=True)
class State:
    """Where a case may stand. A state without holder and clock is final."""

    code: str
    title: Text
    stage: Stage
    holder: Role | None = None
    given_to: Giving = Giving.ROLE
    clock: Clock | None = None

    @property
    def final(self) -> bool:
        """Whether a case ends here."""
        return self.holder is None


@dataclass(frozen=True)
class Need:
    """A piece of evidence that a move demands, with how many photos at least."""

    kind: str
    title: Text
    photos: int = 0


@dataclass(frozen=True)
class Field:
    """A value that a move asks for; `kind` is a key of `fields.READERS`, `role` says who can be chosen as a person."""

    name: str
    title: Text
    kind: str
    role: Role | None = None


@dataclass(frozen=True)
class Move:
    """What someone may do with a case: from which states, to which state, who, and what it takes.

    A move `voids` evidence that turned out not to suffice; it stays in the file but no longer counts. The person named
    in the field `gives_to` gets the next task; the violation named in the field `finds` is what the case was found to
    be. The source named in the field `names` is the one to be looked at; a move `settles` whether it was the one.
    """

    verb: str
    title: Text
    sources: tuple[str, ...]
    target: str
    roles: tuple[Role, ...]
    needs: tuple[Need, ...] = ()
    reason: bool = False
    fields: tuple[Field, ...] = ()
    voids: tuple[str, ...] = ()
    gives_to: str = ""
    finds: str = ""
    names: str = ""
    settles: str = ""


@dataclass(frozen=True)
class Duty:
    """One line of the responsibility matrix: who holds a state, who may do what in it, who is told when it is late."""

    state: State
    verbs: tuple[Move, ...]


@dataclass(frozen=True)
class CaseType(Plugin):
    """Base of every case type.

    Notes
    -----
    `starts` is where a case opens when somebody answers for the place; `starts_unassigned` where nobody does. `clock`
    runs over the whole case.
    """

    kind: ClassVar[Text] = Text("案件类型", "Case type")
    definition: ClassVar[Text]
    plan: ClassVar[tuple[Text, ...]]
    states: ClassVar[tuple[State, ...]]
    moves: ClassVar[tuple[Move, ...]]
    starts: ClassVar[str]
    starts_unassigned: ClassVar[str]
    clock: ClassVar[Clock]

    @classmethod
    def state(cls, code: str) -> State:
        """The state of that code."""
        for state in cls.states:
            if state.code == code:
                return state
        expected = ", ".join(state.code for state in cls.states)
        raise UnknownState(f"{cls.code}: found state {code!r}, expected one of: {expected}")

    @classmethod
    def moves_from(cls, state: str) -> tuple[Move, ...]:
        """The moves that leave a state, in the order of the table."""
        return tuple(move for move in cls.moves if state in move.sources)

    @classmethod
    def move(cls, state: str, verb: str) -> Move | None:
        """The move of that verb out of a state, or None."""
        return next((move for move in cls.moves_from(state) if move.verb == verb), None)

    @classmethod
    def steps(cls) -> Iterator[tuple[str, Move]]:
        """Each move once for each state that it leaves."""
        for move in cls.moves:
            for source in move.sources:
                yield source, move

    @classmethod
    def duties(cls) -> tuple[Duty, ...]:
        """The responsibility matrix."""
        return tuple(Duty(state, cls.moves_from(state.code)) for state in cls.states if not state.final)


ROLE_TITLES = {
    Role.DUTY_OFFICER: Text("值班员", "duty officer"),
    Role.ANALYST: Text("分析员", "analyst"),
    Role.ENFORCEMENT_OFFICER: Text("执法员", "enforcement officer"),
    Role.GRID_WORKER: Text("网格员", "grid worker"),
    Role.DEPARTMENT_HANDLER: Text("部门经办", "department handler"),
    Role.SUPERVISOR: Text("督查员", "supervisor"),
    Role.LEADER: Text("领导", "leader"),
    Role.ENTERPRISE: Text("企业用户", "enterprise user"),
    Role.ADMINISTRATOR: Text("管理员", "administrator"),
}

CASE_TYPES: Registry[CaseType] = Registry(CaseType)
