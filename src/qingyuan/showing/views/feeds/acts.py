"""What administrators do with feeds: enter and change them, give tokens, say what names mean, read payloads again."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qingyuan.kit.errors import BadInput
from qingyuan.places.queries import Station, stations
from qingyuan.recording.api import append
from qingyuan.sensing.api import (
    define_channel,
    define_feed,
    issue_token,
    map_name,
    name_department,
    replay_feed,
    set_pace,
)
from qingyuan.sensing.queries import MEDIUM, Channel, Connector, Feed, connector_of, connectors
from qingyuan.showing.logic.origin import origin_of
from qingyuan.showing.request import Request
from qingyuan.showing.views.feeds.forms import FeedForm
from qingyuan.showing.views.feeds.pages import found_feed, record
from qingyuan.showing.wording import said
from qingyuan_science.standards import UnknownFactor, find_factor


def enter(request: Request) -> HttpResponse:
    """A new feed, read by the connector that was chosen."""
    chosen = request.GET.get("connector", "")
    connector = next((one for one in connectors() if one.code == chosen), None)
    if connector is None:
        known = ", ".join(one.code for one in connectors())
        raise BadInput(_("Found connector %(code)s, expected one of: %(known)s") % {"code": chosen, "known": known})
    form = FeedForm(connector, request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        feed = _define(request, form, form.cleaned_data["code"])
        messages.success(request, _("%(feed)s was entered.") % {"feed": feed.title})
        return redirect("feed", code=feed.code)
    return _ask(request, form, connector, _("New feed"))


def change(request: Request, code: str) -> HttpResponse:
    """Change a feed."""
    feed = found_feed(code)
    connector = connector_of(feed)
    if connector is None:
        raise BadInput(_("The connector %(code)s is not installed.") % {"code": feed.connector})
    form = FeedForm(connector, request.user, request.POST if request.method == "POST" else None, feed=feed)
    if request.method == "POST" and form.is_valid():
        _define(request, form, code)
        messages.success(request, _("%(feed)s was changed.") % {"feed": feed.title})
        return redirect("feed", code=code)
    return _ask(request, form, connector, _("Change %(feed)s") % {"feed": feed.title})


@transaction.atomic
def _define(request: Request, form: FeedForm, code: str) -> Feed:
    own, origin = {name: value for name, value in form.own().items() if name != "code"}, origin_of(request)
    feed = define_feed(code, connector=form.connector.code, settings=form.settings(), origin=origin, **own)
    name_department(feed, form.cleaned_data["department"], origin)
    set_pace(feed, form.cleaned_data["every_minutes"], origin)
    return feed


def _ask(request: Request, form: FeedForm, connector: type[Connector], title: str) -> HttpResponse:
    back = reverse("feed", kwargs={"code": form.feed.code}) if form.feed else reverse("feeds")
    values = {
        "page_title": title,
        "page_lead": said(connector.title),
        "crumbs": [{"title": _("Feeds"), "href": reverse("feeds")}],
        "form": form,
        "back": back,
    }
    return render(request, "showing/feed_form.html", values, status=422 if form.errors else 200)


@require_POST
def issue(request: Request, code: str) -> HttpResponse:
    """Give a feed a new token and show it, this once."""
    feed = found_feed(code)
    token = issue_token(feed, origin_of(request))
    door = "/sta/v1.1/" if feed.connector == "sta" else "/api/v1/readings"
    answer = record(request, code, token=token, push_url=request.build_absolute_uri(door))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_POST
def map_one(request: Request, code: str) -> HttpResponse:
    """Say what one name of a feed means, or that it is left out."""
    feed = found_feed(code)
    name = request.POST.get("name", "").strip()
    channel = None if "leave-out" in request.POST else _channel(request)
    kind, unit = request.POST.get("kind") or "r", request.POST.get("unit", "").strip()
    map_name(feed, name, channel, kind=kind, unit=unit, origin=origin_of(request))
    meaning = str(channel.station.title) if channel else _("left out")
    told: dict[str, Any] = {"name": name, "meaning": meaning}
    messages.success(request, _("%(name)s: %(meaning)s. Read again to store what waits.") % told)
    return redirect("feed", code=code)


def _channel(request: Request) -> Channel:
    code = request.POST.get("station", "").strip()
    station = stations(request.user).filter(code=code).first()
    if station is None:
        raise BadInput(_("Found station %(code)s, expected the code of one.") % {"code": code or "—"}, "station")
    return _channel_of(station, request.POST.get("factor", "").strip())


def _channel_of(station: Station, code: str) -> Channel:
    try:
        factor = find_factor(code, medium=MEDIUM[station.kind])
    except UnknownFactor as error:
        raise BadInput(_("Found factor %(code)s, expected a code of the tables.") % {"code": code or "—"}) from error
    known = Channel.objects.filter(station=station, factor=factor.code, basis="measured").first()
    return known or define_channel(station, factor=factor.code, unit=factor.unit)


@require_POST
def read_again(request: Request, code: str) -> HttpResponse:
    """Read again what waits or was rejected."""
    payloads, sound = replay_feed(found_feed(code), append, origin_of(request))
    told = {"payloads": payloads, "sound": sound}
    messages.success(request, _("%(payloads)d payloads were read again; %(sound)d of them are sound now.") % told)
    return redirect("feed", code=code)
