"""Verbs on findings: judging what was stored, dismissing, running a judgement again, setting what is watched."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.judging.events import ClueSettled, FindingDismissed, FindingOpened
from qingyuan.judging.logic import blindness, judging, rulesets, turning, watching, written
from qingyuan.judging.logic.clues import Clue, enter
from qingyuan.judging.logic.days import midnight_before
from qingyuan.judging.logic.episodes import Episode
from qingyuan.judging.logic.expecting.warning import end_warning, judge_forecasts
from qingyuan.judging.logic.pollution import (
    MAY_SETTLE,
    pollution_verdict,
    settle_fault,
    settle_pollution_type,
    type_scores,
)
from qingyuan.judging.logic.rehearsed import rehearsing
from qingyuan.judging.logic.rehearsed.proposing import always, compare_rules, rule_file, set_everywhere
from qingyuan.judging.logic.rehearsed.rehearsing import CHANNELS_A_TASK
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
    set_override,
    set_watch,
)
from qingyuan.judging.logic.screening.defining import MAY_SCREEN, definition_of, save_screening
from qingyuan.judging.logic.screening.entering import enter_screened_clue
from qingyuan.judging.logic.screening.running import run_due, run_screening, start_screening
from qingyuan.judging.logic.stirring.memory import Memory
from qingyuan.judging.logic.suspecting.ruling import end_spot_rule, set_excluded_place, set_spot_rule
from qingyuan.judging.logic.suspecting.taking_up import MAY_ENTER, enter_problem, take_back, take_up
from qingyuan.judging.logic.watching import Look
from qingyuan.judging.logic.written import meters_of
from qingyuan.judging.models import Dismissal, Finding, FindingState, SeverityLevel
from qingyuan.judging.queries import REPORTED, finding
from qingyuan.kit import clock, delivery, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.places.events import PaperEvent
from qingyuan.places.queries import Station, stations, stations_concerned
from qingyuan.recording.events import ReadingsChanged
from qingyuan.sensing.events import SpotsStored, SpotsWithdrawn
from qingyuan.sensing.queries import Channel
from qingyuan_science import detect
from qingyuan_science.plugins import Parameter, Text

__all__ = [
    "MAY_DISMISS",
    "MAY_ENTER",
    "MAY_SCREEN",
    "MAY_SETTLE",
    "MAY_SET_RULES",
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
    "judge_span",
    "judge_spots",
    "judge_withdrawn_spots",
    "may_set_rules",
    "meters_of",
    "pollution_verdict",
    "rehearse",
    "report_clue",
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
    "what_would_change",
]


_memory = Memory()
MAY_DISMISS = (Role.DUTY_OFFICER, Role.ANALYST)


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
    look is taken (`judging.logic.stirring`); that changes nothing in what is found.
    """
    in_turn(alone=False)
    if not event.adds or not delivery.carries_on():
        _memory.forget()
    judging.judge(_memory.looks(event.spans) if event.adds else list(watching.looks(event.spans)))


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


def _told_records() -> set[str]:
    """Detectors that take what people wrote down."""
    return {one.code for one in detect.DETECTORS if "records" in one.takes()}


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
            sum(_judge_by_month(ids, start, end, among=_told_records()))


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
    sum(_judge_by_month(list(ids), begin, begin + timedelta(hours=1), among=_told_records()))


