"""When the platform listened: what is missing while it did not run was not withheld by anybody.

That nothing came from anybody does not tell it: where few devices send, they may all be silent. So the platform notes
every minute that it runs.
"""

from datetime import datetime, timedelta
from itertools import pairwise

from qingyuan.judging.models import Listening
from qingyuan_science.series import microseconds

STILL_RUNNING = timedelta(minutes=10)  # between two notes; a busy worker may come late
CONNECTING = timedelta(minutes=5)  # until devices have noticed that the platform is there again
FROM_EVER = -(2**62)

Spans = tuple[tuple[int, int], ...]


def note(now: datetime) -> None:
    """Note that the platform runs."""
    newest = Listening.objects.select_for_update().order_by("-last_at").first()
    if newest is None or now - newest.last_at > STILL_RUNNING:
        Listening.objects.create(began_at=now, last_at=now)
    elif now > newest.last_at:
        newest.last_at = now
        newest.save(update_fields=["last_at"])


def heard(now: datetime) -> Spans:
    """The stretches in which the platform listened, earliest first [µs]; as many as it was started anew.

    What comes first after an outage is judged before it is noted that the platform runs again.
    """
    rows = list(Listening.objects.order_by("began_at").values_list("began_at", "last_at"))
    if rows and now - rows[-1][1] > STILL_RUNNING:
        rows.append((now, now))
    return tuple((microseconds(began), microseconds(last)) for began, last in rows)


def unheard(stretches: Spans, start: datetime, end: datetime, *, before: bool) -> Spans:
    """The times between the stretches, as far as they touch a span; and the time `before` the first where asked."""
    grace = CONNECTING // timedelta(microseconds=1)
    after = [(last, began + grace) for (_began, last), (began, _last) in pairwise(stretches)]
    first = [(FROM_EVER, stretches[0][0] + grace)] if before and stretches else []
    return tuple(one for one in (*first, *after) if one[0] < microseconds(end) and one[1] > microseconds(start))
