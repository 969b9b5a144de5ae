"""The part of a station in the monitoring network: the authority's word, whatever a sender says of the station."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from qingyuan.kit import log
from qingyuan.places.api import describe_station, place_in_network, register_station
from qingyuan.places.queries import NetworkPart, Station, StationDescription, network_parts

pytestmark = pytest.mark.django_db
KEY_SECTION = NetworkPart(body="lake", section="provincial", drinking_source=True)


@pytest.fixture
def river(grid: Any) -> Station:
    return register_station("river-1", title_zh="河", title_en="River", kind="surface-water", lon=100.06, lat=30.1)


def test_a_sender_that_replaces_the_properties_of_a_station_leaves_its_part_alone(river: Station) -> None:
    place_in_network(river, KEY_SECTION)
    describe_station(river, {"properties": {"depth": 1}})
    assert network_parts([river.pk]) == {river.pk: KEY_SECTION}
    describe_station(river, {"properties": {"network": {"section": "national"}}})
    assert network_parts([river.pk]) == {river.pk: KEY_SECTION}, "what a sender says is no part of the ledger"


def test_the_same_part_said_twice_is_logged_once_and_a_station_without_a_word_has_the_usual_one(river: Station) -> None:
    for _twice in range(2):
        place_in_network(river, KEY_SECTION)
    assert [line.act for line in log.about(f"station/{river.pk}")] == ["StationRegistered", "StationDescribed"]
    assert network_parts([river.pk + 1]) == {river.pk + 1: NetworkPart()}


def test_what_was_said_before_there_were_columns_is_carried_over(river: Station, station: Station) -> None:
    told = {"body": "lake", "section": "provincial", "drinking_source": True, "background": False}
    describe_station(river, {"properties": {"network": told, "depth": 1}})
    describe_station(station, {"properties": {"network": {"body": ["?"], "section": "galactic"}}})
    import_module("qingyuan.places.migrations.0006_network_part_of_stations").carry_over(apps, None)
    assert network_parts([river.pk, station.pk]) == {river.pk: KEY_SECTION, station.pk: NetworkPart()}
    assert StationDescription.objects.get(station=river).properties == {"depth": 1}


def test_the_administration_pages_show_and_set_it(river: Station, cast: Any) -> None:
    place_in_network(river, KEY_SECTION)
    client = Client()
    type(cast.administrator).objects.filter(pk=cast.administrator.pk).update(is_staff=True, is_superuser=True)
    cast.administrator.refresh_from_db()
    client.force_login(cast.administrator)
    address = f"/admin/places/station/{river.pk}/change/"
    form = client.get(address).context["adminform"].form
    assert {name: form[name].value() for name in KEY_SECTION.as_told()} == KEY_SECTION.as_told()
    shown = ("code", "title_zh", "title_en", "kind", "lon", "lat", "cell")
    values = {name: form[name].value() for name in shown} | {"enterprise": "", "reference_oxygen": ""}
    answer = client.post(address, values | {"body": "river", "section": "national", "background": "on"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert network_parts([river.pk]) == {river.pk: NetworkPart("river", "national", background=True)}
