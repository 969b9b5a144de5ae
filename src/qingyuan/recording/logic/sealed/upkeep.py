"""Keeping the lake in shape: few large files, nothing older than it is kept for, and everything as it was sealed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from qingyuan.kit import log
from qingyuan.kit.errors import Refused
from qingyuan.kit.lakes import Lake
from qingyuan.recording.events import ReadingsExpired
from qingyuan.recording.lake import executors, parts, table
from qingyuan.recording.lake.executors import Workers
from qingyuan.recording.lake.layout import File, instant
from qingyuan.recording.models import SealedDay, Sealing

DEPTH_RUNNING, DEPTH_OVER = 8, 4
_LOCK = 0x6C_61_6B_65  # any fixed number; who changes the lake takes turns on it
_EPOCH = date(1970, 1, 1)
_SUMS = 1 << 64


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else changes the lake inside the block."""
    if not _taken("pg_try_advisory_lock"):
        raise Refused("another process is changing the lake; try again when it is done")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def alone_until_committed() -> None:
    """Nobody else changes the lake until the transaction ends: what it takes away cannot be sealed meanwhile."""
    if not _taken("pg_try_advisory_xact_lock"):
        raise Refused(_("Another process is changing the history lake; try again when it is done."))


def _taken(lock: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def depth(files: Sequence[File]) -> int:
    """In how many files at most one channel's readings lie."""
    edges = [(file.first_channel, 1) for file in files] + [(file.last_channel + 1, -1) for file in files]
    open_files = deepest = 0
    for _edge, step in sorted(edges):
        open_files += step
        deepest = max(deepest, open_files)
    return deepest


def compact(lake: Lake, running_month: str, workers: Workers, *, thoroughly: bool = False) -> int:
    """Write months anew, sorted, whose readings lie in many files; answers how many months.

    A month that still takes days in may have more files for a channel than one that is over.
    """
    known, count = table.snapshot(lake), 0
    for kind, month in known.months():
        files = known.of_month(kind, month)
        bearable = 2 if thoroughly else DEPTH_RUNNING if month >= running_month else DEPTH_OVER
        if depth(files) < bearable:
            continue
        made = executors.run(parts.compacted, parts.parts_of_month(lake, files), workers)
        table.commit(lake, [file for written in made for file in written], files, moved=True)
        count += 1
    table.sweep(lake)
    return count


def expire(lake: Lake, kept: Mapping[str, timedelta], now: datetime) -> int:
    """Take whole months out of the lake that are older than their kind is kept for; answers how many readings."""
    gone: list[File] = []
    known = table.snapshot(lake)
    for kind, period in kept.items():
        oldest = f"{now - period:%Y-%m}"
        files = [file for file in known.files if file.kind == kind and file.month < oldest]
        months = sorted({file.month for file in files})
        if months:
            with transaction.atomic():
                _note_expired(kind, months, now)
            gone += files
    if gone:
        table.commit(lake, [], gone)
    return sum(file.rows for file in gone)


def _note_expired(kind: str, months: Sequence[str], now: datetime) -> None:
    year, month = map(int, months[-1].split("-"))
    after = date(year + month // 12, month % 12 + 1, 1)
    days = SealedDay.objects.filter(kind=kind, day__lt=after, expired_at=None)
    count = days.aggregate(rows=Sum("rows"))["rows"] or 0
    if days.update(expired_at=now):
        log.write(
            ReadingsExpired(id=kind, months=list(months), count=count), why="kept for no longer (QINGYUAN_KEEP_DAYS)"
        )


def check(lake: Lake, workers: Workers) -> list[str]:
    """What is not as it was sealed, one sentence each; every row of the lake is read."""
    known = table.snapshot(lake)
    wrong = [
        f"the sealing of {sealing.day} that began at {sealing.begun_at:%Y-%m-%d %H:%M} was cut off: seal again"
        for sealing in Sealing.objects.filter(ended_at=None)
    ]
    missing = _missing(lake, known.files)
    wrong += [f"the file {path} {what}" for path, what in missing.items()]
    whole = table.Snapshot(known.version, tuple(file for file in known.files if file.path not in missing))
    found: dict[tuple[str, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    work = parts.parts_of(lake, whole)
    for part, sums in zip(work, executors.run(parts.day_checksums, work, workers), strict=True):
        for day, (rows, total) in sums.items():
            before = found[part.kind, day]
            found[part.kind, day] = before[0] + rows, (before[1] + total) % _SUMS
    return wrong + _differences(found)


def _differences(found: Mapping[tuple[str, int], tuple[int, int]]) -> list[str]:
    sealed = {
        (day.kind, (day.day - _EPOCH).days): (day.rows, int(day.checksum, 16))
        for day in SealedDay.objects.filter(expired_at=None)
    }
    wrong = []
    for kind, day in sorted(set(sealed) | set(found)):
        rows, total = found.get((kind, day), (0, 0))
        expected, checksum = sealed.get((kind, day), (0, 0))
        if (rows, total) == (expected, checksum):
            continue
        what = f"{rows} rows, {expected} were sealed" if rows != expected else "the rows are not those that were sealed"
        wrong.append(f"{_EPOCH + timedelta(days=day)} {kind}: {what}")
    return wrong


def _missing(lake: Lake, files: Sequence[File]) -> dict[str, str]:
    """Files that a folder does not hold as the log says; on other storages, reading them tells."""
    wrong: dict[str, str] = {}
    if lake.folder is None:
        return wrong
    for file in files:
        path = Path(lake.path(file.path))
        if not path.exists():
            wrong[file.path] = "is missing"
        elif path.stat().st_size != file.size:
            wrong[file.path] = f"has {path.stat().st_size} bytes, expected {file.size}"
    return wrong


@dataclass(frozen=True)
class Stats:
    """What the lake holds of one kind."""

    kind: str
    months: int
    files: int
    rows: int
    size: int
    first_at: datetime
    last_at: datetime


def stats(lake: Lake) -> list[Stats]:
    """What the lake holds, by kind."""
    by_kind: dict[str, list[File]] = defaultdict(list)
    for file in table.snapshot(lake).files:
        by_kind[file.kind].append(file)
    return [
        Stats(
            kind, len({file.month for file in files}), len(files), sum(file.rows for file in files),
            sum(file.size for file in files), instant(min(file.first_at for file in files)),
            instant(max(file.last_at for file in files)),
        )
        for kind, files in sorted(by_kind.items())
    ]  # fmt: skip
