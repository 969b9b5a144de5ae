"""Old days move from the hot table into the lake, and late readings of sealed days follow them.

What happens, in this order, so that a crash at any point loses nothing and doubles nothing:

1. The day's rows are written as files that belong to nothing yet. Rows that the lake holds already are left out; files
   with rows that the hot table has otherwise are written anew.
2. A `Sealing` says what the lake will hold, in the transaction that keeps the old values of what is replaced: in the
   log, and among the corrections, which `as_of` answers from. A row that came before the lake's, but was decoded after
   it, becomes a correction too and replaces nothing.
3. One commit of the lake swaps the files in, with the number of the sealing, and is flushed to disk.
4. `SealedDay` and `DaySealed` say so; from here on reads look below the hot table.
5. The partition is emptied and dropped, if it still holds exactly the rows that were read.

A repeated run finds after 1: orphaned files, which `sweep` deletes; after 2: the same sealing, which it goes on with;
after 3: a sealing that landed, which it makes known; after 4: rows that the lake holds already.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from qingyuan.kit import log
from qingyuan.kit.lakes import Lake
from qingyuan.recording.events import DaySealed
from qingyuan.recording.lake import table
from qingyuan.recording.lake.layout import COLUMNS, DAY_US, KEY, NUMBERS, File, checksums
from qingyuan.recording.lake.reading import rows_of
from qingyuan.recording.logic import store
from qingyuan.recording.logic.sealed import hot_days
from qingyuan.recording.logic.sealed.hot_days import Fingerprint
from qingyuan.recording.models import SealedDay, Sealing

if TYPE_CHECKING:
    import polars as pl

_COMPARED = (*NUMBERS, "mark")
_SUMS = 1 << 64


@dataclass(frozen=True)
class Sealed:
    """What came of one day: rows new in the lake, rows replaced there, and whether the hot table let go of it."""

    day: date
    added: int
    replaced: int
    dropped: bool


@dataclass
class _Change:
    """What the lake must take in for one day to be as the hot table says."""

    added: list[File] = field(default_factory=list)
    removed: list[File] = field(default_factory=list)
    fresh: int = 0
    replaced: list[tuple[str, "pl.DataFrame"]] = field(default_factory=list)
    earlier: list[tuple[str, "pl.DataFrame"]] = field(default_factory=list)
    holds: dict[str, tuple[int, int]] = field(default_factory=dict)
    unknown: bool = False  # the lake holds rows of the day, and no `SealedDay` says so

    def count(self, kind: str, rows: "pl.DataFrame", sign: int = 1) -> None:
        """Rows that come to a kind, or go from it."""
        known = self.holds.get(kind, (0, 0))
        for number, total in checksums(rows).values():
            known = known[0] + sign * number, (known[1] + sign * total) % _SUMS
        self.holds[kind] = known


def old_days(now: datetime, hot: timedelta) -> list[date]:
    """Days with a partition that are older than `hot` and were not restored within it, oldest first."""
    newest = (now - hot).date()
    held = set(SealedDay.objects.filter(restored_at__gt=now - hot).values_list("day", flat=True))
    return [day for day in hot_days.days_before(newest) if day not in held]


def seal(lake: Lake, day: date, now: datetime) -> Sealed:
    """Bring one day into the lake and let the hot table go of it."""
    table.ensure(lake)
    settle(lake, now)
    seen = Fingerprint()
    change = _change(lake, day, seen)
    if change.added or change.removed:
        sealing = _intend(day, change, str(seen), now)
        table.commit(lake, change.added, change.removed, sealing=sealing.number)
        settle(lake, now)
    elif change.unknown or change.earlier:
        with transaction.atomic():
            _make_known(_intend(day, change, str(seen), now), table.snapshot(lake).version, now)
    replaced = sum(len(rows) for _, rows in change.replaced)
    return Sealed(day, change.fresh, replaced, hot_days.let_go(day, seen))


def settle(lake: Lake, now: datetime) -> None:
    """Make known what a sealing that was cut off has done, if its commit is in the lake's log."""
    pending = list(Sealing.objects.filter(ended_at=None).order_by("pk"))
    if not pending:
        return
    last, version = table.landed(lake), table.snapshot(lake).version
    for sealing in pending:
        if sealing.number == last:
            with transaction.atomic():
                _make_known(sealing, version, now)


