"""The class of points on pages: shown and filtered in places, compliance and on the map."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from pages import get, words

from qingyuan.places.api import NetworkPart, enter_control, place_in_network, register_station

pytestmark = [pytest.mark.django_db]
Browser = Callable[[str], Client]


@pytest.fixture
def classed(station: Any, enterprise: Any) -> None:
    enter_control(enterprise, level="national", document="名录", days=(date(2026, 1, 1), None))
    intake = register_station(
        "intake", title_zh="取水口", title_en="Intake", kind="surface-water", lon=100.05, lat=30.1
    )
    place_in_network(intake, NetworkPart(drinking_source=True))


@pytest.mark.mission("S4-13")
def test_places_compliance_and_station_show_the_class_and_narrow_by_it(classed: None, browser: Browser) -> None:
    client = browser("analyst")
    assert "State-controlled" in words(get(client, "station", code="outlet-1"))
    text = words(get(client, "places", {"class": "drinking"}))
    assert "Intake" in text
    assert "East Water outlet" not in text
    assert "East Water Ltd" in words(get(client, "compliance", {"class": "national"}))
    assert "No enterprise fits" in words(get(client, "compliance", {"class": "drinking"}))


@pytest.mark.mission("S4-13")
def test_the_map_has_a_layer_for_each_class(classed: None, browser: Browser) -> None:
    client = browser("analyst")
    expected = {
        "national": ["East Water outlet"],
        "provincial": [],
        "municipal": [],
        "district": [],
        "drinking": ["Intake"],
    }
    for name, titles in expected.items():
        found = get(client, "map-layer", code=f"points_{name}").json()["features"]
        assert [one["properties"]["title"] for one in found] == titles, name
