"""`POST /api/v1/records`: a delivery of a data list, answered once it is committed."""

import time
from http import HTTPStatus
from typing import Any

import django.db
import psycopg
import structlog
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from qingyuan.recording.api import append
from qingyuan.sensing.api import Payload, take_in_payloads
from qingyuan.showing.http_api.readings import FAULTS_TOLD, Fault, document_of, status_of
from qingyuan.showing.http_api.senders import WAIT_S, FeedToken, Refusal, Refused, feed_of, peer_of

_log = structlog.get_logger("web")
ROUTER = Router(tags=["records"])


class Delivered(Schema):
    """What became of a delivery, all of it committed: how many rows can be read, and what is wrong with others."""

    read: int
    faults: list[Fault]
    more_faults: int = 0


_BODY = {
    "requestBody": {
        "required": True,
        "description": "A table (CSV) with a line of titles, or a list of objects named records; may be sent with"
        " Content-Encoding: gzip.",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["records"],
                    "properties": {"records": {"type": "array", "items": {"type": "object"}}},
                }
            },
        },
    }
}


@ROUTER.post(
    "/records",
    auth=FeedToken(),
    url_name="post-records",
    summary="Send records of a data list",
    description="200: all is stored. 202: all is kept, but some rows could not be read. 422: the document could not be"
    " read; it is kept. Nothing is answered before it is committed.",
    response={
        200: Delivered, 202: Delivered, 422: Delivered, 400: Refusal, 401: Refusal, 409: Refusal, 413: Refusal,
        415: Refusal, 429: Refusal, 503: Refusal,
    },
    openapi_extra=_BODY,
)  # fmt: skip
def post_records(request: HttpRequest, response: HttpResponse) -> Status[Any]:
    """Take a delivery in and say what became of it."""
    peer = peer_of(request)
    received_us = time.time_ns() // 1_000
    try:
        feed = feed_of(request, peer, records=True)
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
    told = [{"error": error, "detail": detail} for error, detail in delivery.faults[:FAULTS_TOLD]]
    answer = {"read": delivery.records, "faults": told, "more_faults": len(delivery.faults) - len(told)}
    return Status(status_of(delivery).value, answer)
