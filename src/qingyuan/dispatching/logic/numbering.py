"""Case numbers: unique, and without a gap on any day."""

from datetime import datetime

from django.db import connection

from qingyuan.kit import clock

PREFIX = "QY"
_NEXT = (
    "INSERT INTO dispatching_daycount (day, last) VALUES (%s, 1)"
    " ON CONFLICT (day) DO UPDATE SET last = dispatching_daycount.last + 1 RETURNING last"
)


def next_number(at: datetime) -> str:
    """The next number of the day in Shanghai; a transaction that fails gives its number back."""
    day = at.astimezone(clock.SHANGHAI).date()
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [day])
        (count,) = cursor.fetchone()
    return f"{PREFIX}-{day:%Y%m%d}-{count:04d}"
