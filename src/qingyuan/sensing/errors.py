"""What can be wrong with data that come by another door than HJ 212.

QingyuanError
├── BadPayload    a payload as a whole cannot be read; says what was found and expected
└── Unreachable   a sender that is to be asked or listened to cannot be reached now; says why
"""

from qingyuan.kit.errors import QingyuanError


class BadPayload(QingyuanError):
    """A payload as a whole cannot be read."""


class Unreachable(QingyuanError):
    """A sender that is to be asked or listened to cannot be reached now."""
