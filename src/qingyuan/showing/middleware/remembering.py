"""What a request looks up once."""

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware

from qingyuan.places.queries import territories_remembered


@sync_and_async_middleware
def remember_territories(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """A page asks for its viewer's territory with every list; it is looked up once a request."""

    async def answer_async(request: HttpRequest) -> Any:
        with territories_remembered():
            return await get_response(request)

    def answer(request: HttpRequest) -> Any:
        with territories_remembered():
            return get_response(request)

    return answer_async if iscoroutinefunction(get_response) else answer
