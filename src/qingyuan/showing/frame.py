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
from qingyuan.kit.disk.room import rooms
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


@dataclass(frozen=True)
class Group:
    """Pages that stand together in the menu; a browser keeps under `name` whether the person has opened it."""

    name: str
    title: Any
    places: tuple[Place, ...]


def _waiting_at_devices(viewer: User) -> int:
    """Devices that nobody knows yet, and platforms above that lag, for those who can do something about it."""
    return quarantined().count() + lagging().count() if viewer.role in ADMINISTRATORS else 0


MENU = (
    Group(
        "daily",
        _("Daily work"),
        (
            Place("watch", _("Watch"), "activity-heartbeat", OFFICE),
            Place("hub", _("Dispatch hub"), "building-community", OFFICE),
            Place("map", _("Map"), "map-2", EVERYONE),
            Place("tasks", _("Tasks"), "checklist", AUTHORITY, lambda viewer: tasks_of(viewer).count()),
            Place("findings", _("Findings"), "flag", EVERYONE),
            Place("cases", _("Cases"), "clipboard-text", AUTHORITY, covers=("/case-types/",)),
        ),
    ),
    Group(
        "judging",
        _("Judging and tracing"),
        (
            Place("forecasts", _("Forecasts"), "trending-up", EVERYONE),
            Place("traces", _("Tracing"), "route", OFFICE),
            Place("screenings", _("Screening"), "radar-2", OFFICE),
            Place("warnings", _("Warnings"), "bell", EVERYONE),
            Place("watch-rules", _("Watch rules"), "eye", OFFICE),
            Place("calculations", _("Calculations"), "report-analytics", EVERYONE),
        ),
    ),
    Group(
        "enforcing",
        _("Enforcement and credit"),
        (
            Place("compliance", _("Compliance"), "circle-check", EVERYONE),
            Place("violations", _("Violations"), "gavel", AUTHORITY),
            Place("layers", _("Enforcement in three layers"), "stack-2", OFFICE),
            Place("off-site", _("Off-site supervision"), "device-desktop-analytics", OFFICE),
            Place("credit", _("Environmental credit"), "star", EVERYONE, objections_waiting),
        ),
    ),
    Group(
        "environment",
        _("Environment and emissions"),
        (
            Place("air", _("Environment quality"), "wind", EVERYONE),
            Place("outfalls", _("River outfalls"), "droplet", EVERYONE),
            Place("emissions", _("Emissions"), "cloud", EVERYONE),
            Place("vehicles", _("Motor vehicles"), "car", AUTHORITY),
        ),
    ),
    Group(
        "files",
        _("Enterprises and sources"),
        (
            Place(
                "places",
                _("Places"),
                "building-factory-2",
                EVERYONE,
                covers=("/stations/", "/enterprises/", "/readings/", "/marks/", "/papers/"),
            ),
            Place(
                "sources",
                _("Fixed sources"),
                "building-factory",
                SOURCE_KEEPERS,
                lambda viewer: open_pairs(viewer).count(),
            ),
            Place(
                "records", _("Department records"), "database", AUTHORITY, lambda viewer: written_firms(viewer).count()
            ),
        ),
    ),
    Group(
        "sensing",
        _("Monitoring and data"),
        (
            Place("cameras", _("Video"), "video", AUTHORITY, covers=("/footage/",)),
            Place("satellite", _("Satellite"), "satellite", AUTHORITY),
            Place("drives", _("Mobile monitoring"), "car", AUTHORITY, covers=("/lidars/", "/scans/", "/flights/")),
            Place("imports", _("Import"), "file-spreadsheet", IMPORTERS),
            Place("quality", _("Data quality"), "chart-line", EVERYONE),
        ),
    ),
    Group(
        "running",
        _("Running the platform"),
        (
            Place(
                "devices",
                _("Devices"),
                "router",
                COMMANDERS,
                _waiting_at_devices,
                ("/packets/", "/feeds/", "/destinations/"),
            ),
            Place("faults", _("Faults"), "alert-triangle", ADMINISTRATORS),
            Place("use", _("Use"), "users", ADMINISTRATORS | {Role.LEADER}),
            Place("messages", _("Messages"), "send", ADMINISTRATORS | {Role.SUPERVISOR}, covers=("/reached/people/",)),
            Place("log", _("Log"), "history", ADMINISTRATORS),
            Place("admin:index", _("Settings"), "settings", ADMINISTRATORS),
        ),
    ),
)


MENU_COOKIE = "qy_menu"


FEW = 12
"""So many pages need no groups that close: all of them are seen at once."""


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
    groups = cache(lambda: menu_of(user, request.path, request.COOKIES.get(MENU_COOKIE)))
    return {
        "menu": groups,
        "bottom_menu": lambda: at_hand(user, groups()),
        "user_menu": _own_pages(user),
        "low_disks": lambda: _low_disks(user),
        "search_url": reverse("search"),
        "search_text": request.GET.get("q", "") if request.path == reverse("search") else "",
    }


def _low_disks(user: User) -> list[dict[str, Any]]:
    """Disks on which room should be made, for those who can do something about it or call somebody who can."""
    if user.role not in (*ADMINISTRATORS, Role.DUTY_OFFICER):
        return []
    return [
        {"folder": str(one.folder), "free": round(one.free / 1e9, 1), "size": round(one.size / 1e9)}
        for one in rooms()
        if one.is_low
    ]


def _own_pages(user: User) -> list[dict[str, Any]]:
    """What the menu of the person itself leads to."""
    programs = {"href": reverse("programs"), "icon": "lock", "title": _("My programs")}
    if user.role not in AUTHORITY:
        return [programs]
    return [{"href": reverse("reached"), "icon": "bell", "title": _("How I am reached")}, programs]


def menu_of(user: User, path: str, opened: str | None = None) -> list[dict[str, Any]]:
    """The pages that the role may use, in groups, with what waits in each.

    Open are the group of the page itself and those in `opened` (names with points between), as the person left them; of
    somebody who never touched the menu the first one, and all where the pages are few.
    """
    groups = []
    for group in MENU:
        entries = [_entry(place, user, path) for place in group.places if user.role in place.allowed]
        if entries:
            waiting = sum(entry["badge"] for entry in entries)
            here = any(entry["active"] for entry in entries)
            told = {"name": group.name, "title": group.title, "entries": entries, "badge": waiting, "here": here}
            groups.append(told)
    few = sum(len(group["entries"]) for group in groups) <= FEW
    names = [group.name for group in MENU][: None if few else 1] if opened is None else opened.split(".")
    return [group | {"open": group["here"] or group["name"] in names} for group in groups]


def _entry(place: Place, user: User, path: str) -> dict[str, Any]:
    return {
        "name": place.name,
        "href": reverse(place.name),
        "title": place.title,
        "icon": place.icon,
        "active": place.holds(path),
        "badge": place.waiting(user) if place.waiting else 0,
    }


def at_hand(user: User, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The four entries that stand at the bottom of a phone."""
    by_name = {entry["name"]: entry for group in groups for entry in group["entries"]}
    return [by_name[name] for name in AT_HAND.get(user.role, ()) if name in by_name]
