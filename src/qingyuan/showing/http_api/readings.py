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

from qingyuan.recording.api import append
from qingyuan.sensing.api import Delivery, Payload, take_in_payloads
from qingyuan.sensing.queries import PacketState
from qingyuan.showing.http_api.senders import WAIT_S, FeedToken, Refusal, Refused, feed_of, peer_of, too_large

_log = structlog.get_logger("web")
ROUTER = Router(tags=["readings"])
LARGEST_BODY = 8 * 1024 * 1024  # as it comes over the wire
LARGEST_DOCUMENT = 64 * 1024 * 1024  # unpacked
FAULTS_TOLD = 100
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
    peer = peer_of(request)
    received_us = time.time_ns() // 1_000
    try:
        feed = feed_of(request, peer)
        payload = Payload(document_of(request), peer, received_us)
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
    return Status(status_of(delivery).value, _told(delivery))


def document_of(request: HttpRequest) -> bytes:
    """The body, unpacked."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > LARGEST_BODY:
        raise too_large(f"{length} bytes", LARGEST_BODY)
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise too_large("more bytes", LARGEST_BODY) from error
    if len(body) > LARGEST_BODY:
        raise too_large(f"{len(body)} bytes", LARGEST_BODY)
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
        raise too_large("more bytes when unpacked", LARGEST_DOCUMENT)
    if not unpacking.eof or unpacking.unused_data:
        raise Refused(HTTPStatus.BAD_REQUEST, "found gzip that is cut short or goes on, expected one whole member")
    return document


def status_of(delivery: Delivery) -> HTTPStatus:
    if delivery.state == PacketState.REJECTED:
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return HTTPStatus.ACCEPTED if delivery.faults else HTTPStatus.OK


def _told(delivery: Delivery) -> dict[str, Any]:
    told = [{"error": error, "detail": detail} for error, detail in delivery.faults[:FAULTS_TOLD]]
    return {
        "stored": delivery.readings + len(delivery.read.foretold or ()),
        "waiting": delivery.waiting,
        "faults": told,
        "more_faults": len(delivery.faults) - len(told),
    }