@transaction.atomic
def dismiss(finding_id: int, user: User, why: str, origin: Origin, *, code: str = Dismissal.OTHER) -> Finding:
    """Decide that a finding means nothing.

    Parameters
    ----------
    finding_id : int
    user : User
        A duty officer or an analyst.
    why : str
        The reason; it cannot be left out.
    origin : Origin
    code : str
        A value of `Dismissal`, the kind of false alarm; kept as a label to learn from.

    Returns
    -------
    Finding
        Dismissed with what was merged into it; while the same values last, no other finding is opened for them.

    Raises
    ------
    NotFound
        None of that number in the user's territory.
    Forbidden
        The user's role may not dismiss.
    BadInput
        No reason is given, or there is no such kind of it.
    Refused
        It is dismissed already.
    """
    row = Finding.objects.select_for_update().get(pk=finding(user, finding_id).pk)
    if user.role not in MAY_DISMISS:
        roles = ", ".join(str(role.label) for role in MAY_DISMISS)
        raise Forbidden(_("Only these roles may dismiss a finding: %(roles)s") % {"roles": roles})
    if not why.strip():
        raise BadInput(_("Say why the finding means nothing"), "why")
    if code not in Dismissal:
        expected = ", ".join(Dismissal.values)
        raise BadInput(
            _("Found kind “%(code)s”, expected one of: %(codes)s") % {"code": code, "codes": expected}, "code"
        )
    if row.state == FindingState.DISMISSED:
        raise Refused(_("The finding is dismissed already"))
    decided = {
        "state": FindingState.DISMISSED, "dismissed_at": clock.now(), "dismissed_by": user,
        "dismissed_why": why.strip(), "dismissed_code": code,
    }  # fmt: skip
    for name, value in decided.items():
        setattr(row, name, value)
    row.save(update_fields=list(decided))
    log.write(FindingDismissed(id=row.pk, detector=row.detector, code=code), origin, why.strip())
    row.parts.exclude(state=FindingState.DISMISSED).update(**decided)
    if code == Dismissal.INSTRUMENT:
        settle_fault(row, user, origin, why.strip())
    return row


@transaction.atomic
def report_clue(
    station_code: str,
    user: User,
    origin: Origin,
    *,
    what: str,
    span: tuple[datetime, datetime],
    severity: int = SeverityLevel.MINOR,
) -> Finding:
    """Enter what a person noticed into the list of findings.

    Parameters
    ----------
    station_code : str
        The place, in the user's territory.
    user : User
        Anybody of the authorities.
    origin : Origin
    what : str
        What was noticed.
    span : tuple of datetime
        From when to when, aware.
    severity : int
        A value of `SeverityLevel`, as the person sees it.

    Returns
    -------
    Finding
        Open, without a channel; dispatch rules take it up like any other.

    Raises
    ------
    Forbidden
        The user is of an enterprise.
    NotFound
        There is no such place in the user's territory.
    BadInput
        Nothing is told, or the time lies in the future or ends before it begins.
    """
    if user.role == Role.ENTERPRISE:
        raise Forbidden(_("Clues are reported by people of the authorities"))
    station = stations(user).filter(code=station_code).first()
    if station is None:
        raise NotFound(_("There is no station %(code)s in your territory.") % {"code": station_code})
    _check_clue(what, span)
    said = Text(what.strip(), what.strip())
    clue = Clue(Text("人员反映线索", "Clue reported by a person"), said, span, severity)
    return enter(station, clue, user, origin)


@transaction.atomic
def settle_clues(finding_ids: Iterable[int], origin: Origin = log.PLATFORM) -> int:
    """Clear what people reported when the case about it has ended; what detectors found is left to its values.

    Parameters
    ----------
    finding_ids : iterable of int
        What the case is about.
    origin : Origin

    Returns
    -------
    int
        How many were open.
    """
    rows = Finding.objects.filter(pk__in=list(finding_ids), detector=REPORTED, state=FindingState.OPEN)
    settled = list(rows.select_for_update(of=("self",)).order_by("pk"))
    for row in settled:
        row.state, row.cleared_at = FindingState.CLEARED, clock.now()
        row.save(update_fields=["state", "cleared_at"])
        log.write(ClueSettled(id=row.pk), origin)
    return len(settled)


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


def _check_clue(what: str, span: tuple[datetime, datetime]) -> None:
    if not what.strip():
        raise BadInput(_("Say what was noticed"), "what")
    if span[1] < span[0]:
        raise BadInput(_("Expected an end after the start"), "until")
    if span[0] > clock.now():
        raise BadInput(_("Expected a start that is not in the future"), "since")
    if span[1] > clock.now():
        raise BadInput(_("Expected an end that is not in the future"), "until")


