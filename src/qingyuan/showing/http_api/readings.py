"""`POST /api/v1/readings`: a sender's document, answered once it is committed."""

import time
import zlib
from http import HTTPStatus
from typing import Any

import django.db
import psycopg
import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from ninja.security import HttpBearer

from qingyuan.kit.errors import Forbidden
from qingyuan.recording.api import append
from qingyuan.sensing.api import Delivery, Payload, count_bad_token, feed_by_token, take_in_payloads
from qingyuan.sensing.queries import Feed, PacketState, is_posted

_log = structlog.get_logger("web")
ROUTER = Router(tags=["readings"])
BY_TOKEN = {"post-readings"}
LARGEST_BODY = 8 * 1024 * 1024  # as it comes over the wire
LARGEST_DOCUMENT = 64 * 1024 * 1024  # unpacked
FAULTS_TOLD = 100
BAD_TOKENS_A_DAY = 50  # from one address, before it is told to wait
WAIT_S = "60"
_GZIP = 16 + zlib.MAX_WBITS


class Fault(Schema):
    """What was wrong with one reading, or with the document."""

    error: str
    detail: str


class Outcome(Schema):
    """What became of a document, all of it committed."""

    stored: int
    waiting: int
    faults: list[Fault]
    more_faults: int = 0


class Refusal(Schema):
    """Why nothing was taken in."""

    error: str
    detail: str


class Refused(Exception):
    """An answer that is given before anything is stored."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail

    @property
    def answer(self) -> Status[dict[str, str]]:
        return Status(self.status.value, {"error": "".join(self.status.phrase.title().split()), "detail": self.detail})


class FeedToken(HttpBearer):
    """The token of an enabled feed; judged in the view, which answers and counts what is wrong with it."""

    def authenticate(self, request: HttpRequest, token: str) -> str:
        """Hand the token on."""
        return token

    def __call__(self, request: HttpRequest) -> str:
        """The token, or an empty one that opens nothing."""
        return str(super().__call__(request) or " ")


_NUMBER, _TEXT = {"type": ["number", "null"]}, {"type": "string"}
_READING = {
    "type": "object",
    "required": ["name", "at"],
    "properties": {
        "name": {"type": "string", "examples": ["QJ-W01/w01018"]},
        "at": {"type": "string", "format": "date-time"},
        "value": _NUMBER, "low": _NUMBER, "high": _NUMBER, "total": _NUMBER,
        "mark": _TEXT, "kind": _TEXT, "unit": _TEXT,
    },
}  # fmt: skip
_DOCUMENT = {
    "type": "object",
    "required": ["readings"],
    "properties": {"readings": {"type": "array", "items": _READING}},
}
_BODY = {
    "requestBody": {
        "required": True,
        "description": "A document with a list of readings; may be sent with Content-Encoding: gzip.",
        "content": {"application/json": {"schema": _DOCUMENT}},
    }
}


@ROUTER.post(
    "/readings",
    auth=FeedToken(),
    url_name="post-readings",
    summary="Send readings",
    description="200: all is stored. 202: all is kept, but something waits for an administrator or could not be read. "
    "422: the document could not be read; it is kept. Nothing is answered before it is committed.",
    response={
        200: Outcome, 202: Outcome, 422: Outcome, 400: Refusal, 401: Refusal, 409: Refusal, 413: Refusal, 415: Refusal,
        429: Refusal, 503: Refusal,
    },
    openapi_extra=_BODY,
)  # fmt: skip
def post_readings(request: HttpRequest, response: HttpResponse) -> Status[Any]:
    """Take a document in and say what became of it."""
    peer = f"{request.META.get('REMOTE_ADDR', '')}:{request.META.get('REMOTE_PORT') or 0}"
    received_us = time.time_ns() // 1_000
    try:
        feed = _feed(request, peer)
        payload = Payload(_document(request), peer, received_us)
    except Refused as refused:
        if refused.status == HTTPStatus.TOO_MANY_REQUESTS:
            response["Retry-After"] = WAIT_S
        return refused.answer
    try:
        (delivery,) = take_in_payloads(feed, [payload], append)
    except (django.db.OperationalError, psycopg.OperationalError):
        _log.warning("database away, a sender is told to come back", feed=feed.code, peer=peer)
        response["Retry-After"] = WAIT_S
        return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "the database is away; nothing was kept, send it again").answer
    return Status(_status(delivery).value, _told(delivery))


def _feed(request: HttpRequest, peer: str) -> Feed:
    try:
        feed = feed_by_token(str(request.auth).strip())  # type: ignore[attr-defined]
    except Forbidden as error:
        if count_bad_token(peer) > BAD_TOKENS_A_DAY:
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, f"{error}; too many from this address today") from error
        raise Refused(HTTPStatus.UNAUTHORIZED, str(error)) from error
    if not is_posted(feed):
        raise Refused(HTTPStatus.CONFLICT, f"found a token of feed {feed.code}, which is not one that is posted")
    return feed


def _document(request: HttpRequest) -> bytes:
    """The body, unpacked."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > LARGEST_BODY:
        raise _too_large(f"{length} bytes", LARGEST_BODY)
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise _too_large("more bytes", LARGEST_BODY) from error
    if len(body) > LARGEST_BODY:
        raise _too_large(f"{len(body)} bytes", LARGEST_BODY)
    packing = request.headers.get("Content-Encoding", "identity").strip().lower()
    if packing == "gzip":
        return _unpacked(body)
    if packing != "identity":
        detail = f"found Content-Encoding {packing}, expected gzip or none"
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
    return body


def _unpacked(body: bytes) -> bytes:
    unpacking = zlib.decompressobj(_GZIP)
    try:
        document = unpacking.decompress(body, LARGEST_DOCUMENT)
    except zlib.error as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"found bytes that are no gzip ({error})") from error
    if unpacking.unconsumed_tail:
        raise _too_large("more bytes when unpacked", LARGEST_DOCUMENT)
    if not unpacking.eof or unpacking.unused_data:
        raise Refused(HTTPStatus.BAD_REQUEST, "found gzip that is cut short or goes on, expected one whole member")
    return document


def _too_large(found: str, most: int) -> Refused:
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"found {found}, expected at most {most}")


def _status(delivery: Delivery) -> HTTPStatus:
    if delivery.state == PacketState.REJECTED:
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return HTTPStatus.ACCEPTED if delivery.faults else HTTPStatus.OK


def _told(delivery: Delivery) -> dict[str, Any]:
    told = [{"error": error, "detail": detail} for error, detail in delivery.faults[:FAULTS_TOLD]]
    return {
        "stored": delivery.readings,
        "waiting": delivery.waiting,
        "faults": told,
        "more_faults": len(delivery.faults) - len(told),
    }
