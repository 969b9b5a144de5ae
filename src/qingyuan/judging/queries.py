"""Reads of findings, watches and limits, scoped to the viewer's territory where a viewer is given."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.judging.drawn import drawn_beside, findings_of_channel, limits_for_channel, limits_for_channels
from qingyuan.judging.models import (
    BlindSpot,
    Dismissal,
    ExcludedPlace,
    Finding,
    FindingState,
    Override,
    ProblemState,
    Rehearsal,
    RehearsalState,
    RehearsedFinding,
    Review,
    ReviewedFinding,
    RunState,
    Schedule,
    Screening,
    ScreeningRow,
    ScreeningRun,
    SettledType,
    SeverityLevel,
    SpotRule,
    Subject,
    SuspectedProblem,
    Watch,
    WatchKind,
)
from qingyuan.judging.origins import CameFrom, came_from, clues_seen, coming_from, count_by_origin
from qingyuan.judging.rehearsals import missed, really_found, rehearsal, rehearsals, rehearsed, span_of
from qingyuan.judging.reviews import review, reviewed, reviews
from qingyuan.judging.rules import Rule, Rulebook
from qingyuan.judging.suspicion import (
    excluded_places,
    problem,
    problem_of_spots,
    problems,
    spot_rules,
    spots_of_problem,
)
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import (
    enterprises,
    sees_whole_district,
    stations,
    territory_of,
)
from qingyuan.sensing import limits
from qingyuan.sensing.limits import AVERAGING
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import DETECTORS, Severity
from qingyuan_science.plugins import PluginError, Text
from qingyuan_science.series import Averaging
from qingyuan_science.standards import Limit, StandardsError, limits_that_judge
from qingyuan_science.units import UnitError

__all__ = [
    "AVERAGING",
    "DETECTORS",
    "EXPECTED",
    "REPORTED",
    "BlindSpot",
    "CameFrom",
    "Dismissal",
    "EffectiveRule",
    "ExcludedPlace",
    "Finding",
    "FindingState",
    "Override",
    "ProblemState",
    "Rehearsal",
    "RehearsalState",
    "RehearsedFinding",
    "Review",
    "ReviewedFinding",
    "RunState",
    "Schedule",
    "Screening",
    "ScreeningRow",
    "ScreeningRun",
    "SettledType",
    "Severity",
    "SeverityLevel",
    "SpotRule",
    "Subject",
    "SuspectedProblem",
    "Watch",
    "WatchKind",
    "binding_mean",
    "blind_spots",
    "came_from",
    "clues_seen",
    "coming_from",
    "count_by_origin",
    "detector_title",
    "drawn_beside",
    "effective_rules",
    "excluded_places",
    "finding",
    "findings",
    "findings_of_channel",
    "heads",
    "kinds_for",
    "labels",
    "limits_for_channel",
    "limits_for_channels",
    "limits_of_days",
    "missed",
    "open_finding_count",
    "open_screened_clues",
    "overrides",
    "overrides_within",
    "problem",
    "problem_of_spots",
    "problems",
    "really_found",
    "rehearsal",
    "rehearsals",
    "rehearsed",
    "review",
    "reviewed",
    "reviews",
    "rule_of",
    "screening",
    "screening_row",
    "screening_rows",
    "screening_run",
    "screenings",
    "settled_types",
    "span_of",
    "spot_rules",
    "spots_of_problem",
    "watches",
    "watches_within",
]


REPORTED = "reported"
EXPECTED = "expected_exceedance"


"""What stands in place of a detector where a person reported it."""


def findings(viewer: User) -> QuerySet[Finding]:
    """Findings at the places of the viewer's territory, newest first; an enterprise is not shown what people report.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Finding
    """
    found = Finding.objects.filter(territory_of(viewer).of_places())
    if viewer.role == Role.ENTERPRISE:
        found = found.exclude(detector=REPORTED)
    return found.select_related("station__cell", "station__enterprise", "channel__station", "cell")


def finding(viewer: User, finding_id: int) -> Finding:
    """One finding.

    Parameters
    ----------
    viewer : User
    finding_id : int

    Returns
    -------
    Finding

    Raises
    ------
    NotFound
        There is none of that number in the viewer's territory.
    """
    found = findings(viewer).filter(pk=finding_id).first()
    if found is None:
        raise NotFound(_("There is no finding %(id)s in your territory.") % {"id": finding_id})
    return found


def binding_mean(found: Finding) -> Averaging | None:
    """The longer mean that the limit of a finding is for, so that its values warn and decide nothing by themselves.

    Parameters
    ----------
    found : Finding

    Returns
    -------
    Averaging or None
        None where there is no limit, or where it is for such values.
    """
    named = next((one for one in reversed(found.limit_code.split(":")) if one in set(Averaging)), None)
    if named is None or Averaging(named) is AVERAGING.get(found.kind):
        return None
    return Averaging(named)


def open_finding_count(viewer: User) -> int:
    """How many findings are open in the viewer's territory, for menus.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    int
    """
    return heads(viewer).filter(state=FindingState.OPEN).count()


def limits_of_days(channels: Sequence[Channel], first: date, last: date) -> dict[int, tuple[Limit, ...]]:
    """The limits that day values of several channels are held against, by two queries.

    Parameters
    ----------
    channels : sequence of Channel
    first, last : date
        First and last day of the data, in Shanghai.

    Returns
    -------
    dict of int to tuple of Limit
        For every channel: as `limits_for_channel`, each limit with the days on which it binds. Empty where nothing
        binds, or where the limits cannot be expressed in the channel's unit.
    """
    applied, own = limits.of_stations({channel.station_id for channel in channels})
    found: dict[int, tuple[Limit, ...]] = {}
    for channel in channels:
        at = channel.station_id
        try:
            bound = limits.binding_of(channel, applied.get(at, ()), first, last, own=own.get(at, ()))
            judging = limits_that_judge(bound, Averaging.DAY)
            found[channel.pk] = tuple(limit.in_unit(channel.unit) for limit in judging)
        except (StandardsError, UnitError):
            found[channel.pk] = ()
    return found


def watches() -> QuerySet[Watch]:
    """Every watch, for administrators.

    Returns
    -------
    QuerySet of Watch
    """
    return Watch.objects.select_related("station", "enterprise")


def overrides() -> QuerySet[Override]:
    """Every override of settings.

    Returns
    -------
    QuerySet of Override
    """
    return Override.objects.select_related("station", "enterprise", "set_by")


def overrides_within(viewer: User) -> QuerySet[Override]:
    """Overrides for places in the viewer's territory, which is what a person may end.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Override
        Of a station or else an enterprise that the viewer sees; those of whole industries only where that is the whole
        district.
    """
    return overrides().filter(_placed_within(viewer))


def kinds_for(detector: str) -> list[WatchKind]:
    """Kinds of readings that a detector is made for.

    Parameters
    ----------
    detector : str
        Code of a detector that is installed.

    Returns
    -------
    list of WatchKind
    """
    averagings = DETECTORS.get(detector).averagings
    return [one for one in WatchKind if AVERAGING.get(one.value) in averagings]


def watches_within(viewer: User) -> QuerySet[Watch]:
    """Rules for places in the viewer's territory, which is what a person may end.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Watch
        As for `overrides_within`; those that hold everywhere only where the viewer sees the whole district.
    """
    return watches().filter(_placed_within(viewer))


def _placed_within(viewer: User) -> Q:
    within = Q(station__in=stations(viewer)) | Q(station=None, enterprise__in=enterprises(viewer))
    if sees_whole_district(viewer):
        within |= Q(station=None, enterprise=None)
    return within


@dataclass(frozen=True)
class EffectiveRule:
    """By which rule a detector looks at a channel's readings of a kind, and which wider ones it goes before.

    `rule` is None where a narrower rule says that the detector does not look there; `fitting` are the watches that fit,
    the widest first.
    """

    channel: Channel
    detector: str
    kind: str
    rule: Rule | None
    fitting: tuple[Watch, ...]


def effective_rules(channels: Iterable[Channel], day: date) -> list[EffectiveRule]:
    """The rules that hold at channels for the data of a day.

    Parameters
    ----------
    channels : iterable of Channel
        With their station and enterprise.
    day : date

    Returns
    -------
    list of EffectiveRule
        By channel and detector; nothing for a detector of which no rule fits.
    """
    book = Rulebook.of_today()
    found = []
    for channel in channels:
        for detector, kind in book.asked:
            fitting = tuple(book.shadowed(channel, detector, kind, day))
            if fitting:
                rule = book.rule(channel, detector, kind, day)
                found.append(EffectiveRule(channel, detector, kind, rule, fitting))
    return found


def blind_spots() -> QuerySet[BlindSpot]:
    """Readings that could not be judged, newest first, for administrators.

    Returns
    -------
    QuerySet of BlindSpot
    """
    return BlindSpot.objects.select_related("watch", "channel__station")


def heads(viewer: User) -> QuerySet[Finding]:
    """Findings as a list shows them: what was merged into another stands only while it outlasts that one.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Finding
    """
    outlasting = Q(state=FindingState.OPEN) & ~Q(merged_into__state=FindingState.OPEN)
    return findings(viewer).filter(Q(merged_into=None) | outlasting)


def labels() -> QuerySet[Finding]:
    """Findings that people dismissed, each with the kind of false alarm, its settings and its values; to learn from.

    Returns
    -------
    QuerySet of Finding
    """
    return Finding.objects.filter(state=FindingState.DISMISSED).exclude(dismissed_code="").order_by("pk")


def rule_of(found: Finding) -> Rule | None:
    """The rule by which a finding last changed, with its overrides.

    Parameters
    ----------
    found : Finding

    Returns
    -------
    Rule or None
        None for what people reported.
    """
    watch = Watch.objects.filter(pk=found.edition.get("watch")).select_related("station", "enterprise").first()
    if watch is None:
        return None
    return Rule(watch, tuple(overrides().filter(pk__in=found.edition.get("overrides", ()))))


def detector_title(code: str) -> Text:
    """What people call a detector.

    Parameters
    ----------
    code : str

    Returns
    -------
    Text
        The code itself where the detector is no longer installed.
    """
    if code == REPORTED:
        return Text("人员反映", "Reported by people")
    if code == EXPECTED:
        return Text("预测预警", "Forecast and early warning")
    try:
        return DETECTORS.get(code).title
    except PluginError:
        return Text(code, code)


def settled_types() -> QuerySet[SettledType]:
    """What types of pollution people settled, of all territories: the weights are learned from all of them.

    Returns
    -------
    QuerySet of SettledType
        Earliest first.
    """
    return SettledType.objects.order_by("set_at", "pk")


def screenings() -> QuerySet[Screening]:
    """Every saved screening; what a run of one lists is narrowed to the viewer's territory.

    Returns
    -------
    QuerySet of Screening
    """
    return Screening.objects.select_related("owner", "cell")


def screening(screening_id: int) -> Screening:
    """One saved screening.

    Parameters
    ----------
    screening_id : int

    Returns
    -------
    Screening

    Raises
    ------
    NotFound
        There is none of that number.
    """
    found = screenings().filter(pk=screening_id).first()
    if found is None:
        raise NotFound(_("There is no screening %(id)s.") % {"id": screening_id})
    return found


def screening_run(run_id: int) -> ScreeningRun:
    """One run of a screening, without its rows.

    Parameters
    ----------
    run_id : int

    Returns
    -------
    ScreeningRun

    Raises
    ------
    NotFound
        There is none of that number.
    """
    found = ScreeningRun.objects.select_related("screening__owner", "ran_by").filter(pk=run_id).first()
    if found is None:
        raise NotFound(_("There is no run %(id)s.") % {"id": run_id})
    return found


def screening_rows(viewer: User) -> QuerySet[ScreeningRow]:
    """What runs listed, of the enterprises and grid cells in the viewer's territory, by rank.

    Parameters
    ----------
    viewer : User
        An enterprise user sees none.

    Returns
    -------
    QuerySet of ScreeningRow
    """
    if viewer.role == Role.ENTERPRISE:
        return ScreeningRow.objects.none()
    territory = territory_of(viewer)
    here = territory.of_cells("enterprise__cell__") | Q(enterprise=None) & territory.of_cells("cell__")
    return ScreeningRow.objects.filter(here).select_related("enterprise__cell", "cell", "run", "clue")


def screening_row(viewer: User, row_id: int) -> ScreeningRow:
    """One row of a run.

    Parameters
    ----------
    viewer : User
    row_id : int

    Returns
    -------
    ScreeningRow

    Raises
    ------
    NotFound
        There is none of that number in the viewer's territory.
    """
    found = screening_rows(viewer).filter(pk=row_id).first()
    if found is None:
        raise NotFound(_("There is no row %(id)s in your territory.") % {"id": row_id})
    return found


def open_screened_clues(rows: Collection[ScreeningRow]) -> dict[int, Finding]:
    """The open clue that a screening brought about what each row lists, which keeps a second one from being entered.

    Parameters
    ----------
    rows : collection of ScreeningRow

    Returns
    -------
    dict of int to Finding
        By row; none for most.
    """
    open_clues = Finding.objects.filter(
        detector=REPORTED, state=FindingState.OPEN, edition__has_key="screening_row"
    ).order_by("-pk")  # fmt: skip
    of_enterprises = open_clues.filter(station__enterprise__in={one.enterprise_id for one in rows} - {None})
    of_cells = open_clues.filter(cell__in={one.cell_id for one in rows} - {None})
    by_enterprise = {one.place.enterprise_id: one for one in of_enterprises.select_related("station")}
    by_cell = {one.cell_id: one for one in of_cells}
    found = {one.pk: by_enterprise.get(one.enterprise_id) or by_cell.get(one.cell_id) for one in rows}
    return {row: one for row, one in found.items() if one is not None}
