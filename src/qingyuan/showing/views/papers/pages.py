"""Entering, changing and ending a paper: one form page each, whatever the paper."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.people.queries import Role, User
from qingyuan.places.api import end_paper, withdraw_paper
from qingyuan.places.queries import (
    MAY_DECLARE_WARNINGS,
    MAY_KEEP_PAPERS,
    OutfallEdition,
    cells,
    controls,
    disclosures,
    documents,
    enterprises,
    known_now,
    orders,
    outfall_editions,
    permits,
    plans,
    projects,
    reaches,
    stations,
    thresholds,
    uses_of_meters,
    warnings_seen,
)
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.acts import add_refusal
from qingyuan.showing.views.papers.document_form import DocumentForm
from qingyuan.showing.views.papers.forms import (
    ControlForm,
    DisclosureForm,
    EndForm,
    MeterForm,
    OrderForm,
    PaperForm,
    PermitForm,
    PlanForm,
    ReachForm,
    WarningForm,
)
from qingyuan.showing.views.papers.outfall_form import OutfallForm
from qingyuan.showing.views.papers.site_forms import ProjectForm, ThresholdForm


@dataclass(frozen=True)
class Kind:
    """A kind of paper: its form, who may write it, what is read of it, whose it is, and where it is shown."""

    title: Any
    lead: Any
    form: type[PaperForm]
    read: Callable[[User], QuerySet[Any]]
    allowed: Collection[Role]
    owner_of: Callable[[Any], Any]
    home: Callable[[Any], str]


def _own_warnings(viewer: User) -> QuerySet[Any]:
    """Those over the viewer's own territory; one of a wider area is seen, and changed by others."""
    return warnings_seen(viewer).filter(cell__in=cells(viewer))


def _of_enterprise(owner: Any) -> str:
    return reverse("enterprise", kwargs={"code": owner.code})


def _of_station(owner: Any) -> str:
    return reverse("station", kwargs={"code": owner.code})


def _of_outfall(owner: Any) -> str:
    """The page of an outfall; the list where there is none, or nothing is known of it any more."""
    if owner is None or not known_now(OutfallEdition.objects.filter(outfall=owner)).exists():
        return reverse("outfalls")
    return reverse("outfall", kwargs={"code": owner.code})


KINDS: dict[str, Kind] = {
    "permit": Kind(
        gettext_lazy("Discharge permit"),
        gettext_lazy("Data are judged by the edition of their own day."),
        PermitForm, permits, MAY_KEEP_PAPERS, lambda row: row.enterprise, _of_enterprise,
    ),
    "order": Kind(
        gettext_lazy("Order to stop or cut"),
        gettext_lazy("What is measured while a stop holds is judged by it, also what came before it was entered."),
        OrderForm, orders, MAY_KEEP_PAPERS, lambda row: row.enterprise, _of_enterprise,
    ),
    "plan": Kind(
        gettext_lazy("Emergency plan"),
        gettext_lazy("What the enterprise pledged for each level of a heavy-pollution warning."),
        PlanForm, plans, MAY_KEEP_PAPERS, lambda row: row.enterprise, _of_enterprise,
    ),
    "control": Kind(
        gettext_lazy("Control level"),
        gettext_lazy("The list of key dischargers that names the enterprise."),
        ControlForm, controls, MAY_KEEP_PAPERS, lambda row: row.enterprise, _of_enterprise,
    ),
    "disclosure": Kind(
        gettext_lazy("Disclosure of environmental information"),
        gettext_lazy("What the enterprise declared about a year; it is held against what was measured and found."),
        DisclosureForm, disclosures, MAY_KEEP_PAPERS, lambda row: row.enterprise, _of_enterprise,
    ),
    "document": Kind(
        gettext_lazy("Document of a source"),
        gettext_lazy("It goes into the archive of the enterprise; what was entered before stays on file."),
        DocumentForm, documents, MAY_KEEP_PAPERS, lambda row: row.enterprise, _of_enterprise,
    ),
    "meter": Kind(
        gettext_lazy("Use of a meter"),
        gettext_lazy("What a meter feeds decides what its power means."),
        MeterForm, uses_of_meters, MAY_KEEP_PAPERS, lambda row: row.station.enterprise, _of_enterprise,
    ),
    "reach": Kind(
        gettext_lazy("Reach"),
        gettext_lazy("What comes down to a station is held against what passed the stations above it."),
        ReachForm, reaches, MAY_KEEP_PAPERS, lambda row: row.station, _of_station,
    ),
    "project": Kind(
        gettext_lazy("Project of a site"),
        gettext_lazy("What is built decides what dust is to be expected; thresholds may differ by stage."),
        ProjectForm, projects, MAY_KEEP_PAPERS, lambda row: row.station, _of_station,
    ),
    "threshold": Kind(
        gettext_lazy("Alarm threshold of the authority"),
        gettext_lazy("The authority’s own: what lies above it alarms, and is no violation of a standard."),
        ThresholdForm, thresholds, MAY_KEEP_PAPERS, lambda row: row.station or row.cell,
        lambda owner: reverse("thresholds"),
    ),
    "outfall": Kind(
        gettext_lazy("River outfall"),
        gettext_lazy("What was known before stays on file; the outfall keeps its identity."),
        OutfallForm, outfall_editions, MAY_KEEP_PAPERS, lambda row: row.outfall, _of_outfall,
    ),
    "warning": Kind(
        gettext_lazy("Heavy-pollution warning"),
        gettext_lazy("Every enterprise below its area with a plan has to cut what it pledged for this level."),
        WarningForm, _own_warnings, MAY_DECLARE_WARNINGS, lambda row: None, lambda owner: reverse("warnings"),
    ),
}  # fmt: skip


