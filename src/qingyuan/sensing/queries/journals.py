"""Reads of lists in bulk: rows out of the lake, newest first, scoped to the viewer's territory."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import Enterprise, sees_whole_district, territory_of
from qingyuan.sensing.journals import typed
from qingyuan.sensing.journals.layout import FILE, KNOWN_FROM, KNOWN_TO, LINE, NAMING, instant, value_at
from qingyuan.sensing.journals.newest import Lying, Newest, newer_than, newest, within_reach
from qingyuan.sensing.journals.place import lake_of
from qingyuan.sensing.journals.reading import Narrow, scan
from qingyuan.sensing.models import DataList, JournalFile, MatchedBy, Naming, RecordFile, WrittenFirm
from qingyuan.sensing.queries.records import MOST_GROUPS
from qingyuan.sensing.records.cells import BadValue, day_after, first_day, reader_of
from qingyuan.sensing.records.definition import Kind

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "MOST_LINES",
    "Asked",
    "Cursor",
    "JournalRow",
    "Rows",
    "asked_value",
    "counted_in_journal",
    "files_within",
    "journal_editions",
    "journal_held",
    "journal_row",
    "journal_rows",
    "journal_span",
    "journals_of_enterprise",
    "may_become_journal",
    "rows_told",
    "sums_by_period", "sums_of_days",
]  # fmt: skip

MOST_DIGITS = 18  # what a bigint holds
MOST_LINES = 1 << 26  # of a file; more than its bytes allow


@dataclass(frozen=True)
class Cursor:
    """Where a page of rows ended: the value that says when, the delivery and the line of its last row."""

    since: Any
    file: int
    line: int


@dataclass(frozen=True)
class Asked:
    """Which rows of a list are asked for.

    `enterprise` is a code; `named` says whether only rows with (True) or without an enterprise are wanted; `values`
    are of columns, as pages write them; `begins` is what the first column of the key begins with.
    """

    at: datetime | None = None
    days: tuple[date | None, date | None] = (None, None)
    enterprise: str = ""
    named: bool | None = None
    values: tuple[tuple[str, str], ...] = ()
    begins: str = ""
    delivery: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every known row is asked for."""
        return self == Asked()


@dataclass(frozen=True)
class JournalRow:
    """One edition of a row of a list in bulk; it is read like a record of any other list.

    `id` is made of the delivery and the line of it that the row came from.
    """

    of_id: int
    id: int
    values: list[str | None]
    since: date | None
    until: date | None
    known_from: datetime
    known_to: datetime | None
    enterprise: Enterprise | None
    matched_by: int | None
    written_id: int | None
    file_id: int
    line: int
    cursor: str

    @property
    def of_when(self) -> str:
        """The instant, day, month or year that it is of, as its list writes it."""
        return self.cursor.partition("~")[0]

    @property
    def get_matched_by_display(self) -> str:
        """How the enterprise was found, in words."""
        return str(MatchedBy(self.matched_by).label) if self.matched_by else ""

    @property
    def written(self) -> WrittenFirm | None:
        """The question about its enterprise."""
        return WrittenFirm.objects.filter(pk=self.written_id).first() if self.written_id else None

    @property
    def file(self) -> RecordFile:
        """The delivery that it came with."""
        return RecordFile.objects.select_related("feed", "of").get(pk=self.file_id)


@dataclass(frozen=True)
class Rows:
    """Some rows, newest first; `after` is where the next ones begin, empty where these are the last.

    `looked_to` is how far back was looked where there may be more than these among rows that nobody looked at.
    """

    rows: list[JournalRow]
    after: str
    looked_to: str = ""


def journal_rows(viewer: User, found: DataList, asked: Asked, *, after: str = "", most: int = 50) -> Rows:
    """Rows of a list in bulk, newest first.

    Parameters
    ----------
    viewer : User
        Who does not see the whole district sees the rows of the enterprises in the own territory.
    found : DataList
    asked : Asked
    after : str
        `Rows.after` of the page before.
    most : int

    Returns
    -------
    Rows
        Files are opened newest first until there are enough: a page costs the same however far behind it lies. Where
        few rows may fit, no more than `MOST_LOOKED` are looked through; the next page goes on from there.
    """
    narrow = _narrow(viewer, found, asked)
    if narrow is None:
        return Rows([], "")
    cursor = _cursor(found, after)
    behind = (cursor.since, cursor.file, cursor.line) if cursor is not None else None
    files = _files(found, narrow, asked.delivery)
    if cursor is not None:
        files = files.filter(first_at__lte=instant(cursor.since))
    wanted = Newest(narrow, most + 1, behind, asked.delivery)
    near, left = within_reach(_lying(files), wanted)
    rows = newest(lake_of(found), found.defined, near, wanted)
    place = (value_at(found.defined, left.last_at), left.last_delivery) if left is not None else None
    if rows is not None and place is not None:
        rows = newer_than(rows, found.defined.since, place)
    told = list(rows_told(found, rows.head(most))) if rows is not None else []
    if rows is not None and len(rows) > most:
        return Rows(told, told[-1].cursor)
    return Rows(told, "") if place is None else Rows(told, *_further(found, place))


