"""Reads of findings, watches and limits, scoped to the viewer's territory where a viewer is given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from qingyuan.judging import limits
from qingyuan.judging.limits import AVERAGING
from qingyuan.judging.models import (
    BlindSpot,
    Dismissal,
    Finding,
    FindingState,
    Override,
    SeverityLevel,
    Watch,
    WatchKind,
)
from qingyuan.judging.rules import Rule, Rulebook
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import AppliedStandard, enterprises, sees_whole_district, stations, territory_of
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import DETECTORS, Severity
from qingyuan_science.plugins import PluginError, Text
from qingyuan_science.series import Averaging
from qingyuan_science.standards import Limit, StandardsError, limits_that_judge
from qingyuan_science.units import UnitError

__all__ = [
    "AVERAGING",
    "DETECTORS",
    "REPORTED",
    "BlindSpot",
    "Dismissal",
    "EffectiveRule",
    "Finding",
    "FindingState",
    "Override",
    "Severity",
    "SeverityLevel",
    "Watch",
    "WatchKind",
    "blind_spots",
    "detector_title",
    "effective_rules",
    "finding",
    "findings",
    "heads",
    "labels",
    "limits_for_channel",
    "limits_of_days",
    "open_finding_count",
    "overrides",
    "overrides_within",
    "rule_of",
    "watches",
]

REPORTED = "reported"
"""What stands in place of a detector where a person reported it."""


def findings(viewer: User) -> QuerySet[Finding]:
    """Findings at the stations of the viewer's territory, newest first; an enterprise is not shown what people report.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Finding
    """
    found = Finding.objects.filter(territory_of(viewer).of_stations("station__"))
    if viewer.role == Role.ENTERPRISE:
        found = found.exclude(detector=REPORTED)
    return found.select_related("station__cell", "station__enterprise", "channel__station")


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
        raise NotFound(f"finding {finding_id}: none in the territory of {viewer.username}")
    return found


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


def limits_for_channel(channel: Channel, kind: str, on: date) -> tuple[Limit, ...]:
    """The limits to draw beside the readings of a channel.

    Parameters
    ----------
    channel : Channel
    kind : str
        Letter of the readings' kind.
    on : date
        The day of the data, in Shanghai.

    Returns
    -------
    tuple of Limit
        Those of the readings' averaging time, or where there are none those of the next longer one up to a month, in
        the channel's unit. Empty where nothing binds, or where the limits cannot be expressed in that unit.
    """
    try:
        bound = limits_that_judge(limits.binding(channel, on, on), AVERAGING[kind])
        return tuple(limit.in_unit(channel.unit) for limit in bound)
    except (StandardsError, UnitError):
        return ()


def limits_of_days(channels: Sequence[Channel], first: date, last: date) -> dict[int, tuple[Limit, ...]]:
    """The limits that day values of several channels are held against, by one query.

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
    applied: dict[int, list[AppliedStandard]] = {}
    for one in AppliedStandard.objects.filter(station__in={channel.station_id for channel in channels}).order_by("pk"):
        applied.setdefault(one.station_id, []).append(one)
    found: dict[int, tuple[Limit, ...]] = {}
    for channel in channels:
        try:
            bound = limits.binding_of(channel, applied.get(channel.station_id, ()), first, last)
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
    within = Q(station__in=stations(viewer)) | Q(station=None, enterprise__in=enterprises(viewer))
    if sees_whole_district(viewer):
        within |= Q(station=None, enterprise=None)
    return overrides().filter(within)


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
    try:
        return DETECTORS.get(code).title
    except PluginError:
        return Text(code, code)
