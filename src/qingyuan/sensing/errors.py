"""What can be wrong with what comes in, beside the errors of the codec.

QingyuanError
├── BadPayload      a payload as a whole cannot be read; says what was found and expected
├── FootageDamaged  a clip or still is not what was filed any more; says what is there
├── Unreachable     a sender that is to be asked or listened to cannot be reached now; says why
└── Unstorable      the database cannot hold what came; says which limit of it was passed
"""

from qingyuan.kit.errors import QingyuanError


class BadPayload(QingyuanError):
    """A payload as a whole cannot be read."""


class FootageDamaged(QingyuanError):
    """A clip or still is not what was filed any more."""


class Unreachable(QingyuanError):
    """A sender that is to be asked or listened to cannot be reached now."""


class Unstorable(QingyuanError):
    """The database cannot hold what came."""
