"""Counting what should have been judged and could not be."""

from django.db.models import F

from qingyuan.judging.logic.watching import Look
from qingyuan.judging.models import BlindSpot
from qingyuan.kit import clock
from qingyuan_science.plugins import PluginError
from qingyuan_science.series import SeriesError
from qingyuan_science.standards import StandardsError
from qingyuan_science.units import UnitError

REASONS = (PluginError, SeriesError, StandardsError, UnitError)


def count(look: Look, reason: Exception) -> None:
    """Count one look that failed, by its reason."""
    if look.watch is None:
        return
    now = clock.now()
    found, created = BlindSpot.objects.get_or_create(
        watch_id=look.watch, channel=look.channel, reason=f"{type(reason).__name__}: {reason}"[:300],
        defaults={"count": 1, "first_at": now, "last_at": now},
    )  # fmt: skip
    if not created:
        BlindSpot.objects.filter(pk=found.pk).update(count=F("count") + 1, last_at=now)