def _further(found: DataList, place: tuple[Any, int]) -> tuple[str, str]:
    """Where the next page begins when the files from a place on were not opened, and the instant of it."""
    since = str(typed.said(found.defined.column(found.defined.since), place[0]))
    return f"{since}~{place[1] * MOST_LINES + MOST_LINES - 1}", since


def files_within(found: DataList, narrow: Narrow) -> list[Lying]:
    """The files in which such rows may lie.

    Parameters
    ----------
    found : DataList
    narrow : Narrow

    Returns
    -------
    list of Lying
    """
    return _lying(_files(found, narrow))


def _lying(files: QuerySet[JournalFile]) -> list[Lying]:
    return [Lying(*one) for one in files.values_list("path", "last_at", "last_delivery", "rows")]


def _cursor(found: DataList, text: str) -> Cursor | None:
    column = found.defined.column(found.defined.since)
    since, _sep, place = text.partition("~")
    if not (place.isascii() and place.isdecimal() and len(place) <= MOST_DIGITS):
        return None
    try:
        value = typed.stored(column, reader_of(column)(since))
    except BadValue:
        return None
    return Cursor(value, *divmod(int(place), MOST_LINES)) if value is not None else None


def _files(found: DataList, narrow: Narrow, delivery: int | None = None) -> QuerySet[JournalFile]:
    """The files in which such rows may lie."""
    files = JournalFile.objects.filter(of=found)
    start, before = narrow.span
    if start is not None and found.defined.column(found.defined.since).kind in (Kind.MONTH, Kind.YEAR):
        start -= timedelta(days=366)
    if start is not None:
        files = files.filter(last_at__gte=start)
    if before is not None:
        files = files.filter(first_at__lt=before)
    if narrow.namings is not None:
        files = files.filter(first_naming__lte=max(narrow.namings), last_naming__gte=min(narrow.namings))
    if delivery is not None:
        files = files.filter(first_delivery__lte=delivery, last_delivery__gte=delivery)
    if narrow.begins is not None:
        begins = narrow.begins[1]
        files = files.filter(Q(last_lead__gte=begins) & (Q(first_lead__lte=begins) | Q(first_lead__startswith=begins)))
    return files


def _narrow(viewer: User, found: DataList, asked: Asked) -> Narrow | None:
    """What is asked for as conditions on rows of the lake; None where nothing can fit."""
    if viewer.role == Role.ENTERPRISE:
        return None
    namings = Naming.objects.filter(of=found, enterprise__isnull=False)
    wanted: Iterable[int] | None = None
    if not sees_whole_district(viewer):
        namings = namings.filter(territory_of(viewer).of_cells("enterprise__cell__"))
        wanted = ()
    if asked.enterprise:
        namings, wanted = namings.filter(enterprise__code=asked.enterprise), ()
    if asked.named:
        wanted = ()
    numbers = list(namings.values_list("pk", flat=True)) if wanted is not None or asked.named is False else None
    values: dict[str, Any] = {}
    for code, value in asked.values:
        try:
            values[code] = asked_value(found, code, value)
        except BadValue:
            return None
    narrow = Narrow(asked.at, asked.days, values=values)
    if asked.begins:
        lead = next((code for code in found.defined.key if code != found.defined.since), "")
        narrow = replace(narrow, begins=(lead, asked.begins.strip().upper())) if lead else narrow
    if asked.named is False:
        return None if wanted is not None else replace(narrow, without_namings=numbers)
    if wanted is None:
        return narrow
    return replace(narrow, namings=numbers) if numbers else None


def asked_value(found: DataList, code: str, value: str) -> Any:
    """A value of a column as the lake keeps it; None where an address asks for rows that have none.

    Parameters
    ----------
    found : DataList
    code : str
        Of a column.
    value : str

    Returns
    -------
    str, float, int, date or datetime

    Raises
    ------
    BadValue
        The column holds no such values.
    """
    column = found.defined.column(code)
    return typed.stored(column, reader_of(column)(value))


