"""Coming in: log-in, and the way to the page of one's work."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.shortcuts import redirect

from qingyuan.people.queries import Role, demo_logins
from qingyuan.places.queries import enterprises
from qingyuan.showing.frame import AT_HAND
from qingyuan.showing.request import Request

DEMO_PASSWORD = "qingyuan-demo"  # noqa: S105  printed on the log-in page of a demo, and only there


def home(request: Request) -> HttpResponse:
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
        return super().get_context_data(**kwargs) | {"demo_logins": _people() if settings.DEMO else ()}


def _people() -> list[dict[str, str]]:
    return [
        {"role": role, "name": name, "username": username, "password": DEMO_PASSWORD}
        for role, username, name in demo_logins()
    ]
