"""Where something may have come from, in the reader's words: the sentence, each suspect, and what weighs how much."""

from collections.abc import Iterable
from datetime import timedelta
from math import exp
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.judging.queries import Finding
from qingyuan.kit.queries import Entry
from qingyuan.people.queries import User
from qingyuan.places.queries import enterprises, outfalls
from qingyuan.sensing.queries import channels
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.wayback import readings_address
from qingyuan.showing.wording import listed, said
from qingyuan.tracing.api import MAY_TRACE, wind_channels
from qingyuan.tracing.events import SourceNamed, SourceSettled, SuspectsRanked
from qingyuan.tracing.queries import (
    TRACERS,
    UNKNOWN,
    NamedSource,
    Outcome,
    Suspect,
    Trace,
    may_see,
    named_sources,
    newest_trace,
    suspects_of,
    tracer_title,
)

SHOWN = 10  # suspects; the others are counted
LITTLE = 0.01  # log-likelihood that is told as saying nothing
SUSPECTING = {one.__name__ for one in (SuspectsRanked, SourceNamed, SourceSettled)}
OUTCOME_KINDS = {Outcome.OPEN: "waiting", Outcome.CONFIRMED: "bad", Outcome.REFUTED: "good"}


def tracing_of(viewer: User, found: Finding) -> dict[str, Any] | None:
    """What the page of a finding, or of its case, says of where it came from; None where nothing was sought."""
    trace = newest_trace(found.pk) if may_see(viewer) else None
    if trace is None:
        return None
    suspects = list(suspects_of(trace))
    return {
        "trace": trace,
        "tracer": said(tracer_title(trace.tracer)),
        "wind": _wind(viewer, found, trace),
        "suspects": _rows(viewer, trace, suspects[:SHOWN]),
        "weighed": len(suspects),
        "caveat": "" if trace.cannot_tell in trace.sentence else trace.cannot_tell,
        "more": len(suspects) - SHOWN if len(suspects) > SHOWN else 0,
        "unknown": trace.unknown,
        "look_next": next((one.name for one in suspects if one.source == trace.look_next), ""),
        "named": [_named(viewer, one) for one in named_sources(found)],
        "may_trace": viewer.role in MAY_TRACE,
    }


def _wind(viewer: User, found: Finding, trace: Trace) -> list[dict[str, str]]:
    """The readings of the wind by which sources in the air were weighed, as far as the viewer may see them."""
    if found.station is None or TRACERS.get(trace.tracer).along != "air":
        return []
    read = [one.pk for one in wind_channels(found.station).values()]
    span = found.started_at, found.ended_at + timedelta(hours=1)
    return [
        {"title": f"{one.station.title} {measured(one).short}", "href": readings_address(one, "h", *span)}
        for one in channels(viewer).filter(pk__in=read).order_by("pk")
    ]


def told_to(viewer: User, entries: Iterable[Entry]) -> list[Entry]:
    """Lines of the log without those that say who is suspected, where the viewer may not see that."""
    return [one for one in entries if one.act not in SUSPECTING or may_see(viewer)]


def choices_of(found: Finding) -> list[tuple[str, str]]:
    """The sources that can be named for a finding, the most probable first, and that it is none of them."""
    trace = newest_trace(found.pk)
    if trace is None:
        return [(UNKNOWN, _("none of the known sources"))]
    rows = [(one.source, f"{one.name} · {one.probability:.0%}") for one in suspects_of(trace)]
    return [*rows, (UNKNOWN, f"{_('none of the known sources')} · {trace.unknown:.0%}")]


def first_of(traces: Iterable[Trace]) -> dict[int, Suspect]:
    """The most probable source of each trace."""
    return {one.trace_id: one for one in Suspect.objects.filter(trace__in=list(traces), rank=1)}


def _rows(viewer: User, trace: Trace, suspects: list[Suspect]) -> list[dict[str, Any]]:
    seen = _addresses(viewer, suspects)
    return [
        {
            "suspect": one,
            "href": seen.get(one.source, ""),
            "away": _away(one),
            "telling": [_evidence(item) for item in one.evidence if not _is_mute(item)],
            "mute": listed(_evidence(item)["says"] for item in one.evidence if _is_mute(item)),
            "silent": all(_is_mute(item) for item in one.evidence),
        }
        for one in suspects
    ]


def _away(one: Suspect) -> str:
    if one.distance_m is not None:
        return _("%(km).1f km away") % {"km": one.distance_m / 1000.0}
    if one.is_estimated:
        return _("water takes some %(hours).1f h, estimated by the distance") % {"hours": one.travel_hours}
    if one.travel_hours is not None:
        return _("water takes about %(hours).1f h") % {"hours": one.travel_hours}
    return ""


def _is_mute(item: dict[str, Any]) -> bool:
    return abs(float(item["log_likelihood"])) < LITTLE


def _evidence(item: dict[str, Any]) -> dict[str, Any]:
    chinese = (get_language() or "zh").startswith("zh")
    weight = float(item["log_likelihood"])
    return {"says": item["zh"] if chinese else item["en"], "weight": _weight(weight), "log": f"{weight:+.2f}"}


def _weight(log_likelihood: float) -> str:
    """How many times as probable it makes the source, in words."""
    times = f"{exp(abs(log_likelihood)):.3g}"
    if log_likelihood > 0:
        return _("for it, %(times)s times") % {"times": times}
    return _("against it, %(times)s times") % {"times": times}


def _addresses(viewer: User, rows: Iterable[Suspect | NamedSource]) -> dict[str, str]:
    """Pages of the sources that the viewer may open."""
    every = list(rows)
    firms = enterprises(viewer).filter(pk__in=[one.enterprise_id for one in every if one.enterprise_id])
    codes = set(firms.values_list("code", flat=True))
    ends = outfalls(viewer).filter(outfall__in=[one.outfall_id for one in every if one.outfall_id])
    known = set(ends.values_list("outfall__code", flat=True))
    told = {}
    for one in every:
        if one.enterprise and one.enterprise.code in codes:
            told[one.source] = reverse("enterprise", kwargs={"code": one.enterprise.code})
        elif one.outfall and one.outfall.code in known:
            told[one.source] = reverse("outfall", kwargs={"code": one.outfall.code})
    return told


def _named(viewer: User, one: NamedSource) -> dict[str, Any]:
    outcome = Outcome(one.outcome)
    return {
        "name": one.name,
        "why": one.why,
        "by": one.named_by.name,
        "at": one.named_at,
        "outcome": outcome.label,
        "kind": OUTCOME_KINDS[outcome],
    }
