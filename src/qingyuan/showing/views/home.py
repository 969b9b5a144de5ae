"""Coming in: log-in, and the way to the page of one's work."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from qingyuan.people.queries import Role, people_with_role
from qingyuan.places.queries import enterprises
from qingyuan.showing.frame import AT_HAND

DEMO_PASSWORD = "qingyuan-demo"  # noqa: S105  printed on the log-in page of a demo, and only there


def home(request: HttpRequest) -> HttpResponse:
    """Send each role to the page of its work; an enterprise to its own file."""
    if request.user.role == Role.ENTERPRISE:
        own = enterprises(request.user).first()
        if own is not None:
            return redirect("enterprise", code=own.code)
    return redirect(AT_HAND.get(request.user.role, ("map",))[0])


class LogIn(LoginView):
    """Django's log-in; a demo lists whom one can come in as."""

    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"demo_logins": demo_logins() if settings.DEMO else ()}


def demo_logins() -> list[dict[str, str]]:
    """The first person of each role."""
    first = [(role, people_with_role(role).first()) for role in Role]
    return [
        {"role": str(role.label), "name": person.name, "username": person.username, "password": DEMO_PASSWORD}
        for role, person in first
        if person is not None
    ]
