"""What shows a finding: the chart around its window."""

from datetime import UTC, datetime, timedelta

from django.urls import reverse

from qingyuan.judging.queries import Finding

AROUND = {
    "r": timedelta(hours=1),
    "m": timedelta(hours=2),
    "h": timedelta(hours=24),
    "d": timedelta(days=20),
}
ALSO_COMPUTED = {"h": "hH", "d": "dD"}


def chart_of(found: Finding) -> dict[str, str] | None:
    """The props of the chart island; None for what was reported without a measurement."""
    if found.channel is None:
        return None
    around = AROUND[found.kind]
    span = f"from={_utc(found.started_at - around)}&to={_utc(found.ended_at + around)}"
    kinds = ALSO_COMPUTED.get(found.kind, found.kind)
    address = reverse("series", kwargs={"code": found.station.code})
    return {"url": f"{address}?factor={found.channel.factor}&basis={found.channel.basis}&kind={kinds}&{span}"}


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
