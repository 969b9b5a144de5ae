"""Whom the rows of a delivery name: looked up once for each way of writing, not for each row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Max

from qingyuan.kit import clock
from qingyuan.places.queries import Enterprise, Permit
from qingyuan.sensing.journals.layout import MEANS, NAMING
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
_OPEN = "_open"
_FIELDS = ("enterprise", "matched_by", "question", "asked")
MOST_REMEMBERED = 2_000_000  # ways of writing of a list; some hundred bytes each
MOST_ASKED = 1000  # ways of writing for which candidates are looked for with one delivery; the others wait for the next


@dataclass(frozen=True)
class Named:
    """The rows of a delivery with the numbers of their namings, and whether these mean an enterprise (`MEANS`).

    `learned` counts known rows of earlier deliveries of which that is known only now.
    """

    frame: "pl.DataFrame"
    learned: int = 0


@dataclass(frozen=True)
class _Ways:
    """The ways of writing that this process has seen: cells as they came, number, whether an enterprise is meant, and
    whether candidates are still to be looked for. True as long as the list has the same mark.
    """

    mark: UUID | None
    frame: "pl.DataFrame"


_remembered: dict[int, _Ways] = {}  # by list


def name(found: DataList, frame: "pl.DataFrame") -> Named:
    """Number how each row writes its enterprise; ways of writing that nobody knows yet are entered and looked up."""
    import polars as pl

    columns = [code for code in found.defined.firm.values() if code]
    if not columns or not len(frame):
        return Named(frame.with_columns(pl.lit(None, dtype=pl.Int64).alias(NAMING), pl.lit(value=False).alias(MEANS)))
    learned = 0 if found.namings_for == _on_file() else match_again(found)[1]
    ways = _remembered.get(found.pk)
    is_same = ways is not None and ways.mark is not None and ways.mark == found.namings_mark
    known = ways.frame if ways is not None and is_same else _none_known(frame, columns)
    joined = _join(frame, known, columns)
    unknown = joined.filter(pl.col(MEANS).is_null()).select(columns).unique(maintain_order=True)
    open_ways = joined.filter(pl.col(_OPEN)).select(columns).unique(maintain_order=True).head(MOST_ASKED)
    if len(unknown) or len(open_ways):
        found_now = _looked_up(found, pl.concat([unknown, open_ways]))
        known = pl.concat([known.join(open_ways, on=columns, how="anti", nulls_equal=True), found_now])
        joined = _join(frame, known, columns)
    if len(known) <= MOST_REMEMBERED:
        _remembered[found.pk] = _Ways(found.namings_mark, known)
    else:
        _remembered.pop(found.pk, None)
    return Named(joined.drop(_OPEN), learned)


def _none_known(frame: "pl.DataFrame", columns: Sequence[str]) -> "pl.DataFrame":
    import polars as pl

    told = {NAMING: pl.Int64(), MEANS: pl.Boolean(), _OPEN: pl.Boolean()}
    return pl.DataFrame(schema={code: frame.schema[code] for code in columns} | told)


def _join(frame: "pl.DataFrame", known: "pl.DataFrame", columns: Sequence[str]) -> "pl.DataFrame":
    return frame.join(known, on=columns, how="left", nulls_equal=True, maintain_order="left")


def _looked_up(found: DataList, ways: "pl.DataFrame") -> "pl.DataFrame":
    """Some ways of writing with their numbers, entered where they are new."""
    import polars as pl

    parts = {part: code for part, code in found.defined.firm.items() if code}
    written = [
        Written(**{part: value or "" for part, value in zip(parts, row, strict=True)})
        for row in ways.select(list(parts.values())).iter_rows()
    ]
    keys = [one.key if one.code or one.permit or one.name else None for one in written]
    wanted = {key: one for key, one in zip(keys, written, strict=True) if key is not None}
    known = _numbered(found, wanted)
    told = [known[key] if key is not None else (None, False, False) for key in keys]
    numbers, means, is_open = zip(*told, strict=True)
    return ways.with_columns(
        pl.Series(NAMING, numbers, dtype=pl.Int64), pl.Series(MEANS, means, dtype=pl.Boolean),
        pl.Series(_OPEN, is_open, dtype=pl.Boolean),
    )  # fmt: skip


def _numbered(found: DataList, written: Mapping[str, Written]) -> dict[str, tuple[int, bool, bool]]:
    """Of each way of writing the number, whether it means an enterprise and whether it is still to be asked about."""
    keys = list(written)
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [found.pk, keys])
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    new = [Naming(of=found, written=key, asked=_like_nobody(written[key])) for key in keys if key not in rows]
    waiting = [pk for pk, _firm, how, asked in rows.values() if how is None and not asked][:MOST_ASKED]
    if new or waiting:
        older = list(Naming.objects.filter(pk__in=waiting))
        changed = _look_up(found, written, [*new, *older])
        known = [*Naming.objects.bulk_create(new, batch_size=_AT_ONCE), *older]
        rows |= {one.written: (one.pk, one.enterprise_id, one.matched_by, one.asked) for one in known}
        Naming.objects.bulk_update([one for one in older if one.written in changed], _FIELDS, batch_size=1000)
        mark(found)
    return {key: (pk, firm is not None, how is None and not asked) for key, (pk, firm, how, asked) in rows.items()}


def match_again(found: DataList) -> tuple[int, int]:
    """Look up anew all ways of writing that mean nobody: somebody may be on file since, or be called so by now.

    Answers how many of them mean somebody now, and how many known rows are so written. No file is touched.
    """
    on_file, firms, changed = _on_file(), Firms.of(found), []
    waiting = Naming.objects.filter(of=found, matched_by=None).order_by("pk")
    for pk, key in waiting.values_list("pk", "written").iterator(chunk_size=_AT_ONCE):
        enterprise, how, _is_open = firms.find(_as_written(key))
        if how is not None:
            changed.append(Naming(pk=pk, enterprise_id=enterprise, matched_by=how, asked=True, question=None))
    Naming.objects.bulk_update(changed, _FIELDS, batch_size=1000)
    found.namings_for = on_file
    found.save(update_fields=["namings_for"])
    if changed:
        mark(found)
    return len(changed), _rows_so_written(found, [one.pk for one in changed if one.enterprise_id is not None])


def _as_written(key: str) -> Written:
    """What a way of writing says, as far as anybody can be found by it."""
    code, permit, plain = (*key.split("|", 2), "", "")[:3]
    return Written(code=code, permit=permit, name=plain)


def mark(found: DataList) -> None:
    """Mark a list anew, so that no process takes what it remembers of its namings for true."""
    found.namings_mark = uuid4()
    found.save(update_fields=["namings_mark"])


def _like_nobody(written: Written) -> bool:
    """Whether it is too short to be like anybody, such as the name of a person."""
    return not written.code and not written.permit and len(plain_name(written.name)) < SHORTEST


def _on_file() -> str:
    """What changes when somebody new may be found: the last enterprise and the last permit on file."""
    last = Enterprise.objects.aggregate(Max("pk"))["pk__max"], Permit.objects.aggregate(Max("pk"))["pk__max"]
    return " ".join(str(one or 0) for one in last)


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
    mark(DataList.objects.get(pk=found.pk))
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
