"""Evidence that somebody attaches to a mark: kept byte for byte under its hash."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from qingyuan.kit import disk
from qingyuan.kit.errors import BadInput

LARGEST_BYTES = 15 * 1024 * 1024
STARTS = {".pdf": b"%PDF-", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff", ".png": b"\x89PNG\r\n\x1a\n"}


@dataclass(frozen=True)
class Evidence:
    """A file as it came."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def keep(evidence: Evidence) -> None:
    """Write the bytes where they are not yet.

    Raises
    ------
    BadInput
        The file is too large, or is not what its name says.
    """
    if len(evidence.content) > LARGEST_BYTES:
        message = _("Found a file of %(size)s MB, expected at most %(most)d MB")
        raise BadInput(
            message % {"size": f"{len(evidence.content) / 2**20:.1f}", "most": LARGEST_BYTES // 2**20}, "evidence"
        )
    ending = Path(evidence.name).suffix.lower()
    if ending not in STARTS or not evidence.content.startswith(STARTS[ending]):
        raise BadInput(_("Found %(name)s, expected a PDF, JPEG or PNG file") % {"name": evidence.name}, "evidence")
    disk.put(Path(settings.MEDIA_ROOT) / evidence.sha256[:2] / evidence.sha256, evidence.content)
