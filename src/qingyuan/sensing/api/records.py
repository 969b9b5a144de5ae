"""Verbs on data lists of departments: defining one, bringing a file, looking at it, entering it, taking it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Organisation, User
from qingyuan.places.queries import Enterprise, enterprises
from qingyuan.sensing.api.departments import name_department
from qingyuan.sensing.api.feeds import define_feed
from qingyuan.sensing.api.waiting import check_enterer, keep_waiting, no_readings, payload_of, reason_to_undo
from qingyuan.sensing.connector import CONNECTORS
from qingyuan.sensing.connectors._records import LIST, MOST_BYTES
from qingyuan.sensing.events import ListDefined, PersonalRecordsTaken, WrittenFirmDecided, WrittenFirmReopened
from qingyuan.sensing.logic import feeding
from qingyuan.sensing.logic.journalkeeping.naming import decided
from qingyuan.sensing.logic.journalkeeping.withdrawing import withdraw as journal_withdraw
from qingyuan.sensing.logic.recordkeeping import storing
from qingyuan.sensing.logic.recordkeeping.staging import Staged, stage
from qingyuan.sensing.models import DataList, Feed, MatchedBy, Record, RecordFile, WrittenFirm
from qingyuan.sensing.queries.journals import may_become_journal
from qingyuan.sensing.queries.records import data_list, may_bring, record_file, written_firm
from qingyuan.sensing.records.catalogue import entry
from qingyuan.sensing.records.definition import About, Every, ListDefinition

CONNECTOR = "records"
PREVIEWED, SHOWN = 100_000, 20  # rows of a file that are looked at before it is entered, and drawn


@dataclass(frozen=True)
class RecordPreview:
    """What a file would do: rows read, how they stand, and the first of them; faults with what was expected."""

    staged: Staged
    entered_before: RecordFile | None


@transaction.atomic
def define_list(
    code: str,
    *,
    title_zh: str,
    title_en: str,
    about: str,
    definition: ListDefinition,
    department: Organisation | None = None,
    every: str = "",
    origin: Origin = log.PLATFORM,
) -> DataList:
    """Enter a data list, or change it; the log keeps how it was before.

    Parameters
    ----------
    code : str
    title_zh, title_en : str
    about : str
        A value of `About`.
    definition : ListDefinition
        Columns that the list has already keep their place and kind; new ones come behind. Whether it comes in bulk can
        be changed until its first file is entered.
    department : Organisation, optional
        Who delivers it.
    every : str
        A value of `Every`.
    origin : Origin

    Returns
    -------
    DataList

    Raises
    ------
    BadInput
        A title is missing, or the definition cannot be used or does not continue the one before.
    """
    if not title_zh.strip() or not title_en.strip():
        raise BadInput(_("Give the list a title in both languages."), "title_zh")
    for value, known, name in ((about, About.values, "about"), (every, Every.values, "every")):
        if value not in known:
            raise BadInput(f"found {value!r}, expected one of: {', '.join(known)}", name)
    definition.checked()
    before = DataList.objects.select_for_update().filter(code=code).first()
    if before is not None:
        definition.continues(before.defined, is_new=may_become_journal(before))
    told = {"title_zh": title_zh, "title_en": title_en, "about": about, "every": every}
    values = {**told, "definition": definition.as_json(), "department": department}
    found, is_new = DataList.objects.update_or_create(code=code, defaults=values)
    if not definition.journal and (is_new or (before is not None and before.defined.journal)):
        with connection.cursor() as cursor:
            cursor.execute(  # a list that was one in bulk for a while has its table already if it was none before
                f"CREATE TABLE IF NOT EXISTS sensing_record_{found.pk:d} PARTITION OF sensing_record"
                f" FOR VALUES IN ({found.pk:d})"
            )
    logged = {**told, "definition": definition.as_json(), "department": department.code if department else ""}
    log.write(ListDefined(id=found.pk, code=code, values=logged), origin)
    return DataList.objects.get(pk=found.pk)


def take_over_list(code: str, department: Organisation | None, origin: Origin = log.PLATFORM) -> DataList:
    """Enter a list as the catalogue of ready definitions has it.

    Parameters
    ----------
    code : str
        Of the catalogue.
    department : Organisation or None
        Who delivers it here.
    origin : Origin

    Returns
    -------
    DataList

    Raises
    ------
    NotFound
        The catalogue has none of that code.
    """
    ready = entry(code)
    return define_list(
        code, title_zh=ready.title.zh, title_en=ready.title.en, about=ready.about, definition=ready.definition,
        department=department, every=ready.every, origin=origin,
    )  # fmt: skip


def feed_of_list(found: DataList, origin: Origin = log.PLATFORM, settings: Mapping[str, Any] | None = None) -> Feed:
    """The feed of what is brought by hand or posted for a list; it remembers where its columns stand in files.

    Parameters
    ----------
    found : DataList
    origin : Origin
    settings : mapping, optional
        Of the connector `records`; those that are remembered when left out.

    Returns
    -------
    Feed
    """
    known = Feed.objects.filter(code=found.own_feed).first()
    if known is not None and (settings is None or known.settings == settings):
        return known
    feed = define_feed(
        found.own_feed, connector=CONNECTOR, title_zh=found.title_zh, title_en=found.title_en,
        settings={**(settings or {}), LIST.name: found.code}, origin=origin,
    )  # fmt: skip
    if known is None:
        name_department(feed, found.department, origin)
    return feed


@transaction.atomic
def bring_records(user: User, code: str, name: str, raw: bytes, *, origin: Origin) -> RecordFile:
    """Keep a file until somebody has looked at what it says and enters it.

    Parameters
    ----------
    user : User
    code : str
        Of the list.
    name : str
    raw : bytes
    origin : Origin

    Returns
    -------
    RecordFile
        Waiting; its columns are where they stood in the last file.

    Raises
    ------
    NotFound
        There is no such list that the user may see.
    Forbidden
        The user's role may not bring it.
    BadInput
        The file is empty or too large.
    """
    found = data_list(user, code)
    _may_bring(user, found)
    file = keep_waiting(user, name, raw, MOST_BYTES)
    feed = feed_of_list(found, origin)
    return RecordFile.objects.create(of=found, feed=feed, settings=feed.settings, **file)


def preview_records(file: RecordFile) -> RecordPreview:
    """Read a file that waits against the columns of its list; nothing is stored.

    Parameters
    ----------
    file : RecordFile

    Returns
    -------
    RecordPreview
        Of its first 100,000 rows.

    Raises
    ------
    BadPayload
        The file as a whole cannot be read, or lacks a column without which nothing can be told.
    """
    read = CONNECTORS.get(CONNECTOR)().read(payload_of(file), file.settings)
    if read.records is None:
        raise BadInput("found no records, expected some", "file")
    staged = stage(read.records, most=PREVIEWED, shows=SHOWN)
    same = RecordFile.objects.filter(of=file.of, sha256=file.sha256, entered_at__isnull=False, undone_at=None)
    return RecordPreview(staged, same.order_by("pk").first())


def titles_of_file(file: RecordFile) -> tuple[str, ...]:
    """The titles of the columns of a file that waits.

    Parameters
    ----------
    file : RecordFile

    Returns
    -------
    tuple of str

    Raises
    ------
    BadPayload
        It has none that can be read.
    """
    read = CONNECTORS.get(CONNECTOR)().read(payload_of(file), file.settings)
    return read.records.titles if read.records else ()


@transaction.atomic
def say_columns(file_id: int, user: User, settings: Mapping[str, Any]) -> RecordFile:
    """Say where the columns of a list stand in a file that waits.

    Parameters
    ----------
    file_id : int
    user : User
        Who brought it.
    settings : mapping
        Of the connector `records`.

    Returns
    -------
    RecordFile

    Raises
    ------
    Refused
        It was entered already.
    BadInput
        A setting is wrong.
    """
    file = _own_waiting(file_id, user)
    file.settings = CONNECTORS.get(CONNECTOR).checked({**settings, LIST.name: file.of.code})
    file.save(update_fields=["settings"])
    return file


@transaction.atomic
def enter_records(file_id: int, user: User, origin: Origin) -> RecordFile:
    """Enter a file that waits: its bytes as evidence, its rows as records.

    Parameters
    ----------
    file_id : int
    user : User
        Who brought it.
    origin : Origin

    Returns
    -------
    RecordFile

    Raises
    ------
    NotFound
        There is no such file that the user may see.
    Forbidden
        Somebody else brought it.
    Refused
        It was entered already, or no row of it can be read.
    """
    file = _own_waiting(file_id, user)
    _may_bring(user, file.of)
    if not preview_records(file).staged.rows:
        raise Refused(_("No row of this file can be read: nothing would be entered."))
    feed = feed_of_list(file.of, origin, file.settings)
    feeding.take_in(feed, [payload_of(file)], no_readings)
    return record_file(user, file_id)


@transaction.atomic
def undo_records(file_id: int, user: User, why: str, origin: Origin) -> tuple[int, int]:
    """Take back what a delivery made known; what it had changed stands again as before.

    Parameters
    ----------
    file_id : int
    user : User
        Who brought it, or an administrator.
    why : str
        Cannot be left out.
    origin : Origin

    Returns
    -------
    tuple of int
        How many records are gone, and how many stand again as before. What later deliveries changed is left.

    Raises
    ------
    NotFound
        There is no such file that the user may see.
    Forbidden
        It is somebody else's.
    BadInput
        No reason is given.
    Refused
        It was not entered, or undone already.
    """
    file = RecordFile.objects.select_for_update(of=("self",)).get(pk=record_file(user, file_id).pk)
    why = reason_to_undo(file, user, why, stands=file.entered_at is not None and file.undone_at is None)
    withdraw = journal_withdraw if file.of.defined.journal else storing.withdraw
    return withdraw(file, user, why, Origin(user.username, origin.place))


@transaction.atomic
def decide_firm(written_id: int, user: User, code: str, why: str, *, origin: Origin) -> int:
    """Say which enterprise a list means when it writes one so; all its records so written, now and later, follow.

    Parameters
    ----------
    written_id : int
    user : User
    code : str
        Credit code of an enterprise on file; empty where it is none of them.
    why : str
        Cannot be left out.
    origin : Origin

    Returns
    -------
    int
        How many known records have it now.

    Raises
    ------
    NotFound
        There is no such question that the user may see.
    BadInput
        No reason is given, or there is no such enterprise.
    """
    written = WrittenFirm.objects.select_for_update(of=("self",)).get(pk=written_firm(user, written_id).pk)
    _may_bring(user, written.of)
    if not why.strip():
        raise BadInput(_("Say by what this was decided."), "why")
    firm = enterprises(user).filter(code=code).first() if code else None
    if code and firm is None:
        raise BadInput(_("There is no enterprise %(code)s in your territory.") % {"code": code}, "enterprise")
    found = DataList.objects.select_for_update(of=("self",)).get(pk=written.of_id)
    had, moved = _moved(found, written, firm, MatchedBy.PERSON)
    found.matched += (moved if firm else 0) - had
    found.save(update_fields=["matched"])
    written.enterprise, written.decided_by, written.decided_at, written.why = firm, user, clock.now(), why.strip()
    written.save(update_fields=["enterprise", "decided_by", "decided_at", "why"])
    told = WrittenFirmDecided(
        id=written.pk, records=found.code, written=str(written), enterprise=firm.code if firm else "", moved=moved
    )
    log.write(told, Origin(user.username, origin.place), why.strip())
    return moved


@transaction.atomic
def reopen_firm(written_id: int, user: User, why: str, *, origin: Origin) -> int:
    """Let a decision of whom a list means hold no more: its records name nobody, and it is asked again.

    Parameters
    ----------
    written_id : int
    user : User
    why : str
        Cannot be left out.
    origin : Origin

    Returns
    -------
    int
        How many known records have no enterprise now.

    Raises
    ------
    NotFound
        There is no such question that the user may see.
    BadInput
        No reason is given.
    Refused
        It was not decided.
    """
    written = WrittenFirm.objects.select_for_update(of=("self",)).get(pk=written_firm(user, written_id).pk)
    _may_bring(user, written.of)
    if not why.strip():
        raise BadInput(_("Say by what this was decided."), "why")
    if written.decided_at is None:
        raise Refused(_("There is nothing to undo."))
    found = DataList.objects.select_for_update(of=("self",)).get(pk=written.of_id)
    had, moved = _moved(found, written, None, None)
    found.matched -= had
    found.save(update_fields=["matched"])
    written.enterprise, written.decided_by, written.decided_at, written.why = None, None, None, ""
    written.save(update_fields=["enterprise", "decided_by", "decided_at", "why"])
    told = WrittenFirmReopened(id=written.pk, records=found.code, written=str(written), moved=moved)
    log.write(told, Origin(user.username, origin.place), why.strip())
    return moved


def _moved(found: DataList, written: WrittenFirm, firm: Enterprise | None, by: MatchedBy | None) -> tuple[int, int]:
    """Give what is so written to an enterprise: how many known records had one, and how many are so written."""
    if found.defined.journal:
        return decided(found, written, firm, by)
    known = Record.objects.filter(of=found.pk, written=written.pk, known_to=None)
    had = known.filter(enterprise__isnull=False).count()
    return had, known.update(enterprise=firm, matched_by=by)


def note_taken(user: User, found: DataList, records: int, origin: Origin) -> None:
    """Write down that somebody took records away in which persons' data stand unmasked.

    Parameters
    ----------
    user : User
    found : DataList
    records : int
    origin : Origin
    """
    log.write(PersonalRecordsTaken(id=found.pk, code=found.code, records=records), Origin(user.username, origin.place))


def _own_waiting(file_id: int, user: User) -> RecordFile:
    file = RecordFile.objects.select_for_update(of=("self",)).select_related("of").get(pk=record_file(user, file_id).pk)
    check_enterer(file, user, entered=file.entered_at is not None)
    return file


def _may_bring(user: User, found: DataList) -> None:
    if not may_bring(user, found):
        raise Forbidden(
            _("Only duty officers, analysts, administrators and the department itself may bring this list.")
        )
