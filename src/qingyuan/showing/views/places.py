"""The ledger: stations and enterprises, one enterprise with everything about it, and the search over all."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import cases
from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role
from qingyuan.places.queries import (
    MAY_KEEP_PAPERS,
    ControlLevel,
    ControlListing,
    Enterprise,
    Level,
    Management,
    StationKind,
    classes_of,
    control_levels,
    enterprises,
    known_now,
    of_class,
    outfalls,
    stations,
)
from qingyuan.sensing.queries import Device
from qingyuan.sensing.queries.journals import JournalRow, journals_of_enterprise
from qingyuan.sensing.queries.records import DataList, Record, records_of_enterprise
from qingyuan.showing.logic.board import group_choice, in_group
from qingyuan.showing.logic.enforcing.compliance import UNLISTED
from qingyuan.showing.logic.enforcing.enterprisefile import code_facts, file_of, groups, story
from qingyuan.showing.logic.enforcing.violations import basis_words, found_of
from qingyuan.showing.logic.filming.wall import video_of
from qingyuan.showing.logic.filters import EVERY, Choice, chosen, drawn_choice, value_of, words_in
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.logic.papers.archive import file_of_documents
from qingyuan.showing.logic.papers.words import papers_of
from qingyuan.showing.logic.records.words import heads, record_rows
from qingyuan.showing.request import Request
from qingyuan.showing.rights import OFFICE, may_open
from qingyuan.showing.standing import standing_of
from qingyuan.showing.states import states_of
from qingyuan.showing.views.enforcing.compliance import class_choice, level_choice

NEWEST = 10
MOST_FOUND = 20
RECORD_COLUMNS = 8
MOST_TOLD = 100
TITLES = ("code", "title_zh", "title_en")


def listing(request: Request) -> HttpResponse:
    """Stations with their state."""
    kind = Choice("kind", _("Kind of station"), StationKind.choices, "kind")
    level = Choice("level", _("Level in the network"), Level.choices[1:], "level")
    by_class = class_choice()
    found, filters = chosen(stations(request.user), (kind, level, by_class), request.GET)
    now = clock.now()
    today = now.astimezone(clock.SHANGHAI).date()
    wanted = value_of(by_class, request.GET)
    found = found if wanted == EVERY else found.filter(of_class(wanted, today))
    group = group_choice(request.GET.get("group", ""))
    if group.options:
        found = in_group(found, group.options[0][0])
        filters.append(drawn_choice(group, request.GET))
    owner = ("enterprise__title_zh", "enterprise__title_en", "cell__title_zh", "cell__title_en")
    listed = page_of(words_in(found, request.GET.get("q", ""), (*TITLES, *owner)), request.GET)
    states = states_of([one.pk for one in listed["page"]], now)
    classes = classes_of(listed["page"], today)
    rows = [{"station": one, "state": states[one.pk], "class": classes.get(one.pk)} for one in listed["page"]]
    values = {"page_title": _("Stations"), "rows": rows, "filters": filters, "tab": "stations"}
    return render(request, "showing/places.html", listed | values)


def enterprise_listing(request: Request) -> HttpResponse:
    """Enterprises with the number of their outlets."""
    today = clock.now().astimezone(clock.SHANGHAI).date()
    level = level_choice()
    found, filters = chosen(enterprises(request.user), (level,), request.GET)
    found = _of_level(found, value_of(level, request.GET), today)
    found = words_in(found, request.GET.get("q", ""), (*TITLES, "industry_zh", "industry_en"))
    listed = page_of(found, request.GET)
    ids = [one.pk for one in listed["page"]]
    outlets = dict(
        stations(request.user).filter(enterprise__in=ids).order_by().values_list("enterprise_id").annotate(Count("pk"))
    )
    levels = control_levels(ids, today)
    rows = [
        {
            "enterprise": one,
            "outlets": outlets.get(one.pk, 0),
            "industry": industry_of(one),
            "level": ControlLevel(levels[one.pk]).label if one.pk in levels else "",
        }
        for one in listed["page"]
    ]
    values = {
        "page_title": _("Enterprises"),
        "rows": rows,
        "filters": filters,
        "tab": "enterprises",
        "may_keep": request.user.role in MAY_KEEP_PAPERS,
    }
    return render(request, "showing/enterprises.html", listed | values)


def _of_level(found: QuerySet[Enterprise], level: str, day: date) -> QuerySet[Enterprise]:
    if level == EVERY:
        return found
    listed = known_now(ControlListing.objects.filter(valid__contains=day))
    if level == UNLISTED:
        return found.exclude(pk__in=listed.values("enterprise"))
    return found.filter(pk__in=listed.filter(level=level).values("enterprise"))


def enterprise(request: Request, code: str) -> HttpResponse:
    """One enterprise, one file: who it is, its outlets and papers, what was found, done and listed, along one time."""
    found = enterprises(request.user).filter(code=code).select_related("cell", "organisation").first()
    if found is None:
        raise NotFound(_("There is no enterprise %(code)s in your territory.") % {"code": code})
    now = clock.now()
    kept = file_of(request.user, found, now)
    told = story(kept, may_open(request.user, OFFICE))
    show = Choice("show", _("Show"), groups())
    chosen_group = value_of(show, request.GET)
    values = {
        "page_title": found.title,
        "crumbs": [
            {"title": _("Places"), "href": reverse("places")},
            {"title": _("Enterprises"), "href": reverse("enterprises")},
        ],
        "enterprise": found,
        "facts": [*_facts(found), *code_facts(found)],
        "file": kept,
        "cases": [
            {"case": one, "standing": standing_of(one, now), "violation": found_of(one)} for one in kept.cases[:NEWEST]
        ],
        "violations": [
            {"case": one, "violation": found_of(one), "bases": basis_words(one.legal_bases)} for one in kept.violations
        ],
        "newest": f":{NEWEST}",
        "sees_cases": request.user.role != Role.ENTERPRISE,
        "may_screen": may_open(request.user, OFFICE),
        "papers": papers_of(request.user, found, now),
        "video": video_of(request.user, found, now),
        "archive": file_of_documents(request.user, found, now),
        "outfalls": outfalls(request.user).filter(dischargers__enterprise=found),
        "has_meters": any(one.station.kind == StationKind.POWER_METER for one in kept.outlets),
        "may_keep": request.user.role in MAY_KEEP_PAPERS,
        "held_elsewhere": _held_elsewhere(request, found),
        "shown": [
            {"value": value, "title": title, "chosen": value == chosen_group}
            for value, title in [(EVERY, _("All")), *show.options]
        ],
        "timeline": [one for one in told if chosen_group in (EVERY, one["group"])][:MOST_TOLD],
    }
    return render(request, "showing/enterprise.html", values)


def _held_elsewhere(request: Request, found: Enterprise) -> list[dict[str, Any]]:
    """What lists of other departments hold of the enterprise; rows of lists in bulk are not counted."""
    held: list[tuple[DataList, int | None, Sequence[Record | JournalRow]]] = [
        *records_of_enterprise(request.user, found), *journals_of_enterprise(request.user, found)
    ]  # fmt: skip
    return [
        {"list": one, "count": number, "heads": heads(one, RECORD_COLUMNS),
         "rows": record_rows(one, rows, request.user, RECORD_COLUMNS)}
        for one, number, rows in held
    ]  # fmt: skip


def industry_of(found: Enterprise) -> str:
    """What the enterprise does, in the reader's language."""
    return found.industry_zh if (get_language() or "zh").startswith("zh") else found.industry_en