def rows_told(found: DataList, rows: "pl.DataFrame") -> Iterator[JournalRow]:
    """Rows of a frame as people see them, with their enterprises.

    Parameters
    ----------
    found : DataList
    rows : DataFrame

    Yields
    ------
    JournalRow
    """
    defined = found.defined
    numbers = [one for one in rows[NAMING].unique().to_list() if one is not None] if len(rows) else []
    namings = {
        one.pk: one for one in Naming.objects.select_related("enterprise").filter(of=found, pk__in=numbers)
    }  # fmt: skip
    for row in rows.iter_rows(named=True):
        values = [typed.said(one, row[one.code]) for one in defined.columns]
        since = values[defined.places[defined.since]] or ""
        naming = namings.get(row[NAMING])
        number = row[FILE] * MOST_LINES + row[LINE]
        yield JournalRow(
            of_id=found.pk, id=number, values=values, since=first_day(since), until=day_after(since),
            known_from=row[KNOWN_FROM], known_to=row[KNOWN_TO], enterprise=naming.enterprise if naming else None,
            matched_by=naming.matched_by if naming else None, written_id=naming.question_id if naming else None,
            file_id=row[FILE], line=row[LINE], cursor=f"{since}~{number}",
        )  # fmt: skip


def journal_row(viewer: User, found: DataList, number: int) -> JournalRow:
    """One row of a list in bulk, by the delivery and line that it came from; of two editions the newer one.

    Parameters
    ----------
    viewer : User
    found : DataList
    number : int

    Returns
    -------
    JournalRow

    Raises
    ------
    NotFound
        There is none of that number in the list that the viewer may see.
    """
    import polars as pl

    file, line = divmod(number, MOST_LINES)
    narrow = _narrow(viewer, found, Asked())
    files = list(JournalFile.objects.filter(of=found, first_delivery__lte=file, last_delivery__gte=file)
                 .values_list("path", flat=True)) if narrow is not None else []  # fmt: skip
    if narrow is not None and files and file < 1 << 62:
        rows = scan(lake_of(found), found.defined, files, replace(narrow, place=(file, line)))
        for one in rows_told(found, rows.sort(pl.col(KNOWN_FROM), descending=True).collect()):
            return one
    raise NotFound(_("There is no record %(id)s in this list.") % {"id": number})


def journal_editions(viewer: User, found: DataList, one: JournalRow) -> list[JournalRow]:
    """All editions of a row, newest first.

    Parameters
    ----------
    viewer : User
    found : DataList
    one : JournalRow

    Returns
    -------
    list of JournalRow
    """
    narrow = _narrow(viewer, found, Asked())
    if narrow is None:
        return []
    defined = found.defined
    key = {code: asked_value(found, code, one.values[defined.places[code]] or "") for code in defined.key}
    day = instant(key[defined.since])
    files = JournalFile.objects.filter(of=found, first_at__lte=day, last_at__gte=day).values_list("path", flat=True)
    rows = scan(lake_of(found), defined, list(files), replace(narrow, values=key, any_edition=True))
    return list(rows_told(found, rows.sort(KNOWN_FROM, descending=True).collect()))


def may_become_journal(found: DataList) -> bool:
    """Whether it can still be said that a list comes in bulk, or no longer does: none of its files was entered yet.

    Parameters
    ----------
    found : DataList

    Returns
    -------
    bool
        Files that were taken back count too: their editions stay.
    """
    return not RecordFile.objects.filter(of=found, entered_at__isnull=False).exists()


def journal_span(found: DataList) -> tuple[datetime, datetime] | None:
    """From when to when rows of a list in bulk are.

    Parameters
    ----------
    found : DataList

    Returns
    -------
    (datetime, datetime) or None
        None where it holds none.
    """
    ends = JournalFile.objects.filter(of=found).order_by()
    first = ends.order_by("first_at").values_list("first_at", flat=True).first()
    last = ends.order_by("-last_at").values_list("last_at", flat=True).first()
    return (first, last) if first is not None and last is not None else None


def journal_held(viewer: User, found: DataList, asked: Asked) -> int:
    """How many rows of a list in bulk are asked for; all of them are looked at.

    Parameters
    ----------
    viewer : User
    found : DataList
    asked : Asked

    Returns
    -------
    int
    """
    import polars as pl

    narrow = _narrow(viewer, found, asked)
    files = list(_files(found, narrow).values_list("path", flat=True)) if narrow is not None else []
    if narrow is None or not files:
        return 0
    return int(scan(lake_of(found), found.defined, files, narrow).select(pl.len()).collect(engine="streaming").item())


