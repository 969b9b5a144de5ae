"""Reads of data lists of departments and their records, scoped to the viewer's territory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import zstandard
from django.db.models import Count, Exists, F, FloatField, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from qingyuan.kit.errors import NotFound
from qingyuan.kit.queries import lines
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import Enterprise, sees_whole_district, territory_of
from qingyuan.sensing.connector import CONNECTORS, BadPayload, Payload
from qingyuan.sensing.events import ListDefined
from qingyuan.sensing.models import DataList, Naming, RawPacket, RawSegment, Record, RecordFile, WrittenFirm
from qingyuan.sensing.queries.packets import packet_with
from qingyuan.sensing.records.definition import MINUTES, Every, Kind, ListDefinition, by_titles, personal_places
from qingyuan.sensing.tables.sheets import BrokenOff
from qingyuan_science.series import microseconds

__all__ = [
    "MANY", "MAY_BRING_RECORDS", "MAY_DEFINE_LISTS", "MOST_GROUPS", "SEES_PERSONS", "DataList", "Record", "RecordFile",
    "Standing", "WrittenFirm", "bytes_of_file", "counted_by", "data_list", "data_lists", "definitions_of", "may_bring",
    "narrowed", "packet_of_file", "record", "record_editions", "record_file", "record_files", "records_named",
    "records_of", "records_of_enterprise", "records_written_so", "row_of_file", "sees_persons", "standings",
    "values_of_enterprises", "with_value", "written_as", "written_firm", "written_firms",
]  # fmt: skip

MAY_BRING_RECORDS = (Role.DUTY_OFFICER, Role.ANALYST, Role.ADMINISTRATOR)
MAY_DEFINE_LISTS = (Role.ADMINISTRATOR,)
SEES_PERSONS = (Role.ANALYST, Role.ADMINISTRATOR)
MANY = 200_000  # records, from which on words are looked for at the beginning of the key only
MOST_GROUPS = 200


@dataclass(frozen=True)
class Standing:
    """How a list stands: its last delivery, how many files came and of how many rows nothing could be read.

    `waiting` counts the ways of writing an enterprise that a person has to decide. `state` is `never`, `silent`,
    `refused` where rows of the last delivery could not be read, or `in-order`.
    """

    list: DataList
    last: RecordFile | None
    files: int
    waiting: int
    state: str


def may_bring(user: User, found: DataList) -> bool:
    """Whether a person may bring files of a list and decide whom it names.

    Parameters
    ----------
    user : User
    found : DataList

    Returns
    -------
    bool
        Also for a department's handler, of the lists of the own department.
    """
    own = user.role == Role.DEPARTMENT_HANDLER and found.department_id is not None
    return user.role in MAY_BRING_RECORDS or (own and user.organisation_id == found.department_id)


def sees_persons(user: User) -> bool:
    """Whether persons' data are shown to somebody as they are.

    Parameters
    ----------
    user : User

    Returns
    -------
    bool
    """
    return user.role in SEES_PERSONS


def data_lists(viewer: User) -> QuerySet[DataList]:
    """The data lists of all departments.

    Parameters
    ----------
    viewer : User
        An enterprise user sees none.

    Returns
    -------
    QuerySet of DataList
    """
    if viewer.role == Role.ENTERPRISE:
        return DataList.objects.none()
    return DataList.objects.select_related("department")


def data_list(viewer: User, code: str) -> DataList:
    """One data list.

    Parameters
    ----------
    viewer : User
    code : str

    Returns
    -------
    DataList

    Raises
    ------
    NotFound
        There is none of that code that the viewer may see.
    """
    found = data_lists(viewer).filter(code=code).first()
    if found is None:
        raise NotFound(_("There is no data list %(code)s.") % {"code": code})
    return found


def definitions_of(found: DataList) -> list[tuple[datetime, str, ListDefinition]]:
    """How a list was defined from when on, and by whom, as the log has it.

    Parameters
    ----------
    found : DataList

    Returns
    -------
    list of (datetime, str, ListDefinition)
        Earliest first; lines that changed no column make no edition.
    """
    told: list[tuple[datetime, str, ListDefinition]] = []
    for line in lines(f"{ListDefined.subject_kind}/{found.pk}", (ListDefined.__name__,)).order_by("seq"):
        definition = ListDefinition.from_json(line.detail["values"]["definition"])
        if not told or told[-1][2] != definition:
            told.append((line.at, line.actor, definition))
    return told


def standings(viewer: User, now: datetime) -> list[Standing]:
    """How every list stands; by four queries however many there are.

    Parameters
    ----------
    viewer : User
    now : datetime

    Returns
    -------
    list of Standing
        By code.
    """
    entered = RecordFile.objects.filter(entered_at__isnull=False, undone_at=None).order_by()
    newest = dict(entered.values_list("of").annotate(Max("pk")))
    files = dict(entered.values_list("of").annotate(Count("pk")))
    last = {one.of_id: one for one in RecordFile.objects.filter(pk__in=newest.values()).defer("body", "faults")}
    waiting = dict(written_firms(viewer).order_by().values_list("of").annotate(Count("pk")))
    return [
        Standing(
            one, last.get(one.pk), files.get(one.pk, 0), waiting.get(one.pk, 0), _state(one, last.get(one.pk), now)
        )
        for one in data_lists(viewer)
    ]


def _state(one: DataList, last: RecordFile | None, now: datetime) -> str:
    if last is None or last.entered_at is None:
        return "never"
    minutes = MINUTES.get(Every(one.every))
    if minutes is not None and now - last.entered_at > timedelta(minutes=minutes):
        return "silent"
    return "refused" if last.faulty else "in-order"


def records_of(viewer: User, found: DataList, at: datetime | None = None) -> QuerySet[Record]:
    """The records of a list in the viewer's territory, as they are known now or were known at an instant.

    Parameters
    ----------
    viewer : User
        Who does not see the whole district sees the records of the enterprises in the own territory.
    found : DataList
    at : datetime, optional

    Returns
    -------
    QuerySet of Record
        Those that came last first.
    """
    known = Q(known_to=None) if at is None else Q(known_from__lte=at) & (Q(known_to=None) | Q(known_to__gt=at))
    return _seen(viewer, Record.objects.filter(known, of=found.pk)).order_by("-id")


def _seen(viewer: User, rows: QuerySet[Record]) -> QuerySet[Record]:
    if viewer.role == Role.ENTERPRISE:
        return rows.none()
    rows = rows.select_related("enterprise")
    return rows if sees_whole_district(viewer) else rows.filter(territory_of(viewer).of_cells("enterprise__cell__"))


def record(viewer: User, found: DataList, record_id: int) -> Record:
    """One edition of a record.

    Parameters
    ----------
    viewer : User
    found : DataList
    record_id : int

    Returns
    -------
    Record

    Raises
    ------
    NotFound
        There is none of that number in the list that the viewer may see.
    """
    rows = _seen(viewer, Record.objects.filter(of=found.pk, id=record_id)).select_related("file", "written")
    one = rows.first()
    if one is None:
        raise NotFound(_("There is no record %(id)s in this list.") % {"id": record_id})
    return one


def record_editions(viewer: User, one: Record) -> list[Record]:
    """All editions of a record, newest first.

    Parameters
    ----------
    viewer : User
    one : Record

    Returns
    -------
    list of Record
    """
    rows = _seen(viewer, Record.objects.filter(of=one.of_id, key=one.key))
    return list(rows.select_related("file").order_by("-known_from", "-id"))


def narrowed(viewer: User, found: DataList, rows: QuerySet[Record], text: str) -> QuerySet[Record]:
    """The records that hold some words, in columns that the viewer sees as they are.

    Parameters
    ----------
    viewer : User
    found : DataList
    rows : QuerySet of Record
    text : str

    Returns
    -------
    QuerySet of Record
        In a list of more than `MANY` records, those of which the key begins with the text.
    """
    defined = found.defined
    hidden = frozenset() if sees_persons(viewer) else personal_places(defined)
    if found.held > MANY:
        if defined.places[defined.key[0]] in hidden:
            return rows.none() if text.strip() else rows
        return rows.filter(key__startswith=text.strip().upper()) if text.strip() else rows
    spoken = [
        place for place, one in enumerate(defined.columns) if one.kind in (Kind.TEXT, Kind.CODE) and place not in hidden
    ]
    for word in text.split()[:8]:
        fits = Q(enterprise__title_zh__icontains=word) | Q(enterprise__title_en__icontains=word)
        for place in spoken:
            fits |= Q(**{f"values__{place}__icontains": word})
        rows = rows.filter(fits)
    return rows


def with_value(rows: QuerySet[Record], found: DataList, column: str, value: str) -> QuerySet[Record]:
    """The records that have a value in a column; empty for those that have none there.

    Parameters
    ----------
    rows : QuerySet of Record
    found : DataList
    column : str
    value : str

    Returns
    -------
    QuerySet of Record
    """
    place = found.defined.places[column]
    return rows.filter(**{f"values__{place}": value}) if value else rows.filter(**{f"values__{place}__isnull": True})


def counted_by(
    found: DataList, rows: QuerySet[Record], columns: Sequence[str], added: str = ""
) -> list[tuple[tuple[str, ...], int, float | None]]:
    """How many records have each value of one column, or each pair of values of two.

    Parameters
    ----------
    found : DataList
    rows : QuerySet of Record
    columns : sequence of str
    added : str
        A column of numbers, of which the sum is told too.

    Returns
    -------
    list of (values, count, sum)
        The most frequent first, at most `MOST_GROUPS`.
    """
    places = [found.defined.places[one] for one in columns]
    named = {f"by_{number}": f"values__{place}" for number, place in enumerate(places)}
    grouped = (
        rows.select_related(None).order_by().annotate(**{name: F(path) for name, path in named.items()}).values(*named)
    )
    told: dict[str, Any] = {"records": Count("id")}
    if added:
        told["total"] = Sum(Cast(F(f"values__{found.defined.places[added]}"), FloatField()))
    counted = grouped.annotate(**told).order_by("-records", *named)[:MOST_GROUPS]
    return [(tuple(row[name] or "" for name in named), row["records"], row.get("total")) for row in counted]


def record_files(viewer: User) -> QuerySet[RecordFile]:
    """Deliveries of data lists, newest first.

    Parameters
    ----------
    viewer : User
        Whoever may bring some list; of a department's handler those of the own department. Others see none.

    Returns
    -------
    QuerySet of RecordFile
    """
    rows = RecordFile.objects.select_related("of", "feed", "brought_by", "undone_by").defer("body")
    if viewer.role in MAY_BRING_RECORDS:
        return rows
    if viewer.role == Role.DEPARTMENT_HANDLER and viewer.organisation_id is not None:
        return rows.filter(of__department=viewer.organisation_id)
    return rows.none()


def record_file(viewer: User, file_id: int) -> RecordFile:
    """One delivery of a data list.

    Parameters
    ----------
    viewer : User
    file_id : int

    Returns
    -------
    RecordFile

    Raises
    ------
    NotFound
        There is none of that number that the viewer may see.
    """
    found = record_files(viewer).filter(pk=file_id).first()
    if found is None:
        raise NotFound(_("There is no file %(id)s.") % {"id": file_id})
    return found


def packet_of_file(file: RecordFile) -> RawPacket | None:
    """Where the bytes of a delivery lie.

    Parameters
    ----------
    file : RecordFile

    Returns
    -------
    RawPacket or None
        None where it was not entered.
    """
    if file.feed is None or file.segment is None:
        return None
    as_long = RawPacket.objects.filter(segment=file.segment, mn=file.feed.sender, length=file.size)[:2]
    return as_long[0] if len(as_long) == 1 else packet_with(file.feed.sender, file.segment, file.sha256)


RowOfFile = tuple[Sequence[str], Sequence[Any], Mapping[str, int]]


def row_of_file(file: RecordFile, line: int) -> RowOfFile | None:
    """A row of a delivery, read again out of the bytes that are kept.

    Parameters
    ----------
    file : RecordFile
    line : int
        As its records say.

    Returns
    -------
    (titles, cells, places) or None
        `places` says in which of the cells each column of the list stands. None where it cannot be read again.
    """
    raw = bytes_of_file(file)
    if not raw or file.feed is None or file.feed.connector not in CONNECTORS:
        return None
    payload = Payload(raw, file.name, microseconds(file.brought_at))
    try:
        found = CONNECTORS.get(file.feed.connector)().read(payload, {**file.feed.settings, **file.settings}).records
        cells = next((row for number, row in found.rows if number == line), None) if found else None
    except (BadPayload, BrokenOff):
        return None
    if found is None or cells is None:
        return None
    return found.titles, cells, by_titles(file.of.defined, found.titles, found.said)


def bytes_of_file(file: RecordFile) -> bytes:
    """The bytes of a delivery as they came; none where it was not entered.

    Parameters
    ----------
    file : RecordFile

    Returns
    -------
    bytes
    """
    packet = packet_of_file(file)
    if packet is None:
        return b""
    body = zstandard.decompress(bytes(RawSegment.objects.values_list("body", flat=True).get(pk=packet.segment_id)))
    return body[packet.offset : packet.offset + packet.length]


def written_firms(viewer: User, *, decided: bool = False) -> QuerySet[WrittenFirm]:
    """Ways of writing an enterprise that a person has to decide, or has decided.

    Parameters
    ----------
    viewer : User
        As for files.
    decided : bool

    Returns
    -------
    QuerySet of WrittenFirm
        Of those to be decided only such that known records name, the likeliest first: its answer joins most.
    """
    rows = WrittenFirm.objects.select_related("of", "enterprise", "decided_by").filter(decided_at__isnull=not decided)
    if viewer.role == Role.DEPARTMENT_HANDLER and viewer.organisation_id is not None:
        rows = rows.filter(of__department=viewer.organisation_id)
    elif viewer.role not in MAY_BRING_RECORDS:
        return rows.none()
    if decided:
        return rows.order_by("-decided_at")
    naming = Record.objects.filter(written=OuterRef("pk"), of=OuterRef("of"), known_to=None)
    in_bulk = Naming.objects.filter(question=OuterRef("pk")).order_by().values("pk")
    return rows.filter(Exists(naming.order_by().values("of_id")) | Exists(in_bulk)).order_by(
        F("candidates__0__score").desc(nulls_last=True), "-first_at", "pk"
    )


def written_firm(viewer: User, written_id: int) -> WrittenFirm:
    """One way of writing an enterprise, decided or not.

    Parameters
    ----------
    viewer : User
    written_id : int

    Returns
    -------
    WrittenFirm

    Raises
    ------
    NotFound
        There is none of that number that the viewer may see.
    """
    for decided in (False, True):
        found = written_firms(viewer, decided=decided).filter(pk=written_id).first()
        if found is not None:
            return found
    raise NotFound(_("There is no question %(id)s of this kind.") % {"id": written_id})


def written_as(viewer: User, code: str, values: Mapping[str, str]) -> QuerySet[WrittenFirm]:
    """Questions about just this way of writing an enterprise that nobody has decided yet.

    Parameters
    ----------
    viewer : User
    code : str
        Of the list.
    values : mapping of str to str
        Its ``name``, ``code`` and ``permit``, empty where it has none.

    Returns
    -------
    QuerySet of WrittenFirm
    """
    told = {part: values.get(part, "") for part in ("name", "code", "permit")}
    return written_firms(viewer).filter(of__code=code, **told)


def records_written_so(viewer: User, written: WrittenFirm) -> QuerySet[Record]:
    """The known records that write an enterprise so.

    Parameters
    ----------
    viewer : User
    written : WrittenFirm

    Returns
    -------
    QuerySet of Record
    """
    return records_of(viewer, written.of).filter(written=written.pk)


def records_named(written: Collection[WrittenFirm]) -> dict[int, int]:
    """How many known records write an enterprise so.

    Parameters
    ----------
    written : collection of WrittenFirm

    Returns
    -------
    dict of int to int
    """
    rows = Record.objects.filter(written__in=[one.pk for one in written], known_to=None).order_by()
    return dict(rows.values_list("written").annotate(Count("id")))


def records_of_enterprise(viewer: User, firm: Enterprise, most: int = 5) -> list[tuple[DataList, int, list[Record]]]:
    """What all lists hold of an enterprise: how many records, and those that came last.

    Parameters
    ----------
    viewer : User
    firm : Enterprise
    most : int
        Records of each list.

    Returns
    -------
    list of (DataList, int, list of Record)
        By code of the list.
    """
    if viewer.role == Role.ENTERPRISE:
        return []
    own = Record.objects.filter(enterprise=firm.pk, known_to=None).order_by()
    counts = dict(own.values_list("of").annotate(Count("id")))
    lists = data_lists(viewer).filter(pk__in=counts)
    return [
        (one, counts[one.pk], list(records_of(viewer, one).filter(enterprise=firm.pk)
                                   .order_by("-since", "-id")[:most]))
        for one in lists
    ]  # fmt: skip


def values_of_enterprises(
    code: str, firms: Collection[int], column: str = ""
) -> list[tuple[int, Any, Any, str | None]]:
    """Of some enterprises, the known records of a list: from which and before which day they hold, and a value.

    Parameters
    ----------
    code : str
        Of the list.
    firms : collection of int
    column : str
        Empty where only the records are asked for.

    Returns
    -------
    list of (enterprise, since, until, value)
        None where there is no such list or column.
    """
    found = DataList.objects.filter(code=code).first()
    if found is None or (column and column not in found.defined.places):
        return []
    rows = Record.objects.filter(of=found.pk, enterprise__in=list(firms), known_to=None).order_by("since", "id")
    fields = ["enterprise", "since", "until", *([f"values__{found.defined.places[column]}"] if column else [])]
    return [(row[0], row[1], row[2], row[3] if column else None) for row in rows.values_list(*fields)]
