"""What people do about environmental credit: compute, object, answer, enter signs, set rules."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.evaluating.api import (
    answer_objection,
    ask_for_grades,
    enter_sign,
    file_objection,
    objectionable,
    set_grade_rules,
    withdraw_sign,
)
from qingyuan.evaluating.queries import grade, objection, rules_on, signs
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, NotFound, Refused
from qingyuan.places.queries import Enterprise
from qingyuan.showing.logic.credit.words import run_words
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import number_in
from qingyuan.showing.request import Request
from qingyuan.showing.views.acts import add_refusal
from qingyuan.showing.views.credit.forms import AnswerForm, ObjectionForm, RulesForm, SignForm, WhyForm
from qingyuan.showing.views.credit.pages import enterprise_seen


@require_POST
def compute(request: Request) -> HttpResponse:
    """Let every enterprise be evaluated: as of today, or over a year that is over."""
    made = ask_for_grades(request.user, origin_of(request), year=number_in(request.POST.get("year")))
    messages.success(request, _("The evaluation is asked for: %(what)s.") % {"what": run_words(made)})
    return redirect("credit")


def object_to(request: Request, grade_id: int) -> HttpResponse:
    """File an objection to the own grade."""
    found = grade(request.user, grade_id)
    form = ObjectionForm(objectionable(found), request.POST if request.method == "POST" else None)

    def save(given: dict[str, Any]) -> str:
        file_objection(found.pk, request.user, origin_of(request), **given)
        return _("Filed. The answer will stand on this page.")

    lead = _("Say which deduction or item is wrong and why. It is answered by a supervisor with the reason.")
    return _form(request, form, found.enterprise, save=save, title=_("Object"), lead=lead)


def answer(request: Request, objection_id: int) -> HttpResponse:
    """Accept an objection or refuse it."""
    found = objection(request.user, objection_id)
    form = AnswerForm(request.POST if request.method == "POST" else None)

    def save(given: dict[str, Any]) -> str:
        answer_objection(found.pk, request.user, origin_of(request), accepted=given["accepted"], words=given["answer"])
        return _("Answered. It is in the log under your name.")

    lead = _("%(who)s objects to “%(what)s”: %(reason)s") % {
        "who": found.enterprise.title, "what": found.title, "reason": found.reason,
    }  # fmt: skip
    return _form(request, form, found.enterprise, save=save, title=_("Answer the objection"), lead=lead)


def sign(request: Request, code: str) -> HttpResponse:
    """Enter a veto item, an incident or a green item."""
    found = enterprise_seen(request, code)
    form = SignForm(request.POST if request.method == "POST" else None)

    def save(given: dict[str, Any]) -> str:
        enter_sign(found, request.user, origin_of(request), **given)
        return _("Entered. The next evaluation counts it.")

    lead = _(
        "A veto item makes red of every score, an incident lowers the level by one, green asks for two green items."
    )
    return _form(request, form, found, save=save, title=_("Enter an item"), lead=lead)


def withdraw(request: Request, sign_id: int) -> HttpResponse:
    """Take such an item back."""
    found = signs(request.user).filter(pk=sign_id).first()
    if found is None:
        raise NotFound(_("There is no item %(id)s in your territory.") % {"id": sign_id})
    form = WhyForm(request.POST if request.method == "POST" else None)

    def save(given: dict[str, Any]) -> str:
        withdraw_sign(found.pk, request.user, origin_of(request), why=given["why"])
        return _("Taken back. The next evaluation leaves it out.")

    return _form(request, form, found.enterprise, save=save, title=_("Take the item back"), lead=found.what)


def set_rules(request: Request) -> HttpResponse:
    """Set the bureau's own edition of the rules."""
    held = rules_on(clock.now().astimezone(clock.SHANGHAI).date())
    form = RulesForm(held, request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            set_grade_rules(
                form.values_given(), document=given["document"], valid_from=given["valid_from"],
                origin=origin_of(request),
            )  # fmt: skip
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Set. Grades already computed keep the rules that they were made by."))
            return redirect("credit-rules")
    lead = _(
        "Weights in percent of the 100 points; for each measure the number and the points it costs, straight between."
    )
    crumbs = [
        {"title": _("Environmental credit"), "href": reverse("credit")},
        {"title": _("Rules of environmental credit"), "href": reverse("credit-rules")},
    ]
    values = {"page_title": _("Set the rules"), "page_lead": lead, "crumbs": crumbs, "form": form,
              "draft": "credit-rules", "back": reverse("credit-rules")}  # fmt: skip
    return render(request, "showing/judging_form.html", values, status=422 if form.errors else 200)


def _form(
    request: Request, form: Any, owner: Enterprise, *, save: Callable[[dict[str, Any]], str], title: str, lead: str
) -> HttpResponse:
    home = reverse("credit-enterprise", kwargs={"code": owner.code})
    if form.is_valid():
        try:
            done = save(form.cleaned_data)
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(request, done)
            return redirect(home)
    crumbs = [{"title": _("Environmental credit"), "href": reverse("credit")}, {"title": owner.title, "href": home}]
    values = {"page_title": title, "page_lead": lead, "crumbs": crumbs, "form": form,
              "draft": f"credit-{request.path}", "back": home}  # fmt: skip
    return render(request, "showing/judging_form.html", values, status=422 if form.errors else 200)
