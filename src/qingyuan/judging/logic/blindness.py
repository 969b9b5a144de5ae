"""Counting what should have been judged and could not be."""

from collections import Counter
from collections.abc import Iterable

from django.db import connection

from qingyuan.judging.logic.watching import Look
from qingyuan.kit import clock
from qingyuan_science.plugins import PluginError
from qingyuan_science.series import SeriesError
from qingyuan_science.standards import StandardsError
from qingyuan_science.units import UnitError

_COUNT = (
    "INSERT INTO judging_blindspot AS spot (watch_id, channel_id, reason, count, first_at, last_at)"
    " SELECT w, c, r, n, %s, %s FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[]) AS t(w, c, r, n)"
    " ON CONFLICT (watch_id, channel_id, reason)"
    " DO UPDATE SET count = spot.count + excluded.count, last_at = excluded.last_at"
)
REASONS = (PluginError, SeriesError, StandardsError, UnitError)


def count(failed: Iterable[tuple[Look, Exception]]) -> None:
    """Count looks that failed, by their reasons."""
    counted = Counter(
        (look.watch, look.channel.pk, f"{type(reason).__name__}: {reason}"[:300])
        for look, reason in failed
        if look.watch is not None
    )
    if counted:
        rows = sorted((*key, number) for key, number in counted.items())  # in one order, so that no two wait crosswise
        now = clock.now()
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [now, now, *(list(column) for column in zip(*rows, strict=True))])