def of_enterprise(request: Request, code: str, kind: str) -> HttpResponse:
    """Enter the first edition of a paper of an enterprise."""
    owner = enterprises(request.user).filter(code=code).first()
    if owner is None or kind not in KINDS or KINDS[kind].home is not _of_enterprise:
        raise NotFound(_("There is no enterprise %(code)s in your territory.") % {"code": code})
    return _written(request, KINDS[kind], owner, None)


def of_station(request: Request, code: str) -> HttpResponse:
    """Enter a reach that ends at a station."""
    return _new_at(request, code, "reach")


def new_project(request: Request, code: str) -> HttpResponse:
    """Enter what is built at a site."""
    return _new_at(request, code, "project")


def own_threshold(request: Request, code: str) -> HttpResponse:
    """Set an alarm threshold for one station."""
    return _new_at(request, code, "threshold")


def _new_at(request: Request, code: str, kind: str) -> HttpResponse:
    owner = stations(request.user).filter(code=code).first()
    if owner is None:
        raise NotFound(_("There is no station %(code)s in your territory.") % {"code": code})
    return _written(request, KINDS[kind], owner, None)


def new_threshold(request: Request) -> HttpResponse:
    """Set an alarm threshold for an area."""
    return _written(request, KINDS["threshold"], None, None)


def declare(request: Request) -> HttpResponse:
    """Declare a heavy-pollution warning."""
    return _written(request, KINDS["warning"], None, None)


def new_outfall(request: Request) -> HttpResponse:
    """Enter an outfall that is not on file."""
    return _written(request, KINDS["outfall"], None, None)


def change(request: Request, kind: str, paper_id: int) -> HttpResponse:
    """Enter the edition that follows a paper; or the same from its first day on, which corrects it."""
    known, row = _paper(request, kind, paper_id)
    return _written(request, known, known.owner_of(row), row)


def end(request: Request, kind: str, paper_id: int) -> HttpResponse:
    """Ask until when a paper holds, or whether it never held, and why."""
    known, row = _paper(request, kind, paper_id)
    _may(request, known)
    owner = known.owner_of(row)
    form = EndForm(row, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            if form.last is None:
                withdraw_paper(row, why=form.cleaned_data["why"], origin=origin_of(request))
            else:
                end_paper(row, form.last, why=form.cleaned_data["why"], origin=origin_of(request))
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Ended. The editions before stay on file."))
            return redirect(known.home(owner))
    title = _("End: %(what)s") % {"what": f"{known.title} {row}"}
    return _page(request, form, known, owner=owner, title=title)


def _written(request: Request, known: Kind, owner: Any, row: Any) -> HttpResponse:
    _may(request, known)
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = known.form(request.user, owner, row, data, files=files)
    if form.is_valid():
        try:
            row = form.save(origin_of(request))
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Entered. It is in the log under your name."))
            return redirect(known.home(known.owner_of(row)))
    words = {"what": known.title}
    title = _("Enter: %(what)s") % words if row is None else _("Change: %(what)s") % words
    return _page(request, form, known, owner=owner, title=title)


def _page(request: Request, form: Any, known: Kind, *, owner: Any, title: str) -> HttpResponse:
    home = known.home(owner)
    values = {
        "page_title": title,
        "page_lead": known.lead,
        "crumbs": [{"title": getattr(owner, "title", "") or _title(known, owner), "href": home}],
        "form": form,
        "draft": f"paper-{request.path}",
        "back": home,
    }
    return render(request, "showing/judging_form.html", values, status=422 if form.errors else 200)


def _title(known: Kind, owner: Any) -> str:
    """Whose the paper is, where that is no row with a title."""
    if known is KINDS["warning"]:
        return _("Heavy-pollution warnings")
    if known is KINDS["threshold"]:
        return _("Alarm thresholds")
    return str(owner) if owner is not None else _("River outfalls")


def _paper(request: Request, kind: str, paper_id: int) -> tuple[Kind, Any]:
    row = known_now(KINDS[kind].read(request.user)).filter(pk=paper_id).first() if kind in KINDS else None
    if row is None:
        raise NotFound(_("There is no current paper %(id)s in your territory.") % {"id": paper_id})
    return KINDS[kind], row


def _may(request: Request, known: Kind) -> None:
    if request.user.role not in known.allowed:
        roles = ", ".join(str(Role(role).label) for role in known.allowed)
        raise Forbidden(_("Only these roles may do this: %(roles)s") % {"roles": roles})
