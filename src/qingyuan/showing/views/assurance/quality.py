"""Data quality: rates of transmission and validity by station, day and owner; and the gaps behind every number."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from qingyuan.kit import clock
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import NotFound
from qingyuan.places.queries import MOVES, Level, StationKind, cells, stations
from qingyuan.recording.queries import Lateness, disagreements, late, marks, quality, windows
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.assurance import GROUPS, TARGET, Days, Look, Rate, mark_words, rates
from qingyuan.showing.logic.factors import mark_title, measured
from qingyuan.showing.logic.filters import EVERY, Choice, chosen, value_of, words_in
from qingyuan.showing.logic.spreadsheets import not_computed
from qingyuan.showing.request import Request
from qingyuan_science.series import Series, microseconds, missing, moment, together

PER_PAGE = 100
RATES = (
    gettext_noop("Transmission"),
    gettext_noop("Validity"),
    gettext_noop("Effective"),
    gettext_noop("In time"),
)
_EXPLAINED = gettext_lazy(
    "Transmission is received of due, validity is valid of received, effective transmission the product of both. Valid "
    "is what the device marks normal and nobody marked otherwise. In time is what comes within an hour after its "
    "period. Vehicles and drones owe no value every hour and are not "
    "counted. Effective transmission under %(share)d per cent stands out."
)
OWNERS = ("station__enterprise__code", "station__enterprise__title_zh", "station__enterprise__title_en")
PLACES = ("station__code", "station__title_zh", "station__title_en")


def listing(request: Request) -> HttpResponse:
    """The rates, grouped as the address asks, the lowest first."""
    found, filters, look = _asked(request)
    paginator = Paginator(found, PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    values = {
        "page_title": _("Data quality"),
        "page_lead": _("How completely, validly and timely the means that devices send come in."),
        "filters": filters,
        "days": look.days,
        "explained": _EXPLAINED % {"share": round(100 * TARGET)},
        "page": page,
        "page_numbers": list(paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)),
        "whole": together(one.delivery for one in found),
        "csv_address": f"{reverse('quality-csv')}{look.address()}",
    }
    return render(request, "showing/quality.html", values)


def table(request: Request) -> HttpResponse:
    """The same as a file for a spreadsheet; the mark at its head lets Excel read it as UTF-8."""
    found, _filters, look = _asked(request)
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    name = f"data-quality-{look.days.first}-{look.days.last}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(answer)
    writer.writerow(
        [
            _("Name"), _("Code"), _("Day"), _("Values due"), _("Values received"), _("Values valid"),
            _("Values in time"), *(f"{_(title)}, %" for title in RATES), _("Delay, s"),
        ]
    )  # fmt: skip
    writer.writerows(_line(one) for one in found)
    return answer


def _line(one: Rate) -> list[Any]:
    delivery = one.delivery
    shares = (delivery.transmission, delivery.validity, delivery.effective, delivery.timeliness)
    return [
        not_computed(one.title),
        not_computed(one.note),
        one.day.isoformat() if one.day else "",
        *(delivery.due, delivery.received, delivery.valid, delivery.timely),
        *("" if share is None else f"{100 * share:.2f}" for share in shares),
        "" if one.delay is None else f"{one.delay.total_seconds():.0f}",
    ]


def _asked(request: Request) -> tuple[list[Rate], list[dict[str, Any]], Look]:
    by = Choice("by", _("Lines by"), _groupings(), default="station")
    kind = Choice("kind", _("Counted by"), (("h", _("Hours")), ("d", _("Days"))), default="h")
    places = (
        Choice("station-kind", _("Kind of station"), _kinds(), "station__kind"),
        Choice("level", _("Level in the network"), Level.choices[1:], "station__level"),
        Choice("area", _("Area"), [(one.path, one.title) for one in cells(request.user, level=2)]),
    )
    own = channels(request.user).exclude(station__kind__in=MOVES).select_related("station__enterprise")
    area = value_of(places[-1], request.GET)
    if area != EVERY:
        own = own.filter(Q(station__cell__path=area) | Q(station__cell__path__startswith=f"{area}/"))
    found, filters = chosen(own, places, request.GET)
    found = words_in(found, request.GET.get("q", ""), (*PLACES, *OWNERS))
    always = [_without_all(drawn) for drawn in chosen(own, (by, kind), request.GET)[1]]
    now = clock.now()
    query = {name: value for name, value in request.GET.items() if isinstance(value, str)}
    look = Look(_one_of(kind, request), Days.asked(request.GET, now), now, query)
    return rates(list(found), look, _one_of(by, request)), [*always, *filters], look


def _kinds() -> list[tuple[str, str]]:
    """The kinds of stations that owe a value every hour; what moves measures when it is sent out."""
    return [(kind, str(title)) for kind, title in StationKind.choices if kind not in MOVES]


def _groupings() -> list[tuple[str, str]]:
    titles = {"station": _("Station"), "station-day": _("Station and day"), "owner": _("Owner"), "day": _("Day")}
    return [(name, titles[name]) for name in GROUPS]


def _one_of(choice: Choice, request: Request) -> str:
    value = value_of(choice, request.GET)
    return choice.default if value == EVERY else value


def _without_all(drawn: dict[str, Any]) -> dict[str, Any]:
    return drawn | {"options": [option for option in drawn["options"] if option["value"] != EVERY]}


def day(request: Request, code: str, day: str) -> HttpResponse:
    """One station on one day: of every channel what is missing, what does not count, and what came late."""
    station = stations(request.user).filter(code=code).first()
    on = _date(day)
    if station is None:
        raise NotFound(_("There is no station %(code)s in your territory.") % {"code": code})
    kind = "d" if request.GET.get("kind") == "d" else "h"
    now = clock.now()
    measures = list(channels(request.user).filter(station=station).order_by("factor", "-basis"))
    start = datetime.combine(on, time(), SHANGHAI)
    end = start + timedelta(days=1)
    counted = {one.channel_id: one for one in quality([one.pk for one in measures], (on, on), kind, now)}
    series = windows([one.pk for one in measures], kind, start, end)
    address = reverse("station", kwargs={"code": code})
    differing = disagreements(request.user).filter(channel__station=station, at__gte=start, at__lt=end)
    values = {
        "page_title": _("Data of %(day)s") % {"day": on.isoformat()},
        "crumbs": [{"title": _("Data quality"), "href": reverse("quality")}, {"title": station.title, "href": address}],
        "station": station,
        "day": on,
        "kind": kind,
        "before": (on - timedelta(days=1)).isoformat(),
        "after": (on + timedelta(days=1)).isoformat() if end <= now else "",
        "whole": together(one.delivery for one in counted.values()),
        "rows": [_channel(one, counted[one.pk], series[one.pk], (start, min(end, now), kind)) for one in measures],
        "disagreements": [disagreement_row(one) for one in differing],
        "marks": [
            mark_words(one, request.user)
            for one in marks(request.user).filter(station=station, starts_at__lt=end, ends_at__gt=start)
        ],
    }
    return render(request, "showing/quality_day.html", values)


def _date(text: str) -> date:
    try:
        on = date.fromisoformat(text)
    except ValueError:
        raise NotFound(_("Found day “%(found)s”, expected a form such as 2026-11-22.") % {"found": text}) from None
    clock.check_day(on)
    return on


def _channel(channel: Channel, counted: Any, series: Series, span: tuple[datetime, datetime, str]) -> dict[str, Any]:
    start, end, kind = span
    period = series.period
    ended = microseconds(start) + (microseconds(end) - microseconds(start)) // period * period
    invalid: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for us, mark, valid in zip(series.at.tolist(), series.mark.tolist(), series.valid.tolist(), strict=True):
        if not valid:
            invalid[mark].append({"at": datetime.fromtimestamp(us / 1e6, UTC), "href": _reading(channel, kind, us)})
    return {
        "words": measured(channel),
        "delivery": counted.delivery,
        "href": _readings(channel, start.astimezone(SHANGHAI).date(), kind),
        "delay": None if counted.delay_s is None else timedelta(seconds=counted.delay_s),
        "gaps": [
            {"start": moment(gap.start), "end": moment(gap.end), "missing": gap.missing}
            for gap in missing(series, microseconds(start), ended)
        ],
        "invalid": [{"title": mark_title(mark), "values": values} for mark, values in sorted(invalid.items())],
        "late": _runs(late(channel.pk, start.astimezone(SHANGHAI).date(), kind), timedelta(microseconds=period)),
    }


def _runs(found: Sequence[Lateness], step: timedelta) -> list[dict[str, Any]]:
    """Late readings that follow one another as one line, with the arrival of the last of them."""
    runs: list[dict[str, Any]] = []
    for one in found:
        if runs and one.at - runs[-1]["last"] == step:
            runs[-1]["last"], runs[-1]["count"] = one.at, runs[-1]["count"] + 1
            runs[-1]["received_at"] = max(one.received_at, runs[-1]["received_at"])
        else:
            runs.append({"first": one.at, "last": one.at, "count": 1, "received_at": one.received_at})
    return runs


def _readings(channel: Channel, day: date, kind: str) -> str:
    """What the station's page shows of a day."""
    own = reverse("station", kwargs={"code": channel.station.code})
    span = f"from={day.isoformat()}&to={(day + timedelta(days=1)).isoformat()}"
    return f"{own}?factor={channel.factor}&basis={channel.basis}&kind={kind}&{span}"


def _reading(channel: Channel, kind: str, us: int) -> str:
    return reverse("reading", kwargs={"channel": channel.pk, "kind": kind, "at": us // 1000})


def disagreement_row(one: Any) -> dict[str, Any]:
    """A mean that was sent other than computed here, with the addresses of both."""
    us = microseconds(one.at)
    return {
        "one": one,
        "words": measured(one.channel),
        "percent": 100 * one.share,
        "sent_href": _reading(one.channel, one.kind, us),
        "computed_href": _reading(one.channel, one.kind.upper(), us),
    }
