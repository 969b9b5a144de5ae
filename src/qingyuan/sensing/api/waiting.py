"""Verbs on a file that a person brings: it waits, and is entered or taken back by who has looked at what it says."""

import hashlib
from typing import Any, Protocol

import zstandard
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.people.queries import Role, User
from qingyuan.sensing.connector import Payload
from qingyuan.sensing.logic.rows import Rows, Segment
from qingyuan_science.series import microseconds


class Waiting(Protocol):
    """The row of a file that was brought by hand; `body` holds its bytes until it is entered."""

    @property
    def name(self) -> str:
        """What the person calls it."""

    @property
    def body(self) -> Any:
        """Compressed."""

    @property
    def brought_by_id(self) -> int | None:
        """None where no person brought it."""


def keep_waiting(user: User, name: str, raw: bytes, most: int) -> dict[str, Any]:
    """What the row of a file says that waits from now on.

    Parameters
    ----------
    user : User
        Who brings it.
    name : str
    raw : bytes
    most : int
        The largest size. [bytes]

    Returns
    -------
    dict
        Its name, size, hash, compressed bytes, and who brought it when.

    Raises
    ------
    BadInput
        The file is empty or too large.
    """
    if not 0 < len(raw) <= most:
        found = {"found": f"{len(raw):,}", "most": f"{most:,}"}
        raise BadInput(_("Found a file of %(found)s bytes, expected 1 to %(most)s.") % found, "file")
    return {
        "name": name[:255],
        "size": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "body": zstandard.compress(raw),
        "brought_by": user,
        "brought_at": clock.now(),
    }


def payload_of(file: Waiting) -> Payload:
    """The bytes of a file that waits, as if they came now.

    Parameters
    ----------
    file : Waiting

    Returns
    -------
    Payload
    """
    return Payload(zstandard.decompress(bytes(file.body)), file.name, microseconds(clock.now()))


def check_enterer(file: Waiting, user: User, *, entered: bool) -> None:
    """Refuse to enter what was entered already, or what somebody else brought.

    Parameters
    ----------
    file : Waiting
    user : User
    entered : bool
        Whether it was entered.

    Raises
    ------
    Forbidden
        Somebody else brought it.
    Refused
        It was entered already.
    """
    if file.brought_by_id != user.pk:
        raise Forbidden(_("Only who brought a file enters it."))
    if entered:
        raise Refused(_("This file was entered already."))


def reason_to_undo(file: Waiting, user: User, why: str, *, stands: bool) -> str:
    """Why a file is taken back, as it is kept.

    Parameters
    ----------
    file : Waiting
    user : User
        Who brought it, or an administrator.
    why : str
        Cannot be left out.
    stands : bool
        Whether it was entered, and not taken back since.

    Returns
    -------
    str

    Raises
    ------
    Forbidden
        It is somebody else's.
    BadInput
        No reason is given.
    Refused
        It was not entered, or undone already.
    """
    if user.role != Role.ADMINISTRATOR and file.brought_by_id != user.pk:
        raise Forbidden(_("Only who brought a file, or an administrator, may undo it."))
    if not why.strip():
        raise BadInput(_("Say why the file is taken back"), "why")
    if not stands:
        raise Refused(_("There is nothing to undo."))
    return why.strip()


def no_readings(_rows: Rows, _segment: Segment) -> int:
    """What a file stores of readings that holds none (a `Sink`).

    Parameters
    ----------
    _rows : Rows
    _segment : Segment

    Returns
    -------
    int
        0.
    """
    return 0
