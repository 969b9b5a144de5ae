"""Writing down documents of a source of pollution, with their files (doors in `places.api`)."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.places.logic.papers import Days, days_of, enter_edition
from qingyuan.places.models import DocumentFile, DocumentKind, Enterprise, SourceDocument

LARGEST_BYTES = 15 * 1024 * 1024
TYPES = {
    ".pdf": (b"%PDF-", "application/pdf"),
    ".jpg": (b"\xff\xd8\xff", "image/jpeg"),
    ".jpeg": (b"\xff\xd8\xff", "image/jpeg"),
    ".png": (b"\x89PNG\r\n\x1a\n", "image/png"),
}


@dataclass(frozen=True)
class BroughtFile:
    """A file as it came, and who brought it."""

    name: str
    content: bytes
    by: User | None = None


@transaction.atomic
def enter_document(
    enterprise: Enterprise,
    *,
    kind: str,
    number: str,
    issued_by: str,
    days: Days,
    title: str = "",
    file: BroughtFile | None = None,
    replaces: SourceDocument | None = None,
    why: str = "",
    origin: Origin = log.PLATFORM,
) -> SourceDocument:
    """Enter a document of a source: an EIA approval, an acceptance, an emergency plan that was filed, a copy.

    Parameters
    ----------
    enterprise : Enterprise
    kind : str
        A value of `DocumentKind`.
    number : str
        Number of the document or of its filing.
    issued_by : str
        Who issued it, or with whom it was filed; of an acceptance by the enterprise itself, the enterprise.
    days : (date, date or None)
        First and last day of validity.
    title : str
    file : BroughtFile, optional
        PDF, JPEG or PNG, kept byte for byte; what follows an edition keeps the file of that where none is given.
    replaces : SourceDocument, optional
    why : str
    origin : Origin

    Returns
    -------
    SourceDocument

    Raises
    ------
    BadInput
        The kind is not known, number or issuer are missing, the file is too large or is not what its name says, or the
        days end before they begin.
    Refused
        A document of that kind and number holds already for these days, or the one to follow is no longer current.
    """
    if kind not in DocumentKind:
        raise BadInput(_("Expected one of: %(known)s") % {"known": ", ".join(DocumentKind.values)}, "kind")
    for field, text in (("number", number), ("issued_by", issued_by)):
        if not text.strip():
            raise BadInput(_("Say the number of the document and who issued it"), field)
    before = replaces.file if replaces is not None else None
    kept = _kept(file) if file is not None else before
    row = SourceDocument(
        enterprise=enterprise, kind=kind, number=number.strip(), title=title.strip(), issued_by=issued_by.strip(),
        file=kept, valid=days_of(days),
    )  # fmt: skip
    return enter_edition(row, (), replaces, why=why, origin=origin)


def _kept(file: BroughtFile) -> DocumentFile:
    """The row of a file; the same bytes are kept once."""
    if len(file.content) > LARGEST_BYTES:
        words = {"size": f"{len(file.content) / 2**20:.1f}", "most": LARGEST_BYTES // 2**20}
        raise BadInput(_("Found a file of %(size)s MB, expected at most %(most)d MB") % words, "file")
    name = Path(file.name).name[-160:]
    start, content_type = TYPES.get(Path(name).suffix.lower(), (b"", ""))
    if not content_type or not file.content.startswith(start):
        raise BadInput(_("Found %(name)s, expected a PDF, JPEG or PNG file") % {"name": name}, "file")
    values = {
        "name": name, "content_type": content_type, "size": len(file.content), "body": file.content,
        "brought_by": file.by, "brought_at": clock.now(),
    }  # fmt: skip
    found, _new = DocumentFile.objects.get_or_create(
        sha256=hashlib.sha256(file.content).hexdigest(), defaults=values
    )  # fmt: skip
    return found
