"""What administrators do with platforms above: enter and change them, send again what did not arrive."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from qingyuan.forwarding.api import (
    define_destination,
    send_again,
    send_own_again,
    send_own_withheld,
    send_withheld,
)
from qingyuan.forwarding.queries import Destination
from qingyuan.kit.errors import BadInput
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import chosen_number
from qingyuan.showing.request import Request
from qingyuan.showing.views.forwarding.forms import DestinationForm
from qingyuan.showing.views.forwarding.pages import found_destination


def enter(request: Request) -> HttpResponse:
    """A new platform above."""
    return _asked(request, None, _("New platform above"))


def change(request: Request, code: str) -> HttpResponse:
    """Change a platform above."""
    one = found_destination(code)
    return _asked(request, one, _("Change %(feed)s") % {"feed": one.title})


def _asked(request: Request, one: Destination | None, title: str) -> HttpResponse:
    form = DestinationForm(request.user, request.POST if request.method == "POST" else None, destination=one)
    if request.method == "POST" and form.is_valid():
        try:
            defined = define_destination(**form.told(), origin=origin_of(request))
        except BadInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            told = _("%(feed)s was changed.") if one else _("%(feed)s was entered.")
            messages.success(request, told % {"feed": defined.title})
            return redirect("destination", code=defined.code)
    values = {
        "page_title": title,
        "crumbs": [{"title": _("Platforms above"), "href": reverse("destinations")}],
        "form": form,
        "back": reverse("destination", kwargs={"code": one.code}) if one else reverse("destinations"),
    }
    return render(request, "showing/feed_form.html", values, status=422 if form.errors else 200)


@require_POST
def again(request: Request, code: str) -> HttpResponse:
    """Send again one packet that did not arrive, or all of them."""
    one = found_destination(code)
    number = chosen_number(request.POST.get("number"))
    count = send_again(one, None if number is None else [number], origin_of(request))
    told = ngettext("%(count)d packet will be sent again.", "%(count)d packets will be sent again.", count)
    messages.success(request, told % {"count": count})
    return redirect("destination", code=code)


@require_POST
def withheld(request: Request, code: str) -> HttpResponse:
    """Send what was withheld, now that it may leave."""
    one = found_destination(code)
    count = send_withheld(one, origin_of(request))
    told = ngettext("%(count)d packet will be sent.", "%(count)d packets will be sent.", count)
    messages.success(request, told % {"count": count})
    return redirect("destination", code=code)


@require_POST
def own_again(request: Request, code: str) -> HttpResponse:
    """Send again one mean computed here that did not arrive, or all of them."""
    one = found_destination(code)
    number = chosen_number(request.POST.get("number"))
    count = send_own_again(one, None if number is None else [number], origin_of(request))
    return _told_of_means(request, code, count)


@require_POST
def own_withheld(request: Request, code: str) -> HttpResponse:
    """Send means computed here that were withheld, now that they may leave."""
    one = found_destination(code)
    return _told_of_means(request, code, send_own_withheld(one, origin_of(request)))


def _told_of_means(request: Request, code: str, count: int) -> HttpResponse:
    told = ngettext(
        "%(count)d mean will be sent, unless the device has sent its own meanwhile.",
        "%(count)d means will be sent, unless the device has sent its own meanwhile.",
        count,
    )
    messages.success(request, told % {"count": count})
    return redirect("destination", code=code)
