"""A flight as a viewer may see it: its way out of the drone's positions, its pictures and where they were taken."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import cos, radians
from typing import Any

import numpy as np
import shapely
from django.urls import reverse
from django.utils.translation import gettext as _
from shapely.affinity import affine_transform
from shapely.geometry.base import BaseGeometry

from qingyuan.inspecting.queries import Flight, FlightMedia, Sighting
from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.geometry import from_wkb
from qingyuan.recording.queries import Drive, driven, drives
from qingyuan.showing.map_layer import Feature, LegendEntry
from qingyuan_science.mobile import Track
from qingyuan_science.plugins import Text
from qingyuan_science.series import microseconds

SEEN_M = 100.0  # to either side of its way that a drone looks at; our own choice
M_A_DEGREE = 111_195.0
NEAR_S = 30.0  # a position of the drone that far from the picture's instant still says where it was taken

ZONE = LegendEntry("zone", "#0f766e", Text("巡检区域", "Area"), "area")
WAY = LegendEntry("way", "#6d5aa8", Text("航迹", "Way flown"), "line")
PICTURE = LegendEntry("picture", "#1f6feb", Text("照片和视频", "Photos and clips"), "circle")
NOTED = LegendEntry("noted", "#b45309", Text("发现", "Seen"), "diamond")
REPORTED = LegendEntry("reported", "#b5161b", Text("已转为线索", "Entered as clue"), "triangle")


@dataclass(frozen=True)
class Placed:
    """A picture with where it was taken, as it says itself or as the drone's positions say; `by` tells which."""

    media: FlightMedia
    lon: float | None
    lat: float | None
    by: str
    sightings: tuple[Sighting, ...]

    @property
    def by_words(self) -> str:
        """Where its place is known from."""
        words = {"exif": _("by the picture itself (EXIF)"), "way": _("by the way flown at that instant")}
        return words.get(self.by, _("not known"))


class FlightLook:
    """A flight with everything that its page shows."""

    def __init__(self, viewer: User, flight: Flight) -> None:
        self.viewer, self.flight = viewer, flight

    @cached_property
    def drives(self) -> list[Drive]:
        """The drives that were cut out of the drone's positions during the flight."""
        return list(drives_of(self.viewer, self.flight))

    @cached_property
    def tracks(self) -> list[Track]:
        """Where the drone was during the flight."""
        first, last = microseconds(self.flight.starts_at), microseconds(self.flight.ends_at)
        whole = (driven(self.viewer, one).track for one in self.drives)
        parts = (one.chosen((one.at >= first) & (one.at <= last)) for one in whole)
        return [one for one in parts if len(one) > 1]

    @cached_property
    def zone(self) -> BaseGeometry:
        return from_wkb(self.flight.zone.shape)

    @property
    def metres(self) -> float:
        """How far it flew. [m]"""
        return sum(float(one.metres) for one in self.tracks)

    @cached_property
    def covered(self) -> float | None:
        """The share of the area that lay within `SEEN_M` of the way; None where no position came. [1]"""
        if not self.tracks:
            return None
        ways = [shapely.LineString(np.column_stack((one.lon, one.lat))) for one in self.tracks]
        return share_seen(self.zone, shapely.MultiLineString(ways))

    @cached_property
    def pictures(self) -> list[Placed]:
        """Its photos and clips in the order of time."""
        seen: dict[int, list[Sighting]] = {}
        for one in self.sightings:
            if one.media_id is not None:
                seen.setdefault(one.media_id, []).append(one)
        return [self._placed(one, tuple(seen.get(one.pk, ()))) for one in self.flight.media.all()]

    @cached_property
    def sightings(self) -> list[Sighting]:
        return list(self.flight.sightings.select_related("media", "noted_by", "finding"))

    def _placed(self, media: FlightMedia, seen: tuple[Sighting, ...]) -> Placed:
        if media.lon is not None and media.lat is not None:
            return Placed(media, media.lon, media.lat, "exif", seen)
        if media.taken_at is None:
            return Placed(media, None, None, "", seen)
        at = microseconds(media.taken_at)
        for track in self.tracks:
            nearest = float(np.abs(track.at - at).min()) / 1e6
            if nearest <= NEAR_S:
                lon, lat = (float(np.interp(at, track.at, each)) for each in (track.lon, track.lat))
                return Placed(media, lon, lat, "way", seen)
        return Placed(media, None, None, "", seen)

    def features(self, code: str) -> list[dict[str, Any]]:
        """What a layer of its map shows, as GeoJSON."""
        makers = {"zone": self._zone, "way": self._way, "pictures": self._pictures, "seen": self._seen}
        return [one.as_geojson() for one in makers[code]()] if code in makers else []

    def _zone(self) -> Iterator[Feature]:
        zone = self.flight.zone
        yield Feature(self.zone, zone.title, zone.get_kind_display(), "zone")

    def _way(self) -> Iterator[Feature]:
        for one in self.tracks:
            line = shapely.LineString(np.column_stack((one.lon, one.lat)))
            yield Feature(line, self.flight.station.title, colour_key="way", detail=f"{one.metres / 1000:,.1f} km")

    def _pictures(self) -> Iterator[Feature]:
        for one in self.pictures:
            if one.lon is not None and one.lat is not None:
                at = one.media.taken_at
                told = f"{at.astimezone(SHANGHAI):%m-%d %H:%M:%S}" if at else ""
                anchor = f"#picture-{one.media.pk}"
                yield Feature(shapely.Point(one.lon, one.lat), one.media.name, "", "picture", anchor, told)

    def _seen(self) -> Iterator[Feature]:
        for one in self.sightings:
            key, state = ("reported", _("Entered as clue")) if one.finding_id else ("noted", _("Seen"))
            spot = shapely.Point(one.lon, one.lat)
            yield Feature(spot, str(one.get_category_display()), state, key, f"#sighting-{one.pk}", one.what[:120])


def drives_of(viewer: User, flight: Flight) -> Any:
    """The drives of the drone that meet the time of a flight."""
    return drives(viewer).filter(station=flight.station_id, starts_at__lt=flight.ends_at, ends_at__gt=flight.starts_at)


def share_seen(zone: BaseGeometry, way: BaseGeometry) -> float:
    """The share of an area within `SEEN_M` of a way, in a plane that touches the globe at the area. [1]"""
    lat = zone.centroid.y
    plane = [M_A_DEGREE * cos(radians(lat)), 0.0, 0.0, M_A_DEGREE, 0.0, 0.0]
    area, line = affine_transform(zone, plane), affine_transform(way, plane)
    seen = area.intersection(line.buffer(SEEN_M))
    return float(seen.area / area.area)


def address_of(flight: Flight, code: str) -> str:
    """Where a layer of a flight's map is read."""
    return f"{reverse('flight-layers', kwargs={'flight_id': flight.pk})}?show={code}"
