"""A drive as layers of the map, as a chart on the same axis, and as positions in time."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from shapely import LineString, Point

from qingyuan.kit.clock import SHANGHAI
from qingyuan.showing.logic.charts import MILLI, thinned
from qingyuan.showing.logic.driving.looking import DriveLook
from qingyuan.showing.map_layer import Feature, LegendEntry
from qingyuan_science.mobile import Placed
from qingyuan_science.plugins import Text
from qingyuan_science.series import SECOND, Series, moment

MOST_DRAWN = 6000  # readings on a chart, and positions in time
SHORTEST_STOP_S = 60.0  # that the map draws
BREAK_S = 30.0  # readings farther apart are not joined by a line

PEAK = LegendEntry("peak", "#b5161b", Text("峰值", "Peak"), "triangle")
STOP = LegendEntry("stop", "#55646b", Text("停留", "Stop"), "square")
NOW = LegendEntry("now", "#0f766e", Text("最新位置", "Newest position"), "circle")


def layers(look: DriveLook) -> list[dict[str, Any]]:
    """The layers of a drive from the ground up."""
    group = _("Drive")
    name = look.words.name if look.words else _("Track")
    own = [
        ("track", name, "line", look.classes.legend("line")),
        ("stops", _("Stops"), "station", (STOP,)),
        ("peaks", _("Peaks"), "station", (PEAK,)),
        ("now", _("Newest position"), "station", (NOW,)),
    ]
    return [
        *(
            described(code, title, group, symbol=symbol, legend=legend, url=_address(look, code))
            for code, title, symbol, legend in own
            if code != "now" or look.is_running
        ),
    ]


def described(
    code: str, title: str, group: str, *, symbol: str, legend: tuple[LegendEntry, ...], url: str
) -> dict[str, Any]:
    """A layer that only one page has, as the map's tree and legend need it."""
    language = get_language() or "zh-hans"
    entries = [one.for_people(language) for one in legend]
    return {
        "code": code, "title": title, "group": group, "symbol": symbol, "url": url, "visible": True, "legend": entries,
    }  # fmt: skip


def _address(look: DriveLook, code: str) -> str:
    return reverse("drive-layer", kwargs={"drive_id": look.drive.pk, "code": code}) + f"?{look.query}"


def features(look: DriveLook, code: str) -> list[dict[str, Any]] | None:
    """What a layer shows, as GeoJSON; None where there is no such layer."""
    makers: dict[str, Callable[[DriveLook], Iterator[Feature]]] = {
        "track": _track, "stops": _stops, "peaks": _peaks, "now": _newest,
    }  # fmt: skip
    return [one.as_geojson() for one in makers[code](look)] if code in makers else None


def _track(look: DriveLook) -> Iterator[Feature]:
    found = look.placed
    if len(found) < 2:
        track = look.driven.track
        if len(track) > 1:
            yield Feature(LineString(np.column_stack((track.lon, track.lat))), _("Track"))
        return
    yield from pieces(found, look.classes.numbers(found.value), look.words.unit if look.words else "")


def pieces(found: Placed, numbers: Any, unit: str) -> Iterator[Feature]:
    """The way in pieces of one class each, broken where nothing is known in between."""
    apart = np.diff(found.at) > BREAK_S * SECOND
    changes = np.flatnonzero((numbers[1:] != numbers[:-1]) | apart) + 1
    for run in np.split(np.arange(len(found)), changes):
        first, last = int(run[0]), int(run[-1])
        joined = last + 1 < len(found) and not apart[last]
        part = slice(first, last + (2 if joined else 1))
        if len(found.lon[part]) < 2:
            continue
        own = found.value[first : last + 1]
        span = f"{own.min():g}" if own.min() == own.max() else f"{own.min():.4g} – {own.max():.4g}"
        line = LineString(np.column_stack((found.lon[part], found.lat[part])))
        times = f"{_clock(int(found.at[first]))} – {_clock(int(found.at[last]))}"
        yield Feature(line, f"{span} {unit}".strip(), colour_key=str(int(numbers[first])), detail=times)


def _stops(look: DriveLook) -> Iterator[Feature]:
    track = look.driven.track
    for one in look.stops:
        if one.seconds >= SHORTEST_STOP_S:
            at = _clock(int(track.at[one.first]))
            title = _("Stood for %(seconds)d s") % {"seconds": one.seconds}
            yield Feature(Point(track.lon[one.first], track.lat[one.first]), title, colour_key="stop", detail=at)


def _peaks(look: DriveLook) -> Iterator[Feature]:
    unit, decimals = look.classes.unit, look.classes.decimals
    for one in look.peaks:
        peak = one.peak
        title = _("Peak %(number)d") % {"number": one.number}
        told = f"{peak.value:,.{decimals}f} {unit} (+{peak.excess:,.{decimals}f}) · {_clock(peak.at)}"
        yield Feature(Point(peak.lon, peak.lat), title, "", "peak", f"#peak-{one.number}", told)


def _newest(look: DriveLook) -> Iterator[Feature]:
    track = look.driven.track
    if len(track):
        title = look.drive.station.title
        yield Feature(Point(track.lon[-1], track.lat[-1]), title, "", "now", "", _clock(int(track.at[-1])))


def _clock(at: int) -> str:
    return f"{moment(at).astimezone(SHANGHAI):%m-%d %H:%M:%S}"


def chart(look: DriveLook) -> str:
    """Readings and background over time as JSON, as `web/islands/chart` reads it; peaks are its windows."""
    if look.channel is None or look.words is None or look.series is None:
        return json.dumps({"title": "", "unit": "", "decimals": 0, "series": [], "limits": [], "windows": []})
    found, level = look.placed, look.standing_out.background
    address = reverse("reading", kwargs={"channel": look.channel.pk, "kind": "r", "at": 0}).removesuffix("0/")
    shown = thinned(_as_series(found, found.value), MOST_DRAWN)
    below = thinned(_as_series(found, level), MOST_DRAWN // 4)
    return json.dumps({
        "title": f"{look.drive.station.title} {look.words.name}",
        "unit": look.words.unit,
        "decimals": look.words.decimals,
        "limits": [],
        "windows": [_window(one.number, look, one.peak.first, one.peak.last) for one in look.peaks],
        "series": [
            {"name": look.words.name, "points": _points(shown), "reading_url": f"{address}{{at}}/"},
            {"name": _("Background"), "points": _points(below)},
        ],
    }, ensure_ascii=False)  # fmt: skip


def _as_series(found: Placed, values: Any) -> Series:
    return Series(found.at, values, np.full(len(found), "N"), found.unit)


def _points(series: Series) -> list[list[Any]]:
    return [
        [at, round(value, 4)] for at, value in zip((series.at // MILLI).tolist(), series.value.tolist(), strict=True)
    ]


def _window(number: int, look: DriveLook, first: int, last: int) -> dict[str, Any]:
    at = look.placed.at
    return {
        "from": int(at[first]) // MILLI, "to": int(at[last]) // MILLI, "kind": "peak",
        "title": _("Peak %(number)d") % {"number": number}, "href": f"#peak-{number}",
    }  # fmt: skip


def moments(look: DriveLook) -> list[list[float]]:
    """When it was where: time [ms], longitude and latitude of each reading, so that a time can be shown on the map."""
    found = look.placed
    every = max(1, -(-len(found) // MOST_DRAWN))
    columns = (found.at[::every] // MILLI).tolist(), found.lon[::every].tolist(), found.lat[::every].tolist()
    return [[at, round(lon, 6), round(lat, 6)] for at, lon, lat in zip(*columns, strict=True)]
