"""The one place where the platform's errors become answers of HTTP."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.kit.errors import BadInput, Forbidden, NotFound, QingyuanError, Refused
from qingyuan.kit.faults.sentences import in_words
from qingyuan.people.queries import Role, people_with_role

KNOWN = QingyuanError
Telling = Callable[[HttpRequest, QingyuanError], HttpResponse]
STATUS: dict[type[QingyuanError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Forbidden: HTTPStatus.FORBIDDEN,
    Refused: HTTPStatus.CONFLICT,
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
}
RECORDS = {
    "case": gettext_lazy("Back to the case"),
    "finding": gettext_lazy("Back to the finding"),
    "station": gettext_lazy("Back to the station"),
    "device": gettext_lazy("Back to the device"),
    "feed": gettext_lazy("Back to the feed"),
    "import": gettext_lazy("Back to the import"),
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
    return refused(request, status_of(error), in_words(str(error)))


def refused(request: HttpRequest, status: HTTPStatus, detail: str) -> HttpResponse:
    """The page of a status."""
    can_grant = people_with_role(Role.ADMINISTRATOR) if status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND} else ()
    values = {"status": int(status), "heading": _heading(status), "detail": detail, "can_grant": can_grant}
    values["way_back"] = None if status == HTTPStatus.NOT_FOUND else record_above(request)
    return render(request, "showing/refused.html", values, status=status)


def record_above(request: HttpRequest) -> dict[str, str] | None:
    """The record to which the page of an address belongs, if the viewer's role may open it."""
    address, role = request.path, getattr(request.user, "role", "")
    while len(address) > 1:
        address = address.rstrip("/").rpartition("/")[0] + "/"
        try:
            page = resolve(address)
        except Resolver404:
            continue
        if page.url_name in RECORDS and role in getattr(page.func, "allowed", ()):
            return {"href": address, "title": str(RECORDS[page.url_name])}
    return None


def _heading(status: HTTPStatus) -> str:
    return {
        HTTPStatus.NOT_FOUND: _("Not found, or not in your territory"),
        HTTPStatus.FORBIDDEN: _("You may not open this page"),
        HTTPStatus.CONFLICT: _("This is not possible now"),
        HTTPStatus.BAD_REQUEST: _("Something in what was sent is not right"),
        HTTPStatus.UNPROCESSABLE_ENTITY: _("Something in what was sent is not right"),
    }.get(status, _("Something went wrong"))
