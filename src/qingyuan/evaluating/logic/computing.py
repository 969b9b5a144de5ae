"""Evaluating every enterprise over a time, as a job (doors in `evaluating.api`)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from qingyuan.evaluating.crosscheck import compare_first
from qingyuan.evaluating.events import GradesAsked, GradesComputed
from qingyuan.evaluating.models import Grade, GradeRun, Objection, RunState, Sign
from qingyuan.evaluating.rules import CREDIT, in_force
from qingyuan.evaluating.scoring import Entered, Excused, Known, scored
from qingyuan.judging.fact import FACTS, Asked, Told
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.places.queries import Enterprise

JOB, QUEUE = "evaluating.grade", "asked"
AT_ONCE = 50  # enterprises looked at together, so that memory does not grow with the district; our own choice
FIRST_DAY_OF_YEARLY = 5  # of January, when the last days of the year have come; our own choice
MONDAY = 0
RUNS_AT = timedelta(hours=6, minutes=30)  # when the hours of yesterday have come; our own choice
TWELVE_MONTHS = timedelta(days=365)
_log = structlog.get_logger("evaluating")


@transaction.atomic
def ask(user: User | None, origin: Origin, year: int | None = None, day: date | None = None) -> GradeRun:
    """Let every enterprise be evaluated: over a calendar year, or over the twelve months up to a day or to now."""
    now = clock.now()
    start, end = _span(now, year, day)
    last = (end - timedelta(microseconds=1)).astimezone(clock.SHANGHAI).date()
    run = GradeRun.objects.create(
        kind=CREDIT, year=year, span_start=start, span_end=end, rules=in_force(last), asked_by=user, asked_at=now
    )
    log.write(GradesAsked(id=run.pk, kind=CREDIT, span=[start.isoformat(), end.isoformat()]), origin)
    app.configure_task(JOB, queue=QUEUE).defer(run_id=run.pk)
    return run


def compute(run_id: int) -> None:
    """Grade every enterprise by the rules that the evaluation was asked for with; it ends done, or failed with why."""
    run = GradeRun.objects.get(pk=run_id)
    if run.state in (RunState.DONE, RunState.FAILED):
        return
    try:
        rows = list(_grades(run))
    except Exception as error:  # noqa: BLE001 the door of the job runner; the reason becomes a row
        _log.exception("evaluation failed", run=run.pk)
        _ended(run, RunState.FAILED, why=f"{type(error).__name__}: {error}")
    else:
        _ended(run, RunState.DONE, rows)


def ask_due(now: datetime) -> int:
    """Ask for what is due: every Monday up to now, in January the year that ended, at first last month too."""
    local = now.astimezone(clock.SHANGHAI)
    today = local.replace(hour=0, minute=0, second=0, microsecond=0)
    month = today.replace(day=1)
    due: list[dict[str, Any]] = []
    if not GradeRun.objects.filter(kind=CREDIT).exists() and Enterprise.objects.exists():
        due = [{"day": month.date() - timedelta(days=1)}, {}]  # so that there is something to compare with
        compare_first()
    elif local.weekday() == MONDAY and local >= today + RUNS_AT and not _asked_since(today, None):
        due = [{}]
    if local.month == 1 and local.day >= FIRST_DAY_OF_YEARLY and not _asked_since(month, local.year - 1):
        due.append({"year": local.year - 1})
    for one in due:
        ask(None, log.PLATFORM, **one)
    return len(due)


def _asked_since(since: datetime, year: int | None) -> bool:
    return GradeRun.objects.filter(kind=CREDIT, asked_by=None, year=year, asked_at__gte=since).exists()


def _span(now: datetime, year: int | None, day: date | None) -> tuple[datetime, datetime]:
    if year is None:
        end = now if day is None else datetime.combine(day + timedelta(days=1), time(), clock.SHANGHAI)
        clock.check_day(end.date(), "day")
        if end > now:
            raise BadInput(_("Found day %(found)s, expected one that is over") % {"found": day}, "day")
        return end - TWELVE_MONTHS, end
    first, following = (datetime(one, 1, 1, tzinfo=clock.SHANGHAI) for one in (year, year + 1))
    clock.check_day(first.date(), "year")
    if following > now:
        raise BadInput(_("Found year %(found)d, expected one that is over") % {"found": year}, "year")
    return first, following


def _grades(run: GradeRun) -> Iterator[Grade]:
    whole = list(Enterprise.objects.order_by("code"))
    run.state, run.total, run.done, run.known_at = RunState.RUNNING, len(whole), 0, clock.now()
    run.save(update_fields=["state", "total", "done", "known_at"])
    for begin in range(0, len(whole), AT_ONCE):
        part = [one.pk for one in whole[begin : begin + AT_ONCE]]
        told = _told(run, part)
        entered, gone = entered_signs(run, part), excused(run, part)
        for one in part:
            known = Known({code: answers[one] for code, answers in told.items()}, entered[one], gone[one])
            yield row_of(run, one, known)
        run.done = begin + len(part)
        run.save(update_fields=["done"])


def row_of(run: GradeRun, enterprise_id: int, known: Known) -> Grade:
    """The grade of an enterprise, not yet saved."""
    found = scored(run.rules, known)
    graded = found.graded
    return Grade(
        run=run, enterprise_id=enterprise_id, score=graded.score, level=graded.level.code if graded.level else "",
        assessed=graded.assessed, items=found.items, signs=found.signs,
        said=[{"zh": one.zh, "en": one.en} for one in graded.said], computed_at=clock.now(),
        known_at=run.known_at or run.asked_at,
    )  # fmt: skip


def _told(run: GradeRun, part: Sequence[int]) -> dict[str, dict[int, dict[str, Any]]]:
    """What each measure's fact says of each enterprise, as JSON."""
    asked = Asked(tuple(part), run.span_start, run.span_end)
    used = [one for one in run.rules["measures"] if one["curve"] or one["sign"]]
    return {
        one["code"]: {number: _json(told) for number, told in FACTS.get(one["fact"])().measure(asked).items()}
        for one in used
    }


