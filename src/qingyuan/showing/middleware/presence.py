"""Who uses the platform, a day at a time; kept so that its use can be counted."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest

from qingyuan.kit import clock
from qingyuan.people.api import note_presence
from qingyuan.showing.middleware.programs import token_of


def note_presences(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Note the first request of each person on each day; what this process noted already costs no query."""
    noted: dict[int, date] = {}  # the newest day of each person

    def answer(request: HttpRequest) -> Any:
        response = get_response(request)
        if request.user.is_authenticated and not token_of(request):  # programs are not counted
            person, day = request.user.pk, clock.now().astimezone(clock.SHANGHAI).date()
            if noted.get(person) != day:
                note_presence(person, day)
                noted[person] = day
        return response

    return answer
