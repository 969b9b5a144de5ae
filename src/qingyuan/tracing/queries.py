"""Reads of traces."""

from dataclasses import dataclass

from django.db.models import QuerySet

from qingyuan.judging.queries import Finding, findings
from qingyuan.people.queries import Role, User
from qingyuan.tracing.models import UNKNOWN, NamedSource, Outcome, Suspect, Trace, TraceRule
from qingyuan_science.plugins import PluginError, Text
from qingyuan_science.trace import TRACERS

__all__ = [
    "TRACERS",
    "UNKNOWN",
    "NamedSource",
    "Outcome",
    "Suspect",
    "Trace",
    "TraceRule",
    "Worth",
    "may_see",
    "named_sources",
    "newest_trace",
    "suspects_of",
    "tracer_title",
    "traces",
    "worth",
]


def may_see(viewer: User) -> bool:
    """Whether somebody may see who is suspected; enterprises may not see each other named.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    bool
    """
    return viewer.role != Role.ENTERPRISE


def traces(viewer: User) -> QuerySet[Trace]:
    """The newest trace of each finding in the viewer's territory, the newest finding first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Trace
        With finding and station.
    """
    if not may_see(viewer):
        return Trace.objects.none()
    own = findings(viewer).values("pk")
    newest = Trace.objects.filter(finding__in=own).order_by("finding_id", "-pk").distinct("finding_id").values("pk")
    return Trace.objects.filter(pk__in=newest).select_related("finding__station").order_by("-finding_id")


def newest_trace(finding_id: int) -> Trace | None:
    """What is said now of where a finding came from.

    Parameters
    ----------
    finding_id : int
        Of a finding that the viewer may see; see `may_see`.

    Returns
    -------
    Trace or None
    """
    return Trace.objects.filter(finding=finding_id).first()


def suspects_of(trace: Trace) -> QuerySet[Suspect]:
    """The sources that a trace looked at, the most probable first.

    Parameters
    ----------
    trace : Trace

    Returns
    -------
    QuerySet of Suspect
    """
    return Suspect.objects.filter(trace=trace).select_related("enterprise", "outfall").order_by("rank")


def named_sources(found: Finding) -> QuerySet[NamedSource]:
    """Whom people named for a finding, and what going there showed, newest first.

    Parameters
    ----------
    found : Finding

    Returns
    -------
    QuerySet of NamedSource
    """
    return NamedSource.objects.filter(finding=found).select_related("enterprise", "outfall", "named_by", "settled_by")


def tracer_title(code: str) -> Text:
    """What people call a tracer.

    Parameters
    ----------
    code : str

    Returns
    -------
    Text
        The code itself where it is no longer installed.
    """
    try:
        return TRACERS.get(code).title
    except PluginError:
        return Text(code, code)


@dataclass(frozen=True)
class Worth:
    """What tracing was worth where people went and looked.

    Parameters
    ----------
    settled : int
        Named sources that were looked at; that it was none of the known ones is not counted.
    confirmed : int
        Of these the ones that were the source.
    first, of_three : int
        Of the confirmed the ones that the tracer had named first, and among the first three.
    brier : float or None
        Mean squared difference of the chance given and what turned out. [1]
    """

    settled: int
    confirmed: int
    first: int
    of_three: int
    brier: float | None


def worth(viewer: User) -> Worth:
    """Hold what tracers said against what people found, in the viewer's territory.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    Worth
    """
    own = NamedSource.objects.filter(finding__in=findings(viewer).values("pk")).exclude(source=UNKNOWN)
    rows = list(own.exclude(outcome=Outcome.OPEN).values_list("outcome", "rank", "probability"))
    confirmed = [rank for outcome, rank, _chance in rows if outcome == Outcome.CONFIRMED]
    told = [(chance, outcome == Outcome.CONFIRMED) for outcome, _rank, chance in rows if chance is not None]
    return Worth(
        settled=len(rows),
        confirmed=len(confirmed),
        first=sum(rank == 1 for rank in confirmed),
        of_three=sum(rank is not None and rank <= 3 for rank in confirmed),
        brier=sum((chance - was) ** 2 for chance, was in told) / len(told) if told else None,
    )
