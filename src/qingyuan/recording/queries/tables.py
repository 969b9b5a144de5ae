"""Tables that people import: what was taken in, what of it could not be read, and what waits to be confirmed."""

import csv
import io
from collections.abc import Iterator
from itertools import islice

import zstandard
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role, User
from qingyuan.recording.models import Import, ImportDraft

MAY_IMPORT = (Role.ANALYST, Role.ADMINISTRATOR, Role.ENTERPRISE)


def imports(viewer: User) -> QuerySet[Import]:
    """Tables that were imported, newest first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Import
        All for an administrator; those of the own organisation for the other roles that may import, none for the rest.
    """
    found = Import.objects.defer("faults").select_related("feed", "made_by", "undone_by")
    if viewer.role == Role.ADMINISTRATOR:
        return found
    if viewer.role not in MAY_IMPORT or viewer.organisation_id is None:
        return found.filter(made_by=viewer) if viewer.role in MAY_IMPORT else found.none()
    return found.filter(made_by__organisation=viewer.organisation_id)


def import_faults(made: Import, most: int | None = None) -> Iterator[tuple[str, str]]:
    """What of a table could not be taken in as it stands, in the order of the table.

    Parameters
    ----------
    made : Import
    most : int, optional
        All of them when left out.

    Yields
    ------
    tuple of str
        Name of the fault; where it stands, what was found and what was expected.
    """
    text = zstandard.decompress(bytes(made.faults)).decode() if made.faults else ""
    for fault, detail in islice(csv.reader(io.StringIO(text, newline="")), most):  # noqa: UP028 pairs, not lists
        yield fault, detail


def import_draft(viewer: User, draft_id: int) -> ImportDraft:
    """A table that the viewer uploaded and has not confirmed yet.

    Parameters
    ----------
    viewer : User
    draft_id : int

    Returns
    -------
    ImportDraft

    Raises
    ------
    NotFound
        The viewer has none with that number, or it has expired.
    """
    draft = ImportDraft.objects.filter(pk=draft_id, owner=viewer, expires_at__gt=clock.now()).first()
    if draft is None:
        raise NotFound(_("This table was imported already, or has expired; upload it again."))
    return draft


def draft_bytes(draft: ImportDraft) -> bytes:
    """The uploaded file, byte for byte.

    Parameters
    ----------
    draft : ImportDraft

    Returns
    -------
    bytes
    """
    return zstandard.decompress(bytes(draft.body))
