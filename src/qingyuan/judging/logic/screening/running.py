"""Running a screening: every condition of every enterprise in scope, and the list of those that fit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.judging.conditions import Condition, Definition
from qingyuan.judging.events import ScreeningRan
from qingyuan.judging.fact import Asked, Told
from qingyuan.judging.logic.blindness import REASONS
from qingyuan.judging.logic.screening.defining import definition_of, may_screen
from qingyuan.judging.models import RunState, Schedule, Screening, ScreeningRow, ScreeningRun
from qingyuan.kit import clock, log
from qingyuan.kit.errors import NotFound, QingyuanError
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.places.queries import Enterprise, enterprises

AT_ONCE = 250  # enterprises looked at together, so that memory does not grow with the district; our own choice
RUNS_AT = timedelta(hours=6)  # after midnight in Shanghai, when the hours of yesterday have come; our own choice


@dataclass(frozen=True)
class Answered:
    """One enterprise: what each condition's fact says of it."""

    enterprise: Enterprise
    told: tuple[Told, ...]

    def met(self, conditions: Sequence[Condition]) -> int:
        """How many conditions it meets."""
        return sum(one.met(told.value) for one, told in zip(conditions, self.told, strict=True))

    def beyond(self, conditions: Sequence[Condition]) -> float:
        """How far its numbers lie beyond the thresholds, added up over the conditions that it meets."""
        return sum(one.beyond(told.value) for one, told in zip(conditions, self.told, strict=True))


def run_screening(
    screening_id: int, user: User | None, origin: Origin = log.PLATFORM, end: datetime | None = None
) -> ScreeningRun:
    """Run a screening now.

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
        Done with its rows, or failed and saying why. Listed first is who meets most conditions, then whose numbers lie
        farthest beyond the thresholds (`Condition.beyond`, added up), then the lower credit code.

    Raises
    ------
    NotFound
        There is no screening of that number.
    Forbidden
        The user's role may not screen.

    Notes
    -----
    The same time run again gives the same rows while the same is known of it.
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
        screening=screening, ran_by=user, started_at=now, span_start=until - timedelta(days=definition.days),
        span_end=until, definition=_snapshot(definition), versions={"qingyuan": version("qingyuan")},
    )  # fmt: skip
    try:
        found = list(_answers(definition, user or screening.owner, run))
    except (*REASONS, QingyuanError) as error:
        return _ended(run, RunState.FAILED, origin, why=f"{type(error).__name__}: {error}")
    return _listed(run, definition, found, origin)


def run_due(now: datetime) -> int:
    """Run every enabled screening whose time has come since its last run by the timer; answers how many.

    One that fails, or takes the process down with it, is not tried again before its next time.
    """
    due = [one for one in Screening.objects.filter(enabled=True).order_by("pk") if _is_due(one, now)]
    for one in due:
        run_screening(one.pk, None)
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
        "cell": cell.path if cell else "", "cell_zh": cell.title_zh if cell else "",
        "cell_en": cell.title_en if cell else "", "management": definition.management, "days": definition.days,
        "needed": definition.needed, "conditions": [_described(one) for one in definition.conditions],
    }  # fmt: skip


def _described(one: Condition) -> dict[str, Any]:
    """A condition with its fact's title of today; without, where the fact is no longer installed."""
    try:
        return one.described()
    except REASONS:
        return one.as_json() | {"title_zh": one.fact, "title_en": one.fact, "unit": "1", "decimals": 0}


def _answers(definition: Definition, person: User, run: ScreeningRun) -> Iterator[Answered]:
    plugins = [one.plugin() for one in definition.conditions]
    whole = list(_in_scope(definition, person))
    for begin in range(0, len(whole), AT_ONCE):
        part = whole[begin : begin + AT_ONCE]
        asked = Asked(tuple(one.pk for one in part), run.span_start, run.span_end)
        told = [
            plugin.measure(Asked(asked.enterprises, asked.start, asked.end, condition.factor, asked.memory))
            for condition, plugin in zip(definition.conditions, plugins, strict=True)
        ]
        for enterprise in part:
            yield Answered(enterprise, tuple(one[enterprise.pk] for one in told))


def _in_scope(definition: Definition, person: User) -> Iterator[Enterprise]:
    found = enterprises(person).order_by("code")
    if definition.industry:
        found = found.filter(industry_code__startswith=definition.industry)
    if definition.management:
        found = found.filter(management=definition.management)
    path = definition.cell.path if definition.cell else ""
    return (one for one in found if not path or f"{one.cell.path}/".startswith(f"{path}/"))


def _listed(run: ScreeningRun, definition: Definition, found: Sequence[Answered], origin: Origin) -> ScreeningRun:
    conditions = definition.conditions
    needed = definition.needed or len(conditions)
    fitting = [one for one in found if one.met(conditions) >= needed]
    fitting.sort(key=lambda one: (-one.met(conditions), -one.beyond(conditions), one.enterprise.code))
    rows = [
        ScreeningRow(
            run=run, enterprise=one.enterprise, rank=place, met=one.met(conditions), beyond=one.beyond(conditions),
            answers=[_answer(*pair) for pair in zip(conditions, one.told, strict=True)],
        )
        for place, one in enumerate(fitting, 1)
    ]  # fmt: skip
    run.looked_at = len(found)
    run.unknown = sum(any(told.value is None for told in one.told) for one in found)
    return _ended(run, RunState.DONE, origin, rows)


def _answer(condition: Condition, told: Told) -> dict[str, Any]:
    return {
        "value": told.value, "met": condition.met(told.value), "beyond": condition.beyond(told.value),
        "zh": told.sentence.zh, "en": told.sentence.en, "evidence": [one.as_json() for one in told.evidence],
    }  # fmt: skip


@transaction.atomic
def _ended(
    run: ScreeningRun, state: RunState, origin: Origin, rows: Sequence[ScreeningRow] = (), *, why: str = ""
) -> ScreeningRun:
    ScreeningRow.objects.bulk_create(rows, batch_size=1000)
    run.state, run.ended_at, run.why = state, clock.now(), why
    run.save()
    span = [run.span_start.isoformat(), run.span_end.isoformat()]
    fact = ScreeningRan(
        id=run.screening_id, run=run.pk, state=str(state), span=span, looked_at=run.looked_at, listed=len(rows)
    )
    log.write(fact, origin, why)
    return run