def counted_in_journal(
    viewer: User, found: DataList, asked: Asked, columns: Sequence[str], *, added: str = ""
) -> list[tuple[tuple[str, ...], int, float | None]]:
    """How many rows have each value of one column, or each pair of values of two; as `counted_by` for other lists.

    Parameters
    ----------
    viewer : User
    found : DataList
    asked : Asked
    columns : sequence of str
    added : str
        A column of numbers, of which the sum is told too.

    Returns
    -------
    list of (values, count, sum)
    """
    import polars as pl

    narrow = _narrow(viewer, found, asked)
    files = list(_files(found, narrow).values_list("path", flat=True)) if narrow is not None else []
    if narrow is None or not files:
        return []
    told = [pl.len().alias("_rows"), *([pl.col(added).sum().alias("_sum")] if added else [])]
    rows = scan(lake_of(found), found.defined, files, narrow).group_by(list(columns)).agg(told)
    top = rows.sort(["_rows", *columns], descending=[True, *[False] * len(columns)]).head(MOST_GROUPS)
    kinds = [found.defined.column(code) for code in columns]
    return [
        (tuple(typed.said(one, value) or "" for one, value in zip(kinds, row, strict=False)), row[len(kinds)],
         row[len(kinds) + 1] if added else None)
        for row in top.collect(engine="streaming").iter_rows()
    ]  # fmt: skip


def journals_of_enterprise(
    viewer: User, firm: Enterprise, most: int = 5
) -> list[tuple[DataList, int | None, list[JournalRow]]]:
    """The newest rows of an enterprise in each list in bulk that has some; as `records_of_enterprise` for other lists.

    Parameters
    ----------
    viewer : User
    firm : Enterprise
    most : int
        Rows of each list.

    Returns
    -------
    list of (DataList, None, list of JournalRow)
        By code of the list. How many there are is not told: they would have to be counted through all files.
    """
    if viewer.role == Role.ENTERPRISE:
        return []
    named = set(Naming.objects.filter(enterprise=firm).values_list("of", flat=True))
    lists = DataList.objects.filter(pk__in=named).order_by("code")
    found = [(one, journal_rows(viewer, one, Asked(enterprise=firm.code), most=most).rows) for one in lists]
    return [(one, None, rows) for one, rows in found if rows]


def sums_by_period(
    found: DataList, firms: Collection[int], column: str, days: tuple[date | None, date | None] = (None, None)
) -> list[tuple[int, date, float, int]]:
    """Of some enterprises the sum of a column in each day, month or year of a list in bulk.

    Parameters
    ----------
    found : DataList
    firms : collection of int
    column : str
        Of numbers.
    days : (date, date)
        First and last one of China; None where there is no limit.

    Returns
    -------
    list of (enterprise, first day, sum, rows)
        Earliest first; of instants the sum of the day of China.
    """
    import polars as pl

    namings = dict(Naming.objects.filter(of=found, enterprise__in=list(firms)).values_list("pk", "enterprise"))
    narrow = Narrow(days=days, namings=sorted(namings))
    files = list(_files(found, narrow).values_list("path", flat=True)) if namings else []
    if not files:
        return []
    defined = found.defined
    kind, at = defined.column(defined.since).kind, pl.col(defined.since)
    period = at.dt.offset_by("8h").dt.date() if kind == Kind.MOMENT else at
    period = pl.date(at, 1, 1) if kind == Kind.YEAR else period
    rows = scan(lake_of(found), defined, files, narrow).group_by(NAMING, period.alias("_period")).agg(
        pl.col(column).sum().alias("_sum"), pl.len().alias("_rows")
    ).collect(engine="streaming")  # fmt: skip
    firm = pl.Series("_firm", [namings[one] for one in rows[NAMING]], dtype=pl.Int64)
    summed = rows.with_columns(firm).group_by("_firm", "_period").agg(pl.col("_sum").sum(), pl.col("_rows").sum())
    return [tuple(row) for row in summed.sort("_period", "_firm").iter_rows()]


def sums_of_days(
    code: str, firms: Collection[int], column: str, days: tuple[date | None, date | None]
) -> list[tuple[int, date, float, int]]:
    """The same of a list by its code; empty where there is no such list in bulk, or it has no such column.

    Parameters
    ----------
    code : str
    firms : collection of int
    column : str
    days : (date, date)

    Returns
    -------
    list of (enterprise, first day, sum, rows)
    """
    found = DataList.objects.filter(code=code).first()
    if found is None or not found.defined.journal or column not in found.defined.places:
        return []
    return sums_by_period(found, firms, column, days)
