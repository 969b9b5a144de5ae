"""What can be wrong with data that come by another door than HJ 212.

QingyuanError
└── BadPayload    a payload as a whole cannot be read; says what was found and expected
"""

from qingyuan.kit.errors import QingyuanError


class BadPayload(QingyuanError):
    """A payload as a whole cannot be read."""
