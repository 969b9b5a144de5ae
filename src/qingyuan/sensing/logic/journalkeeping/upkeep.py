"""Lists in bulk kept in shape: few large files, all of them whole, and told to other tools."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction

from qingyuan.sensing.journals import layout, published
from qingyuan.sensing.journals.layout import ROWS_A_FILE
from qingyuan.sensing.journals.place import lake_of
from qingyuan.sensing.logic.journalkeeping import publishing, storing
from qingyuan.sensing.models import DataList, JournalFile

FEW = 4  # files of a month that hold less than half of what a file takes


def journals() -> list[DataList]:
    """The lists in bulk."""
    return [one for one in DataList.objects.order_by("code") if one.defined.journal]


def compact(found: DataList, *, thoroughly: bool = False) -> int:
    """Write months anew that lie in many small files; answers how many months. Files lie together in time."""
    months: dict[str, list[JournalFile]] = defaultdict(list)
    for one in JournalFile.objects.filter(of=found, rows__lt=ROWS_A_FILE // 2).order_by("month", "first_at", "pk"):
        months[one.month].append(one)
    written = 0
    for files in months.values():
        if len(files) < (2 if thoroughly else FEW):
            continue
        done = [_joined(found, some) for some in _groups(files)]
        written += any(done)
    publishing.publish(found.pk)
    published.sweep(lake_of(found))
    return written


def _groups(files: Sequence[JournalFile]) -> list[list[JournalFile]]:
    """Neighbours in time that make a file together."""
    groups: list[list[JournalFile]] = [[]]
    for one in files:
        if groups[-1] and sum(other.rows for other in groups[-1]) + one.rows > ROWS_A_FILE:
            groups.append([])
        groups[-1].append(one)
    return [group for group in groups if len(group) > 1]


def _joined(found: DataList, files: Sequence[JournalFile]) -> bool:
    """Write some files as one, unless one of them was replaced meanwhile; deliveries wait only while rows change."""
    rows = storing.rows_of(found, files)
    made = storing.write(found, rows)
    if sum(one.rows for one in made) != sum(one.rows for one in files):
        raise RuntimeError(f"{found.code}: the files written hold other rows than those that they replace")
    with transaction.atomic():
        DataList.objects.select_for_update(of=("self",)).get(pk=found.pk)
        old = JournalFile.objects.filter(pk__in=[one.pk for one in files])
        if old.count() != len(files):
            return False
        old.delete()
        JournalFile.objects.bulk_create(made)
    return True


def check(found: DataList) -> list[str]:
    """What of a list is not as it was written, one sentence each; every byte is read."""
    lake, wrong, rows = lake_of(found), [], 0
    told = published.listed(lake)
    files = list(JournalFile.objects.filter(of=found))
    for one in files:
        rows += one.rows - one.ended
        try:
            digest = layout.digest(lake, one.path)
        except FileNotFoundError:
            wrong.append(f"{found.code}: the file {one.path} is lost")
            continue
        if digest != one.sha256:
            wrong.append(f"{found.code}: the file {one.path} is not as it was written")
    if rows != found.held:
        wrong.append(f"{found.code}: the files hold {rows:,} known rows, expected {found.held:,}")
    other = set(told) ^ {one.path for one in files}
    if other:
        wrong.append(f"{found.code}: the Delta log differs by {len(other)} files: publish it")
    return wrong
