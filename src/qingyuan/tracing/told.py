"""What a rule of tracing says, as it is logged."""

from qingyuan.tracing.events import TraceRuleChanged
from qingyuan.tracing.models import TraceRule


def rule_as_told(one: TraceRule) -> TraceRuleChanged:
    """What a rule says from now on."""
    return TraceRuleChanged(
        id=one.pk, tracer=one.tracer, detector=one.detector, station_kind=one.station_kind,
        station=one.station.code if one.station else "", parameters=one.parameters, enabled=one.enabled,
        valid=[day.isoformat() if day else "" for day in (one.valid.lower, one.valid.upper)],
    )  # fmt: skip
