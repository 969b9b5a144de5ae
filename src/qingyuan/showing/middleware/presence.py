"""Who uses the platform, a day at a time; kept so that its use can be counted."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest

from qingyuan.kit import clock
from qingyuan.people.api import note_presence


def note_presences(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Note the first request of each person on each day; what this process noted already costs no query."""
    noted: set[tuple[int, date]] = set()

    def answer(request: HttpRequest) -> Any:
        response = get_response(request)
        if request.user.is_authenticated:
            here = (request.user.pk, clock.now().astimezone(clock.SHANGHAI).date())
            if here not in noted:
                if noted and next(iter(noted))[1] != here[1]:
                    noted.clear()
                noted.add(here)
                note_presence(*here)
        return response

    return answer
