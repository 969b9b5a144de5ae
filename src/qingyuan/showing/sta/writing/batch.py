"""Several requests in one (`$batch` in JSON), answered in their order; those of a group stand or fall together."""

import json
from collections.abc import Callable
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict

from qingyuan.kit.errors import BadInput
from qingyuan.showing.sta.errors import NotTaken, Refusal
from qingyuan.showing.sta.writing.delivering import keep_undone, kept_for_a_group

MOST = 500
View = Callable[[HttpRequest, str], HttpResponse]


class _Undone(Exception):
    """One request of a group was refused."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.answer = answer


def run(request: HttpRequest, document: Any, service: View) -> dict[str, Any]:
    """Answer every request of a batch.

    Raises
    ------
    BadInput
        The document is no batch.
    """
    asked = document.get("requests") if isinstance(document, dict) else None
    if not isinstance(asked, list) or not all(isinstance(one, dict) for one in asked) or len(asked) > MOST:
        raise BadInput(f"found {document!r:.80}, expected an object with a list named requests of at most {MOST}")
    answers: list[dict[str, Any]] = []
    names: dict[str, str] = {}
    for group, members in groupby(asked, key=lambda one: one.get("atomicityGroup")):
        if group is None:
            answers += [_one(request, one, service, names)[0] for one in members]
        else:
            answers += _group(request, list(members), service, names)
    return {"responses": answers}


def _group(
    request: HttpRequest, members: list[dict[str, Any]], service: View, names: dict[str, str]
) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = []
    with kept_for_a_group() as kept:
        try:
            with transaction.atomic():
                for one in members:
                    told, answer = _one(request, one, service, names)
                    answers.append(told)
                    if answer.status_code >= 400:
                        raise _Undone(answer)
        except _Undone as undoing:
            messages = {refused: keep_undone(refused) for refused in kept.refused}
            fell = undoing.answer.error if isinstance(undoing.answer, Refusal) else None
            if isinstance(fell, NotTaken):
                answers[-1]["body"]["message"] = messages[fell]
            return _undone(members, answers)
    return answers


def _undone(members: list[dict[str, Any]], answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the requests of a group are told of which the last one answered was refused."""
    why = {"code": 424, "type": "Undone", "message": f"request {answers[-1]['id']} of this group was refused"}
    undone = [{"id": one.get("id"), "status": 424, "body": why} for one in members]
    undone[len(answers) - 1] = answers[-1]
    return undone


def _one(
    request: HttpRequest, one: dict[str, Any], service: View, names: dict[str, str]
) -> tuple[dict[str, Any], HttpResponse]:
    """One request, as it is told and as it was answered.

    `$name` at the head of its address stands for what the request of that id created.
    """
    path, query = _address(str(one.get("url", "")), names)
    inner = HttpRequest()
    inner.method = str(one.get("method", "GET")).upper()
    inner.META = {**request.META, "CONTENT_TYPE": "application/json"}
    inner.user, inner.GET = request.user, QueryDict(query)
    inner.content_type = "application/json"
    inner._body = json.dumps(_named(one.get("body"), names)).encode()
    answer = service(inner, path)
    told: dict[str, Any] = {"id": one.get("id"), "status": answer.status_code}
    if "Location" in answer.headers:
        names[f"${one.get('id')}"] = answer.headers["Location"]
        told["location"] = answer.headers["Location"]
    if answer.content:
        told["body"] = (
            json.loads(answer.content) if "json" in answer.headers["Content-Type"] else answer.content.decode()
        )
    return told, answer


def _address(url: str, names: dict[str, str]) -> tuple[str, str]:
    head, slash, rest = url.lstrip("/").partition("/")
    parts = urlsplit(names.get(head, head) + slash + rest)
    return parts.path.partition("/v1.1/")[2] or parts.path, parts.query


def _named(body: Any, names: dict[str, str]) -> Any:
    """The document with `{"@iot.id": "$name"}` pointing to what that request created."""
    if isinstance(body, dict):
        return {key: _number(names, value) if key == "@iot.id" else _named(value, names) for key, value in body.items()}
    return [_named(one, names) for one in body] if isinstance(body, list) else body


def _number(names: dict[str, str], value: Any) -> Any:
    if not isinstance(value, str) or value not in names:
        return value
    number = names[value].rpartition("(")[2].rstrip(")")
    return int(number) if number.isdigit() else number.strip("'")
