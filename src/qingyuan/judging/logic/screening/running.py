"""Running a screening: every condition of every enterprise or grid cell in scope, and the list of those that fit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from qingyuan.judging.conditions import Condition, Definition
from qingyuan.judging.events import ScreeningRan, ScreeningStarted
from qingyuan.judging.fact import Asked, Told
from qingyuan.judging.logic.blindness import REASONS
from qingyuan.judging.logic.screening.defining import definition_of, may_screen
from qingyuan.judging.logic.screening.entering import enter_screened_clue
from qingyuan.judging.models import RunState, Schedule, Screening, ScreeningRow, ScreeningRun, Subject
from qingyuan.kit import clock, log
from qingyuan.kit.errors import NotFound, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.places.queries import Enterprise, GridCell, cells, enterprises

JOB, QUEUE = "judging.screen", "asked"
AT_ONCE = 250  # enterprises or cells looked at together, so that memory does not grow with the district; our own choice
RUNS_AT = timedelta(hours=6)  # after midnight in Shanghai, when the hours of yesterday have come; our own choice
_log = structlog.get_logger("screening")


@dataclass(frozen=True)
class Answered:
    """One enterprise or grid cell: what each condition's fact says of it."""

    subject: Enterprise | GridCell
    told: tuple[Told, ...]

    def met(self, conditions: Sequence[Condition]) -> int:
        """How many conditions it meets."""
        return sum(one.met(told.value) for one, told in zip(conditions, self.told, strict=True))

    def beyond(self, conditions: Sequence[Condition]) -> float:
        """How far its numbers lie beyond the thresholds, added up over the conditions that it meets."""
        return sum(one.beyond(told.value) for one, told in zip(conditions, self.told, strict=True))


@transaction.atomic
def start_screening(
    screening_id: int, user: User | None, origin: Origin = log.PLATFORM, end: datetime | None = None
) -> ScreeningRun:
    """Let a screening be run, as a job.

    Parameters
    ----------
    screening_id : int
    user : User or None
        Somebody of the office, who gets the enterprises of the own territory. None for the timer: those of the owner's.
    origin : Origin
    end : datetime, optional
        Where the days of the data end, aware; the beginning of this hour when left out.

    Returns
    -------
    ScreeningRun
        Waiting.

    Raises
    ------
    NotFound
        There is no screening of that number.
    Forbidden
        The user's role may not screen.
    """
    screening = Screening.objects.select_related("owner", "cell").filter(pk=screening_id).first()
    if screening is None:
        raise NotFound(_("There is no screening %(id)s.") % {"id": screening_id})
    if user is not None:
        may_screen(user)
        origin = Origin(user.username, origin.place)
    definition, now = definition_of(screening), clock.now()
    until = end or now.replace(minute=0, second=0, microsecond=0)
    run = ScreeningRun.objects.create(
        screening=screening, ran_by=user, started_at=now, moved_at=now, span_end=until,
        span_start=until - timedelta(days=definition.days), definition=_snapshot(definition),
        versions={"qingyuan": version("qingyuan")},
    )  # fmt: skip
    log.write(ScreeningStarted(id=screening.pk, run=run.pk), origin)
    app.configure_task(JOB, queue=QUEUE).defer(run_id=run.pk)
    return run


def run_screening(run_id: int) -> None:
    """Run a screening that waits, with the definition that it was asked for with (the job).

    Parameters
    ----------
    run_id : int
        A run that ended is left alone.

    Notes
    -----
    It ends done with its rows, or failed and saying why. Listed first is who meets most conditions, then whose numbers
    lie farthest beyond the thresholds (`Condition.beyond`, added up), then the lower credit code. The same time run
    again gives the same rows while the same is known of it.
    """
    run = ScreeningRun.objects.select_related("screening__owner", "ran_by").get(pk=run_id)
    if run.state in (RunState.DONE, RunState.FAILED):
        return
    conditions = [Condition.from_json(one) for one in run.definition["conditions"]]
    try:
        found = list(_answers(run, conditions))
    except Exception as error:  # noqa: BLE001 the door of the job runner; the reason becomes a row
        _log.exception("screening failed", run=run.pk)
        _ended(run, RunState.FAILED, why=f"{type(error).__name__}: {error}")
    else:
        with transaction.atomic():  # a run that is done has entered its clues
            _ended(run, RunState.DONE, _rows(run, conditions, found))
            if run.ran_by is None:
                _enter_clues(run)


def _enter_clues(run: ScreeningRun) -> None:
    """Enter the enterprises listed first, as many as the screening lets be entered, under the name of its owner.

    One of which a clue is open already, or that has no station, lets the next one in.
    """
    left = run.screening.enters
    for row in run.rows.order_by("rank") if left else ():
        try:
            enter_screened_clue(row.pk, run.screening.owner, log.PLATFORM)
        except Refused:
            continue
        left -= 1
        if not left:
            break


def run_due(now: datetime) -> int:
    """Start every enabled screening whose time has come since its last run by the timer; answers how many.

    One that fails, or takes the process down with it, is not tried again before its next time.
    """
    due = [one for one in Screening.objects.filter(enabled=True).order_by("pk") if _is_due(one, now)]
    for one in due:
        start_screening(one.pk, None)
    return len(due)


