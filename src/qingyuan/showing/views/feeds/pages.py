"""The list of feeds, and the page of one."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import stations
from qingyuan.sensing.queries import (
    Feed,
    FeedFigures,
    connector_of,
    connectors,
    faults,
    feed_by_code,
    feed_figures,
    feeds,
    names_of,
    odd_packets,
    waiting_names,
)
from qingyuan.showing.logic.devices.letters import again_by_feed, letter_rows
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.logic.hub.delivering import department_fact
from qingyuan.showing.logic.paging import page_of
from qingyuan.showing.request import Request
from qingyuan.showing.templatetags.showing import span
from qingyuan.showing.views.feeds.forms import WORDS
from qingyuan.showing.wording import said
from qingyuan_science.standards import all_factors

WAITING_SHOWN = 50
SAMPLES = 10
KINDS = (
    ("r", gettext_lazy("real-time")),
    ("m", gettext_lazy("minute")),
    ("h", gettext_lazy("hour")),
    ("d", gettext_lazy("day")),
)


def listing(request: Request) -> HttpResponse:
    """All feeds, each with what came today and what waits."""
    found = list(feeds())
    figures = feed_figures(found, today())
    rows = [{"feed": feed, "figures": figures[feed.pk], **_standing(feed, figures[feed.pk])} for feed in found]
    values = {
        "page_title": _("Feeds"),
        "page_lead": _("What comes by other doors than HJ 212: posted, subscribed to, laid into folders, fetched."),
        "crumbs": [{"title": _("Devices"), "href": reverse("devices")}],
        "rows": rows,
        "connectors": [{"code": one.code, "title": said(one.title)} for one in connectors()],
    }
    return render(request, "showing/feeds.html", values)


def today() -> datetime:
    """The last midnight in Shanghai."""
    return clock.now().astimezone(clock.SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)


def _standing(feed: Feed, figures: FeedFigures) -> dict[str, str]:
    connector = connector_of(feed)
    title = said(connector.title) if connector else feed.connector
    return {"connector": title, **_state(feed, figures, is_known=connector is not None)}


def _state(feed: Feed, figures: FeedFigures, *, is_known: bool) -> dict[str, str]:
    if not is_known:
        return {"state": _("Connector not installed"), "kind": "bad"}
    if not feed.enabled:
        return {"state": _("Switched off"), "kind": "idle"}
    if feed.trouble:
        return {"state": _("In trouble"), "kind": "bad"}
    if figures.names:
        return {"state": _("Names wait"), "kind": "warning"}
    if feed.last_seen_at is None:
        return {"state": _("Never heard"), "kind": "idle"}
    return {"state": _("In order"), "kind": "good"}


def found_feed(code: str) -> Feed:
    """The feed of that code.

    Raises
    ------
    NotFound
        There is none.
    """
    feed = feed_by_code(code)
    if feed is None:
        raise NotFound(_("There is no feed %(code)s.") % {"code": code})
    return feed


def record(request: Request, code: str, **more: Any) -> HttpResponse:
    """One feed: how it stands, names that wait, what its names mean, payloads with anything wrong."""
    feed = found_feed(code)
    figures = feed_figures([feed], today())[feed.pk]
    connector = connector_of(feed)
    listed = page_of(names_of(feed), request.GET)
    values = {
        "page_title": feed.title,
        "crumbs": [
            {"title": _("Devices"), "href": reverse("devices")},
            {"title": _("Feeds"), "href": reverse("feeds")},
        ],
        "feed": feed,
        "figures": figures,
        **_standing(feed, figures),
        "is_posted": connector is not None and connector.posted,
        "facts": _facts(feed, figures),
        "settings": _settings(feed),
        "waiting": waiting_names(feed)[:WAITING_SHOWN],
        "names": [_name_row(row) for row in listed["page"]],
        "letters": letter_rows(odd_packets(feed)[:SAMPLES]),
        "again": again_by_feed(feed),
        "faults": faults().filter(mn=feed.sender)[:SAMPLES],
        **_choices(request),
        **listed,
        **more,
    }
    return render(request, "showing/feed.html", values)


def _facts(feed: Feed, figures: FeedFigures) -> list[dict[str, Any]]:
    pace = span(timedelta(minutes=feed.every_minutes)) if feed.every_minutes else None
    return [
        {"label": _("Code"), "value": feed.code},
        department_fact(feed),
        {"label": _("Comes at least every"), "value": pace},
        {"label": _("Packets today"), "value": f"{figures.packets:,}"},
        {"label": _("Packets in all"), "value": f"{feed.packets:,}"},
        {"label": _("Faults today"), "value": f"{figures.faults:,}"},
        {"label": _("Last address"), "value": feed.last_address},
        {"label": _("Stations"), "value": _(", ").join(station.title for station in feed.stations.all())},
    ]


def _settings(feed: Feed) -> list[dict[str, Any]]:
    """The settings that differ from how the connector comes; of secrets only whether there is one."""
    connector = connector_of(feed)
    if connector is None:
        return []
    rows = []
    for setting in connector.settings:
        value = feed.settings.get(setting.name, "")
        if value in ("", setting.default):
            continue  # a way in has many settings, and says nothing by those it leaves alone
        shown = WORDS.get(value, value) if setting.choices else value
        rows.append(
            {"label": said(setting.title), "value": _("kept, not shown") if setting.secret and value else shown}
        )
    return rows


def _name_row(row: Any) -> dict[str, Any]:
    channel = row.channel
    words = measured(channel) if channel else None
    return {
        "row": row,
        "station": channel.station if channel else None,
        "measured": words,
        "kind": dict(KINDS)[row.kind],
    }


def _choices(request: Request) -> dict[str, Any]:
    """What a name may mean: offered once a page, however many names there are."""
    language = "zh" if request.LANGUAGE_CODE.startswith("zh") else "en"
    return {
        "stations": list(stations(request.user).order_by("code")),
        "factors": [{"code": one.code, "title": getattr(one.title, language)} for one in all_factors()],
        "kinds": KINDS,
    }
