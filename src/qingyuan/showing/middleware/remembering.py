"""What a request looks up once."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from qingyuan.places.queries import territories_remembered


def remember_territories(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """A page asks for its viewer's territory with every list; it is looked up once a request."""

    def answer(request: HttpRequest) -> Any:
        with territories_remembered():
            return get_response(request)

    return answer
