"""Judging a time of an enterprise again: asked for with a reason, followed while it runs, shown as a difference."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.judging.api import start_review
from qingyuan.judging.queries import detector_title, review, reviewed, reviews
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.kit.faults.sentences import in_words
from qingyuan.kit.faults.titles import title_of
from qingyuan.places.queries import Enterprise, enterprises
from qingyuan.showing.logic.judging.going import KINDS, going, share, silent
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.acts import add_refusal
from qingyuan.showing.wording import named, said

MOST_DAYS = 366
MOST_SHOWN = 500
MOST_BEFORE = 30


class ReviewForm(forms.Form):
    """Which days, and why."""

    first_day = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    last_day = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=gettext_lazy("At most 366 days at once; today is judged up to now."),
    )
    why = forms.CharField(
        label=gettext_lazy("Why it is judged again"),
        help_text=gettext_lazy("It goes into the log under your name and cannot be changed later."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
    )


def start(request: Request, code: str) -> HttpResponse:
    """Ask which days of an enterprise to judge again, and let it run."""
    owner = enterprises(request.user).filter(code=code).first()
    if owner is None:
        raise NotFound(_("There is no enterprise %(code)s in your territory.") % {"code": code})
    form = ReviewForm(request.POST if request.method == "POST" else None, initial=_days(request))
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = start_review(
                owner.code, request.user, origin_of(request), why=given["why"],
                days=(given["first_day"], given["last_day"]),
            )  # fmt: skip
        except BadInput as error:
            add_refusal(form, error)
        else:
            return redirect("review", review_id=made.pk)
    before = reviews(request.user).filter(enterprise=owner)[:MOST_BEFORE]
    values = {
        "page_title": _("Judge again"),
        "page_lead": _(
            "All detectors look at these days with what is known now: permits, orders, plans, meters and rules. What no"
            " finding tells of is opened; findings on file keep their record."
        ),
        "crumbs": _crumbs(owner),
        "form": form,
        "draft": f"review-{owner.code}",
        "back": reverse("enterprise", kwargs={"code": owner.code}),
        "rows": [{"review": one, "kind": KINDS[one.state]} for one in before],
    }
    return render(request, "showing/review_form.html", values, status=422 if form.errors else 200)


def record(request: Request, review_id: int) -> HttpResponse:
    """How far it is; once it is done, in what it differs from what was on file."""
    one = review(request.user, review_id)
    found = list(reviewed(request.user, one)[: MOST_SHOWN + 1])
    values: dict[str, Any] = {
        "page_title": _("Judged again"),
        "crumbs": _crumbs(one.enterprise),
        "review": one,
        "state_kind": KINDS[one.state],
        "going": going(one),
        "silent": silent(one, reviews(request.user)),
        "share": share(one.done, one.total),
        "anew": [row.finding for row in found[:MOST_SHOWN] if row.anew],
        "gone": [row.finding for row in found[:MOST_SHOWN] if not row.anew],
        "more": len(found) > MOST_SHOWN,
        "most": MOST_SHOWN,
        "error": _reason(one.error) if one.error else "",
        "blind": [
            {"detector": said(detector_title(code)), "why": _reason(why), "count": n} for code, why, n in one.blind
        ],
    }
    return render(request, "showing/review.html", values)


def _days(request: Request) -> dict[str, date]:
    """The days that the address names, up to today and no more than may be judged at once."""
    today = clock.now().astimezone(clock.SHANGHAI).date()
    last = max(min(_day(request.GET.get("to"), today), today), date.min + timedelta(days=MOST_DAYS))
    first = _day(request.GET.get("from"), last - timedelta(days=30))
    return {"first_day": min(max(first, last - timedelta(days=MOST_DAYS - 1)), last), "last_day": last}


def _day(text: str | None, otherwise: date) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return otherwise


def _crumbs(owner: Enterprise) -> list[dict[str, str]]:
    return [{"title": owner.title, "href": reverse("enterprise", kwargs={"code": owner.code})}]


def _reason(kept: str) -> str:
    """Why something failed or could not be judged, in the reader's language."""
    fault, _colon, sentence = kept.partition(": ")
    return named(title_of(fault), in_words(sentence))
