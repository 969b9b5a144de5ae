"""Deliveries of lists in bulk into the lake, and taken back again.

Which files make up a list is told by rows of the database (`JournalFile`), so that one transaction decides about
everything: evidence, counts, log and files. What happens, in this order:

1. New files are written and flushed to disk. They belong to nothing yet.
2. The transaction of the delivery ends. From then on its rows name the new files, and no longer those that they
   replace. A crash before this leaves files that nobody knows, which `sweep` deletes, and a sender without an answer,
   who sends again; a crash after it has lost nothing.
3. The Delta log that other tools read is brought to what the rows say (`publishing`). A crash before this is made good
   by the next delivery, or by the clock.

Files that were replaced stay for a week, for readers that still know them.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from qingyuan.kit import clock
from qingyuan.kit.lakes import flush
from qingyuan.sensing.connector import Payload
from qingyuan.sensing.journals import layout
from qingyuan.sensing.journals.layout import FILE, KNOWN_FROM, KNOWN_TO, LAST, MEANS, NAMING
from qingyuan.sensing.journals.place import lake_of
from qingyuan.sensing.journals.reading import Narrow, scan
from qingyuan.sensing.logic.journalkeeping import publishing
from qingyuan.sensing.logic.journalkeeping.naming import name
from qingyuan.sensing.logic.journalkeeping.staging import StagedJournal
from qingyuan.sensing.logic.recordkeeping.storing import Counts, Merged, open_file
from qingyuan.sensing.models import DataList, Feed, JournalFile, Naming

if TYPE_CHECKING:
    import polars as pl


@dataclass
class _Month:
    """What a delivery means for one month: rows to be stored, and the keys of those that end an edition."""

    fresh: "pl.DataFrame"
    changed: "pl.DataFrame | None" = None
    repeated: int = 0
    before: "pl.DataFrame | None" = None
    files: list[JournalFile] = field(default_factory=list)

    @property
    def ended(self) -> int:
        return 0 if self.changed is None else len(self.changed)


def merge(feed: Feed, payload: Payload, staged: StagedJournal, *, only_new: bool = False) -> Merged:
    """Make rows of the lake of what a payload delivers; see `recordkeeping.storing.merge`."""
    import polars as pl

    file = open_file(feed, payload, staged)
    named = name(file.of, staged.frame)
    parts = layout.by_month(file.of.defined, named.frame)
    months = [_merged(file.of, month, part, only_new=only_new) for month, part in parts]
    now = file.entered_at or clock.now()
    for month in months:
        if month.changed is not None:
            _end(file.of, month.files, month.changed, now)
    if months:
        fresh = pl.concat([month.fresh for month in months])
        JournalFile.objects.bulk_create(write(file.of, known_since(fresh, now, file.pk), quickly=True))
    changed = sum(month.ended for month in months)
    stored, repeated = sum(len(month.fresh) for month in months), sum(month.repeated for month in months)
    gained = sum(_meaning(month.fresh) for month in months) - _lost(file.of, months) + named.learned
    publishing.when_committed(file.of)
    return Merged(file, Counts(stored - changed, changed, repeated + staged.twice, gained), _meaning(named.frame))


def _merged(found: DataList, month: str, part: "pl.DataFrame", *, only_new: bool) -> _Month:
    """Hold the rows of a month against what is known of it; only files that may have the same keys are opened."""
    import polars as pl

    defined = found.defined
    files = _overlapping(found, month, part)
    if not files:
        return _Month(part)
    keys, own = list(defined.key), [one.code for one in defined.columns]
    since = part[defined.since]
    held = (
        scan(lake_of(found), defined, [one.path for one in files], Narrow(any_edition=only_new))
        .filter(pl.col(defined.since).is_between(since.min(), since.max()))
        .join(part.lazy().select(keys), on=keys, how="semi").select(*own, NAMING).collect()
    )  # fmt: skip
    fresh = part.join(held, on=keys, how="anti")
    known = part.join(held, on=keys, how="semi")
    if only_new or not len(known):
        return _Month(fresh, repeated=len(known))
    changed = known.join(held.select(own), on=own, how="anti", nulls_equal=True)
    if not len(changed):
        return _Month(fresh, repeated=len(known))
    before = held.join(changed.select(keys), on=keys, how="semi")
    return _Month(pl.concat([fresh, changed]), changed.select(keys), len(known) - len(changed), before, files)


def _overlapping(found: DataList, month: str, part: "pl.DataFrame") -> list[JournalFile]:
    at, leads = part[found.defined.since], part[layout.lead(found.defined)]
    lowest, highest = ("", LAST) if leads.dtype.is_float() else (str(leads.min()), str(leads.max()))
    return list(
        JournalFile.objects.filter(
            of=found, month=month, first_at__lte=layout.instant(at.max()), last_at__gte=layout.instant(at.min()),  # type: ignore[arg-type]
            first_lead__lte=highest, last_lead__gte=lowest,
        )
    )  # fmt: skip


def _end(found: DataList, files: Sequence[JournalFile], keys: "pl.DataFrame", now: datetime) -> int:
    """Say in the files that the rows of these keys are known no longer; answers how many."""
    import polars as pl

    gone = 0
    for one in files:
        rows = rows_of(found, [one])
        here = keys.with_columns(pl.lit(value=True).alias("_ends"))
        told = rows.join(here, on=keys.columns, how="left", maintain_order="left")["_ends"].fill_null(value=False)
        gone += end_rows(found, one, rows, told & rows[KNOWN_TO].is_null(), now=now)
    return gone


def end_rows(found: DataList, one: JournalFile, rows: "pl.DataFrame", ends: "pl.Series", *, now: datetime) -> int:
    """Say in a file that some of its rows are known no longer; answers how many."""
    import polars as pl

    count = int(ends.sum())
    if count:
        told = pl.when(ends).then(pl.lit(now).cast(pl.Datetime("us", "UTC"))).otherwise(pl.col(KNOWN_TO))
        replace(found, [one], rows.with_columns(told.alias(KNOWN_TO)))
    return count


def rows_of(found: DataList, files: Sequence[JournalFile]) -> "pl.DataFrame":
    """All editions in some files."""
    import polars as pl

    if not files:
        return pl.DataFrame(schema=layout.types(found.defined))
    return scan(lake_of(found), found.defined, [one.path for one in files], Narrow(any_edition=True)).collect()


def known_since(rows: "pl.DataFrame", now: datetime, delivery: int | None = None) -> "pl.DataFrame":
    """The rows as editions that are known from now on; of a delivery, or of the one that they say."""
    import polars as pl

    times = pl.Datetime("us", "UTC")
    from_where = [pl.lit(delivery, dtype=pl.Int64).alias(FILE)] if delivery is not None else []
    return rows.with_columns(
        *from_where, pl.lit(now).cast(times).alias(KNOWN_FROM), pl.lit(None, dtype=times).alias(KNOWN_TO)
    )


def write(found: DataList, rows: "pl.DataFrame", *, quickly: bool = False) -> list[JournalFile]:
    """Write rows as files that are on disk, and belong to nothing until their rows are stored."""
    lake = lake_of(found)
    files = list(layout.written(lake, found.defined, rows, quickly=quickly)) if len(rows) else []
    flush(lake, [one.path for one in files])
    return [JournalFile(of=found, **asdict(one)) for one in files]


def add(found: DataList, rows: "pl.DataFrame") -> list[JournalFile]:
    """Write rows as files of the list; they are its own once the transaction ends."""
    return JournalFile.objects.bulk_create(write(found, rows))


def replace(found: DataList, files: Sequence[JournalFile], rows: "pl.DataFrame") -> None:
    """Put rows in the place of files."""
    add(found, rows)
    JournalFile.objects.filter(pk__in=[one.pk for one in files]).delete()


def _meaning(rows: "pl.DataFrame") -> int:
    return int(rows[MEANS].sum())


def _lost(found: DataList, months: Sequence[_Month]) -> int:
    """How many of the rows that end meant an enterprise."""
    return sum(meaning(found, month.before) for month in months if month.before is not None)


def meaning(found: DataList, rows: "pl.DataFrame") -> int:
    """How many rows mean an enterprise."""
    import polars as pl

    numbers = [one for one in rows[NAMING].unique().to_list() if one is not None]
    matched = Naming.objects.filter(of=found, pk__in=numbers, enterprise__isnull=False).values_list("pk", flat=True)
    return int(rows[NAMING].is_in(pl.Series(sorted(matched), dtype=pl.Int64).implode()).sum()) if len(rows) else 0
