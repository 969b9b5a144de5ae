"""What the authority set for itself at one station, and what is built there."""

from datetime import datetime
from typing import Any

from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import Station, StationKind, alarms_at, known_now, projects
from qingyuan.sensing.limits import thresholds_for_channels
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.papers.words import days_words
from qingyuan.showing.logic.sites.standing import threshold_words
from qingyuan.showing.wording import said


def own_of(viewer: User, found: Station, now: datetime) -> dict[str, Any] | None:
    """Project and thresholds of today as the station's page shows them; None where neither can be."""
    if found.kind != StationKind.DUST and found.pk not in alarms_at([found.pk]):
        return None
    today = now.astimezone(SHANGHAI).date()
    measured = list(Channel.objects.filter(station=found).select_related("station").order_by("factor", "basis"))
    held = thresholds_for_channels(measured, today)
    built = known_now(projects(viewer)).filter(station=found).order_by("-valid")
    return {
        "is_site": found.kind == StationKind.DUST,
        "projects": [{"row": one, "days": days_words(one.valid), "holds": one.holds(today, now)} for one in built],
        "thresholds": [
            {
                "words": threshold_words(limit),
                "clause": said(limit.clause),
                "stage": said(limit.condition) if limit.condition else "",
            }
            for channel in measured
            for limit in held[channel.pk]
        ],
    }