def _json(told: Told) -> dict[str, Any]:
    evidence = [one.as_json() for one in told.evidence]
    return {"value": told.value, "zh": told.sentence.zh, "en": told.sentence.en, "evidence": evidence}


def entered_signs(run: GradeRun, part: Sequence[int]) -> dict[int, list[Entered]]:
    """What people entered about each enterprise within the time of an evaluation, as known now."""
    first, last = days_of(run)
    found: dict[int, list[Entered]] = defaultdict(list)
    for one in Sign.objects.filter(enterprise__in=part, on__range=(first, last), withdrawn_at=None).order_by(
        "on", "pk"
    ):
        told = f"{one.on} {one.what}"
        zh, en = f"{told}（{one.document}）", f"{told} ({one.document})"
        found[one.enterprise_id].append(Entered(one.pk, one.code, zh, en))
    return found


def excused(run: GradeRun, part: Sequence[int]) -> dict[int, dict[str, Excused]]:
    """What accepted objections took out of grades whose time meets that of an evaluation."""
    found: dict[int, dict[str, Excused]] = defaultdict(dict)
    rows = Objection.objects.filter(
        enterprise__in=part, accepted=True, grade__run__span_start__lt=run.span_end,
        grade__run__span_end__gt=run.span_start,
    )  # fmt: skip
    for one in rows.order_by("answered_at"):
        found[one.enterprise_id][one.item] = Excused(one.points, one.value, one.answer)
    return found


def days_of(run: GradeRun) -> tuple[date, date]:
    """First and last day of the time of an evaluation, in Shanghai."""
    last = run.span_end - timedelta(microseconds=1)
    return run.span_start.astimezone(clock.SHANGHAI).date(), last.astimezone(clock.SHANGHAI).date()


@transaction.atomic
def _ended(run: GradeRun, state: RunState, rows: Sequence[Grade] = (), *, why: str = "") -> None:
    Grade.objects.bulk_create(rows, batch_size=200)
    run.state, run.why, run.ended_at = state, why, clock.now()
    run.save(update_fields=["state", "why", "ended_at"])
    levels = dict(Counter(one.level or "none" for one in rows))
    log.write(GradesComputed(id=run.pk, kind=CREDIT, state=str(state), levels=levels), why=why)
