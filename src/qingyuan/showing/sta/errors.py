"""What a program of the SensorThings API can be told, beside the errors of the platform.

QingyuanError
├── Forbidden
│   └── Unknown        nobody said who asks, or what was said opens nothing
├── Refused
│   └── NeverDone      what the platform does with no entity of that type; says why
└── NotBuilt           a part of the standard that is not here
"""

from http import HTTPStatus

from qingyuan.kit.errors import BadInput, Forbidden, NotFound, QingyuanError, Refused


class Unknown(Forbidden):
    """Nobody said who asks, or what was said opens nothing."""


class NeverDone(Refused):
    """The platform does this with no entity of that type."""


class NotBuilt(QingyuanError):
    """A part of the standard that is not here."""


STATUS: tuple[tuple[type[QingyuanError], HTTPStatus], ...] = (
    (Unknown, HTTPStatus.UNAUTHORIZED),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (NeverDone, HTTPStatus.METHOD_NOT_ALLOWED),
    (Refused, HTTPStatus.CONFLICT),
    (BadInput, HTTPStatus.BAD_REQUEST),
    (NotBuilt, HTTPStatus.NOT_IMPLEMENTED),
)


def status_of(error: QingyuanError) -> HTTPStatus:
    """The status that tells a program what kind of refusal this is."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
