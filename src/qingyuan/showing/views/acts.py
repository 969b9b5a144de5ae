"""Doing something with a case: an act of its type's table, or a record for its file. Both work without script."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.dispatching.api import act
from qingyuan.dispatching.queries import Case, NextAct, case, case_type, next_acts
from qingyuan.inspecting.api import Photo, record_inspection, record_rectification
from qingyuan.kit.errors import BadInput, NotFound, QingyuanError, Refused
from qingyuan.people.queries import User
from qingyuan.showing.forms import ActForm, InspectionRecord, Record, RectificationRecord
from qingyuan.showing.logic.casefile import filed_at
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request
from qingyuan.showing.standing import state_of
from qingyuan.showing.wording import enumerated, said


@dataclass(frozen=True)
class Recording:
    """A kind of record: what asks for it, and what keeps it."""

    title: Any
    why: Any
    form: type[Record]
    keep: Callable[..., Any]


RECORDINGS = {
    "inspection": Recording(
        gettext_lazy("Inspection record"),
        gettext_lazy(
            "What you see on site decides whether the problem is real. The photo is filed as evidence, byte for byte."
        ),
        InspectionRecord,
        record_inspection,
    ),
    "rectification": Recording(
        gettext_lazy("Rectification record"),
        gettext_lazy("What was done and when. The supervisor accepts or returns the case by this record."),
        RectificationRecord,
        record_rectification,
    ),
}


def act_form(request: Request, case_id: int, verb: str) -> HttpResponse:
    """Ask what an act asks for and do it."""
    found = case(request.user, case_id)
    chosen = next((one for one in next_acts(found, request.user) if one.verb == verb), None)
    if request.method != "POST":
        chosen = chosen or _refuse(found, request, verb)
        return _ask(request, found, chosen, ActForm(found, chosen))
    form = ActForm(found, chosen, request.POST)
    if chosen is not None and not form.is_valid():
        return _ask(request, found, chosen, form)
    try:
        values = {field.name: request.POST.get(field.name, "") for field in chosen.fields} if chosen else {}
        moved = act(case_id, verb, request.user, origin_of(request), why=request.POST.get("why", ""), fields=values)
    except (BadInput, Refused) as error:
        if chosen is None:
            raise
        add_refusal(form, error)
        return _ask(request, found, chosen, form)
    state = state_of(moved)
    told = {"verb": said(chosen.title) if chosen else verb, "state": said(state.title) if state else moved.state}
    messages.success(request, _("Done: %(verb)s. The case is now: %(state)s.") % told)
    return redirect("case", case_id=case_id)


def _refuse(found: Case, request: Request, verb: str) -> NoReturn:
    possible = enumerated(said(one.title) for one in next_acts(found, request.user)) or _(
        "nothing; it is another’s turn"
    )
    known = {move.verb: said(move.title) for move in case_type(found.case_type).moves}
    message = _("“%(verb)s” is not possible for you in case %(number)s now. Possible: %(possible)s.")
    raise Refused(message % {"verb": known.get(verb, verb), "number": found.number, "possible": possible})


def _ask(request: Request, found: Case, chosen: NextAct, form: forms.Form) -> HttpResponse:
    values = {
        "page_title": said(chosen.title),
        "page_lead": _("Case %(number)s will then be: %(state)s.")
        % {"number": found.number, "state": said(chosen.target)},
        "crumbs": _crumbs(found),
        "case": found,
        "act": chosen,
        "missing": [{"title": said(need.title), "href": filed_at(found, need.kind)} for need in chosen.missing],
        "form": form,
    }
    return render(request, "showing/act.html", values, status=422 if form.errors else 200)


def record_form(request: Request, case_id: int, kind: str) -> HttpResponse:
    """Ask for a record and put it into the file."""
    found = case(request.user, case_id)
    recording = RECORDINGS.get(kind)
    if recording is None:
        raise NotFound(_("There is no record “%(kind)s”.") % {"kind": kind})
    if kind not in records_asked(found, request.user):
        _refuse(found, request, str(recording.title))
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = recording.form(*sent, initial={"client_id": uuid4()})
    if form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "photos"}
        try:
            recording.keep(
                case_id, request.user, origin_of(request), values=values, photos=photos_of(form.cleaned_data["photos"])
            )
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(
                request, _("%(record)s filed. Now say what follows from it.") % {"record": recording.title}
            )
            return redirect("case", case_id=case_id)
    values = {
        "page_title": recording.title,
        "page_lead": recording.why,
        "crumbs": _crumbs(found),
        "case": found,
        "kind": kind,
        "form": form,
    }
    return render(request, "showing/record.html", values, status=422 if form.errors else 200)


def records_asked(found: Case, viewer: User) -> set[str]:
    """The kinds of record that what the viewer may do now rests on."""
    verbs = {one.verb for one in next_acts(found, viewer)}
    moves = case_type(found.case_type).moves_from(found.state)
    return {need.kind for move in moves if move.verb in verbs for need in move.needs}


def photos_of(files: Sequence[Any]) -> list[Photo]:
    """The photos as they came."""
    return [Photo(file.name, file.read()) for file in files]


def add_refusal(form: forms.BaseForm, error: QingyuanError) -> None:
    """Put a refusal at the field that it is about."""
    field = getattr(error, "field", None)
    form.add_error(field if field in form.fields else None, str(error))


def _crumbs(found: Case) -> list[dict[str, str]]:
    address = reverse("case", kwargs={"case_id": found.pk})
    return [{"title": _("Cases"), "href": reverse("cases")}, {"title": found.number, "href": address}]