def _management(value: str) -> str:
    return str(Management(value).label) if value in Management else value


def _facts(found: Enterprise) -> list[dict[str, Any]]:
    address = found.address_zh if (get_language() or "zh").startswith("zh") else found.address_en
    return [
        {"label": _("Unified social credit code"), "value": found.code},
        {"label": _("Industry"), "value": industry_of(found), "note": found.industry_code},
        {"label": _("Permit"), "value": _management(found.management)},
        {"label": _("Address"), "value": address},
        {
            "label": _("Emissions"),
            "value": _("masses, permit, tax"),
            "href": reverse("emissions-enterprise", kwargs={"code": found.code}),
        },
        {
            "label": _("Environmental credit"),
            "value": _("level, points, evidence"),
            "href": reverse("credit-enterprise", kwargs={"code": found.code}),
        },
        {"label": _("Grid cell"), "value": found.cell.title, "note": found.cell.code},
        {"label": _("Position (WGS-84)"), "value": f"{found.lon:.5f}, {found.lat:.5f}"},
    ]


def search(request: Request) -> HttpResponse:
    """Everything that a few words may mean; the only hit is opened at once."""
    text = request.GET.get("q", "").strip()
    groups = _found(request, text) if text else []
    hits = [hit for group in groups for hit in group["hits"]]
    if len(hits) == 1:
        return redirect(hits[0]["href"])
    values = {"page_title": _("Search"), "text": text, "groups": [group for group in groups if group["hits"]]}
    return render(request, "showing/search.html", values)


def _found(request: Request, text: str) -> list[dict[str, Any]]:
    viewer = request.user
    seen = words_in(cases(viewer), text, ("number", "title_zh", "title_en"))[:MOST_FOUND]
    placed = words_in(stations(viewer), text, TITLES)[:MOST_FOUND]
    owners = words_in(enterprises(viewer), text, TITLES)[:MOST_FOUND]
    mouths = words_in(outfalls(viewer).prefetch_related(None), text, ("outfall__code", "official_code", *TITLES[1:]))[
        :MOST_FOUND
    ]
    groups = [
        _group(
            _("Cases"), [(f"{one.number} {one.title}", reverse("case", kwargs={"case_id": one.pk})) for one in seen]
        ),
        _group(
            _("Stations"),
            [(f"{one.title} ({one.code})", reverse("station", kwargs={"code": one.code})) for one in placed],
        ),
        _group(
            _("Enterprises"),
            [(f"{one.title} ({one.code})", reverse("enterprise", kwargs={"code": one.code})) for one in owners],
        ),
    ]
    groups.append(
        _group(
            _("River outfalls"),
            [(f"{one.title} ({one.code})", reverse("outfall", kwargs={"code": one.code})) for one in mouths],
        )
    )
    if viewer.role == Role.ADMINISTRATOR:
        spoken = Device.objects.filter(mn__icontains=text)[:MOST_FOUND]
        groups.append(_group(_("Devices"), [(one.mn, reverse("device", kwargs={"mn": one.mn})) for one in spoken]))
    return groups


def _group(title: str, found: list[tuple[str, str]]) -> dict[str, Any]:
    return {"title": title, "hits": [{"title": name, "href": address} for name, address in found]}
