"""What can go wrong between people and rows.

QingyuanError
├── NotFound          the thing named does not exist, or not for this viewer
├── Forbidden         the actor may not do this; says who may
├── Refused           the act is not possible in this state; says which are
├── BadInput          a value is missing or wrong; says what was found and expected
├── SealedOtherwise   what was sealed cannot be opened with the platform's key
└── LogBroken         the log does not verify; says where
"""


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
