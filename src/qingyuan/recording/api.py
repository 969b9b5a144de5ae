"""Verbs on readings: appending what came in, computing hour means, taking in what was quarantined, importing tables."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.recording.events import HoursComputed, ReadingsAppended
from qingyuan.recording.logic import drafts, gaps, hours, imports, store
from qingyuan.recording.logic.batch import columns_of
from qingyuan.recording.logic.imports import By
from qingyuan.recording.models import Import, ImportDraft
from qingyuan.recording.queries import draft_bytes, import_draft
from qingyuan.sensing import api as sensing
from qingyuan.sensing.api import Rows, Segment
from qingyuan.sensing.errors import BadPayload
from qingyuan.sensing.events import DeviceAdopted
from qingyuan.sensing.queries import Feed, requests_for, silences_to_settle

__all__ = [
    "append",
    "compute_hours",
    "compute_last_hour",
    "confirm_import",
    "drop_expired_drafts",
    "fill_gaps",
    "import_table",
    "lay_out_import",
    "start_import",
    "take_in_quarantined",
    "undo_import",
]

OWN_TIME = timedelta(minutes=5)
MOST_SILENCES = 500


def append(rows: Rows, segment: Segment) -> int:
    """Store decoded readings inside the caller's transaction and tell the loop.

    Parameters
    ----------
    rows : Rows
        Readings in any order; a resent one changes nothing, a corrected one replaces the old, which the log keeps.
    segment : Segment
        The raw packets that they came in.

    Returns
    -------
    int
        How many readings were new, or other than before.

    Notes
    -----
    The gateway is handed this function as its sink and acknowledges a packet only after the transaction committed.
    """
    if not len(rows):
        return 0
    columns = columns_of(rows)
    changed = store.merge(columns)
    fact = ReadingsAppended(id=segment.id, segment_hash=segment.hash.hex(), count=len(columns), spans=columns.spans())
    log.write(fact)
    return changed


def compute_hours(event: ReadingsAppended) -> None:
    """Compute the means of every finished hour that a batch touched (a handler of the loop).

    Parameters
    ----------
    event : ReadingsAppended
    """
    _compute(event.id, hours.touched(event.spans, clock.now()))


def compute_last_hour() -> None:
    """Compute the means of the hour that has just ended, for every channel that has readings in it."""
    ends = clock.now().replace(minute=0, second=0, microsecond=0)
    _compute(0, hours.with_readings(ends - timedelta(hours=1), ends))


def _compute(segment_id: int, wanted: "hours.Wanted") -> None:
    columns = hours.means(wanted, clock.now()).in_order()
    if len(columns):
        with transaction.atomic():
            if store.merge(columns):
                log.write(HoursComputed(id=segment_id, spans=columns.spans()))


def take_in_quarantined(event: DeviceAdopted) -> None:
    """Decode and store everything that a device sent before it was adopted (a handler of the loop).

    Parameters
    ----------
    event : DeviceAdopted
    """
    sensing.decode_quarantined(event.id, append)


@transaction.atomic
def fill_gaps() -> int:
    """Ask the devices that came back for what is missing of the time in which they were not heard.

    Returns
    -------
    int
        How many requests were made. A device gets some minutes first to send by itself what it kept.
    """
    asked = 0
    for silence in silences_to_settle(clock.now() - OWN_TIME)[:MOST_SILENCES]:
        for kind, code in gaps.REQUEST_OF.items():
            span = gaps.missing(silence, kind)
            if span is not None and code in {one.code for one in requests_for(silence.device)}:
                sensing.ask_for_history(silence.device, code, *span, why="missing after a silence")
                asked += 1
        sensing.settle_silence(silence.pk)
    return asked


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
        feed = drafts.feed_for(user, import_draft(user, draft_id), raw, origin)
    with transaction.atomic():
        draft = ImportDraft.objects.select_for_update().filter(pk=draft_id, owner=user).first()
        if draft is None:
            raise NotFound(_("This table was imported already, or has expired; upload it again."))
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
        It was undone already.
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
