"""How a person is reached: the person's own page, and the same page of anybody for administrators."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.people.api import change_contact, enter_contact, remove_contact, send_to
from qingyuan.people.queries import Contact, User, contact, people_to_reach, person, reason_in_words
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.reaching.forms import AddressForm, WishesForm


def own(request: Request) -> HttpResponse:
    """How I am reached."""
    return _page(request, request.user)


def of_person(request: Request, username: str) -> HttpResponse:
    """How somebody is reached, for administrators."""
    found = person(username)
    if found is None:
        raise NotFound(_("There is no person %(name)s.") % {"name": username})
    return _page(request, found)


def people(request: Request) -> HttpResponse:
    """Everybody, those whom no message reaches first."""
    listed = page_of(people_to_reach(), request.GET)
    values = {"page_title": _("Who is reached"), "crumbs": [{"title": _("Messages"), "href": reverse("messages")}]}
    return render(request, "showing/reaching/people.html", listed | values)


def change(request: Request, contact_id: int) -> HttpResponse:
    """Of what an address is told."""
    kept = contact(request.user, contact_id)
    form = WishesForm(kept.user, request.POST if request.method == "POST" else None, kept)
    if request.method == "POST" and _went(form, lambda: _change(request, kept, form)):
        messages.success(request, _("%(address)s was changed.") % {"address": kept.shown})
        return redirect(_page_of(request, kept.user))
    values = {
        "page_title": kept.shown,
        "crumbs": [{"title": _title(request, kept.user), "href": _page_of(request, kept.user)}],
        "form": form,
        "back": _page_of(request, kept.user),
    }
    return render(request, "showing/feed_form.html", values, status=422 if form.errors else 200)


@require_POST
def act(request: Request, contact_id: int, verb: str) -> HttpResponse:
    """Try an address, switch it, or remove it."""
    if verb not in _VERBS:
        raise NotFound(_("Found %(found)s, expected one of: %(known)s") % {"found": verb, "known": ", ".join(_VERBS)})
    kept = contact(request.user, contact_id)
    _VERBS[verb](request, kept)
    return redirect(_page_of(request, kept.user))


def _try(request: Request, kept: Contact) -> None:
    with override(kept.language):
        title, body = _("Qingyuan: a test"), _("Messages for %(name)s arrive here.") % {"name": kept.user.name}
    reason = send_to(kept.pk, title, body)
    if reason:
        messages.error(request, f"{kept.shown}: {reason_in_words(reason)}")
    else:
        messages.success(request, _("%(address)s took the test message.") % {"address": kept.shown})


def _switch(request: Request, kept: Contact) -> None:
    now = change_contact(kept.pk, request.user, origin_of(request), enabled=not kept.enabled)
    told = _("%(address)s is switched on.") if now.enabled else _("%(address)s is switched off.")
    messages.success(request, told % {"address": kept.shown})


def _remove(request: Request, kept: Contact) -> None:
    remove_contact(kept.pk, request.user, origin_of(request))
    messages.success(request, _("%(address)s was removed.") % {"address": kept.shown})


_VERBS: dict[str, Callable[[Request, Contact], None]] = {"test": _try, "switch": _switch, "remove": _remove}


def _page(request: Request, of: User) -> HttpResponse:
    form = AddressForm(of, request.POST if request.method == "POST" else None)
    if request.method == "POST" and _went(form, lambda: _enter(request, of, form)):
        messages.success(request, _("The address was entered. Send a test message to see that it arrives."))
        return redirect(_page_of(request, of))
    mine = of.pk == request.user.pk
    values = {
        "page_title": _title(request, of),
        "page_lead": _("Messages go to these addresses within seconds, whatever page is open or none."),
        "crumbs": [] if mine else [{"title": _("Who is reached"), "href": reverse("reached-people")}],
        "contacts": of.contacts.all(),
        "form": form,
    }
    return render(request, "showing/reaching/contacts.html", values, status=422 if form.errors else 200)


def _enter(request: Request, of: User, form: AddressForm) -> None:
    wishes = dict(form.cleaned_data)
    enter_contact(of, wishes.pop("address"), request.user, origin_of(request), **wishes)


def _change(request: Request, kept: Contact, form: WishesForm) -> None:
    change_contact(kept.pk, request.user, origin_of(request), **form.cleaned_data)


def _went(form: WishesForm, does: Callable[[], Any]) -> bool:
    """Whether the form is right and what it asks for was done; else the form says what is not."""
    if not form.is_valid():
        return False
    try:
        does()
    except BadInput as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    return not form.errors


def _page_of(request: Request, of: User) -> str:
    return (
        reverse("reached") if of.pk == request.user.pk else reverse("reached-person", kwargs={"username": of.username})
    )


def _title(request: Request, of: User) -> str:
    return _("How I am reached") if of.pk == request.user.pk else _("How %(name)s is reached") % {"name": of.name}
