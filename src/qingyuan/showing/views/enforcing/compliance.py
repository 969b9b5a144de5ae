"""How every automatically monitored enterprise stands against its limits now; and lists of key dischargers."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.places.api import enter_controls
from qingyuan.places.queries import ControlLevel, Enterprise, PointClass, cells, enterprises
from qingyuan.showing.logic.enforcing.compliance import UNLISTED, Firm, Held, counted, firms_of, states
from qingyuan.showing.logic.enforcing.narrowing import TOWN, area_choice
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.papers.tables import cells_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.acts import add_refusal
from qingyuan.showing.views.enforcing.forms import ControlListForm

LEVELS = {
    **dict.fromkeys(("national", "国控", "国家级", "国家"), ControlLevel.NATIONAL),
    **dict.fromkeys(("provincial", "省控", "省级", "省"), ControlLevel.PROVINCIAL),
    **dict.fromkeys(("municipal", "市控", "市级", "市"), ControlLevel.MUNICIPAL),
}


def listing(request: Request) -> HttpResponse:
    """Every enterprise with its worst newest hour and day, its devices, marks and orders; counts by control level."""
    firms = firms_of(request.user, clock.now())
    choices = _choices(request)
    shown = _narrowed(request, firms, choices)
    drawn = [drawn_choice(one, request.GET) for one in choices]
    values = {
        "page_title": _("Compliance"),
        "page_lead": _("The newest hour and day of every outlet beside the limits in force on their day."),
        "counts": counted(firms),
        "states": states(),
        "filters": drawn,
        "total": len(firms),
        "stream_url": reverse("stream"),
        "table_address": f"{reverse('compliance-table')}?{request.GET.urlencode()}",
    }
    return render(request, "showing/enforcing/compliance.html", page_of(shown, request.GET) | values)


def table(request: Request) -> HttpResponse:
    """The same to take away."""
    firms = _narrowed(request, firms_of(request.user, clock.now()), _choices(request))
    keys = ["code", "name", "control_level", "state"]
    heads = [_("Code"), _("Name"), _("Control level"), _("State")]
    for kind, title in (("hour", _("Hour")), ("day", _("Day"))):
        keys += [f"{kind}_factor", f"{kind}_value", f"{kind}_limit", f"{kind}_ratio", f"{kind}_at"]
        heads += [f"{title}: {one}" for one in (_("Factor"), _("Value"), _("Limit"), _("Times the limit"), _("Time"))]
    keys += ["offline", "marks", "orders", "point_classes"]
    heads += [_("Offline"), _("Marks"), _("Orders"), _("Point class")]
    rows = [
        [
            one.enterprise.code, one.enterprise.title, one.level_title, one.state.title,
            *_cells(one.hour), *_cells(one.day), ", ".join(station.code for station, _at in one.offline),
            ", ".join(one.marks), ", ".join(one.orders), one.class_title,
        ]
        for one in firms
    ]  # fmt: skip
    return Sheet("compliance", keys, heads, rows).taken_as(request.GET.get("form", ""))


def control_list(request: Request) -> HttpResponse:
    """Enter a whole list of key dischargers; every line that cannot be read is told at once, and nothing is lost."""
    form = ControlListForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        values = form.cleaned_data
        try:
            listed = _listed(request, values["rows"])
            number = enter_controls(
                listed, document=values["document"], days=(values["since"], values["until"]), origin=origin_of(request)
            )
        except (BadInput, Refused) as error:
            add_refusal(form, error)
        else:
            words = {"entered": number, "read": len(listed)}
            messages.success(
                request, _("%(read)d lines read, %(entered)d entered; the others say the same already.") % words
            )
            return redirect("enterprises")
    values = {
        "page_title": _("Enter a list of key dischargers"),
        "page_lead": _("Each enterprise of the list gets its control level from the first day on."),
        "crumbs": [{"title": _("Enterprises"), "href": reverse("enterprises")}],
        "form": form,
        "draft": "control-list",
        "back": reverse("enterprises"),
    }
    return render(request, "showing/judging_form.html", values, status=422 if form.errors else 200)


def level_choice() -> Choice:
    """The filter by control level."""
    return Choice("level", _("Control level"), [*ControlLevel.choices, (UNLISTED, _("On no list"))])


def class_choice() -> Choice:
    """The filter by class of points."""
    return Choice("class", _("Point class"), PointClass.choices)


def _choices(request: Request) -> list[Choice]:
    state = Choice("state", _("State"), [(one.key, one.title) for one in states()])
    return [level_choice(), class_choice(), state, area_choice(request)]


def _narrowed(request: Request, firms: Sequence[Firm], choices: Sequence[Choice]) -> list[Firm]:
    level, point_class, state, area = (value_of(one, request.GET) for one in choices)
    path = ""
    if area != EVERY:
        path = cells(request.user, TOWN).values_list("path", flat=True).get(code=area)
    words = request.GET.get("q", "").split()[:8]
    return [
        one
        for one in firms
        if level in (EVERY, one.level)
        and (point_class == EVERY or point_class in one.classes)
        and state in (EVERY, one.state.key)
        and (not path or f"{one.enterprise.cell.path}/".startswith(f"{path}/"))
        and all(word.casefold() in _text(one.enterprise) for word in words)
    ]


def _text(one: Enterprise) -> str:
    return f"{one.code} {one.title_zh} {one.title_en}".casefold()


def _cells(held: Held | None) -> list[Any]:
    if held is None:
        return [""] * 5
    at = held.at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return [held.words.name, held.value, held.limit_title, held.ratio, at]


def _listed(request: Request, text: str) -> dict[Enterprise, str]:
    """Enterprise and level of each line; all faults at once."""
    lines = cells_of(text)
    names = {row[0] for _number, row in lines}
    seen = enterprises(request.user)
    known: dict[str, list[Enterprise]] = {}
    for field in ("code", "title_zh", "title_en"):
        for one in seen.filter(**{f"{field}__in": names}):
            known.setdefault(getattr(one, field), []).append(one)
    found: dict[Enterprise, str] = {}
    faults = []
    for number, row in lines:
        try:
            enterprise, level = _line(row, known)
            if enterprise in found:
                raise BadInput(_("%(found)s stands in the list twice") % {"found": row[0]})
            found[enterprise] = level
        except BadInput as fault:
            faults.append(_("Line %(number)d: %(fault)s") % {"number": number, "fault": fault})
    if faults:
        raise BadInput("\n".join(faults), "rows")
    return found


def _line(row: list[str], known: dict[str, list[Enterprise]]) -> tuple[Enterprise, str]:
    if len(row) != 2:
        words = {"found": len(row), "expected": "2"}
        raise BadInput(_("found %(found)d columns, expected %(expected)s") % words)
    name, level = row
    several = known.get(name, [])
    if len(several) != 1:
        raise BadInput(
            _("found %(found)s, expected the credit code or the name of one enterprise in your territory")
            % {"found": name}
        )
    if level.lower() not in LEVELS:
        raise BadInput(
            _("found level %(found)s, expected one of: %(known)s") % {"found": level, "known": ", ".join(LEVELS)}
        )
    return several[0], LEVELS[level.lower()]
