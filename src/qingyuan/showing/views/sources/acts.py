"""What people do with the list of fixed sources: build it, decide pairs, part rows, enter sources into the ledger."""

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from qingyuan.kit.errors import BadInput, NotFound, Refused
from qingyuan.registering.api import (
    Answer,
    answer_pair,
    answer_question,
    ask_for_build,
    enter_source,
    lacks_of,
    part_row,
    take_back_answer,
)
from qingyuan.registering.queries import ANSWERS, open_questions, pair, question, source, sources
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import number_in
from qingyuan.showing.logic.sources.words import LETTERS, compared, list_titles, told_question
from qingyuan.showing.request import Request
from qingyuan.showing.views.acts import add_refusal

MOST_ENTERED = 500  # enterprises at once, so that the page answers


class WhyForm(forms.Form):
    """A reason that is kept."""

    why = forms.CharField(
        label=gettext_lazy("Why"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text=gettext_lazy("It goes into the log under your name and cannot be changed later."),
    )


ALL, NONE, MARKED, UNSURE = "all", "none", "marked", "unsure"


class QuestionForm(forms.Form):
    """What is said of several sources, and why."""

    verdict = forms.ChoiceField()
    why = forms.CharField(
        label=gettext_lazy("Why"),
        widget=forms.TextInput(attrs={"list": "reasons", "autocomplete": "off"}),
        max_length=2000,
        help_text=gettext_lazy("It goes into the log under your name and cannot be changed later."),
    )

    def __init__(self, data: QueryDict | None, many: Sequence[int]) -> None:
        super().__init__(data)
        self.many = list(many)
        choices = [(ALL, _("One enterprise")), (NONE, _("All different enterprises")), (UNSURE, _("Cannot be told"))]
        if len(self.many) == 2:
            choices[1] = (NONE, _("Two enterprises"))
        else:
            choices.insert(2, (MARKED, _("As marked below")))
        self.fields["verdict"] = forms.ChoiceField(label=_("They are"), choices=choices, widget=forms.RadioSelect)
        for at, source_id in enumerate(self.many if len(self.many) > 2 else ()):
            self.fields[f"of-{source_id}"] = forms.TypedChoiceField(
                label=_("%(letter)s is enterprise") % {"letter": LETTERS[at]},
                choices=[(number, f"{number + 1}") for number in range(len(self.many))],
                coerce=int, initial=at, required=False,
            )  # fmt: skip
        self.order_fields(["verdict", *(name for name in self.fields if name.startswith("of-")), "why"])

    def said(self) -> dict[int, int] | None:
        """By source the number of its enterprise; None where it cannot be told."""
        given = self.cleaned_data
        if given["verdict"] == UNSURE:
            return None
        if given["verdict"] == MARKED:
            return {one: int(given[f"of-{one}"] or 0) for one in self.many}
        return {one: 0 if given["verdict"] == ALL else at for at, one in enumerate(self.many)}


class AnswerForm(WhyForm):
    """What is said of a pair, and why."""

    answer = forms.TypedChoiceField(
        label=gettext_lazy("The two rows are"),
        choices=[(int(value), title) for value, title in ANSWERS],
        coerce=int,
        widget=forms.RadioSelect,
    )
    field_order = ("answer", "why")


@require_POST
def build(request: Request) -> HttpResponse:
    """Ask for the list to be built."""
    try:
        ask_for_build(request.user, request.POST.getlist("lists"), origin_of(request))
    except (BadInput, Refused) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The build is asked for; this page follows by itself."))
    return redirect("source-builds")


def answer(request: Request, pair_id: int) -> HttpResponse:
    """Decide whether two rows are of one enterprise."""
    found = pair(request.user, pair_id)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            answer_pair(found, Answer(given["answer"]), request.user, origin_of(request), why=given["why"])
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Kept. It holds from now on and is not asked again."))
            return redirect("source-pairs")
    values = _frame() | {
        "page_title": _("One enterprise or two?"),
        "asked": compared(found, list_titles(request.user)),
        "form": form,
    }
    return render(request, "showing/sources/pair.html", values, status=422 if form.errors else 200)


def ask(request: Request, question_id: int) -> HttpResponse:
    """Decide which of several sources are one enterprise; then the next question."""
    found = question(request.user, question_id)
    asked = told_question(found, list_titles(request.user))
    form = QuestionForm(
        request.POST if request.method == "POST" else None, [one["source"].pk for one in asked["sources"]]
    )
    if form.is_valid():
        try:
            answer_question(found, form.said(), request.user, origin_of(request), why=form.cleaned_data["why"])
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Kept. It holds from now on and is not asked again."))
            following = open_questions(request.user).first()
            return redirect("source-question", question_id=following.pk) if following else redirect("source-pairs")
    values = _frame() | {
        "page_title": _("One enterprise or several?") if len(asked["sources"]) > 2 else _("One enterprise or two?"),
        "page_lead": _("Questions that wait: %(number)d") % {"number": open_questions(request.user).count()},
        "asked": asked,
        "form": form,
    }
    return render(request, "showing/sources/question.html", values, status=422 if form.errors else 200)


def take_back(request: Request, pair_id: int) -> HttpResponse:
    """Let an answer hold no more."""
    found = pair(request.user, pair_id)
    form = WhyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            take_back_answer(found, form.cleaned_data["why"], request.user, origin_of(request))
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Taken back. What it joined is parted again, and the pair is asked anew."))
            return redirect("source-pairs")
    lead = _("What the answer joined is parted again, and the pair is asked anew.")
    return _ask(request, form, _("Take the answer back"), lead, back=reverse("source-pairs") + "?state=decided")


def part(request: Request, source_id: int, row_id: int) -> HttpResponse:
    """Take a row out of a source."""
    found = source(request.user, source_id)
    row = found.rows.filter(pk=row_id).first()
    home = reverse("source", kwargs={"source_id": found.pk})
    if row is None:
        raise NotFound(_("There is no row %(id)s in this source.") % {"id": row_id})
    form = WhyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = part_row(row, form.cleaned_data["why"], request.user, origin_of(request))
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Parted. The row is a source of its own now, for every later build too."))
            return redirect("source", source_id=made.pk)
    lead = _("“%(row)s” and the other rows of “%(source)s” are then two enterprises, for every later build too.")
    told = {"row": row.name or row.code, "source": found.title}
    return _ask(request, form, _("This row is of another enterprise"), lead % told, back=home)


@require_POST
def enter(request: Request) -> HttpResponse:
    """Enter one source into the ledger, or all that lack nothing."""
    asked = number_in(request.POST.get("source"))
    if asked is not None:
        one = source(request.user, asked)
        made = enter_source(one, request.user, origin_of(request))
        messages.success(request, _("Entered: %(name)s has a file of its own.") % {"name": made.title})
        return redirect("source", source_id=one.pk)
    entered, left = 0, 0
    for one in sources(request.user).filter(enterprise=None).exclude(cell=None).exclude(code="")[:MOST_ENTERED]:
        try:
            if lacks_of(one):
                raise Refused("")
            enter_source(one, request.user, origin_of(request))
            entered += 1
        except Refused:
            left += 1
    messages.success(
        request, _("Entered: %(n)d. Left out because something is missing: %(left)d.") % {"n": entered, "left": left}
    )
    return redirect("sources")


def _frame() -> dict[str, object]:
    return {
        "crumbs": [
            {"title": _("Fixed sources"), "href": reverse("sources")},
            {"title": _("One enterprise or two?"), "href": reverse("source-pairs")},
        ]
    }


def _ask(request: Request, form: forms.Form, title: str, lead: str, *, back: str) -> HttpResponse:
    values = {
        "page_title": title,
        "page_lead": lead,
        "crumbs": [{"title": _("Fixed sources"), "href": reverse("sources")}],
        "form": form,
        "draft": f"sources-{request.path}",
        "back": back,
    }
    return render(request, "showing/judging_form.html", values, status=422 if form.errors else 200)
