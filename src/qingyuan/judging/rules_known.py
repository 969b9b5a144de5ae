"""The rules as they were known at an instant: the log says when each was set, and when it was told to end."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, TypeVar

from django.db.backends.postgresql.psycopg_any import DateRange

from qingyuan.judging.events import OverrideEnded, OverrideSet, WatchEnded, WatchSet
from qingyuan.judging.logic.ruling import ended
from qingyuan.judging.models import Override, Placed, Watch
from qingyuan.judging.rules import Rulebook
from qingyuan.kit.queries import lines

Row = TypeVar("Row", bound=Placed)
_ENDS = {"watch": WatchEnded.__name__, "override": OverrideEnded.__name__}
_SETS = {"watch": WatchSet.__name__, "override": OverrideSet.__name__}


def rulebook_known(at: datetime) -> Rulebook:
    """The rules that were known at an instant, each with the days that it was known to hold on."""
    related = ("station", "enterprise")
    return Rulebook(
        list(_known(Watch.objects.select_related(*related), "watch", at)),
        list(_known(Override.objects.select_related(*related), "override", at)),
    )


def _known(rows: Iterable[Row], subject: str, at: datetime) -> Iterator[Row]:
    """The rows that had been set, with their days of then; a row that the log does not know of as it stands."""
    said = _said(subject)
    for row in rows:
        told = said.get(row.pk, [])
        if not told or told[0][0] <= at:
            row.valid = _days([detail for when, detail in told if when <= at], row.valid)
            yield row


def _said(subject: str) -> dict[int, list[tuple[datetime, dict[str, Any]]]]:
    """What the log says of each row, oldest first."""
    told = defaultdict(list)
    for line in lines(f"{subject}/", acts=(_SETS[subject], _ENDS[subject])).order_by("seq"):
        told[int(line.subject.partition("/")[2])].append((line.at, line.detail))
    return told


def _days(told: list[dict[str, Any]], now: DateRange) -> DateRange:
    """The days for which a rule was known to hold, by what had been said of it."""
    if not told:
        return now
    values = told[0]["values"]
    known = DateRange(date.fromisoformat(values["valid_from"]), None)
    for last in (values.get("last_day"), *(end["last_day"] for end in told[1:])):
        known = ended(known, date.fromisoformat(last)) if last else known
    return known
