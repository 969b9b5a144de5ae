"""Programs that read with a person's token: addresses for programs, what that person may see, and nothing else."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse

from qingyuan.kit.errors import Forbidden
from qingyuan.people.api import TOKEN_BEGINS, reader_by_token

OPENED = "/api/"
READING = frozenset(("GET", "HEAD"))
_SCHEME = "bearer "


def read_by_token(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Let who sends a person's token read the addresses for programs as that person."""

    def answer(request: HttpRequest) -> Any:
        token = token_of(request)
        if not token or not request.path.startswith(OPENED) or request.method not in READING:
            return get_response(request)
        try:
            reader = reader_by_token(token)
        except Forbidden as error:
            return JsonResponse({"error": "Unauthorized", "detail": str(error)}, status=HTTPStatus.UNAUTHORIZED)

        async def areader() -> Any:
            return reader

        request.user, request.auser = reader, areader
        return get_response(request)

    return answer


def token_of(request: HttpRequest) -> str:
    """The token of a person that a request carries; empty where it carries none, or one of a sender."""
    given = request.headers.get("Authorization", "")
    token = given[len(_SCHEME) :].strip() if given.lower().startswith(_SCHEME) else ""
    return token if token.startswith(TOKEN_BEGINS) else ""
