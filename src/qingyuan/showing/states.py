"""How a station stands now: what is found there, whether it speaks at all."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils.translation import gettext as _

from qingyuan.judging.queries import Finding, FindingState, SeverityLevel
from qingyuan.sensing.queries import Device

SILENT_AFTER = timedelta(minutes=70)  # our own choice: hour values, the rarest that a device sends, and some delay


@dataclass(frozen=True)
class StationState:
    """One station's state in words; `severity` where something is found, `kind` as `state_badge` takes it."""

    key: str
    title: str
    kind: str
    severity: int = 0
    last_seen_at: datetime | None = None

    @property
    def speaks(self) -> bool:
        """Whether the station's device was heard of lately."""
        return self.key not in {"silent", "mute"}


SEVERITY_KEYS = {1: "notice", 2: "minor", 3: "major", 4: "critical"}


def states_of(station_ids: Collection[int], now: datetime) -> dict[int, StationState]:
    """The state of every station asked for, by two queries."""
    found = Finding.objects.filter(station_id__in=station_ids, state=FindingState.OPEN)
    worst = dict(found.values_list("station_id").annotate(Max("severity")).order_by())
    heard = (
        Device.objects.filter(station_id__in=station_ids)
        .values_list("station_id")
        .annotate(Max("last_seen_at"))
        .order_by()
    )
    last_seen = dict(heard)
    return {pk: _state(worst.get(pk, 0), pk in last_seen, last_seen.get(pk), now) for pk in station_ids}


def _state(severity: int, has_device: bool, last_seen: datetime | None, now: datetime) -> StationState:
    if severity:
        title = str(SeverityLevel(severity).label)
        return StationState(SEVERITY_KEYS[severity], title, "warning", severity, last_seen)
    if not has_device:
        return StationState("mute", _("No device"), "idle")
    if last_seen is None:
        return StationState("mute", _("Never heard"), "idle")
    if now - last_seen > SILENT_AFTER:
        return StationState("silent", _("Silent"), "warning", 0, last_seen)
    return StationState("in-order", _("In order"), "good", 0, last_seen)
