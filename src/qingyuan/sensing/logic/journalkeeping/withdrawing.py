"""A delivery of a list in bulk taken back: what it brought is known no longer, what it ended stands again."""

from datetime import datetime
from typing import TYPE_CHECKING

from qingyuan.kit import clock
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.sensing.journals import layout
from qingyuan.sensing.journals.layout import FILE, KNOWN_FROM, KNOWN_TO, MONTH
from qingyuan.sensing.journals.place import lake_of
from qingyuan.sensing.journals.reading import Narrow, scan
from qingyuan.sensing.logic.journalkeeping import publishing
from qingyuan.sensing.logic.journalkeeping.storing import add, end_rows, known_since, meaning, rows_of
from qingyuan.sensing.logic.recordkeeping.storing import Withdrawn, close_withdrawal
from qingyuan.sensing.models import DataList, JournalFile, RecordFile

if TYPE_CHECKING:
    import polars as pl


def withdraw(file: RecordFile, user: User, why: str, origin: Origin) -> tuple[int, int]:
    """Take back what a delivery made known, and give back what it changed; how many of each."""
    file.of = DataList.objects.select_for_update(of=("self",)).get(pk=file.of_id)
    now = clock.now()
    gone = _end_delivery(file.of, file, now)
    back = _ended_by(file.of, file, gone)
    lost, found = meaning(file.of, gone), meaning(file.of, back)
    add(file.of, known_since(back, now))
    publishing.when_committed(file.of)
    return close_withdrawal(file, Withdrawn(now, len(gone), len(back), found - lost), user, why, origin=origin)


def _end_delivery(found: DataList, file: RecordFile, now: datetime) -> "pl.DataFrame":
    """Say that what a delivery brought is known no longer; answers those rows, as they stood."""
    import polars as pl

    taken = [rows_of(found, [])]
    for one in JournalFile.objects.filter(of=found, first_delivery__lte=file.pk, last_delivery__gte=file.pk):
        rows = rows_of(found, [one])
        ends = (rows[FILE] == file.pk) & rows[KNOWN_TO].is_null()
        taken.append(rows.filter(ends))
        end_rows(found, one, rows, ends, now=now)
    return pl.concat(taken)


def _ended_by(found: DataList, file: RecordFile, keys: "pl.DataFrame") -> "pl.DataFrame":
    """The editions that a delivery ended, of rows that it has no longer: what stands again once it is taken back."""
    import polars as pl

    months = sorted(set(keys.select(layout.month(found.defined).alias(MONTH))[MONTH])) if len(keys) else []
    files = JournalFile.objects.filter(of=found, month__in=months, ended__gt=0)
    rows = scan(lake_of(found), found.defined, [one.path for one in files], Narrow(any_edition=True)) if files else None
    if rows is None or file.entered_at is None:
        return rows_of(found, [])
    undone = list(RecordFile.objects.filter(of=found, undone_at__isnull=False).values_list("pk", flat=True))
    names = list(found.defined.key)
    return (
        rows.filter(pl.col(KNOWN_TO) == file.entered_at, pl.col(FILE) != file.pk, ~pl.col(FILE).is_in(undone))
        .join(keys.lazy().select(names), on=names, how="semi")
        .sort(KNOWN_FROM).unique(names, keep="last").collect()
    )  # fmt: skip