def _change(lake: Lake, day: date, seen: Fingerprint) -> _Change:
    known, change = table.snapshot(lake), _Change()
    first = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000
    span = first, first + DAY_US
    for chunk in hot_days.chunks(day):
        hot = hot_days.rows(day, chunk, seen)
        files = known.overlapping(chunk[0], *span, chunk[1:])
        held = rows_of(lake, files, span=span, between=chunk[1:])
        fresh = hot.join(held, on=KEY, how="anti") if len(held) else hot
        if len(fresh):
            change.added += table.write(lake, chunk[0], fresh)
            change.fresh += len(fresh)
        change.count(chunk[0], fresh)
        if len(held):
            _replace(chunk[0], hot, held, change)
    for kind, rows in change.replaced:
        change.count(kind, rows.select(COLUMNS))
        change.count(kind, _old(rows), -1)
    _rewrite(lake, known.files, change)
    _base(lake, day, span, change)
    return change


def _replace(kind: str, hot: "pl.DataFrame", held: "pl.DataFrame", change: _Change) -> None:
    """Note the rows that the hot table has otherwise, or received earlier: its columns, the lake's with `_old` behind.

    Of two the one received last stands, as in `store.merge`.
    """
    import polars as pl

    both = hot.join(held, on=KEY, how="inner", suffix="_old")
    other = [pl.col(name).ne_missing(pl.col(f"{name}_old")) for name in _COMPARED]
    later = pl.col("received_at") >= pl.col("received_at_old")
    for rows, found in (
        (both.filter(later & pl.any_horizontal(other)), change.replaced),
        (both.filter(~later), change.earlier),
    ):
        if len(rows):
            found.append((kind, rows))


def _old(rows: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    return rows.select(name if name in KEY else pl.col(f"{name}_old").alias(name) for name in COLUMNS)


def _rewrite(lake: Lake, files: Iterable[File], change: _Change) -> None:
    """Write each file anew that holds a row that is replaced."""
    import polars as pl

    for kind in sorted({kind for kind, _ in change.replaced}):
        incoming = pl.concat([rows for found, rows in change.replaced if found == kind])
        at = incoming["at"].to_physical()
        for file in files:
            if file.kind != kind or file.last_at < at.min() or file.first_at > at.max():  # type: ignore[operator]
                continue
            stored = rows_of(lake, [file])
            kept = stored.join(incoming, on=KEY, how="anti")
            if len(kept) < len(stored):
                taken = incoming.join(stored, on=KEY, how="semi").select(stored.columns)
                change.removed.append(file)
                change.added += table.write(lake, kind, pl.concat([kept, taken]))


def _base(lake: Lake, day: date, span: tuple[int, int], change: _Change) -> None:
    """From what comes and goes to what the lake then holds of the day.

    A database that was restored from a backup may not know of days that the lake holds; then the lake is asked.
    """
    known = {sealed.kind: sealed for sealed in SealedDay.objects.filter(day=day, expired_at=None)}
    for kind, (rows, total) in list(change.holds.items()):
        if kind in known:
            before = known[kind].rows, int(known[kind].checksum, 16)
            change.holds[kind] = rows + before[0], (total + before[1]) % _SUMS
        else:
            held = rows_of(lake, table.snapshot(lake).overlapping(kind, *span), span=span)
            change.count(kind, held)
            change.unknown |= len(held) > 0


@transaction.atomic
def _intend(day: date, change: _Change, fingerprint: str, now: datetime) -> Sealing:
    """Say what is about to happen; old values go into the log once, however often a cut-off sealing is repeated."""
    holds = {kind: [rows, f"{total:016x}"] for kind, (rows, total) in change.holds.items()}
    begun = Sealing.objects.filter(ended_at=None)
    same = begun.filter(day=day, fingerprint=fingerprint).first()
    begun.exclude(day=day, fingerprint=fingerprint).update(ended_at=now)
    if same is None:
        for kind, rows in change.replaced:
            old = rows.select("channel", "at", *(f"{name}_old" for name in _COMPARED))
            store.keep([(channel, kind, *rest) for channel, *rest in old.iter_rows()])
            store.keep_corrections(kind, _old(rows).iter_rows(), rows["received_at"])
        for kind, rows in change.earlier:
            store.keep_corrections(kind, rows.select(COLUMNS).iter_rows(), rows["received_at_old"])
        number = secrets.randbits(62)
        return Sealing.objects.create(number=number, day=day, fingerprint=fingerprint, holds=holds, begun_at=now)
    same.holds = holds
    same.save(update_fields=["holds"])
    return same


def _make_known(sealing: Sealing, version: int, now: datetime) -> None:
    for kind, (rows, checksum) in sealing.holds.items():
        SealedDay.objects.update_or_create(
            day=sealing.day,
            kind=kind,
            defaults={
                "rows": rows, "checksum": checksum, "version": version, "sealed_at": now, "restored_at": None,
                "expired_at": None,
            },
        )  # fmt: skip
    log.write(DaySealed(id=sealing.day.isoformat(), holds=sealing.holds, version=version))
    sealing.ended_at, sealing.landed = now, True
    sealing.save(update_fields=["ended_at", "landed"])
