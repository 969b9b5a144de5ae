"""Public clients over TCP: frost-sta-client itself, and the requests of aio-sensorthings, which needs Python 3.13."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import frost_sta_client as fsc
import httpx
import pytest
from frost_sta_client.model.ext.data_array_document import DataArrayDocument
from frost_sta_client.model.ext.data_array_value import DataArrayValue
from frost_sta_client.model.ext.entity_list import EntityList
from frost_sta_client.model.ext.entity_type import EntityTypes
from requests.exceptions import HTTPError

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:furl.pathstr:DeprecationWarning"),  # of the client itself
]
FIVE = datetime(2026, 11, 22, 5, tzinfo=UTC)


@pytest.fixture
def service(server: str, feed: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The client with the feed's code and token as user and password."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return fsc.SensorThingsService(server, auth_handler=fsc.AuthHandler("river", feed.token))


def made_thing(service: Any) -> Any:
    place = fsc.Location(
        name="Weir", description="left bank", encoding_type="application/geo+json",
        location={"type": "Point", "coordinates": [100.3, 30.1]},
    )  # fmt: skip
    locations = EntityList(entity_class=EntityTypes["Location"]["class"], entities=[place])
    thing = fsc.Thing(name="River gauge", description="gauge", properties={"owner": "bureau"}, locations=locations)
    service.create(thing)
    return thing


def made_stream(service: Any, thing: Any) -> Any:
    sensor = fsc.Sensor(name="probe", description="d", encoding_type="application/pdf", metadata="https://example.org")
    factor = fsc.ObservedProperty(name="溶解氧", definition="urn:hj212:w01009", description="dissolved oxygen")
    service.create(sensor)
    service.create(factor)
    stream = fsc.Datastream(
        name="oxygen", description="at 1 m", observation_type="http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        unit_of_measurement=fsc.UnitOfMeasurement(name="mg/L", symbol="mg/L", definition="ucum:mg/L"),
        thing=thing, sensor=sensor, observed_property=factor,
    )  # fmt: skip
    service.create(stream)
    assert service.sensors().query().count().filter("name eq 'probe'").list().count == 1, "linked, not made again"
    return stream


def test_frost_creates_lists_expands_filters_orders_and_pages(service: Any) -> None:
    thing = made_thing(service)
    stream = made_stream(service, thing)
    for minute in range(7):
        service.create(
            fsc.Observation(
                phenomenon_time=(FIVE + timedelta(minutes=minute)).isoformat(), result=8.0 + minute, datastream=stream
            )
        )
    found = service.things().query().filter("name eq 'River gauge'").expand("Locations,Datastreams").list().entities[0]
    assert found.locations.entities[0].location["coordinates"] == [100.3, 30.1]
    assert found.datastreams.entities[0].unit_of_measurement.symbol == "mg/L"
    assert service.things().find(thing.id).properties["station_kind"] == "surface-water"
    read = service.datastreams().find(stream.id)
    assert read.phenomenon_time == "2026-11-22T05:00:00Z/2026-11-22T05:06:00Z"
    pages = read.get_observations().query().orderby("phenomenonTime", "desc").top(3).count().list()
    assert pages.count == 7
    assert [observation.result for observation in pages] == [14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 8.0]
    warm = service.observations().query().filter("result gt 12 and Datastream/Thing/name eq 'River gauge'").list()
    assert sorted(observation.result for observation in warm) == [13.0, 14.0]
    assert service.observations().find(warm.entities[0].id).result == warm.entities[0].result
    factors = service.observed_properties().query().filter("Datastreams/name eq 'oxygen'").list()
    assert [factor.definition for factor in factors] == ["urn:hj212:w01009"]


def test_frost_posts_data_arrays_and_gets_the_address_of_each_observation(service: Any) -> None:
    stream = made_stream(service, made_thing(service))
    array = DataArrayValue()
    array.datastream = stream
    array.components = {array.Property.PHENOMENON_TIME, array.Property.RESULT}
    for second in range(1000):
        at = (FIVE + timedelta(seconds=second)).isoformat()
        array.add_observation(fsc.Observation(phenomenon_time=at, result=float(second)))
    document = DataArrayDocument()
    document.add_data_array_value(array)
    made = service.observations().create(document)
    assert len(made) == 1000
    assert made[0].self_link.endswith(f"Observations('{stream.id}-1795323600000000')")
    found = stream.get_observations().query().top(400).list()
    assert [observation.result for observation in found] == [float(second) for second in range(1000)]


def test_frost_changes_what_may_change_and_is_told_what_may_not(service: Any) -> None:
    import jsonpatch

    thing = made_thing(service)
    service.patch(thing, jsonpatch.JsonPatch([{"op": "replace", "path": "/name", "value": "Renamed"}]))
    found = service.things().find(thing.id)
    assert found.name == "Renamed"
    found.description = "rebuilt in 2027"
    service.update(found)
    assert service.things().find(thing.id).description == "rebuilt in 2027"
    with pytest.raises(HTTPError) as refused:
        service.delete(found)
    assert refused.value.response.status_code == 405
    with pytest.raises(HTTPError) as refused:
        service.create(fsc.Thing(name="nowhere", description=""))
    assert "a station stands somewhere" in refused.value.response.json()["message"]


def test_the_requests_of_aio_sensorthings_copy_one_server_onto_another(
    api: httpx.Client, channel: Any, readings: Callable[..., Any]
) -> None:
    """What its source reads is what its target posts, with references rewritten, looked up by name before."""
    readings(channel, "r", [(FIVE, 40.0)])

    def everything(path: str, **options: str) -> list[dict[str, Any]]:
        page = api.get(f"/{path}", params={"$top": 1000, **options}).raise_for_status().json()
        found = list(page["value"])
        while page.get("@iot.nextLink"):
            page = api.get(page["@iot.nextLink"]).raise_for_status().json()
            found += page["value"]
        return found

    def created(plural: str, payload: dict[str, Any]) -> Any:
        escaped = payload.get("name", "").replace("'", "''")
        standing = {"$filter": f"name eq '{escaped}'", "$orderby": "@iot.id asc"}
        if payload.get("name") and (found := api.get(f"/{plural}", params=standing).raise_for_status().json()["value"]):
            return found[0]["@iot.id"]
        answer = api.post(f"/{plural}", json=payload).raise_for_status()
        assert answer.headers["Content-Type"] == "application/json"
        assert int(answer.headers["Content-Length"]) == len(answer.content)
        number = answer.headers["Location"].rpartition("(")[2].rstrip(")")
        return int(number) if number.isdigit() else answer.json()["@iot.id"]

    references = "Thing($select=@iot.id),Sensor($select=@iot.id),ObservedProperty($select=@iot.id)"
    (stream,) = everything("Datastreams", **{"$expand": references})
    assert {name: list(stream[name]) for name in ("Thing", "Sensor")} == {"Thing": ["@iot.id"], "Sensor": ["@iot.id"]}
    (thing,) = everything("Things", **{"$expand": "Locations($select=@iot.id)"})
    (place,) = everything("Locations")

    def payload(entity: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {name: value for name, value in entity.items() if "@iot" not in name} | more

    at = {"type": "Point", "coordinates": [100.31, 30.1]}
    copy = created("Locations", payload(place, name="Copied place", location=at))
    links = [{"@iot.id": copy}]
    kept = {"station_kind": "surface-water"}
    copied = created("Things", payload(thing, name="Copy", Locations=links, properties=kept))
    assert created("Things", payload(thing, name="Copy", Locations=links)) == copied
    factor = created(
        "ObservedProperties",
        payload(everything("ObservedProperties", **{"$filter": "definition eq 'urn:hj212:w01018'"})[0]),
    )
    feature = created(
        "FeaturesOfInterest",
        {"name": "Copied feature", "description": "", "encodingType": "application/geo+json", "feature": at},
    )
    sensor = created("Sensors", {"name": "s", "description": "", "encodingType": "text/plain", "metadata": "m"})
    parts = {"Thing": copied, "Sensor": sensor, "ObservedProperty": factor}
    new = created(
        "Datastreams", payload(stream, name="Copied", **{name: {"@iot.id": number} for name, number in parts.items()})
    )
    for observation in everything(f"Datastreams({stream['@iot.id']})/Observations"):
        links = {"Datastream": {"@iot.id": new}, "FeatureOfInterest": {"@iot.id": feature}}
        number = created("Observations", payload(observation, **links))
        assert number == f"{new}-1795323600000000"
    assert api.patch(f"/Datastreams({new})", json={"description": "d"}).status_code == 200
    longest = max(everything("ObservedProperties"), key=lambda one: one["@iot.id"])
    assert api.get(f"/ObservedProperties({longest['@iot.id']})").json() == longest
    assert api.post("/ObservedProperties", json=payload(longest)).json()["@iot.id"] == longest["@iot.id"]
    (standing,) = everything("ObservedProperties", **{"$filter": "definition eq 'urn:hj212:w01018'"})
    for said, answered in (
        (payload(standing), 200),
        (payload(standing, name="other"), 405),
    ):
        assert api.patch(f"/ObservedProperties({standing['@iot.id']})", json=said).status_code == answered
    for place, answered in ((copied, 200), (thing["@iot.id"], 400)):  # a Thing stays where it stands
        moved = {"name": "Copy", "description": "copied", "Locations": [{"@iot.id": place}]}
        assert api.patch(f"/Things({copied})", json=moved).status_code == answered
    assert api.patch("/Things(99999)", json={"name": "x"}).status_code == 404
    assert [one["result"] for one in everything(f"Datastreams({new})/Observations")] == [40.0]
