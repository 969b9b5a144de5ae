"""What no page can take, refused before any page sees it."""

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from qingyuan.showing.refusals import refused

NUL = "\0"


class RefuseNul(MiddlewareMixin):
    """Refuse texts with the character of number 0, which no text in the database may hold."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Mapping[str, Any]
    ) -> HttpResponse | None:
        for name, text in _texts(request, view, kwargs):
            if NUL in text or NUL in name:
                told = _("Found the character of number 0 in “%(name)s”, expected text without it.")
                return refused(request, HTTPStatus.BAD_REQUEST, told % {"name": name.replace(NUL, "")})
        return None


def _texts(request: HttpRequest, view: Callable[..., Any], kwargs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the address and a form say; what programs send, by views without a form's token, is read there."""
    yield from ((name, text) for name, text in kwargs.items() if isinstance(text, str))
    sent = [request.GET] if getattr(view, "csrf_exempt", False) else [request.GET, request.POST]
    for given in sent:
        for name, texts in given.lists():
            yield from ((name, str(text)) for text in texts)
