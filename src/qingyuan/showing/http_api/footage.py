"""`POST /api/v1/footage`: a clip or a still of a camera, answered once it is committed."""

import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import django.db
import psycopg
import structlog
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import Router, Schema, Status

from qingyuan.recording.api import append
from qingyuan.sensing.api import Delivery, Payload, take_in_payloads
from qingyuan.sensing.queries import LARGEST_FOOTAGE
from qingyuan.showing.http_api.senders import WAIT_S, FeedToken, Refusal, Refused, feed_of, peer_of, too_large

_log = structlog.get_logger("web")
ROUTER = Router(tags=["footage"])
FIELDS_BYTES = 64 * 1024  # what a form has around the file


class Fault(Schema):
    """What was wrong with it."""

    error: str
    detail: str


class Outcome(Schema):
    """What became of it, all of it committed: `stored` is false where the same bytes came before."""

    id: int | None
    stored: bool
    sha256: str
    starts_at: datetime | None
    ends_at: datetime | None
    faults: list[Fault]


_FORM = {
    "type": "object",
    "required": ["camera", "begins_at", "file"],
    "properties": {
        "camera": {"type": "string", "examples": ["QJ-C01"], "description": "Its code, or its code of GB/T 28181."},
        "begins_at": {
            "type": "string",
            "format": "date-time",
            "description": "When the first picture was taken, by the camera's clock, with its zone.",
        },
        "file": {
            "type": "string",
            "format": "binary",
            "description": "MP4 with H.264, AV1 or VP9, WebM with VP8, VP9 or AV1, JPEG or PNG; at most 64 MiB.",
        },
    },
}
_BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}


@ROUTER.post(
    "/footage",
    auth=FeedToken(),
    url_name="post-footage",
    summary="Send a clip or a still of a camera",
    description="200: it is stored, or was before. 422: it could not be taken in; it is kept among the dead letters."
    " Nothing is answered before it is committed.",
    response={
        200: Outcome, 422: Outcome, 400: Refusal, 401: Refusal, 409: Refusal, 413: Refusal, 429: Refusal, 503: Refusal,
    },
    openapi_extra=_BODY,
)  # fmt: skip
def post_footage(request: HttpRequest, response: HttpResponse) -> Status[Any]:
    """Take a clip or a still in and say what became of it."""
    peer, received_us = peer_of(request), time.time_ns() // 1_000
    try:
        feed = feed_of(request, peer, films=True)
        name, raw = _sent(request)
    except Refused as refused:
        if refused.status == HTTPStatus.TOO_MANY_REQUESTS:
            response["Retry-After"] = WAIT_S
        return refused.answer
    try:
        (delivery,) = take_in_payloads(feed, [Payload(raw, f"{peer} {name}", received_us)], append)
    except (django.db.OperationalError, psycopg.OperationalError):
        _log.warning("database away, a sender is told to come back", feed=feed.code, peer=peer)
        response["Retry-After"] = WAIT_S
        return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "the database is away; nothing was kept, send it again").answer
    status = HTTPStatus.UNPROCESSABLE_ENTITY if delivery.footage is None else HTTPStatus.OK
    return Status(status.value, _told(delivery))


def _sent(request: HttpRequest) -> tuple[str, bytes]:
    """The name that camera and time make together, and the bytes."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > LARGEST_FOOTAGE + FIELDS_BYTES:
        raise too_large(f"{length} bytes", LARGEST_FOOTAGE)
    try:
        camera, begins = request.POST.get("camera", ""), request.POST.get("begins_at", "")
        file = request.FILES.get("file")
    except RequestDataTooBig as error:
        raise too_large("more bytes", LARGEST_FOOTAGE) from error
    except MultiPartParserError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"found a broken form ({error}), expected multipart/form-data") from error
    if not isinstance(file, UploadedFile):
        detail = "found no file, expected multipart/form-data with camera, begins_at and file"
        raise Refused(HTTPStatus.BAD_REQUEST, detail)
    if (file.size or 0) > LARGEST_FOOTAGE:
        raise too_large(f"{file.size} bytes", LARGEST_FOOTAGE)
    if not camera or any(not (letter.isascii() and letter.isalnum()) and letter != "-" for letter in camera):
        raise Refused(HTTPStatus.BAD_REQUEST, f"found camera {camera[:40]!r}, expected its code")
    at = _instant(begins)
    return f"{camera}_{at.year:04d}{at:%m%dT%H%M%SZ}", file.read()


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError(text)
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        detail = f"found begins_at {text[:40]!r}, expected a time with zone such as 2026-11-22T08:00:00+08:00"
        raise Refused(HTTPStatus.BAD_REQUEST, detail) from error


def _told(delivery: Delivery) -> dict[str, Any]:
    stored = delivery.footage
    return {
        "id": stored.pk if stored else None,
        "stored": stored is not None and delivery.is_new,
        "sha256": stored.sha256 if stored else "",
        "starts_at": stored.starts_at if stored else None,
        "ends_at": stored.ends_at if stored else None,
        "faults": [{"error": error, "detail": detail} for error, detail in delivery.faults],
    }
