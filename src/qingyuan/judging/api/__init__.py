"""Verbs on findings: judging what was stored, dismissing, running a judgement again, setting what is watched.

The handlers of the loop stand here: their places in the log are kept under the name of this module.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.judging.api.clues import report_clue, report_seen, settle_clues
from qingyuan.judging.api.findings import MAY_DISMISS, Turning, dismiss, rerun, what_would_change
from qingyuan.judging.api.trying import Trial, rehearse, try_out
from qingyuan.judging.events import FindingOpened
from qingyuan.judging.logic import judging, listening, watching, written
from qingyuan.judging.logic.days import midnight_before
from qingyuan.judging.logic.expecting.warning import end_warning, judge_forecasts
from qingyuan.judging.logic.pollution import (
    MAY_SETTLE,
    pollution_verdict,
    read_for_pollution,
    settle_pollution_type,
    type_scores,
)
from qingyuan.judging.logic.rehearsed.enacting import Enacted, put_into_force
from qingyuan.judging.logic.rehearsed.proposing import always, compare_rules, rule_file, set_everywhere
from qingyuan.judging.logic.rehearsed.reviewing import in_turn, months, run_review, start_review
from qingyuan.judging.logic.rehearsed.running import drop_rehearsal, run_rehearsal, start_rehearsal
from qingyuan.judging.logic.ruling import (
    MAY_SET_RULES,
    check_kind,
    check_settings,
    end_override,
    end_watch,
    export_rules,
    import_rules,
    may_set_rules,
    may_set_rules_everywhere,
    set_override,
    set_watch,
    watch_threshold,
)
from qingyuan.judging.logic.screening.defining import MAY_SCREEN, definition_of, save_screening
from qingyuan.judging.logic.screening.entering import enter_screened_clue
from qingyuan.judging.logic.screening.running import run_due, run_screening, start_screening
from qingyuan.judging.logic.stirring import silence
from qingyuan.judging.logic.stirring.memory import Memory
from qingyuan.judging.logic.suspecting.ruling import end_spot_rule, set_excluded_place, set_spot_rule
from qingyuan.judging.logic.suspecting.taking_up import MAY_ENTER, enter_problem, take_back, take_up
from qingyuan.judging.logic.written import meters_of
from qingyuan.judging.models import Finding
from qingyuan.judging.queries import REPORTED
from qingyuan.kit import clock, delivery
from qingyuan.kit.errors import BadInput
from qingyuan.places.events import PaperEvent
from qingyuan.places.queries import Station, stations_concerned
from qingyuan.recording.events import ReadingsChanged
from qingyuan.sensing.events import SpotsStored, SpotsWithdrawn
from qingyuan.sensing.queries import Channel
from qingyuan_science import detect

__all__ = [
    "MAY_DISMISS",
    "MAY_ENTER",
    "MAY_SCREEN",
    "MAY_SETTLE",
    "MAY_SET_RULES",
    "Enacted",
    "Trial",
    "Turning",
    "always",
    "check_kind",
    "check_settings",
    "compare_rules",
    "definition_of",
    "dismiss",
    "drop_rehearsal",
    "end_override",
    "end_spot_rule",
    "end_warning",
    "end_watch",
    "enter_problem",
    "enter_screened_clue",
    "export_rules",
    "import_rules",
    "judge_again",
    "judge_clue",
    "judge_forecasts",
    "judge_readings",
    "judge_silence",
    "judge_span",
    "judge_spots",
    "judge_withdrawn_spots",
    "may_set_rules",
    "may_set_rules_everywhere",
    "meters_of",
    "note_listening",
    "pollution_verdict",
    "put_into_force",
    "read_for_pollution",
    "rehearse",
    "report_clue",
    "report_seen",
    "rerun",
    "rule_file",
    "run_due_screenings",
    "run_rehearsal",
    "run_review",
    "run_screening",
    "save_screening",
    "set_everywhere",
    "set_excluded_place",
    "set_override",
    "set_spot_rule",
    "set_watch",
    "settle_clues",
    "settle_pollution_type",
    "start_rehearsal",
    "start_review",
    "start_screening",
    "try_out",
    "type_scores",
    "watch_threshold",
    "what_would_change",
]

_memory = Memory()


@transaction.atomic
def judge_readings(event: ReadingsChanged) -> None:
    """Let every watch that wants the new readings look at them (a handler of the loop).

    Parameters
    ----------
    event : ReadingsAppended, HoursComputed, DataMarked or MarkWithdrawn

    Notes
    -----
    Readings are judged by the limits in force on their own day and known now. Doing it twice changes nothing. What
    cannot be judged (an unknown standard, a unit that no limit converts to) is counted as a blind spot, so that one
    wrong setting does not stop the judging of everything else. Everything is looked at before anything is written, so
    that findings are locked for a short time only. Where readings came in order and every detector calls them calm, no
    look is taken (`judging.logic.stirring`); that changes nothing in what is found. Where readings come later than
    those that are held against them, such as total nitrogen after ammonia, those are looked at again.
    """
    in_turn(alone=False)
    if not event.adds or not delivery.carries_on():
        _memory.forget()
    looks = _memory.looks(event.spans) if event.adds else list(watching.looks(event.spans))
    judging.judge([*looks, *_memory.held_against(event.spans)])


@transaction.atomic
def note_listening(now: datetime) -> None:
    """Note that the platform runs; what is missing between two stretches of such notes counts as nobody's silence.

    Parameters
    ----------
    now : datetime
    """
    listening.note(now)


@transaction.atomic
def judge_silence(now: datetime) -> int:
    """Look at the watched channels that have fallen silent, since no reading will make anybody look.

    Parameters
    ----------
    now : datetime

    Returns
    -------
    int
        How many channels were looked at; one whose finding is open and tells of the last hours is not.

    Notes
    -----
    What comes later ends the finding, as with any gap. Several channels of a station that fell silent at the same time
    are one finding, which says so where none of the station sends any more. A rehearsal knows of gaps that ended, and
    of no silence.
    """
    in_turn(alone=True)
    quiet = list(silence.silent(now))
    judging.judge(quiet)
    return len(quiet)


def judge_span(start: datetime, end: datetime, channel_ids: Iterable[int] | None = None) -> int:
    """Judge stored readings of a time that has passed, as if they came now; a month at a time.

    Parameters
    ----------
    start, end : datetime
        Aware; `start` belongs to the span, `end` does not.
    channel_ids : iterable of int, optional
        All channels when left out.

    Returns
    -------
    int
        How many looks were taken.

    Raises
    ------
    BadInput
        The span ends before it begins.

    Notes
    -----
    Rules and limits are those of the day of the data. It leaves the findings that judging batch by batch would have
    left, and doing it twice changes nothing.
    """
    if end <= start:
        raise BadInput(_("Expected an end after the start"), "end")
    chosen = list(channel_ids) if channel_ids is not None else list(Channel.objects.values_list("pk", flat=True))
    return sum(_judge_by_month(chosen, start, end))


def _judge_by_month(
    channel_ids: list[int], start: datetime, end: datetime, *, among: Collection[str] | None = None
) -> Iterator[int]:
    """Judge a span a month at a time, by all detectors or those `among`; yields how many looks each took."""
    for part in months((start, end)):
        with transaction.atomic():
            looks = [one for one in watching.over(channel_ids, *part) if among is None or one.detector in among]
            judging.judge(looks)
        yield len(looks)


def _told(kinds: Collection[detect.RecordKind]) -> set[str]:
    """Detectors that take notice of what people wrote down, of some kinds."""
    return {one.code for one in detect.DETECTORS if one.heeds_any(kinds)}


def judge_again(event: PaperEvent) -> None:
    """Judge the time that an order, a plan or a warning concerns, as far as it has passed (a handler of the loop).

    Parameters
    ----------
    event : OrderEntered, OrderEnded, WarningDeclared or WarningEnded

    Notes
    -----
    People often write down late what holds since long: the readings of that time were judged without it. Whole days
    are judged, of the stations that `places.queries.stations_concerned` names. Only detectors that take records look:
    what others found stands by what was known when they looked.
    """
    start = midnight_before(datetime.fromisoformat(event.since))
    end = min(datetime.fromisoformat(event.until) if event.until else clock.now(), clock.now())
    ids = list(Channel.objects.filter(station__in=stations_concerned(event)).values_list("pk", flat=True))
    if start < end and ids:
        with transaction.atomic():
            in_turn(alone=True)
            sum(_judge_by_month(ids, start, end, among=_told(detect.ORDERS)))


@transaction.atomic
def judge_clue(event: FindingOpened) -> None:
    """Judge the hour that a person reported something about, at the stations around (a handler of the loop).

    Parameters
    ----------
    event : FindingOpened

    Notes
    -----
    Reports come after the readings of their time were judged. Only detectors that take records look.
    """
    if event.detector != REPORTED:
        return
    clue = Finding.objects.select_related("station", "cell").get(pk=event.id)
    if clue.edition.keys() & {"screening", "suspected_problem"}:
        return
    near = [one.pk for one in Station.objects.all() if written.is_heard_at(clue.place, one)]
    begin = clue.started_at.replace(minute=0, second=0, microsecond=0)
    ids = Channel.objects.filter(station__in=near).values_list("pk", flat=True)
    in_turn(alone=True)
    sum(_judge_by_month(list(ids), begin, begin + timedelta(hours=1), among=_told([detect.RecordKind.COMPLAINT])))


@transaction.atomic
def judge_spots(event: SpotsStored) -> None:
    """Join what satellites saw into suspected problems, and make clues of those that the rules want (a handler).

    Parameters
    ----------
    event : SpotsStored

    Notes
    -----
    Doing it twice changes nothing.
    """
    take_up(event.id)


@transaction.atomic
def judge_withdrawn_spots(event: SpotsWithdrawn) -> None:
    """Look again at the problems whose spots were taken back (a handler of the loop).

    Parameters
    ----------
    event : SpotsWithdrawn

    Notes
    -----
    A clue of which nothing is left is dismissed under the name and with the reason of whoever took the file back.
    """
    take_back(event.id)


def run_due_screenings(now: datetime) -> int:
    """Start the screenings whose time has come: daily ones after six in the morning, weekly ones on Mondays.

    Parameters
    ----------
    now : datetime
        Aware.

    Returns
    -------
    int
        How many were started.
    """
    return run_due(now)
