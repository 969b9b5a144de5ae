"""Asking something of a device, and taking it back before it is sent."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.sensing.api import TOLD_WHEN_SENT, command_device, withdraw_command
from qingyuan.sensing.queries import Device, commands_of, devices, requests_for
from qingyuan.showing.logic.devices.asking import Offered, factors_of
from qingyuan.showing.logic.devices.devicefile import listed_commands, request_title
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request
from qingyuan_science.hj212.requests import Argument, RequestKind

FACTORS = {"factor": "factors", "factors": "factor-lists"}  # type of an argument, and the list that offers its values


class AskForm(forms.Form):
    """The arguments of one request, made from its row in the table of requests."""

    def __init__(self, kind: RequestKind, edition: str, factors: Sequence[Offered], *values: Any) -> None:
        super().__init__(*values)
        for argument in kind.arguments_in(edition):
            self.fields[argument.name] = _field(argument, factors)
        for name in TOLD_WHEN_SENT.get(kind.code, ()):
            self.fields[name].required = False
            self.fields[name].help_text = _("Left empty: the time at which it is sent. YYYYMMDDhhmmss, China time.")
        self.fields["why"] = forms.CharField(
            label=_("Reason"),
            help_text=_("It goes into the log under your name and cannot be changed later."),
            required=kind.dangerous,
            widget=forms.Textarea(attrs={"rows": 2}),
            max_length=2000,
        )


def _field(argument: Argument, factors: Sequence[Offered]) -> forms.Field:
    title = argument.title_zh if (get_language() or "zh").startswith("zh") else argument.title_en
    label = f"{title} ({argument.unit})" if argument.unit else title
    common: dict[str, Any] = {"label": label, "required": argument.required, "help_text": _help(argument)}
    if argument.choices:
        return forms.ChoiceField(choices=[(str(one), str(one)) for one in argument.choices], **common)
    if argument.type in FACTORS and factors:
        known = _(", ").join(f"{one.code} {one.title}" for one in factors)
        offer = _("This device has: %(factors)s. Another code may be written too.") % {"factors": known}
        common["help_text"] = f"{argument.name} · {offer}"
        return forms.CharField(max_length=400, widget=forms.TextInput({"list": FACTORS[argument.type]}), **common)
    return forms.CharField(max_length=400, **common)


def _help(argument: Argument) -> str:
    words = {
        "moment": _("Time as YYYYMMDDhhmmss, China time"),
        "clock": _("Time of day as hhmmss"),
        "factor": _("Code of a factor such as w01018"),
        "factors": _("Codes of factors with spaces between them"),
        "information": _("Code of site information such as i13007"),
        "key": _("16 letters and figures"),
        "password": _("6 letters and figures"),
        "hours": _("Hours with spaces between them"),
    }
    bounds = f"{argument.low}–{argument.high}" if argument.low is not None and argument.type == "whole" else ""
    return " ".join(filter(None, (argument.name, words.get(argument.type, ""), bounds)))


def which(request: Request, mn: str) -> HttpResponse:
    """Go on to the form of what was chosen."""
    code = request.GET.get("code", "") or "read-clock"
    if all(one.code != code for one in requests_for(_device(request, mn))):
        raise NotFound(_("A device of this edition cannot be asked for “%(code)s”.") % {"code": code[:40]})
    return redirect("device-ask", mn=mn, code=code)


def ask(request: Request, mn: str, code: str) -> HttpResponse:
    """Ask one thing of a device."""
    device = _device(request, mn)
    kind = next((one for one in requests_for(device) if one.code == code), None)
    if kind is None:
        raise NotFound(_("A device of this edition cannot be asked for “%(code)s”.") % {"code": code})
    edition = device.dialect.settings.get("edition", "2017")
    factors = factors_of(device)
    form = AskForm(kind, edition, factors, *([request.POST] if request.method == "POST" else []))
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "why"}
        try:
            why = form.cleaned_data["why"]
            command_device(device, code, given, user=request.user, why=why, origin=origin_of(request))
        except BadInput as error:
            form.add_error(_field_of(error, form), str(error))
        else:
            messages.success(request, _("Asked. The answer appears here when the device gives it."))
            return redirect("device", mn=mn)
    values = {**_values(device, kind, form), "factors": factors, "all_factors": " ".join(one.code for one in factors)}
    return render(request, "showing/ask.html", values, status=422 if form.errors else 200)


def _field_of(error: BadInput, form: AskForm) -> str | None:
    """The field that an error belongs to: its own, or the argument that it names first."""
    named = str(error).removeprefix("found ").partition(" ")[0]
    return next((name for name in (error.field, named) if name in form.fields), None)


def _values(device: Device, kind: RequestKind, form: AskForm) -> dict[str, Any]:
    return {
        "page_title": request_title(kind.code),
        "page_lead": f"CN {kind.cn} · {device.mn}",
        "crumbs": [
            {"title": _("Devices"), "href": reverse("devices")},
            {"title": device.mn, "href": reverse("device", kwargs={"mn": device.mn})},
        ],
        "device": device,
        "kind": kind,
        "form": form,
    }


def _device(request: Request, mn: str) -> Device:
    device = devices(request.user).filter(mn=mn).first()
    if device is None:
        raise NotFound(_("No device has the number %(mn)s.") % {"mn": mn})
    return device


def rows(request: Request, mn: str) -> HttpResponse:
    """A page of what a device was asked, as its page fetches it again when a command moves on."""
    device = _device(request, mn)
    return render(request, "showing/_commands.html", {"device": device, **listed_commands(device, request.GET)})


@require_POST
def withdraw(request: Request, mn: str, command_id: int) -> HttpResponse:
    """Take a command back."""
    device = _device(request, mn)
    if not commands_of(device).filter(pk=command_id).exists():
        raise NotFound(_("The device was not asked this."))
    withdraw_command(command_id, request.user)
    messages.success(request, _("Taken back; nothing was sent."))
    return redirect("device", mn=mn)
