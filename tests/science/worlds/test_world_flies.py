"""The patrol flights of the synthetic world: what photos say of place and instant is where the drone says it was."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import ExifTags, Image
from shapely import Point

from qingyuan_science.worlds import World
from qingyuan_science.worlds.moving.flights import EVERY, Flights

EPOCH = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def flights() -> Flights:
    return Flights(World(epoch=EPOCH))


def test_it_flies_over_each_area_in_turn_and_the_same_world_takes_the_same_photos(flights: Flights) -> None:
    flown = list(flights.between(EPOCH - 3 * EVERY, EPOCH))
    assert sorted(one.area.kind for one in flown) == ["industrial-park", "reserve", "water-source"]
    other = Flights(World(epoch=EPOCH))
    assert [one.jpeg for one in other.shots(flown[0])] == [one.jpeg for one in flights.shots(flown[0])]
    assert other.document(flown[0]) == flights.document(flown[0])


def test_a_photo_says_where_and_when_the_drone_was_over_the_area(flights: Flights) -> None:
    (flown,) = flights.between(EPOCH - timedelta(hours=2), EPOCH)
    said = {(one["name"], one["at"]): one["value"] for one in json.loads(flights.document(flown))["readings"]}
    shots = list(flights.shots(flown))
    assert [one.shows for one in shots].count(True) == 1
    for shot in shots:
        gps = Image.open(BytesIO(shot.jpeg)).getexif().get_ifd(ExifTags.IFD.GPSInfo)
        lon, lat = (
            float(sum(float(part) / 60**place for place, part in enumerate(gps[tag])))
            for tag in (ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLatitude)
        )
        assert flown.area.shape.covers(Point(lon, lat))
        before = min(said, key=lambda key: abs(datetime.fromisoformat(key[1]) - shot.at))[1]
        assert lon == pytest.approx(said["QJ-D01/longitude", before], abs=0.0002)  # 12 m are flown in a second
        assert lat == pytest.approx(said["QJ-D01/latitude", before], abs=0.0002)
