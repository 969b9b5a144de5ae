"""Counting what should have been judged and could not be."""

from django.db import connection

from qingyuan.judging.logic.watching import Look
from qingyuan.kit import clock
from qingyuan_science.plugins import PluginError
from qingyuan_science.series import SeriesError
from qingyuan_science.standards import StandardsError
from qingyuan_science.units import UnitError

_COUNT = (
    "INSERT INTO judging_blindspot AS spot (watch_id, channel_id, reason, count, first_at, last_at)"
    " VALUES (%s, %s, %s, 1, %s, %s) ON CONFLICT (watch_id, channel_id, reason)"
    " DO UPDATE SET count = spot.count + 1, last_at = excluded.last_at"
)
REASONS = (PluginError, SeriesError, StandardsError, UnitError)


def count(look: Look, reason: Exception) -> None:
    """Count one look that failed, by its reason."""
    if look.watch is None:
        return
    now = clock.now()
    said = f"{type(reason).__name__}: {reason}"[:300]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [look.watch, look.channel.pk, said, now, now])
