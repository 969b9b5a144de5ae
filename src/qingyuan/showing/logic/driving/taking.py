"""A drive to take away: every reading with its place as CSV, Excel or GeoJSON."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from qingyuan.kit.clock import SHANGHAI
from qingyuan.showing.logic.driving.drawing import pieces
from qingyuan.showing.logic.driving.looking import DriveLook
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan_science.plugins import Source
from qingyuan_science.series import moment

SOURCES = (
    Source("Brantley et al. 2014, Atmos. Meas. Tech. 7", "", "background of a drive; window and percentile our own"),
    Source("Apte et al. 2017, Environ. Sci. Technol. 51", "", "medians of passes; squares of 50 m our own"),
)


def sheet(look: DriveLook) -> Sheet:
    """Each reading with where its air was drawn in, the background there, and the way so far."""
    unit = look.words.unit if look.words else ""
    name = look.words.name if look.words else ""
    keys = ["at", "lon", "lat", "metres", "value", "background", "excess"]
    heads = [
        _("Time"), _("Longitude (WGS-84)"), _("Latitude (WGS-84)"), _("Way, m"), f"{name}, {unit}",
        _("Background") + f", {unit}", _("Above background") + f", {unit}",
    ]  # fmt: skip
    found, level = look.placed, look.standing_out.background
    columns = (found.at, found.lon, found.lat, found.along, found.value, level, found.value - level)
    rows = [
        [_stamp(at), round(lon, 6), round(lat, 6), round(along, 1), value, round(low, 4), round(above, 4)]
        for at, lon, lat, along, value, low, above in zip(*(one.tolist() for one in columns), strict=True)
    ]
    return Sheet(file_name(look), keys, heads, rows, about(look), SOURCES)


def about(look: DriveLook) -> dict[str, Any]:
    """What the file is of."""
    return {
        "drive": look.drive.pk,
        "station": look.drive.station.code,
        "factor": look.channel.factor if look.channel else None,
        "unit": look.channel.unit if look.channel else None,
        "delay_s": look.delay,
        "starts_at": look.drive.starts_at.isoformat(),
        "ends_at": look.drive.ends_at.isoformat(),
    }


def geojson(look: DriveLook) -> HttpResponse:
    """The way in pieces of one class each, with the lowest and highest value on each, in WGS-84."""
    numbers = look.classes.numbers(look.placed.value)
    found = [one.as_geojson() for one in pieces(look.placed, numbers, look.classes.unit)]
    answer = JsonResponse({"type": "FeatureCollection", "features": found, "properties": about(look)})
    answer.headers["Content-Type"] = "application/geo+json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{file_name(look)}.geojson"'
    return answer


def file_name(look: DriveLook) -> str:
    """What a file of the drive is called, without its ending."""
    start = look.drive.starts_at.astimezone(SHANGHAI)
    factor = look.channel.factor if look.channel else "track"
    return f"drive-{look.drive.station.code}-{start:%Y%m%d-%H%M}-{factor}"


def _stamp(at: int) -> str:
    return f"{moment(at).astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
