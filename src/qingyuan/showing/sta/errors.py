"""What a program of the SensorThings API can be told, beside the errors of the platform.

QingyuanError
├── Forbidden
│   └── Unknown        nobody said who asks, or what was said opens nothing
├── BadInput
│   └── NotTaken       a delivery of a feed that is no reading; its bytes are kept
├── Refused
│   └── NeverDone      what the platform does with no entity of that type; says why
└── NotBuilt           a part of the standard that is not here
"""

import json
from http import HTTPStatus

from django.http import HttpResponse

from qingyuan.kit.errors import BadInput, Forbidden, NotFound, QingyuanError, Refused
from qingyuan.sensing.api import Payload
from qingyuan.sensing.queries import Feed

LONGEST = 1500  # letters of a message
VERBS = "GET, HEAD, OPTIONS, POST, PATCH, PUT"


class Unknown(Forbidden):
    """Nobody said who asks, or what was said opens nothing."""


class NotTaken(BadInput):
    """A delivery of a feed that is no reading; its bytes are kept, unless the transaction around it is undone."""

    def __init__(self, why: str, fault: str, feed: Feed, payload: Payload) -> None:
        super().__init__(f"{why} (the request is kept, and counted as {fault})")
        self.why, self.feed, self.payload = why, feed, payload


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


def _short(message: str) -> str:
    """A message that quotes little of what was sent; its end says what was expected."""
    return message if len(message) <= LONGEST else f"{message[: LONGEST - 300]} … {message[-300:]}"


class Refusal(HttpResponse):
    """A refusal as the answer."""

    def __init__(self, error: QingyuanError) -> None:
        status = status_of(error)
        headers = {"WWW-Authenticate": 'Basic realm="SensorThings", Bearer'} if isinstance(error, Unknown) else {}
        headers |= {"Allow": VERBS} if isinstance(error, NeverDone) else {}
        told = {"code": int(status), "type": type(error).__name__, "message": _short(str(error))}
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        super().__init__(body, status=status, content_type="application/json", headers=headers)
        self.error = error