@dataclass(frozen=True)
class Trial:
    """What a detector would have found at channels in a time; `unjudged` says by channel what could not be judged."""

    found: tuple[tuple[Channel, Episode], ...]
    unjudged: tuple[tuple[Channel, str], ...]


def try_out(
    detector: str,
    parameters: dict[str, Any],
    *,
    kind: str,
    channels: Iterable[Channel],
    span: tuple[datetime, datetime],
) -> Trial:
    """Run a detector over stored readings as if it had been in force; nothing is written.

    Parameters
    ----------
    detector : str
        Code of a detector.
    parameters : dict
        Settings of the detector; what is left out has its default.
    kind : str
        A value of `WatchKind`.
    channels : iterable of Channel
        With their station and enterprise.
    span : tuple of datetime
        From when to before when, aware.

    Returns
    -------
    Trial
        By channel, earliest first.

    Raises
    ------
    BadInput
        There is no such detector, or it does not take such settings; or the span ends before it begins.
    """
    check_settings(detector, parameters)
    first, end = span
    if end <= first:
        raise BadInput(_("Expected an end after the start"), "end")
    last = end - timedelta(microseconds=1)
    looks = [Look(detector, kind, parameters, one, first, last, first) for one in channels]
    unjudged: list[tuple[Channel, str]] = []

    def note(look: Look, reason: Exception) -> None:
        """Note once for each channel what could not be judged."""
        told = (look.channel, str(reason))
        if told not in unjudged:
            unjudged.append(told)

    found = tuple((look.channel, episode) for look, episode in judging.would_find(looks, note))
    return Trial(found, tuple(unjudged))


def rehearse(
    given: Any, span: tuple[datetime, datetime], *, at_once: int = CHANNELS_A_TASK
) -> Iterator[tuple[Look, Episode]]:
    """What a rule set would have found in stored readings, had it been in force; nothing is written.

    Parameters
    ----------
    given : dict
        A rule set; what `json` reads from a file.
    span : tuple of datetime
        From when to before when, aware.
    at_once : int
        How many channels a task has; several tasks are done by as many processes as there are processors.

    Returns
    -------
    iterator of (Look, Episode)
        By channel, each with what looked at it; the same as live judging would have opened.

    Raises
    ------
    BadInput
        It is no rule set, or names what is not known here.
    """
    ids = list(Channel.objects.order_by("pk").values_list("pk", flat=True))
    for part in rehearsing.over(rulesets.read(given).book, ids, span, at_once=at_once):
        yield from part.found


@dataclass(frozen=True)
class Turning:
    """From which value on of one setting a detector would no longer find what it found; None if no value does."""

    parameter: Parameter
    value: float
    turns_at: float | None


def what_would_change(finding_id: int) -> list[Turning]:
    """How far each setting of a finding's detector would have to differ for it not to be found.

    Parameters
    ----------
    finding_id : int

    Returns
    -------
    list of Turning
        One for each number that may be set, over the readings as they stand now; empty for what people reported, and
        where the readings show it no more.

    Raises
    ------
    Refused
        The detector is not installed any more, or cannot judge the readings as they stand now; says why.
    """
    row = Finding.objects.select_related("channel__station__enterprise").get(pk=finding_id)
    try:
        return [Turning(*turned) for turned in (turning.turnings(row) if row.channel else ())]
    except blindness.REASONS as reason:
        raise Refused(_("The detector cannot look at it again: %(why)s") % {"why": reason}) from reason


def rerun(finding_id: int) -> tuple[detect.Finding, ...]:
    """Run the detector again as it ran when the finding last changed.

    Parameters
    ----------
    finding_id : int

    Returns
    -------
    tuple of qingyuan_science.detect.Finding
        What it says about the finding's time with the settings of then and the standards known then, over the readings
        as they stand now; empty if they no longer show anything.
    """
    row = Finding.objects.select_related("channel__station__enterprise").get(pk=finding_id)
    return turning.again(row, row.parameters) if row.channel else ()
