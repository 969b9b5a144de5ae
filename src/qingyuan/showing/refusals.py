"""The one place where the platform's errors become answers of HTTP."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from qingyuan.kit.errors import BadInput, Forbidden, NotFound, QingyuanError, Refused
from qingyuan.people.queries import Role, people_with_role

KNOWN = QingyuanError
Telling = Callable[[HttpRequest, QingyuanError], HttpResponse]
STATUS: dict[type[QingyuanError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Forbidden: HTTPStatus.FORBIDDEN,
    Refused: HTTPStatus.CONFLICT,
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
}


def status_of(error: QingyuanError) -> HTTPStatus:
    """The status that says what kind of refusal this is."""
    for kind, status in STATUS.items():
        if isinstance(error, kind):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def as_json(request: HttpRequest, error: QingyuanError) -> HttpResponse:
    """The refusal for a program: the error's name and what it says."""
    return JsonResponse({"error": type(error).__name__, "detail": str(error)}, status=status_of(error))


def as_page(request: HttpRequest, error: QingyuanError) -> HttpResponse:
    """The refusal for a person: what happened, and who can help."""
    return refused(request, status_of(error), str(error))


def refused(request: HttpRequest, status: HTTPStatus, detail: str) -> HttpResponse:
    """The page of a status."""
    can_grant = people_with_role(Role.ADMINISTRATOR) if status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND} else ()
    values = {"status": int(status), "heading": _heading(status), "detail": detail, "can_grant": can_grant}
    return render(request, "showing/refused.html", values, status=status)


def _heading(status: HTTPStatus) -> str:
    return {
        HTTPStatus.NOT_FOUND: _("Not found, or not in your territory"),
        HTTPStatus.FORBIDDEN: _("You may not open this page"),
        HTTPStatus.CONFLICT: _("This is not possible now"),
        HTTPStatus.BAD_REQUEST: _("Something in what was sent is not right"),
        HTTPStatus.UNPROCESSABLE_ENTITY: _("Something in what was sent is not right"),
    }.get(status, _("Something went wrong"))
