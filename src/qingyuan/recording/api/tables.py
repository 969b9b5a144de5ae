"""Verbs on tables that people import, and undo."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.recording.api.readings import append
from qingyuan.recording.logic import (
    drafts,
    imports,
)
from qingyuan.recording.logic.imports import By
from qingyuan.recording.models import Import, ImportDraft
from qingyuan.recording.queries import draft_bytes, import_draft
from qingyuan.recording.queries import imports as imports_of
from qingyuan.sensing.errors import BadPayload
from qingyuan.sensing.queries import Feed, feed_packets, packet_bytes


def start_import(user: User, name: str, raw: bytes, sheet: str = "") -> ImportDraft:
    """Keep an uploaded table for a day, with a layout that is remembered or guessed, until it is confirmed.

    Parameters
    ----------
    user : User
        An analyst, an administrator, or an enterprise user for the own stations.
    name : str
        The file's name.
    raw : bytes
        The file. [at most 50 MiB]
    sheet : str
        The sheet of a workbook; the first when empty.

    Returns
    -------
    ImportDraft

    Raises
    ------
    Forbidden
        The user's role may not import tables.
    BadInput
        The file is no table that can be read.
    """
    drafts.may_import(user)
    try:
        layout = drafts.first_layout(user, raw, sheet)
    except BadPayload as error:
        raise BadInput(str(error), "file") from error
    return drafts.keep(user, name, raw, layout)


def import_again(import_id: int, user: User) -> ImportDraft:
    """Take up the file of an import once more, as if it were uploaded now, to be looked at and confirmed.

    Parameters
    ----------
    import_id : int
    user : User
        Whoever may see the import.

    Returns
    -------
    ImportDraft
        Of the bytes that were kept, by the layout that is remembered for such tables now.

    Raises
    ------
    NotFound
        The user can see no such import.
    Refused
        Its bytes are not there.
    Forbidden, BadInput
        As for `start_import`.
    """
    made = imports_of(user).filter(pk=import_id).first()
    if made is None:
        raise NotFound(_("There is no import %(id)s.") % {"id": import_id})
    packet = feed_packets(made.feed).filter(segment_id=made.segment).first()
    if packet is None:
        raise Refused(_("The file of this import is not kept."))
    return start_import(user, made.name, packet_bytes(packet).raw, made.layout.get("sheet", ""))


def lay_out_import(draft_id: int, user: User, layout: Mapping[str, str]) -> ImportDraft:
    """Say what stands where in an uploaded table.

    Parameters
    ----------
    draft_id : int
    user : User
        Whoever uploaded it.
    layout : mapping of str to str
        Settings of the connector of tables; they are checked when the import is confirmed.

    Returns
    -------
    ImportDraft

    Raises
    ------
    NotFound
        The user has no such draft, or it has expired.
    """
    draft = import_draft(user, draft_id)
    draft.layout = dict(layout)
    draft.save(update_fields=["layout"])
    return draft


def confirm_import(draft_id: int, user: User, origin: Origin) -> Import:
    """Take an uploaded table in, keep its bytes as evidence, and remember its layout for the user's organisation.

    Parameters
    ----------
    draft_id : int
    user : User
        Whoever uploaded it.
    origin : Origin

    Returns
    -------
    Import

    Raises
    ------
    NotFound
        The user has no such draft, or it has expired or was confirmed already.
    Forbidden
        The user's role may not import tables.
    BadInput
        The layout is wrong, or names a station out of the user's scope.
    """
    drafts.may_import(user)
    raw = draft_bytes(import_draft(user, draft_id))
    with transaction.atomic():
        draft = ImportDraft.objects.select_for_update().filter(pk=draft_id, owner=user).first()
        if draft is None:
            raise NotFound(_("This table was imported already, or has expired; upload it again."))
        feed = drafts.feed_for(user, draft, raw, origin)  # nobody changes what it means until the table is taken in
        made = imports.take_in(feed, draft.name, raw, by=By(user, origin), append=append)
        draft.delete()
    return made


def import_table(feed: Feed, name: str, raw: bytes, origin: Origin) -> Import:
    """Take a table of a feed in by its settings, and keep its bytes as evidence.

    Parameters
    ----------
    feed : Feed
        Its connector reads tables.
    name : str
        The file's name.
    raw : bytes
    origin : Origin

    Returns
    -------
    Import
        What it changed, and how many faults of which kind there were.

    Raises
    ------
    BadInput
        The feed's connector reads something else.
    """
    if feed.connector != drafts.CONNECTOR:
        raise BadInput(f"found feed {feed.code} with connector {feed.connector!r}, expected {drafts.CONNECTOR!r}")
    return imports.take_in(feed, name, raw, by=By(None, origin), append=append)


@transaction.atomic
def undo_import(import_id: int, user: User, why: str, origin: Origin) -> Import:
    """Remove the readings that an import made and give those that it changed their old values back.

    Parameters
    ----------
    import_id : int
    user : User
        Whoever made it, or an administrator.
    why : str
        The reason, which the log keeps.
    origin : Origin

    Returns
    -------
    Import

    Raises
    ------
    NotFound
        There is no such import.
    Forbidden
        Somebody else made it.
    Refused
        It was undone already, readings of it lie in the lake, or another process is changing the lake.
    BadInput
        The reason is missing.

    Notes
    -----
    Readings that a sender changed after the import stay as they are; they are counted. The file stays as evidence.
    """
    made = Import.objects.select_for_update(of=("self",)).filter(pk=import_id).first()
    if made is None:
        raise NotFound(_("There is no import %(id)s.") % {"id": import_id})
    if user.role != Role.ADMINISTRATOR and made.made_by_id != user.pk:
        raise Forbidden(_("Only whoever made an import, or an administrator, may undo it."))
    if made.undone_at is not None:
        raise Refused(_("This import was undone already."))
    if not why.strip():
        raise BadInput(_("Say why the import is undone."), "why")
    return imports.undo(made, why.strip(), By(user, origin))


def drop_expired_drafts() -> int:
    """Forget uploaded tables that nobody confirmed in time.

    Returns
    -------
    int
        How many there were.
    """
    dropped, _each = ImportDraft.objects.filter(expires_at__lte=clock.now()).delete()
    return dropped
