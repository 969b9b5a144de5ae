"""How the platform is used: people a day, by role and organisation."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.people.queries import Role, UseOfGroup, use_of_platform
from qingyuan.showing.request import Request


def use(request: Request) -> HttpResponse:
    """People and who of them were here, in the last thirty days."""
    found = use_of_platform(clock.now().astimezone(clock.SHANGHAI).date())
    most = max(count for _day, count in found.daily)
    values = {
        "page_title": _("Use of the platform"),
        "page_lead": _("A person counts once a day, with the first page opened. Days are of Shanghai."),
        "whole": found.whole,
        "daily": [(day, count, round(100 * count / most) if most else 0) for day, count in reversed(found.daily)],
        "groups": [
            (_("Role"), [(_role(one), one) for one in found.by_role]),
            (_("Organisation"), [(one.group or "—", one) for one in found.by_organisation]),
        ],
    }
    return render(request, "showing/use.html", values)


def _role(one: UseOfGroup) -> str:
    return str(Role(one.group).label) if one.group in Role.values else one.group
