"""The form of a screening; conditions are added and taken away without script, by sending the form to itself."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.judging.api import definition_of, save_screening
from qingyuan.judging.conditions import MOST_CONDITIONS
from qingyuan.judging.fact import FACTS
from qingyuan.judging.queries import Screening, Subject, screening
from qingyuan.kit.errors import BadInput
from qingyuan.places.queries import GridCell, cells
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import number_in
from qingyuan.showing.request import Request
from qingyuan.showing.views.acts import add_refusal
from qingyuan.showing.views.screening.forms import ConditionForm, ScreeningForm
from qingyuan.showing.wording import said


def new(request: Request) -> HttpResponse:
    """A screening that is not saved yet."""
    return _edit(request, None)


def change(request: Request, screening_id: int) -> HttpResponse:
    """A saved screening; runs that were made keep the definition that they had."""
    return _edit(request, screening(screening_id))


def _edit(request: Request, row: Screening | None) -> HttpResponse:
    if request.method != "POST":
        saved = definition_of(row).conditions if row else ()
        parts = [_part(place, ConditionForm.initial_of(one)) for place, one in enumerate(saved)]
        return _drawn(
            request,
            row,
            ScreeningForm(_cells(request, row), initial=ScreeningForm.initial_of(row, _subject(request))),
            parts,
        )
    do = request.POST.get("do", "save")
    if do != "save":
        return _drawn(request, row, _typed(request, row), _rearranged(request.POST, do))
    form = ScreeningForm(_cells(request, row), request.POST)
    parts = [
        ConditionForm(request.POST.get(f"condition-{place}-fact", ""), request.POST, prefix=f"condition-{place}")
        for place in range(_count(request.POST))
    ]
    if all([form.is_valid(), *(one.is_valid() for one in parts)]):
        try:
            definition = form.definition(tuple(one.condition() for one in parts))
            saved_row = save_screening(definition, request.user, origin_of(request), row.pk if row else None)
        except BadInput as error:
            _add(form, parts, error)
        else:
            messages.success(request, _("Saved. Run it to see whom it lists."))
            return redirect("screening", screening_id=saved_row.pk)
    return _drawn(request, row, form, parts, status=422)


def _subject(request: Request) -> str:
    given = request.GET.get("subject", "")
    return given if given in Subject else Subject.ENTERPRISE


def _drawn(
    request: Request, row: Screening | None, form: ScreeningForm, parts: Sequence[ConditionForm], *, status: int = 200
) -> HttpResponse:
    crumbs = [{"title": _("Screening"), "href": reverse("screenings")}]
    back = reverse("screenings")
    if row is not None:
        back = reverse("screening", kwargs={"screening_id": row.pk})
        crumbs.append({"title": row.title, "href": back})
    values = {
        "page_title": _("Change the screening") if row else _("New screening"),
        "page_lead": _("Who or what stands out by several numbers at once: where to look, and why."),
        "crumbs": crumbs,
        "form": form,
        "parts": parts,
        "facts": sorted(
            ((one.code, said(one.title)) for one in FACTS if one.subject == form.of), key=lambda one: one[1]
        ),
        "may_add": len(parts) < MOST_CONDITIONS,
        "back": back,
    }
    return render(request, "showing/screening_form.html", values, status=status)


def _cells(request: Request, row: Screening | None) -> QuerySet[GridCell]:
    """Those of the viewer's territory, and the one that is chosen, which must not fall away because it is another's."""
    own = cells(request.user)
    if row is not None and row.cell_id is not None:
        own |= GridCell.objects.filter(pk=row.cell_id)
    return own.order_by("path")


def _count(sent: QueryDict) -> int:
    return min(number_in(sent.get("count")) or 0, MOST_CONDITIONS)


def _typed(request: Request, row: Screening | None) -> ScreeningForm:
    """What was typed so far, not judged yet."""
    return ScreeningForm(
        _cells(request, row), initial={name: request.POST.get(name, "") for name in ScreeningForm.base_fields}
    )


def _rearranged(sent: QueryDict, do: str) -> list[ConditionForm]:
    """The conditions typed so far, with one more or without one."""
    kept = [
        {name.removeprefix(f"condition-{place}-"): value for name, value in sent.items()
         if name.startswith(f"condition-{place}-")}
        for place in range(_count(sent))
        if do != f"drop-{place}"
    ]  # fmt: skip
    added = sent.get("add-fact", "")
    if do == "add" and added in FACTS and len(kept) < MOST_CONDITIONS:
        kept.append({"fact": added, "comparison": FACTS.get(added).usual})
    return [_part(place, initial) for place, initial in enumerate(kept)]


def _part(place: int, initial: dict[str, Any]) -> ConditionForm:
    return ConditionForm(initial.get("fact", ""), initial=initial, prefix=f"condition-{place}")


def _add(form: ScreeningForm, parts: Sequence[ConditionForm], error: BadInput) -> None:
    """Put a refusal at the condition and field that it is about."""
    kind, _dash, rest = (error.field or "").partition("-")
    place, _dash, name = rest.partition("-")
    number = number_in(place)
    if kind == "condition" and number is not None and number < len(parts):
        part = parts[number]
        part.add_error(name if name in part.fields else None, str(error))
    else:
        add_refusal(form, error)
