"""What can go wrong between people and rows.

QingyuanError
├── NotFound          the thing named does not exist, or not for this viewer
├── Forbidden         the actor may not do this; says who may
├── Refused           the act is not possible in this state; says which are
├── BadInput          a value is missing or wrong; says what was found and expected
├── SealedOtherwise   what was sealed cannot be opened with the platform's key
└── LogBroken         the log does not verify; says where
"""

import errno

_TROUBLE = ("53", "57P", "58")  # SQLSTATE: no room or memory, going down or not there yet, a device that fails
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS}


class QingyuanError(Exception):
    """Base of every error that the platform raises on purpose."""


class NotFound(QingyuanError):
    """The thing named does not exist, or the viewer may not know that it does."""


class Forbidden(QingyuanError):
    """The actor has no right to do this."""


class Refused(QingyuanError):
    """The act does not fit the state of the thing."""


class BadInput(QingyuanError):
    """A value is missing or wrong."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class SealedOtherwise(QingyuanError):
    """What was sealed cannot be opened with the platform's key."""


class LogBroken(QingyuanError):
    """The log was changed after it was written."""


def is_everybodys(error: BaseException) -> bool:
    """Whether nobody can work now, whatever was asked: there is no room, or the database has trouble of its own.

    Parameters
    ----------
    error : BaseException
        Of Django, of psycopg as COPY raises it, or of the operating system.

    Returns
    -------
    bool
        What fails for this is tried again once it has passed, and is nobody's fault.
    """
    causes = [one for one in (error, error.__cause__) if one is not None]
    states = [getattr(one, "sqlstate", None) or "" for one in causes]
    numbers = [one.errno for one in causes if isinstance(one, OSError)]
    return any(one.startswith(_TROUBLE) for one in states) or not _NO_ROOM.isdisjoint(numbers)