def _is_due(screening: Screening, now: datetime) -> bool:
    if screening.schedule == Schedule.BY_HAND:
        return False
    local = now.astimezone(clock.SHANGHAI)
    time = local.replace(hour=0, minute=0, second=0, microsecond=0) + RUNS_AT
    if screening.schedule == Schedule.WEEKLY:
        time -= timedelta(days=local.weekday())
    every = timedelta(days=7 if screening.schedule == Schedule.WEEKLY else 1)
    last = time if time <= local else time - every
    return last >= screening.saved_at and not screening.runs.filter(ran_by=None, started_at__gte=last).exists()


def _snapshot(definition: Definition) -> dict[str, Any]:
    cell = definition.cell
    return {
        "title_zh": definition.title_zh, "title_en": definition.title_en, "industry": definition.industry,
        "subject": str(definition.subject), "cell": cell.path if cell else "", "cell_zh": cell.title_zh if cell else "",
        "cell_en": cell.title_en if cell else "", "management": definition.management, "days": definition.days,
        "needed": definition.needed, "conditions": [_described(one) for one in definition.conditions],
    }  # fmt: skip


def _described(one: Condition) -> dict[str, Any]:
    """A condition with its fact's title of today; without, where the fact is no longer installed."""
    try:
        return one.described()
    except REASONS:
        return one.as_json() | {"title_zh": one.fact, "title_en": one.fact, "unit": "1", "decimals": 0}


def _answers(run: ScreeningRun, conditions: Sequence[Condition]) -> Iterator[Answered]:
    plugins = [one.plugin() for one in conditions]
    whole = list(_in_scope(run.definition, run.ran_by or run.screening.owner))
    run.state, run.total, run.looked_at = RunState.RUNNING, len(whole), 0
    run.known_at = run.moved_at = clock.now()
    run.save(update_fields=["state", "total", "looked_at", "known_at", "moved_at"])
    for begin in range(0, len(whole), AT_ONCE):
        part = whole[begin : begin + AT_ONCE]
        asked = _asked(run, [one.pk for one in part])
        told = [
            plugin.measure(replace(asked, factor=condition.factor))
            for condition, plugin in zip(conditions, plugins, strict=True)
        ]
        for subject in part:
            yield Answered(subject, tuple(one[subject.pk] for one in told))
        run.looked_at, run.moved_at = begin + len(part), clock.now()
        run.save(update_fields=["looked_at", "moved_at"])


def _is_of_cells(definition: dict[str, Any]) -> bool:
    return bool(definition.get("subject") == Subject.CELL)  # runs of before there were cells do not say


def _asked(run: ScreeningRun, ids: Sequence[int]) -> Asked:
    if _is_of_cells(run.definition):
        return Asked((), run.span_start, run.span_end, cells=tuple(ids))
    return Asked(tuple(ids), run.span_start, run.span_end)


def _in_scope(definition: dict[str, Any], person: User) -> Iterator[Enterprise | GridCell]:
    """Enterprises, or the cells that no other cell lies below, in the part of the territory that is asked for."""
    path = definition["cell"]
    if _is_of_cells(definition):
        lowest = cells(person).exclude(pk__in=GridCell.objects.filter(parent__isnull=False).values("parent"))
        yield from (one for one in lowest.order_by("code") if not path or f"{one.path}/".startswith(f"{path}/"))
        return
    found = enterprises(person).order_by("code")
    if definition["industry"]:
        found = found.filter(industry_code__startswith=definition["industry"])
    if definition["management"]:
        found = found.filter(management=definition["management"])
    yield from (one for one in found if not path or f"{one.cell.path}/".startswith(f"{path}/"))


def _rows(run: ScreeningRun, conditions: Sequence[Condition], found: Sequence[Answered]) -> list[ScreeningRow]:
    run.unknown = sum(any(told.value is None for told in one.told) for one in found)
    needed = run.definition["needed"] or len(conditions)
    fitting = [one for one in found if one.met(conditions) >= needed]
    fitting.sort(key=lambda one: (-one.met(conditions), -one.beyond(conditions), one.subject.code))
    return [
        ScreeningRow(
            run=run, enterprise=one.subject if isinstance(one.subject, Enterprise) else None,
            cell=one.subject if isinstance(one.subject, GridCell) else None, rank=place, met=one.met(conditions),
            beyond=one.beyond(conditions),
            answers=[_answer(*pair) for pair in zip(conditions, one.told, strict=True)],
        )
        for place, one in enumerate(fitting, 1)
    ]  # fmt: skip


def _answer(condition: Condition, told: Told) -> dict[str, Any]:
    return {
        "value": told.value, "met": condition.met(told.value), "beyond": condition.beyond(told.value),
        "zh": told.sentence.zh, "en": told.sentence.en, "evidence": [one.as_json() for one in told.evidence],
    }  # fmt: skip


@transaction.atomic
def _ended(run: ScreeningRun, state: RunState, rows: Sequence[ScreeningRow] = (), *, why: str = "") -> None:
    ScreeningRow.objects.bulk_create(rows, batch_size=1000)
    run.state, run.why = state, why
    run.ended_at = run.moved_at = clock.now()
    run.save()
    span = [run.span_start.isoformat(), run.span_end.isoformat()]
    fact = ScreeningRan(
        id=run.screening_id, run=run.pk, state=str(state), span=span, looked_at=run.looked_at, listed=len(rows)
    )
    log.write(fact, why=why)
