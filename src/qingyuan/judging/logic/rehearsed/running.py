"""Rehearsals that people start: asked for, run as a job, kept with what they found (doors in `api`)."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from qingyuan.judging.events import RehearsalDropped, RehearsalEnded, RehearsalStarted
from qingyuan.judging.logic import rulesets
from qingyuan.judging.logic.episodes import Episode
from qingyuan.judging.logic.rehearsed import rehearsing
from qingyuan.judging.logic.rehearsed.looking import Blind
from qingyuan.judging.logic.rehearsed.proposing import edition
from qingyuan.judging.logic.ruling import may_set_rules
from qingyuan.judging.logic.watching import Look
from qingyuan.judging.models import Rehearsal, RehearsalState, RehearsedFinding
from qingyuan.judging.rehearsals import below, span_of
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import GridCell, cells, territory_of
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import DETECTORS

JOB, QUEUE = "judging.rehearse", "rehearsals"
LONGEST = timedelta(days=3 * 366)
ROWS_AT_ONCE = 5000
_log = structlog.get_logger("rehearsal")
# Of two that overlap in station, factor and cause, the one that is on file already was opened first.
_KNOWN = """
UPDATE judging_rehearsedfinding r SET known_id = (
    SELECT coalesce(f.merged_into_id, f.id) FROM judging_finding f JOIN sensing_channel c ON c.id = f.channel_id
    WHERE f.station_id = r.station_id AND f.cause = r.cause AND f.ended_at > r.started_at
    AND f.started_at < r.ended_at AND c.factor = r.factor
    ORDER BY f.started_at, f.id LIMIT 1
) WHERE r.rehearsal_id = %s
"""


@transaction.atomic
def start_rehearsal(
    user: User,
    origin: Origin,
    *,
    rules: Any,
    days: tuple[date, date],
    title: str = "",
    cell: GridCell | None = None,
) -> Rehearsal:
    """Let a rule set be run over days that have passed, as a job.

    Parameters
    ----------
    user : User
        An analyst or an administrator; the channels are those of the user's territory.
    origin : Origin
    rules : dict
        A rule set; what `json` reads from a file.
    days : tuple of date
        First and last day of the data, both included; three years at most.
    title : str
        What to call it; the edition of the rules when left out.
    cell : GridCell, optional
        Only stations there.

    Returns
    -------
    Rehearsal
        Waiting.

    Raises
    ------
    Forbidden
        The user's role may not set rules.
    NotFound
        The cell is not in the user's territory.
    BadInput
        It is no rule set, names what is not known here, or the days are none, too many, or beyond all data.
    """
    may_set_rules(user)
    ruleset = rulesets.read(rules)
    for day, field in zip(days, ("first_day", "last_day"), strict=True):
        clock.check_day(day, field)
    if not days[0] <= days[1] <= days[0] + LONGEST:
        raise BadInput(_("Expected a last day that is not before the first, and at most three years"), "last_day")
    if cell is not None and not cells(user).filter(pk=cell.pk).exists():
        raise NotFound(_("This part of the grid is not in your territory."))
    kept = rulesets.written(ruleset.watches, ruleset.overrides)
    now = clock.now()
    row = Rehearsal.objects.create(
        title=title.strip() or edition(kept), rules=kept, first_day=days[0], last_day=days[1], cell=cell,
        made_by=user, made_at=now, moved_at=now,
    )  # fmt: skip
    first, last = (day.isoformat() for day in days)
    log.write(RehearsalStarted(id=row.pk, edition=edition(kept), first_day=first, last_day=last), origin, row.title)
    app.configure_task(JOB, queue=QUEUE).defer(rehearsal_id=row.pk)
    return row


def run_rehearsal(rehearsal_id: int) -> None:
    """Run a rehearsal that waits, and keep what it finds; a failure is kept with its reason (the job).

    Parameters
    ----------
    rehearsal_id : int
        One that was deleted meanwhile is left alone.
    """
    row = Rehearsal.objects.filter(pk=rehearsal_id).select_related("cell", "made_by").first()
    if row is None:
        return
    try:
        found = _run(row)
    except Exception as error:  # noqa: BLE001 the door of the job runner; the reason becomes a row
        _log.exception("rehearsal failed", rehearsal=row.pk)
        row.error = f"{type(error).__name__}: {error}"
        _end(row, RehearsalState.FAILED, RehearsalEnded(id=row.pk, found=0, error=row.error))
    else:
        _end(row, RehearsalState.DONE, RehearsalEnded(id=row.pk, found=found))


@transaction.atomic
def drop_rehearsal(rehearsal_id: int, user: User, origin: Origin) -> None:
    """Delete a rehearsal with what it found.

    Parameters
    ----------
    rehearsal_id : int
    user : User
        Who made it, or an administrator.
    origin : Origin

    Raises
    ------
    NotFound
        There is none.
    Forbidden
        It is somebody else's, or the user's role may not set rules.
    """
    may_set_rules(user)
    row = Rehearsal.objects.filter(pk=rehearsal_id).first()
    if row is None:
        raise NotFound(_("There is no rehearsal %(id)s.") % {"id": rehearsal_id})
    if row.made_by_id != user.pk and user.role != Role.ADMINISTRATOR:
        raise Forbidden(_("Only who made a rehearsal, or an administrator, may delete it."))
    log.write(RehearsalDropped(id=row.pk, title=row.title), origin)
    row.delete()


def _run(row: Rehearsal) -> int:
    RehearsedFinding.objects.filter(rehearsal=row).delete()  # of a run that was cut short
    own = Channel.objects.filter(territory_of(row.made_by).of_stations("station__"))
    if row.cell is not None:
        own = own.filter(below(row.cell))
    ids = list(own.order_by("pk").values_list("pk", flat=True))
    row.known_at = row.moved_at = clock.now()
    row.state, row.channels, row.done, row.blind = RehearsalState.RUNNING, len(ids), 0, []
    row.save(update_fields=["known_at", "moved_at", "state", "channels", "done", "blind"])
    told, blind = _Told(), Blind()
    for part in rehearsing.over(rulesets.read(row.rules).book, ids, span_of(row)):
        rows = [_row(row, look, episode) for look, episode in part.found]
        told.note(rows)
        RehearsedFinding.objects.bulk_create(rows, ROWS_AT_ONCE)
        blind += part.blind
        row.done, row.moved_at = row.done + part.channels, clock.now()
        row.save(update_fields=["done", "moved_at"])
    row.blind = [[detector, reason, count] for (detector, reason), count in blind.most_common()]
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [row.pk])
    return RehearsedFinding.objects.filter(rehearsal=row, merged=False).count()


@transaction.atomic
def _end(row: Rehearsal, state: RehearsalState, fact: RehearsalEnded) -> None:
    if not Rehearsal.objects.select_for_update().filter(pk=row.pk).exists():
        return  # deleted while it ran
    row.state, row.ended_at = state, clock.now()
    row.save()
    log.write(fact)


def _row(rehearsal: Rehearsal, look: Look, episode: Episode) -> RehearsedFinding:
    worst, sentence = episode.worst, episode.runs[-1].sentence
    return RehearsedFinding(
        rehearsal=rehearsal, detector=look.detector, cause=DETECTORS.get(look.detector).cause or look.detector,
        kind=look.kind, station=look.channel.station, channel=look.channel, factor=look.channel.factor,
        started_at=episode.start, ended_at=episode.end, severity=int(worst.severity), peak=worst.peak,
        times_over=worst.times_over, sentence_zh=sentence.zh, sentence_en=sentence.en,
    )  # fmt: skip


class _Told:
    """What tells of the same: of one station, factor and cause and of times that overlap, by another detector or kind.

    The earlier one stands for the later, as live findings merge. The channels of a station may come in two parts.
    """

    def __init__(self) -> None:
        self._heads: dict[tuple[int, str, str], list[RehearsedFinding]] = {}

    def note(self, rows: Iterable[RehearsedFinding]) -> None:
        """Say of each row whether it is merged into an earlier one."""
        for row in sorted(rows, key=lambda one: one.started_at):
            heads = self._heads.setdefault((row.station_id, row.factor, row.cause), [])
            row.merged = any(_tells_of(one, row) for one in heads)
            if not row.merged:
                heads.append(row)


def _tells_of(head: RehearsedFinding, row: RehearsedFinding) -> bool:
    other = (head.detector, head.channel_id, head.kind) != (row.detector, row.channel_id, row.kind)
    return other and head.started_at < row.ended_at and head.ended_at > row.started_at
