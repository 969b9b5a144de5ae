"""Seeking the source of a finding: by which rule, among whom, and keeping what the tracer says."""

from dataclasses import asdict
from datetime import timedelta

from django.db import transaction

from qingyuan.judging.queries import Finding
from qingyuan.kit import clock, log
from qingyuan.kit.log import Origin
from qingyuan.sensing.limits import factor_of
from qingyuan.tracing.events import SuspectsRanked
from qingyuan.tracing.logic import rivers, winds
from qingyuan.tracing.logic.related import shown_by
from qingyuan.tracing.logic.sources import Source, candidates, hours
from qingyuan.tracing.models import Suspect, Trace, TraceRule
from qingyuan_science.plugins import Text, with_parameters
from qingyuan_science.series import microseconds
from qingyuan_science.trace import TRACERS, Seen, Traced, Tracer

TOLD = 5  # suspects that the line of the log names
AROUND = {"water": rivers.sources, "air": winds.sources}


def rule_for(found: Finding) -> TraceRule | None:
    """The rule of the narrowest place that fits the finding; none where it is not enabled or nothing is sought."""
    if found.channel is None or found.station is None or not shown_by(found.channel.factor):
        return None
    day = found.started_at.astimezone(clock.SHANGHAI).date()
    rules = TraceRule.objects.filter(valid__contains=day, detector=found.detector)
    fitting = [
        one
        for one in rules
        if one.station_id in (None, found.station_id) and one.station_kind in ("", found.station.kind)
    ]
    rule = min(fitting, key=lambda one: (one.station_id is None, not one.station_kind, -one.pk), default=None)
    return rule if rule is not None and rule.enabled else None


def trace(found: Finding, rule: TraceRule, origin: Origin = log.PLATFORM) -> Trace:
    """Rank the known sources and keep what is said, with a line of the log."""
    tracer = with_parameters(TRACERS.get(rule.tracer), rule.parameters)
    sources = AROUND[tracer.along](found)
    known = candidates(found, sources, timedelta(days=tracer.looks_back_days))
    said = tracer.trace(_seen(found, tracer), known)
    with transaction.atomic():
        kept = _keep(found, rule, tracer, said)
        Suspect.objects.bulk_create(_suspects(kept, said, {one.code: one for one in sources}))
        log.write(_told(kept, tracer, said), origin)
    return kept


def _seen(found: Finding, tracer: Tracer) -> Seen:
    channel, station = found.channel, found.station
    assert channel is not None and station is not None  # noqa: PT018, S101 `rule_for` answers none otherwise
    span = (found.started_at - timedelta(days=tracer.looks_back_days), found.ended_at + timedelta(hours=1))
    wind = winds.wind_at(station, span) if tracer.along == "air" else (None, None)
    return Seen(
        Text(station.title_zh, station.title_en), factor_of(channel), hours([channel.pk], span)[channel.pk],
        microseconds(found.started_at), microseconds(found.ended_at), *wind,
    )  # fmt: skip


def _keep(found: Finding, rule: TraceRule, tracer: Tracer, said: Traced) -> Trace:
    cannot = said.cannot_tell or Text("", "")
    edition = {
        "version": tracer.version, "parameters": asdict(tracer), "rule": rule.pk,
        "from": found.started_at.isoformat(), "to": found.ended_at.isoformat(), "of": found.sentence_zh,
    }  # fmt: skip
    return Trace.objects.create(
        finding=found, tracer=tracer.code, edition=edition, made_at=clock.now(), unknown=said.unknown,
        cannot_tell_zh=cannot.zh, cannot_tell_en=cannot.en, sentence_zh=said.sentence.zh,
        sentence_en=said.sentence.en, look_next=said.look_next,
    )  # fmt: skip


def _suspects(kept: Trace, said: Traced, sources: dict[str, Source]) -> list[Suspect]:
    made = []
    for rank, one in enumerate(said.suspects, 1):
        source = sources[one.code]
        evidence = [
            {"code": item.code, "zh": item.says.zh, "en": item.says.en, "log_likelihood": round(item.log_likelihood, 4)}
            for item in one.evidence
        ]
        hours_away = None if source.travel_s is None else source.travel_s / 3600.0
        made.append(
            Suspect(
                trace=kept, rank=rank, source=one.code, enterprise=source.enterprise, outfall=source.outfall,
                name_zh=source.name.zh, name_en=source.name.en, probability=one.probability, evidence=evidence,
                travel_hours=hours_away, is_estimated=source.is_estimated, distance_m=source.distance_m,
            )
        )  # fmt: skip
    return made


def _told(kept: Trace, tracer: Tracer, said: Traced) -> SuspectsRanked:
    first = [(one.code, round(one.probability, 4)) for one in said.suspects[:TOLD]]
    return SuspectsRanked(
        id=kept.finding_id, trace=kept.pk, tracer=tracer.code, version=tracer.version, unknown=round(said.unknown, 4),
        suspects=first, sentence_zh=said.sentence.zh, sentence_en=said.sentence.en,
    )  # fmt: skip
