"""The archive of all sources: which documents are there, valid, expiring, expired or missing; and their files."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.places.queries import EXPIRED, EXPIRES_WITHIN, MISSING, cells, document_file, enterprises
from qingyuan.showing.logic.enforcing.compliance import UNLISTED
from qingyuan.showing.logic.enforcing.narrowing import area_choice
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of, words_in
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.papers.archive import Archive, archives_of, group_titles, state_titles
from qingyuan.showing.request import Request
from qingyuan.showing.views.enforcing.compliance import level_choice

LACKING = "lacking"
FOR_A_YEAR = "private, max-age=31536000, immutable"  # the address stands for bytes that cannot change


def listing(request: Request) -> HttpResponse:
    """Every enterprise with its four documents; counts of all; what lacks most in front."""
    found, every = _narrowed(request)
    titles = group_titles()
    values = {
        "page_title": _("Source archive"),
        "page_lead": _(
            "Permit, online monitoring, EIA approval with acceptance and emergency plan of every enterprise"
        ),
        "counts": _counted(every),
        "titles": list(titles.values()),
        "states": list(state_titles().values()),
        "soon": EXPIRES_WITHIN,
        "filters": [drawn_choice(one, request.GET) for one in _choices(request)],
        "total": len(every),
        "tab": "archive",
        "table_address": f"{reverse('archive-table')}?{request.GET.urlencode()}",
    }
    return render(request, "showing/papers/archive.html", page_of(found, request.GET) | values)


def table(request: Request) -> HttpResponse:
    """The same to take away."""
    found, _every = _narrowed(request)
    titles = group_titles()
    keys = ["code", "name", "control_level"]
    heads = [_("Code"), _("Name"), _("Control level")]
    for group, title in titles.items():
        keys += [group, f"{group}_until", f"{group}_note"]
        heads += [title, f"{title}: {_('Last day')}", f"{title}: {_('Remark')}"]
    rows = [
        [
            one.enterprise.code, one.enterprise.title, one.level_title,
            *(cell for line in one.lines for cell in (line.state, line.kept.until or "", line.note)),
        ]
        for one in found
    ]  # fmt: skip
    return Sheet("source-archive", keys, heads, rows).taken_as(request.GET.get("form", ""))


def content(request: Request, document_id: int) -> HttpResponse:
    """The file of a document, byte for byte, to be saved and not opened in the page."""
    found = document_file(request.user, document_id)
    answer = HttpResponse(bytes(found.body), content_type=found.content_type)
    ending = found.name.rpartition(".")[2].lower()
    answer.headers["Content-Disposition"] = f'attachment; filename="document-{document_id}.{ending}"'
    answer.headers["ETag"] = f'"{found.sha256}"'
    answer.headers["Cache-Control"] = FOR_A_YEAR
    return answer


def _choices(request: Request) -> list[Choice]:
    document = Choice("document", _("Kind of document"), list(group_titles().items()))
    state = Choice("state", _("State"), [(LACKING, _("Missing or expired")), *state_titles().items()])
    return [document, state, level_choice(), area_choice(request)]


def _narrowed(request: Request) -> tuple[list[Archive], list[Archive]]:
    """The archives that the address asks for, what lacks most in front; and all of the territory."""
    seen = enterprises(request.user).select_related("cell")
    every = archives_of(request.user, list(seen), clock.now())
    group, state, level, area = (value_of(one, request.GET) for one in _choices(request))
    path = "" if area == EVERY else cells(request.user).values_list("path", flat=True).get(code=area)
    named = words_in(seen, request.GET.get("q", ""), ("code", "title_zh", "title_en"))
    words = set(named.values_list("pk", flat=True)) if request.GET.get("q") else None
    found = [
        one
        for one in every
        if (words is None or one.enterprise.pk in words)
        and level in (EVERY, one.level or UNLISTED)
        and (not path or f"{one.enterprise.cell.path}/".startswith(f"{path}/"))
        and _stands(one, group, state)
    ]
    return sorted(found, key=lambda one: (-one.lacking, one.enterprise.code)), every


def _stands(one: Archive, group: str, state: str) -> bool:
    """Whether one of its documents, or the one asked about, is in a state."""
    wanted = {MISSING, EXPIRED} if state == LACKING else {state}
    states = [line.kept.state for line in one.lines if group in (EVERY, line.kept.group)]
    return state == EVERY or any(each in wanted for each in states)


def _counted(every: list[Archive]) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "group": group,
            "numbers": [
                {"state": state, "title": word, "number": sum(_stands(one, group, state) for one in every)}
                for state, word in state_titles().items()
            ],
        }
        for group, title in group_titles().items()
    ]  # fmt: skip
