"""Where a case stands now, and with whom."""

from dataclasses import dataclass
from datetime import datetime

from qingyuan.dispatching.queries import Case, State, Task, case_type, holder_of
from qingyuan.showing.wording import said
from qingyuan_science.plugins import PluginError


@dataclass(frozen=True)
class Standing:
    """Where a case stands now, and with whom."""

    state: str
    kind: str
    task: Task | None
    holder: str
    late: bool


def standing_of(case: Case, now: datetime) -> Standing:
    """The state in words, and who holds the open task; `case` as `dispatching.queries.cases` gave it."""
    state = state_of(case)
    task: Task | None = next(iter(case.open_tasks), None)  # type: ignore[attr-defined]
    late = task is not None and task.due_at < now
    kind = "good" if case.closed_at else "bad" if late else "working"
    return Standing(said(state.title) if state else case.state, kind, task, said(holder_of(task)) if task else "", late)


def state_of(case: Case) -> State | None:
    """The case's state in the table of its type; None where that type is no longer installed."""
    try:
        return case_type(case.case_type).state(case.state)
    except PluginError:
        return None
