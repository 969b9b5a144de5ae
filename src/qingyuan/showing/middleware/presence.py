"""Who uses the platform, a day at a time; kept so that its use can be counted."""

from collections.abc import Callable
from datetime import date
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware

from qingyuan.kit import clock
from qingyuan.people.api import note_presence


@sync_and_async_middleware
def note_presences(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Note the first request of each person on each day; what this process noted already costs no query."""
    noted: set[tuple[int, date]] = set()

    def news(user: Any) -> tuple[int, date] | None:
        if not user.is_authenticated:
            return None
        here = (user.pk, clock.now().astimezone(clock.SHANGHAI).date())
        if here in noted:
            return None
        if noted and next(iter(noted))[1] != here[1]:
            noted.clear()
        noted.add(here)
        return here

    async def answer_async(request: HttpRequest) -> Any:
        response = await get_response(request)
        if (here := news(await request.auser())) is not None:
            await sync_to_async(note_presence)(*here)
        return response

    def answer(request: HttpRequest) -> Any:
        response = get_response(request)
        if (here := news(request.user)) is not None:
            note_presence(*here)
        return response

    return answer_async if iscoroutinefunction(get_response) else answer
