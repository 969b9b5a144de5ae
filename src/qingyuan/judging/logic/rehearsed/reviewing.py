"""Judging a time of an enterprise again by what is known now: what opens anew, and what would not be found any more.

A finding on file keeps its record: it was a decision by what was known when it was taken.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from qingyuan.judging.events import ReviewEnded, ReviewStarted
from qingyuan.judging.logic import judging, watching
from qingyuan.judging.logic.watching import Look
from qingyuan.judging.models import Finding, FindingState, Review, ReviewedFinding, RunState
from qingyuan.judging.reviews import time_of
from qingyuan.judging.rules import Rulebook
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.places.queries import MAY_KEEP_PAPERS, enterprises
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import DETECTORS

JOB, QUEUE = "judging.review", "asked"
LONGEST = timedelta(days=366)
MONTH = timedelta(days=30)
_log = structlog.get_logger("review")
Span = tuple[datetime, datetime]


def in_turn(*, alone: bool) -> None:
    """Wait, up to the end of the transaction, for whoever judges a time again; who does so waits for everybody.

    Otherwise both would find the same at one channel and each would open a finding for it.
    """
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtext('judging'))")


def months(span: Span) -> Iterator[Span]:
    """A span cut into parts of thirty days."""
    start, end = span
    while start < end:
        yield start, min(start + MONTH, end)
        start += MONTH


@transaction.atomic
def start_review(enterprise_code: str, user: User, origin: Origin, *, days: tuple[date, date], why: str) -> Review:
    """Let a time of an enterprise be judged again by what is known now, as a job.

    Parameters
    ----------
    enterprise_code : str
    user : User
        Who may keep papers: an enforcement officer, an analyst or an administrator.
    origin : Origin
    days : tuple of date
        First and last day of the data, both included; 366 days at most.
    why : str
        Cannot be left out.

    Returns
    -------
    Review
        Waiting.

    Raises
    ------
    Forbidden
        The user's role may not keep papers.
    NotFound
        There is no such enterprise in the user's territory.
    BadInput
        No reason is given, or the days are none, too many, or not begun yet.
    """
    if user.role not in MAY_KEEP_PAPERS:
        roles = ", ".join(str(role.label) for role in MAY_KEEP_PAPERS)
        raise Forbidden(_("Only these roles may do this: %(roles)s") % {"roles": roles})
    owner = enterprises(user).filter(code=enterprise_code).first()
    if owner is None:
        raise NotFound(_("There is no enterprise %(code)s in your territory.") % {"code": enterprise_code})
    if not why.strip():
        raise BadInput(_("Say why"), "why")
    for day, field in zip(days, ("first_day", "last_day"), strict=True):
        clock.check_day(day, field)
    now = clock.now()
    if days[0] > now.astimezone(clock.SHANGHAI).date():
        raise BadInput(_("Found %(found)s, expected a day that has begun.") % {"found": days[0]}, "first_day")
    if not days[0] <= days[1] < days[0] + LONGEST:
        raise BadInput(_("Expected a last day that is not before the first, and at most 366 days."), "last_day")
    row = Review.objects.create(
        enterprise=owner, first_day=days[0], last_day=days[1], why=why.strip(), made_by=user, made_at=now, moved_at=now
    )
    first, last = (day.isoformat() for day in days)
    log.write(ReviewStarted(id=owner.pk, review=row.pk, first_day=first, last_day=last), origin, row.why)
    app.configure_task(JOB, queue=QUEUE).defer(review_id=row.pk)
    return row


def run_review(review_id: int) -> None:
    """Judge again what waits to be, and keep in what the findings differ (the job).

    Parameters
    ----------
    review_id : int
        One that ended is left alone.

    Notes
    -----
    By the rules and limits of the day of the data, as they are known now. What no finding on file tells of is opened
    and taken up like any other finding; no finding on file is changed. A part of a time that was done stays done if a
    later part fails.
    """
    row = Review.objects.select_related("enterprise").get(pk=review_id)
    if row.state in (RunState.DONE, RunState.FAILED):
        return
    try:
        _run(row)
    except Exception as error:  # noqa: BLE001 the door of the job runner; the reason becomes a row
        _log.exception("review failed", review=row.pk)
        row.error = f"{type(error).__name__}: {error}"
    with transaction.atomic():
        row.state = RunState.FAILED if row.error else RunState.DONE
        row.ended_at = row.moved_at = clock.now()
        row.save()
        anew = ReviewedFinding.objects.filter(review=row)
        counts = {"anew": anew.filter(anew=True).count(), "gone": anew.filter(anew=False).count()}
        log.write(ReviewEnded(id=row.enterprise_id, review=row.pk, error=row.error, **counts))


def _run(row: Review) -> None:
    span = time_of(row)
    parts = list(months(span))
    ids = list(
        Channel.objects.filter(station__enterprise=row.enterprise_id).order_by("pk").values_list("pk", flat=True)
    )
    row.state, row.total, row.done, row.blind = RunState.RUNNING, len(parts) + 1, 0, []
    row.known_at = row.moved_at = clock.now()
    row.save()
    _note(row, _gone(row, ids, span), anew=False)
    _step(row)
    for part in parts:
        with transaction.atomic():
            in_turn(alone=True)
            opened = judging.judge(list(watching.over(ids, *part)), adding=True)
            _note(row, [one for one in opened if one.merged_into_id is None], anew=True)
        _step(row)


def _gone(row: Review, ids: list[int], span: Span) -> list[Finding]:
    """Findings on file of the time that would not be found now, as far as their detectors can judge it."""
    blind: Counter[tuple[str, str]] = Counter()
    unseen: set[tuple[str, int]] = set()

    def note(look: Look, reason: Exception) -> None:
        blind[look.detector, f"{type(reason).__name__}: {reason}"] += 1
        unseen.add((look.detector, look.channel.pk))

    told: dict[tuple[int, str, str], list[Span]] = defaultdict(list)
    looks = watching.over(ids, *span, Rulebook.of_today())
    for look, episode in judging.joined(judging.would_find(looks, note)):
        cause = DETECTORS.get(look.detector).cause or look.detector
        told[look.channel.station_id, look.channel.factor, cause].append((episode.start, episode.end))
    row.blind = [[detector, reason, count] for (detector, reason), count in blind.most_common()]
    there = Finding.objects.filter(
        channel__in=ids, merged_into=None, started_at__lt=span[1], ended_at__gt=span[0]
    ).exclude(state=FindingState.DISMISSED)  # people decided already
    return [
        one
        for one in there.select_related("channel").order_by("started_at", "pk")
        if (one.detector, one.channel_id) not in unseen
        and one.channel is not None
        and one.station_id is not None
        and not any(
            begin < one.ended_at and end > one.started_at
            for begin, end in told[one.station_id, one.channel.factor, one.cause]
        )
    ]


def _note(row: Review, found: list[Finding], *, anew: bool) -> None:
    rows = [ReviewedFinding(review=row, finding=one, anew=anew) for one in found]
    ReviewedFinding.objects.bulk_create(rows, ignore_conflicts=True)


def _step(row: Review) -> None:
    row.done, row.moved_at = row.done + 1, clock.now()
    row.save(update_fields=["done", "moved_at", "blind"])
