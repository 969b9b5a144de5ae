"""Verbs of tracing: seeking a source, naming it, and saying whether it was it."""

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.judging.events import FindingCleared, FindingOpened
from qingyuan.judging.queries import Finding, finding
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.tracing.events import SourceNamed, SourceSettled
from qingyuan.tracing.logic import ranking
from qingyuan.tracing.logic.winds import wind_channels
from qingyuan.tracing.models import UNKNOWN, NamedSource, Outcome, Suspect, Trace
from qingyuan.tracing.queries import newest_trace
from qingyuan_science.plugins import PluginError

__all__ = ["MAY_TRACE", "name_source", "settle_source", "trace_again", "trace_finding", "wind_channels"]

MAY_TRACE = (Role.ANALYST, Role.DUTY_OFFICER, Role.ENFORCEMENT_OFFICER, Role.SUPERVISOR)
NONE_KNOWN = {"zh": "已知污染源以外的来源", "en": "none of the known sources"}


def trace_finding(event: FindingOpened | FindingCleared) -> None:
    """Seek the source of a finding by the rule that fits, when it opens and when it is over (a handler of the loop).

    Parameters
    ----------
    event : FindingOpened or FindingCleared

    Notes
    -----
    Where no rule fits nothing is sought. When it is over, the whole of it is known, so it is sought anew, unless
    neither its end nor its numbers have changed since.
    """
    found = _with_channel(event.id)
    rule, before = ranking.rule_for(found), newest_trace(event.id)
    if rule is not None and (before is None or not before.is_of(found)):
        ranking.trace(found, rule)


def trace_again(finding_id: int, user: User, origin: Origin) -> Trace:
    """Seek the source of a finding with what is known now.

    Parameters
    ----------
    finding_id : int
    user : User
        An analyst, duty officer, enforcement officer or supervisor.
    origin : Origin

    Returns
    -------
    Trace
        It stands before the earlier ones, which stay.

    Raises
    ------
    NotFound
        None of that number in the user's territory.
    Forbidden
        It is for other roles.
    Refused
        No rule says that a source is sought for such a finding, or its tracer is gone or does not take its settings.
    """
    found = _with_channel(finding(user, finding_id).pk)
    if user.role not in MAY_TRACE:
        raise Forbidden(_("Sources are sought by analysts, duty officers, enforcement officers and supervisors"))
    rule = ranking.rule_for(found)
    if rule is None:
        raise Refused(_("No rule of tracing fits this finding: the kind of station, the detector or the factor"))
    try:
        return ranking.trace(found, rule, replace(origin, actor=user.username))
    except PluginError as error:
        raise Refused(str(error)) from error


@transaction.atomic
def name_source(finding_id: int, source: str, user: User, origin: Origin, *, why: str = "") -> NamedSource:
    """Say which source is to be looked at.

    Parameters
    ----------
    finding_id : int
        Of a finding that the user may see.
    source : str
        As in `Suspect.source`, or `UNKNOWN` for none of the known ones.
    user : User
    origin : Origin
    why : str

    Returns
    -------
    NamedSource
        With the chance that the newest trace gives it.

    Raises
    ------
    BadInput
        The newest trace did not look at such a source (says which it did).
    """
    found = finding(user, finding_id)
    trace = newest_trace(found.pk)
    suspects = list(trace.suspects.all()) if trace else []
    suspect = next((one for one in suspects if one.source == source), None)
    if suspect is None and source != UNKNOWN:
        known = ", ".join([*(one.source for one in suspects), UNKNOWN])
        raise BadInput(
            _("Found %(found)s, expected one of: %(known)s") % {"found": source or "—", "known": known}, "source"
        )
    named = NamedSource(
        finding=found, trace=trace, source=source, why=why, named_by=user, named_at=clock.now(), **_as_named(suspect)
    )
    if suspect is None and trace is not None:
        named.probability = trace.unknown
    named.save()
    fact = SourceNamed(id=found.pk, source=source, name_zh=named.name_zh, name_en=named.name_en)
    log.write(fact, replace(origin, actor=user.username), why)
    return named


@transaction.atomic
def settle_source(finding_id: int, outcome: str, user: User, origin: Origin, *, why: str = "") -> NamedSource | None:
    """Say what looking at the source that was named last has shown; tracing learns from it.

    Parameters
    ----------
    finding_id : int
        Of a finding that the user may see.
    outcome : str
        `Outcome.CONFIRMED` or `Outcome.REFUTED`.
    user : User
    origin : Origin
    why : str

    Returns
    -------
    NamedSource or None
        None where nobody was named, or what was named is settled already.

    Raises
    ------
    BadInput
        The outcome is another.
    """
    if outcome not in (Outcome.CONFIRMED, Outcome.REFUTED):
        expected = f"{Outcome.CONFIRMED}, {Outcome.REFUTED}"
        raise BadInput(_("Found %(found)s, expected one of: %(known)s") % {"found": outcome or "—", "known": expected})
    found = finding(user, finding_id)
    named = NamedSource.objects.select_for_update().filter(finding=found).first()
    if named is None or named.outcome != Outcome.OPEN:
        return None
    named.outcome, named.settled_by, named.settled_at = outcome, user, clock.now()
    named.save(update_fields=["outcome", "settled_by", "settled_at"])
    fact = SourceSettled(
        id=found.pk, source=named.source, name_zh=named.name_zh, name_en=named.name_en, outcome=outcome
    )
    log.write(fact, replace(origin, actor=user.username), why)
    return named


def _with_channel(finding_id: int) -> Finding:
    return Finding.objects.select_related("channel__station", "station").get(pk=finding_id)


def _as_named(suspect: Suspect | None) -> dict[str, object]:
    if suspect is None:
        return {"name_zh": NONE_KNOWN["zh"], "name_en": NONE_KNOWN["en"]}
    return {
        "enterprise": suspect.enterprise, "outfall": suspect.outfall, "name_zh": suspect.name_zh,
        "name_en": suspect.name_en, "probability": suspect.probability, "rank": suspect.rank,
    }  # fmt: skip
