"""What the frame around every page shows: the menu of the viewer's role, what waits for the viewer, the live stream."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from qingyuan.dispatching.queries import tasks_of
from qingyuan.evaluating.queries import objections_waiting
from qingyuan.forwarding.queries import lagging
from qingyuan.people.queries import Role, User
from qingyuan.registering.queries import open_pairs
from qingyuan.sensing.queries import quarantined
from qingyuan.sensing.queries.records import written_firms
from qingyuan.showing.rights import ADMINISTRATORS, AUTHORITY, COMMANDERS, EVERYONE, IMPORTERS, OFFICE, SOURCE_KEEPERS


@dataclass(frozen=True)
class Place:
    """A page of the menu: who may use it, and what is counted beside it."""

    name: str
    title: Any
    icon: str
    allowed: Collection[Role]
    waiting: Callable[[User], int] | None = None
    covers: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Whether an address belongs to this page of the menu."""
        return path.startswith((reverse(self.name), *self.covers))


def _waiting_at_devices(viewer: User) -> int:
    """Devices that nobody knows yet, and platforms above that lag, for those who can do something about it."""
    return quarantined().count() + lagging().count() if viewer.role in ADMINISTRATORS else 0


PLACES = (
    Place("watch", _("Watch"), "activity-heartbeat", OFFICE),
    Place("hub", _("Dispatch hub"), "building-community", OFFICE),
    Place("map", _("Map"), "map-2", EVERYONE),
    Place("compliance", _("Compliance"), "circle-check", EVERYONE),
    Place("findings", _("Findings"), "flag", EVERYONE),
    Place("forecasts", _("Forecasts"), "trending-up", EVERYONE),
    Place("traces", _("Tracing"), "route", OFFICE),
    Place("screenings", _("Screening"), "radar-2", OFFICE),
    Place("satellite", _("Satellite"), "satellite", AUTHORITY),
    Place("drives", _("Mobile monitoring"), "car", AUTHORITY, covers=("/lidars/", "/scans/")),
    Place("cases", _("Cases"), "clipboard-text", AUTHORITY, covers=("/case-types/",)),
    Place("violations", _("Violations"), "list", AUTHORITY),
    Place("layers", _("Enforcement in three layers"), "stack-2", OFFICE),
    Place("off-site", _("Off-site supervision"), "table", OFFICE),
    Place("credit", _("Environmental credit"), "star", EVERYONE, objections_waiting),
    Place("tasks", _("Tasks"), "checklist", AUTHORITY, lambda viewer: tasks_of(viewer).count()),
    Place(
        "places",
        _("Places"),
        "building-factory-2",
        EVERYONE,
        covers=("/stations/", "/enterprises/", "/readings/", "/marks/", "/papers/"),
    ),
    Place("sources", _("Fixed sources"), "list", SOURCE_KEEPERS, lambda viewer: open_pairs(viewer).count()),
    Place("records", _("Department records"), "table", AUTHORITY, lambda viewer: written_firms(viewer).count()),
    Place("cameras", _("Video"), "video", AUTHORITY, covers=("/footage/",)),
    Place("outfalls", _("River outfalls"), "droplet", EVERYONE),
    Place("warnings", _("Warnings"), "bell", EVERYONE),
    Place("air", _("Environment quality"), "wind", EVERYONE),
    Place("emissions", _("Emissions"), "stack-2", EVERYONE),
    Place("quality", _("Data quality"), "chart-line", EVERYONE),
    Place("watch-rules", _("Watch rules"), "eye", OFFICE),
    Place("calculations", _("Calculations"), "report-analytics", EVERYONE),
    Place(
        "devices", _("Devices"), "router", COMMANDERS, _waiting_at_devices, ("/packets/", "/feeds/", "/destinations/")
    ),
    Place("faults", _("Faults"), "alert-triangle", ADMINISTRATORS),
    Place("imports", _("Import"), "file-spreadsheet", IMPORTERS),
    Place("use", _("Use"), "users", ADMINISTRATORS | {Role.LEADER}),
    Place("messages", _("Messages"), "send", ADMINISTRATORS | {Role.SUPERVISOR}, covers=("/reached/people/",)),
    Place("log", _("Log"), "history", ADMINISTRATORS),
    Place("admin:index", _("Settings"), "settings", ADMINISTRATORS),
)


AT_HAND: dict[str, tuple[str, ...]] = {
    Role.DUTY_OFFICER: ("watch", "findings", "cases", "map"),
    Role.ANALYST: ("watch", "findings", "places", "map"),
    Role.ENFORCEMENT_OFFICER: ("watch", "cases", "places", "map"),
    Role.GRID_WORKER: ("tasks", "cases", "map", "places"),
    Role.DEPARTMENT_HANDLER: ("tasks", "cases", "map", "places"),
    Role.SUPERVISOR: ("tasks", "cases", "watch", "map"),
    Role.LEADER: ("watch", "air", "cases", "map"),
    Role.ENTERPRISE: ("places", "findings", "map", "imports"),
    Role.ADMINISTRATOR: ("devices", "faults", "log", "watch"),
}


"""The four pages at the bottom of a phone; the first is where a role arrives after log-in."""


def frame(request: HttpRequest) -> dict[str, Any]:
    """What `base.html` needs; counted only by pages that draw the menu."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    entries = cache(lambda: menu_of(user, request.path))
    return {
        "menu": entries,
        "bottom_menu": lambda: at_hand(user, entries()),
        "user_menu": _own_pages(user),
        "search_url": reverse("search"),
        "search_text": request.GET.get("q", "") if request.path == reverse("search") else "",
    }


def _own_pages(user: User) -> list[dict[str, Any]]:
    """What the menu of the person itself leads to."""
    programs = {"href": reverse("programs"), "icon": "lock", "title": _("My programs")}
    if user.role not in AUTHORITY:
        return [programs]
    return [{"href": reverse("reached"), "icon": "bell", "title": _("How I am reached")}, programs]


def menu_of(user: User, path: str) -> list[dict[str, Any]]:
    """The pages that the role may use, with what waits in each."""
    entries = []
    for place in PLACES:
        if user.role in place.allowed:
            href = reverse(place.name)
            waiting = place.waiting(user) if place.waiting else 0
            active = place.holds(path)
            entry = {
                "name": place.name,
                "href": href,
                "title": place.title,
                "icon": place.icon,
                "active": active,
                "badge": waiting,
            }
            entries.append(entry)
    return entries


def at_hand(user: User, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The four entries that stand at the bottom of a phone."""
    by_name = {entry["name"]: entry for entry in entries}
    return [by_name[name] for name in AT_HAND.get(user.role, ()) if name in by_name]
