"""Whom the rows of a delivery name: looked up once for each way of writing, not for each row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Max

from qingyuan.kit import clock
from qingyuan.places.queries import Enterprise, Permit
from qingyuan.sensing.journals.layout import NAMING
from qingyuan.sensing.journals.place import lake_of
from qingyuan.sensing.journals.reading import Narrow, scan
from qingyuan.sensing.logic.recordkeeping.candidates import SHORTEST
from qingyuan.sensing.logic.recordkeeping.firms import Firms, Written
from qingyuan.sensing.logic.recordkeeping.storing import ask
from qingyuan.sensing.models import DataList, JournalFile, MatchedBy, Naming, WrittenFirm
from qingyuan.sensing.records.naming import plain_name

if TYPE_CHECKING:
    import polars as pl

_AT_ONCE = 10_000
_KNOWN = (
    "SELECT written, id, enterprise_id, matched_by, asked FROM sensing_naming WHERE of_id = %s AND written = ANY(%s)"
)
MOST_ASKED = 1000  # ways of writing for which candidates are looked for with one delivery; the others wait for the next


@dataclass(frozen=True)
class Named:
    """The rows of a delivery with the numbers of their namings, and which of these mean an enterprise.

    `learned` counts known rows of earlier deliveries of which that is known only now.
    """

    frame: "pl.DataFrame"
    matched: frozenset[int]
    learned: int = 0


def name(found: DataList, frame: "pl.DataFrame") -> Named:
    """Number how each row writes its enterprise; ways of writing that nobody knows yet are entered and looked up."""
    import polars as pl

    parts = {part: code for part, code in found.defined.firm.items() if code}
    if not parts or not len(frame):
        return Named(frame.with_columns(pl.lit(None, dtype=pl.Int64).alias(NAMING)), frozenset())
    columns = list(parts.values())
    ways = frame.select(columns).unique(maintain_order=True)
    written = [
        Written(**{part: value or "" for part, value in zip(parts, row, strict=True)}) for row in ways.iter_rows()
    ]
    known, learned = _numbered(found, {one.key: one for one in written if one.code or one.permit or one.name})
    numbers = [known[one.key][0] if one.key in known else None for one in written]
    joined = frame.join(
        ways.with_columns(pl.Series(NAMING, numbers, dtype=pl.Int64)), on=columns, how="left", nulls_equal=True,
        maintain_order="left",
    )  # fmt: skip
    return Named(joined, frozenset(number for number, firm in known.values() if firm is not None), learned)


def _numbered(found: DataList, written: Mapping[str, Written]) -> tuple[dict[str, tuple[int, int | None]], int]:
    """The number of each way of writing and the enterprise that it means; how many known rows have one only now."""
    learned = 0
    keys = list(written)
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [found.pk, keys])
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    new = [Naming(of=found, written=key, asked=_like_nobody(written[key])) for key in keys if key not in rows]
    waiting = [pk for pk, _firm, how, asked in rows.values() if how is None and not asked][:MOST_ASKED]
    on_file = _on_file()
    if _tried.get(found.pk) != on_file:
        waiting = [pk for pk, _firm, how, _asked in rows.values() if how is None]
        transaction.on_commit(partial(_tried.__setitem__, found.pk, on_file))
    if new or waiting:
        again = list(Naming.objects.filter(pk__in=waiting))
        changed = _look_up(found, written, [*new, *again])
        known = [*Naming.objects.bulk_create(new, batch_size=_AT_ONCE), *again]
        rows |= {one.written: (one.pk, one.enterprise_id) for one in known}
        fields = ("enterprise", "matched_by", "question", "asked")
        Naming.objects.bulk_update([one for one in again if one.written in changed], fields, batch_size=1000)
        learned = _rows_so_written(found, [one.pk for one in again if one.enterprise_id is not None])
    return {key: (row[0], row[1]) for key, row in rows.items()}, learned


def _like_nobody(written: Written) -> bool:
    """Whether it is too short to be like anybody, such as the name of a person."""
    return not written.code and not written.permit and len(plain_name(written.name)) < SHORTEST


_tried: dict[int, tuple[int | None, int | None]] = {}  # with which enterprises on file a list was looked through


def _on_file() -> tuple[int | None, int | None]:
    """What changes when somebody new may be found: the last enterprise and the last permit on file."""
    last = Enterprise.objects.aggregate(Max("pk"))["pk__max"]
    return last, Permit.objects.aggregate(Max("pk"))["pk__max"]


def _look_up(found: DataList, written: Mapping[str, Written], namings: list[Naming]) -> set[str]:
    """Say of each naming whom it means; for some of the others look once who is like it. Answers what changed."""
    firms, changed, waiting = Firms.of(found), set(), []
    for one in namings:
        enterprise, how, is_open = firms.find(written[one.written])
        if how is not None:
            one.enterprise_id, one.matched_by = enterprise, how
            changed.add(one.written)
        elif is_open and not one.asked:
            waiting.append(one)
    some = waiting[:MOST_ASKED]
    numbers = ask(found, {one.written: (place, written[one.written]) for place, one in enumerate(some)}, firms,
                  clock.now())  # fmt: skip
    for place, one in enumerate(some):
        one.asked, one.question_id = True, numbers.get(place)
        changed.add(one.written)
    return changed


def decided(found: DataList, written: WrittenFirm, firm: Enterprise | None, by: MatchedBy | None) -> tuple[int, int]:
    """Give a way of writing to an enterprise: how many known rows had one before, and how many are so written."""
    one = Naming.objects.filter(of=found, written=written.written).first()
    if one is None:
        return 0, 0
    had = one.enterprise_id is not None
    one.enterprise, one.matched_by = firm, by
    one.save(update_fields=["enterprise", "matched_by"])
    rows = _rows_so_written(found, [one.pk])
    return rows if had else 0, rows


def _rows_so_written(found: DataList, numbers: Sequence[int]) -> int:
    """How many known rows have one of these namings."""
    import polars as pl

    if not numbers:
        return 0
    files = JournalFile.objects.filter(of=found, first_naming__lte=max(numbers), last_naming__gte=min(numbers))
    paths = [file.path for file in files]
    if not paths:
        return 0
    rows = scan(lake_of(found), found.defined, paths, Narrow(namings=numbers))
    return int(rows.select(pl.len()).collect(engine="streaming").item())
