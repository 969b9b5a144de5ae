"""Observations posted one by one, answered before the way that pages take.

Around a page lie fifteen layers, a thread and a borrowed connection, which cost several times what storing one reading
does. A post of one Observation with a token needs none of them: it is read here and stored by the one thread of
`writing.together`. Rights, refusals and answers are those of `views.service`; whatever is unusual about a request (a
session, a query, a large body, a host that is not ours) is left to that.
"""

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from io import BytesIO
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import reverse

from qingyuan.kit.errors import NotFound, QingyuanError
from qingyuan.showing.middleware.security import ContentSecurityPolicy
from qingyuan.showing.middleware.timing import REQUESTS
from qingyuan.showing.sta.documents import Value, observations_as_json
from qingyuan.showing.sta.errors import Refusal
from qingyuan.showing.sta.readers import address_of, credentials, opened
from qingyuan.showing.sta.writing.delivering import stream_meant
from qingyuan.showing.sta.writing.posted import document_in
from qingyuan.showing.sta.writing.together import Single, Together

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]
LARGEST = 64 * 1024  # [byte]
_PATH = re.compile(r"(?P<root>.*)/(?P<path>Observations|Datastreams\('?\d{1,15}'?\)/Observations)/?")


def _nothing(_request: Any) -> HttpResponse:
    return HttpResponse()


_HEADERS = [layer(_nothing) for layer in (SecurityMiddleware, XFrameOptionsMiddleware, ContentSecurityPolicy)]


class Posting:
    """An ASGI application in front of another one, to which it leaves everything but single Observations."""

    def __init__(self, pages: Application) -> None:
        self.pages, self.together = pages, Together()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        path = _path(scope)
        if not path:
            return await self.pages(scope, receive, send)
        body = await _body(receive)
        if body is None:
            return None  # hung up before it had said everything
        try:
            request = ASGIRequest(scope, BytesIO(body))
            root = request.build_absolute_uri(reverse("sta")).rstrip("/")
        except SuspiciousOperation:
            return await self.pages(scope, _again(body, receive), send)
        response = await self._answer(request, root, path, body)
        for layer in _HEADERS:
            layer.process_response(request, response)  # these change headers alone
        await _send(opened(response), send)
        REQUESTS.labels("sta", str(response.status_code)).observe(time.perf_counter() - began)
        return None

    async def _answer(self, request: ASGIRequest, root: str, path: str, body: bytes) -> HttpResponse:
        try:
            code, token = credentials(request.headers["Authorization"])
            stream = stream_meant(path, document_in(body))
        except QingyuanError as error:
            return Refusal(error)
        single = Single(code, token, path, body, stream, address_of(request), root)
        found = await self.together.store(single)
        return created(root, found) if isinstance(found, Value) else Refusal(found or NotFound(f"found no {path}"))


def created(root: str, reading: Value) -> HttpResponse:
    """The Observation as it stands, as the answer to who posted it."""
    whole = observations_as_json(root, [reading])[1:-1]
    address = whole.partition('"@iot.selfLink":"')[2].partition('"')[0]
    return HttpResponse(
        whole, status=HTTPStatus.CREATED, content_type="application/json", headers={"Location": address}
    )


def _path(scope: Message) -> str:
    """The path inside the service of a request that posts one Observation with a token; empty for any other."""
    if scope["type"] != "http" or scope["method"] != "POST" or scope["query_string"] or scope.get("root_path"):
        return ""
    match = _PATH.fullmatch(scope["path"])
    if match is None or match["root"] != reverse("sta"):
        return ""
    headers = dict(scope["headers"])
    size = headers.get(b"content-length", b"")
    usual = b"authorization" in headers and b"cookie" not in headers and size.isdigit() and int(size) <= LARGEST
    return match["path"] if usual else ""


async def _body(receive: Receive) -> bytes | None:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """What was received, for somebody else to receive."""
    kept: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return kept.pop() if kept else await receive()

    return next_message


async def _send(response: HttpResponse, send: Send) -> None:
    response.headers["Content-Length"] = str(len(response.content))
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.items()]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
