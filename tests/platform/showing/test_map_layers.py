"""Every map layer keeps what a layer promises, whoever wrote it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import NINE, OFFICE
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from driving import drive_of, scan_of, vehicle
from shapely.geometry import box, shape

from qingyuan.showing.map_layer import Area, MapLayer, View
from qingyuan.showing.queries import LAYERS

pytestmark = pytest.mark.django_db
MOST_QUERIES = 6
POINTLIKE = {"point", "station", "enterprise", "case"}


@pytest.fixture(params=list(LAYERS), ids=lambda layer: layer.code)
def layer(request: pytest.FixtureRequest) -> MapLayer:
    found: type[MapLayer] = request.param
    return found()


@pytest.fixture
def world(case: Any, device: Any, cast: SimpleNamespace) -> None:
    """A town with everything that layers show."""
    from qingyuan.judging.api import judge_spots
    from qingyuan.kit import log
    from qingyuan.places.api import (
        OutfallFacts,
        draw_water,
        enter_controls,
        enter_outfall,
        place_in_network,
        register_station,
    )
    from qingyuan.places.queries import ControlLevel, NetworkPart
    from qingyuan.sensing.api import bring_spots, define_channel, enter_spots
    from qingyuan.sensing.events import SpotsStored
    from qingyuan.sensing.queries import SpotFile

    for kind, factor, unit in (("ambient-air", "a34004", "µg/m3"), ("surface-water", "w21003", "mg/L")):
        station = register_station(kind, title_zh=kind, title_en=kind, kind=kind, lon=100.05, lat=30.1)
        define_channel(station, factor=factor, unit=unit)

    for part in ({"level": "national"}, {"level": "provincial"}, {"key_area": True}, {"drinking_source": True}):
        (name,) = part
        station = register_station(
            f"{name}-{part[name]}", title_zh=name, title_en=name, kind="weather", lon=100.05, lat=30.1
        )
        place_in_network(station, NetworkPart(**part))
    listed = {case.station.enterprise: ControlLevel.MUNICIPAL.value}
    enter_controls(listed, document="名录", days=(NINE.date(), None))
    spot = b"latitude,longitude,bright_ti4,acq_date,acq_time,satellite,confidence\n30.1,100.05,340,2026-11-22,0,N,h\n"
    enter_spots(bring_spots(cast.analyst, "fires.csv", spot, origin=OFFICE).pk, cast.analyst, OFFICE)
    (line,) = [one for one in log.about(f"spot-file/{SpotFile.objects.get().pk}") if one.act == "SpotsStored"]
    judge_spots(SpotsStored.from_detail(line.detail))
    drive_of(vehicle(), NINE - timedelta(minutes=30))
    scan_of(NINE - timedelta(minutes=30))
    river = draw_water("east", title_zh="东江", title_en="East River", kind="river", shape=shape(
        {"type": "LineString", "coordinates": [(100.0, 30.1), (100.4, 30.1)]}
    ))  # fmt: skip
    facts = OutfallFacts("东江排污口", "工业企业排污口", river, 100.05, 30.1, stations=(case.station,))
    enter_outfall(None, replace(facts, enterprises=(case.station.enterprise,)), days=(NINE.date(), None))


def test_a_layer_shows_something_of_a_full_town(layer: MapLayer, world: None, cast: SimpleNamespace) -> None:
    assert list(layer.features(View(cast.duty_officer, NINE)))


def test_features_are_valid_geojson_with_a_title(layer: MapLayer, world: None, cast: SimpleNamespace) -> None:
    for feature in layer.features(View(cast.duty_officer, NINE)):
        written = feature.as_geojson()
        assert written["type"] == "Feature"
        assert shape(written["geometry"]).is_valid
        assert written["properties"]["title"]


def test_the_legend_covers_every_state(layer: MapLayer, world: None, cast: SimpleNamespace) -> None:
    values = [entry.value for entry in layer.legend]
    assert len(set(values)) == len(values)
    for feature in layer.features(View(cast.duty_officer, NINE)):
        assert feature.colour_key in values or not values


def test_only_what_meets_the_area_is_shown(layer: MapLayer, world: None, cast: SimpleNamespace) -> None:
    area = Area(100.0, 30.0, 100.06, 30.12)
    for feature in layer.features(View(cast.duty_officer, NINE, area)):
        assert box(*area).intersects(feature.geometry)
    if layer.symbol in POINTLIKE:
        assert list(layer.features(View(cast.duty_officer, NINE, Area(100.3, 30.0, 100.4, 30.05)))) == []


def test_a_layer_keeps_to_its_queries(layer: MapLayer, world: None, cast: SimpleNamespace) -> None:
    with CaptureQueriesContext(connection) as asked:
        list(layer.features(View(cast.duty_officer, NINE)))
    assert len(asked) <= MOST_QUERIES


@pytest.mark.parametrize("stranger", ["other_grid_worker", "other_enterprise"])
def test_nothing_of_another_territory_is_shown(
    layer: MapLayer, world: None, cast: SimpleNamespace, stranger: str
) -> None:
    everything = {feature.title for feature in layer.features(View(cast.duty_officer, NINE))}
    shown = {feature.title for feature in layer.features(View(getattr(cast, stranger), NINE))}
    if layer.symbol in POINTLIKE:
        assert shown == set()
    assert shown <= everything


def test_every_address_of_a_layer_leads_to_a_page(
    layer: MapLayer, world: None, cast: SimpleNamespace, browser: Callable[[str], Client]
) -> None:
    duty = browser("duty_officer")
    for feature in layer.features(View(cast.duty_officer, NINE)):
        assert not feature.href or duty.get(feature.href).status_code == 200


@pytest.mark.mission("S1-24")
def test_satellite_air_and_ground_stand_on_one_map(world: None, cast: SimpleNamespace) -> None:
    shown = {layer.code: list(layer().features(View(cast.duty_officer, NINE))) for layer in LAYERS}
    assert all(shown[code] for code in ("satellite_spots", "air_quality", "water_quality", "stations"))


def test_the_list_of_layers_says_how_to_draw_each(world: None, browser: Callable[[str], Client]) -> None:
    answer = browser("duty_officer").get(reverse("map-layers")).json()
    assert {one["code"] for one in answer} == {layer.code for layer in LAYERS}
    order = [one["symbol"] for one in answer]
    codes = [one["code"] for one in answer]
    assert codes.index("stations") < min(codes.index("air_quality"), codes.index("water_quality"))
    assert order.index("area") < order.index("line") < order.index("station") < order.index("case")
    stations = next(one for one in answer if one["code"] == "stations")
    assert stations["legend"][0] == {"value": "in-order", "colour": "#14703a", "title": "In order", "shape": "circle"}


@pytest.mark.parametrize("bbox", ["1,2,3", "a,b,c,d", "10,0,5,1", "0,0,999,1", "nan,0,1,1"])
def test_a_wrong_area_is_told_what_was_expected(
    bbox: str, cast: SimpleNamespace, browser: Callable[[str], Client]
) -> None:
    answer = browser("duty_officer").get(reverse("map-layer", kwargs={"code": "towns"}), {"bbox": bbox})
    assert answer.status_code == 422
    assert "expected west" in answer.json()["detail"]
