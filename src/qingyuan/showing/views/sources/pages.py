"""The list of fixed sources: every enterprise with its lists, doubtful pairs, what changed."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.places.queries import sees_whole_district
from qingyuan.registering.api import lacks_of
from qingyuan.registering.queries import (
    BuildState,
    ChangeKind,
    Source,
    answered_pairs,
    build,
    builds,
    changes_of,
    lists_at_hand,
    lists_met,
    noted_pairs,
    open_questions,
    pairs_of_source,
    source,
    sources,
)
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of, words_in
from qingyuan.showing.logic.paging import number_in, page_of
from qingyuan.showing.logic.sources.words import (
    FIELDS,
    compared,
    list_titles,
    told_change,
    told_fields,
    told_lists,
    told_question,
    told_row,
)
from qingyuan.showing.request import Request

WORDS_IN = ("title", "code", "permit", "address")
PAIRS_A_PAGE = 10
COUNTED = ("rows", "sources", "new", "asked", "noted")


def listing(request: Request) -> HttpResponse:
    """Every source with the lists in which it stands."""
    titles = list_titles(request.user)
    found, drawn = _narrowed(request, titles)
    listed = page_of(found, request.GET)
    rows = [
        {"source": one, "lists": told_lists(one.lists, titles), "conflicts": _fields(one)} for one in listed["page"]
    ]
    every = sources(request.user).select_related(None)
    values = {
        "page_title": _("Fixed sources"),
        "page_lead": _("Every enterprise once, out of the ledger and the lists of departments, with who says what."),
        "rows": rows,
        "filters": drawn,
        "figures": _figures(request, every),
        "newest": builds(request.user).filter(state=BuildState.DONE).first(),
        "narrowed": bool(request.GET),
        "outside": every.filter(enterprise=None).exists(),
    }
    return render(request, "showing/sources/listing.html", listed | values)


def _figures(request: Request, every: QuerySet[Source]) -> list[dict[str, Any]]:
    home = reverse("sources")
    told = (
        ("sources", _("Enterprises"), every.count(), home),
        ("pairs", _("To be decided"), open_questions(request.user).count(), reverse("source-pairs")),
        ("noted", _("Perhaps twice"), noted_pairs(request.user).count(), reverse("source-pairs") + "?state=noted"),
        ("conflicts", _("With contradictions"), every.exclude(conflicts=[]).count(), f"{home}?conflict=any"),
        ("outside", _("Not in the ledger"), every.filter(enterprise=None).count(), f"{home}?ledger=no"),
    )
    return [{"key": key, "title": title, "value": value, "href": href} for key, title, value, href in told]


def _narrowed(request: Request, titles: dict[str, str]) -> tuple[QuerySet[Source], list[dict[str, Any]]]:
    met = [(code, titles.get(code, code)) for code in lists_met(request.user)]
    choices = (
        Choice("list", _("List"), sorted(met, key=lambda one: one[1])),
        Choice("ledger", _("Ledger"), [("yes", _("In the ledger")), ("no", _("Not in the ledger"))]),
        Choice("conflict", _("Contradiction"), [("any", _("Any")), *FIELDS.items()]),
    )
    code, ledger, conflict = (value_of(one, request.GET) for one in choices)
    found = sources(request.user)
    found = found if code == EVERY else found.filter(lists__contains=[code])
    found = found if ledger == EVERY else found.filter(enterprise__isnull=ledger == "no")
    if conflict == "any":
        found = found.exclude(conflicts=[])
    elif conflict != EVERY:
        found = found.filter(conflicts__contains=[conflict])
    return words_in(found, request.GET.get("q", ""), WORDS_IN), [drawn_choice(one, request.GET) for one in choices]


def _fields(one: Source) -> list[str]:
    return [str(FIELDS[name]) for name in one.conflicts if name in FIELDS]


def table(request: Request) -> HttpResponse:
    """The same to take away."""
    titles = list_titles(request.user)
    found, _drawn = _narrowed(request, titles)
    keys = [
        "number",
        "name",
        "code",
        "permit",
        "industry",
        "address",
        "lon",
        "lat",
        "cell",
        "lists",
        "conflicts",
        "ledger",
    ]
    heads = [
        _("Number"), _("Name"), _("Credit code"), _("Discharge permit"), _("Industry"), _("Address"), _("Longitude"),
        _("Latitude"), _("Grid cell"), _("Lists"), _("Contradictions"), _("In the ledger as"),
    ]  # fmt: skip
    lines = [
        [
            one.pk, one.title, one.code, one.permit, one.industry, one.address, one.lon, one.lat,
            one.cell.title if one.cell else "", "; ".join(told_lists(one.lists, titles)), "; ".join(_fields(one)),
            one.enterprise.code if one.enterprise else "",
        ]
        for one in found.iterator(2_000)
    ]  # fmt: skip
    return Sheet("sources", keys, heads, lines).taken_as(request.GET.get("form", "xlsx"))


def record(request: Request, source_id: int) -> HttpResponse:
    """One source: which list gives what, where lists contradict each other, its rows, decisions, history."""
    found = source(request.user, source_id)
    titles = list_titles(request.user)
    pairs = list(pairs_of_source(request.user, found)[:50])
    values = {
        "page_title": found.title or found.code,
        "crumbs": [{"title": _("Fixed sources"), "href": reverse("sources")}],
        "source": found,
        "fields": told_fields(found, titles),
        "rows": [told_row(one, titles) for one in found.rows.all()],
        "open": [compared(one, titles) for one in pairs if one.answer is None and one.question_id],
        "noted": [compared(one, titles) for one in pairs if one.answer is None and not one.question_id],
        "answered": [compared(one, titles) for one in pairs if one.answer is not None],
        "changes": [told_change(one, titles) for one in changes_of(request.user, of=found)[:30]],
        "lacks": lacks_of(found) if found.enterprise_id is None and found.until_id is None else [],
    }
    return render(request, "showing/sources/source.html", values)


def pairs(request: Request) -> HttpResponse:
    """What a person has to decide; what was decided; and what is only noted."""
    titles = list_titles(request.user)
    state = request.GET.get("state", "")
    waiting, noted = open_questions(request.user), noted_pairs(request.user)
    found: QuerySet[Any] = {"decided": answered_pairs(request.user), "noted": noted}.get(state, waiting)
    listed = page_of(found, request.GET, PAIRS_A_PAGE)
    pairwise = state in ("decided", "noted")
    values = {
        "page_title": _("One enterprise or two?"),
        "page_lead": _("What is decided here holds for every later build and is not asked again."),
        "crumbs": [{"title": _("Fixed sources"), "href": reverse("sources")}],
        "asked": [(compared if pairwise else told_question)(one, titles) for one in listed["page"]],
        "pairwise": pairwise,
        "state": state,
        "waiting": waiting.count(),
        "noted": noted.count(),
    }
    return render(request, "showing/sources/pairs.html", listed | values)


def building(request: Request) -> HttpResponse:
    """Building the list anew: out of which lists, and how earlier builds went."""
    every = builds(request.user)
    titles = list_titles(request.user)
    values = {
        "page_title": _("Build the list of fixed sources"),
        "page_lead": _(
            "The ledger always goes in. Of the lists chosen, the one that stands first is believed first where two"
            " differ; a later build keeps every decision."
        ),
        "crumbs": [{"title": _("Fixed sources"), "href": reverse("sources")}],
        "lists": lists_at_hand(request.user),
        "going": every.filter(state__in=(BuildState.WAITING, BuildState.RUNNING)).first(),
        "builds": [
            {
                "build": one,
                "lists": told_lists(one.lists, titles),
                "counts": {name: one.counts.get(name, 0 if one.counts else None) for name in COUNTED},
            }
            for one in every[:20]
        ],
        "may_build": sees_whole_district(request.user),
    }
    return render(request, "showing/sources/building.html", values)


def changes(request: Request, build_id: int) -> HttpResponse:
    """What changed in a build."""
    found = build(request.user, build_id)
    titles = list_titles(request.user)
    kind = Choice("kind", _("Kind of change"), list(ChangeKind.choices), field="kind")
    rows = changes_of(request.user, found)
    asked = value_of(kind, request.GET)
    rows = rows if asked == EVERY else rows.filter(kind=asked)
    listed = page_of(words_in(rows, request.GET.get("q", ""), ("source__title", "source__code")), request.GET)
    values = {
        "page_title": _("What changed in build %(number)s") % {"number": found.pk},
        "crumbs": [
            {"title": _("Fixed sources"), "href": reverse("sources")},
            {"title": _("Builds"), "href": reverse("source-builds")},
        ],
        "build": found,
        "read": [{"title": titles.get(code, code), "rows": rows} for code, rows in found.read.items()],
        "counts": [{"title": title, "value": found.counts.get(code, 0)} for code, title in ChangeKind.choices],
        "filters": [drawn_choice(kind, request.GET)],
        "rows": [told_change(one, titles) for one in listed["page"]],
        "chosen": number_in(request.GET.get("page")),
    }
    return render(request, "showing/sources/changes.html", listed | values)
