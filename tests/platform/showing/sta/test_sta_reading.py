"""OGC 18-088, reading: the data model, resource paths, query options, and pages that stay in place."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.signing import dumps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qingyuan.places.api import place_in_network
from qingyuan.places.queries import NetworkPart
from qingyuan.recording.queries import Stream
from qingyuan.sensing.api import define_channel

pytestmark = pytest.mark.django_db
HOUR = datetime(2026, 11, 22, 1, tzinfo=UTC)
MODEL = {  # tables 3 to 22 of the standard: properties, and relations to one (1) or many (n)
    "Things": ("name description properties", "Locations:n HistoricalLocations:n Datastreams:n"),
    "Locations": ("name description encodingType location properties", "Things:n HistoricalLocations:n"),
    "HistoricalLocations": ("time", "Thing:1 Locations:n"),
    "Datastreams": (
        "name description observationType unitOfMeasurement phenomenonTime resultTime properties",
        "Thing:1 Sensor:1 ObservedProperty:1 Observations:n",
    ),
    "Sensors": ("name description encodingType metadata properties", "Datastreams:n"),
    "ObservedProperties": ("name definition description properties", "Datastreams:n"),
    "Observations": (
        "phenomenonTime result resultTime resultQuality validTime parameters",
        "Datastream:1 FeatureOfInterest:1",
    ),
    "FeaturesOfInterest": ("name description encodingType feature properties", "Observations:n"),
}


@pytest.fixture
def minutes(program: Any, channel: Any, device: Any, readings: Callable[..., Any]) -> int:
    """Ten minutes of COD at the outlet, from a device; the number of the datastream."""
    readings(channel, "r", [(HOUR + timedelta(minutes=minute), 40.0 + minute) for minute in range(10)])
    return int(program.ids("Datastreams")[0])


def test_the_root_lists_every_collection_and_what_is_conformed_to(program: Any) -> None:
    root = program.get("")
    assert {entry["name"]: entry["url"].rpartition("/")[2] for entry in root["value"]} == {name: name for name in MODEL}
    conformance = root["serverSettings"]["conformance"]
    assert "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel" in conformance
    assert not [part for part in conformance if "mqtt" in part or "multi-datastream" in part or "delete-entity" in part]


def test_every_entity_has_what_the_data_model_asks_and_its_links_lead_on(program: Any, minutes: int) -> None:
    for plural, (properties, relations) in MODEL.items():
        entity = program.get(
            plural, top=1, filter="name eq 'Data logger 1' or @iot.id gt 0" if plural == "Sensors" else "true"
        )
        entity = entity["value"][0]
        named = {name for name in entity if "@iot" not in name}
        assert named == set(properties.split()), plural
        assert program.get(_path(entity["@iot.selfLink"]))["@iot.id"] == entity["@iot.id"]
        for relation in relations.split():
            name, _, many = relation.partition(":")
            found = program.get(_path(entity[f"{name}@iot.navigationLink"]))
            assert ("value" in found) == (many == "n"), (plural, name)


def _path(address: str) -> str:
    return address.partition("/v1.1/")[2]


def test_a_datastream_tells_its_span_and_an_observation_what_it_is_worth(program: Any, minutes: int) -> None:
    stream = program.get(f"Datastreams({minutes})")
    assert stream["phenomenonTime"] == "2026-11-22T01:00:00Z/2026-11-22T01:09:00Z"
    assert stream["observationType"].endswith("/OM_Measurement")
    assert stream["unitOfMeasurement"]["symbol"] == "mg/L"
    first = program.get(f"Datastreams({minutes})/Observations", top=1)["value"][0]
    assert (first["phenomenonTime"], first["result"], first["resultQuality"]) == ("2026-11-22T01:00:00Z", 40.0, "N")


def test_a_page_of_observations_reads_the_same_with_and_without_a_selection(program: Any, minutes: int) -> None:
    plain = program.get("Observations")["value"]
    everything = ",".join(("id,@iot.selfLink", *" ".join(MODEL["Observations"]).replace(":1", "").split()))
    assert program.get("Observations", select=everything)["value"] == plain


def test_the_number_of_a_device_that_could_be_used_to_speak_for_it_is_not_told(
    program: Any, minutes: int, device: Any
) -> None:
    assert device.mn not in str(program.get("Sensors")) + str(program.get("Datastreams", expand="Sensor,Thing"))


def test_paths_lead_to_properties_values_and_references(program: Any, minutes: int, station: Any) -> None:
    thing = f"Things({station.pk})"
    assert program.get(f"{thing}/name") == {"name": "East Water outlet"}
    assert program.get(f"{thing}/name/$value") == "East Water outlet"
    assert program.get(f"{thing}/properties/station_kind") == {"station_kind": "outlet-water"}
    assert program.get(f"Things('{station.pk}')/Datastreams({minutes})/Observations/$ref", top=2)["value"][
        1
    ].keys() == {"@iot.selfLink"}
    assert program.get(f"Datastreams({minutes})/unitOfMeasurement/symbol/$value") == "mg/L"
    one = program.ids(f"Datastreams({minutes})/Observations", top=1)[0]
    assert program.get(f"Observations('{one}')/Datastream/Thing/Locations")["value"][0]["@iot.id"] == station.pk
    assert program.get(f"Observations({one})/FeatureOfInterest")["feature"]["coordinates"] == [100.05, 30.1]


MISSING = [
    "Nothings", "Things(99999)", "Things(x)", "Things(-1)", "Things(1)(2)", "Observations('1-1')", "Observations('9')",
    "Observations('1-9999999999999999')", "Things/name", "Sensors(77)", "ObservedProperties(1)", "Locations(0)/Things",
    "ObservedProperties(99999999999999999999999)",
]  # fmt: skip


def test_what_is_not_there_is_not_found(program: Any, station: Any) -> None:
    assert [program.get(path, 404)["code"] for path in MISSING] == [404] * len(MISSING)


def test_parts_of_the_standard_that_are_not_built_say_so(program: Any) -> None:
    assert "not part of this server" in program.get("MultiDatastreams", 501)["message"]
    assert "not part of this server" in program.get("MultiDatastreams(1)/Observations", 501)["message"]
    root = program.get("")
    assert not [one for one in root["value"] if "Multi" in one["name"]]
    assert not [one for one in root["serverSettings"]["conformance"] if "multi" in one or "tasking" in one]


def test_expansion_goes_inside_with_options_of_its_own(program: Any, minutes: int) -> None:
    nested = "Datastreams($select=name;$expand=ObservedProperty,Sensor($select=name),Observations($top=2;$count=true;"
    nested += "$orderby=phenomenonTime desc;$select=result)),Locations($select=location)"
    thing = program.get("Things", expand=nested)["value"][0]
    stream = thing["Datastreams"][0]
    assert thing["Locations"] == [{"location": {"type": "Point", "coordinates": [100.05, 30.1]}}]
    assert stream["Observations"] == [{"result": 49.0}, {"result": 48.0}]
    assert stream["Observations@iot.count"] == 10
    assert stream["ObservedProperty"]["definition"] == "urn:hj212:w01018"
    assert stream["Sensor"]["name"].startswith("Data logger")
    page = program.get(_path(stream["Observations@iot.nextLink"]).partition("?")[0])
    assert len(page["value"]) == 10


def test_an_observation_brings_its_datastream_and_its_feature(program: Any, minutes: int) -> None:
    found = program.get("Observations", expand="Datastream/Thing,FeatureOfInterest", top=3)["value"]
    assert {one["Datastream"]["@iot.id"] for one in found} == {minutes}
    assert {one["Datastream"]["Thing"]["name"] for one in found} == {"East Water outlet"}
    assert {one["FeatureOfInterest"]["encodingType"] for one in found} == {"application/geo+json"}


def test_expansion_costs_the_same_queries_for_one_thing_and_for_many(
    program: Any, minutes: int, enterprise: Any, feed: Any
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            program.get("Things", expand="Locations,Datastreams($expand=ObservedProperty,Sensor)")
        return len(queries)

    before = asked()
    place = {
        "name": "p",
        "encodingType": "application/geo+json",
        "location": {"type": "Point", "coordinates": [100.3, 30.1]},
    }
    for number in range(5):
        program.post("Things", {"name": f"T{number}", "Locations": [place]})
    assert asked() == before


def test_the_newest_of_many_datastreams_costs_the_same_queries_as_of_one(
    program: Any, minutes: int, station: Any, readings: Callable[..., Any]
) -> None:
    newest = "Datastreams($orderby=@iot.id;$expand=Observations($orderby=phenomenonTime desc;$top=2;$select=result))"

    def asked() -> tuple[int, list[list[float]]]:
        with CaptureQueriesContext(connection) as queries:
            (thing,) = program.get("Things", expand=newest)["value"]
        return len(queries), [[one["result"] for one in each["Observations"]] for each in thing["Datastreams"]]

    before, found = asked()
    assert found == [[49.0, 48.0]]
    for factor in ("w01001", "w01009", "w01010"):
        channel = define_channel(station, factor=factor, unit="mg/L" if factor != "w01001" else "dimensionless")
        readings(channel, "r", [(HOUR, 7.0), (HOUR + timedelta(minutes=1), 7.5)])
    assert asked() == (before, [[49.0, 48.0], [7.5, 7.0], [7.5, 7.0], [7.5, 7.0]])


ORDERS = [
    ("result desc", [49, 48, 47]),
    ("result mod 3,result desc", [48, 45, 42]),
    ("phenomenonTime", [40, 41, 42]),
    ("phenomenonTime desc", [49, 48, 47]),
    ("parameters/low,@iot.id", [40, 41, 42]),
]


def test_pages_follow_any_order_without_gap_or_repetition(program: Any, minutes: int) -> None:
    for key, first in ORDERS:
        page = program.get("Observations", orderby=key, top=3)
        assert [one["result"] for one in page["value"]] == first, key
        seen = []
        while True:
            seen += [one["result"] for one in page["value"]]
            if "@iot.nextLink" not in page:
                break
            page = _next(program, page)
        assert sorted(seen) == [40.0 + minute for minute in range(10)], key


def _next(program: Any, page: dict[str, Any]) -> dict[str, Any]:
    answer = program.client.get(page["@iot.nextLink"].partition("testserver")[2])
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_what_comes_in_between_moves_no_page(
    program: Any, minutes: int, channel: Any, readings: Callable[..., Any]
) -> None:
    page = program.get(f"Datastreams({minutes})/Observations", top=4)
    readings(channel, "r", [(HOUR - timedelta(minutes=5), 1.0), (HOUR + timedelta(seconds=30), 2.0)])
    following = _next(program, page)
    assert [one["result"] for one in following["value"]] == [44, 45, 46, 47]


def test_top_skip_and_count(program: Any, minutes: int) -> None:
    page = program.get("Observations", top=2, skip=3, count="true")
    assert [one["result"] for one in page["value"]] == [43, 44]
    assert page["@iot.count"] == 10
    assert [one["result"] for one in _next(program, page)["value"]] == [45, 46]
    assert program.get("Observations", top=0)["value"] == []
    assert (
        program.get("ObservedProperties", top=5, skip=5)["value"][0]
        == program.get("ObservedProperties", top=6)["value"][5]
    )


def test_where_a_page_begins_is_said_for_one_type_and_order_only(program: Any, minutes: int) -> None:
    page = program.get("Observations", orderby="resultTime", top=3)
    (token,) = parse_qs(urlsplit(page["@iot.nextLink"]).query)["$skiptoken"]
    for order in ("result", "resultTime desc", ""):
        assert "another order" in program.get("Observations", 400, orderby=order, skiptoken=token)["message"]
    refused = program.get("Datastreams", 400, orderby="resultTime", skiptoken=token)
    assert "another order" in refused["message"]


def test_data_arrays_hold_the_same_readings(program: Any, minutes: int) -> None:
    (array,) = program.get("Observations", resultFormat="dataArray", top=4)["value"]
    assert array["dataArray@iot.count"] == 4
    place = array["components"].index("result")
    assert [row[place] for row in array["dataArray"]] == [40, 41, 42, 43]
    assert array["Datastream@iot.navigationLink"].endswith(f"Datastreams({minutes})")


UNSIGNED = [
    base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    for text in ("[]", "[1]", "[true]", "[{}]", "[[1]]", "[" * 20_000)
]
WRONG = [
    ({"top": "-1"}, "expected a whole number"),
    ({"count": "yes"}, "expected true or false"),
    ({"frobnicate": "1"}, "found option '$frobnicate'"),
    ({"select": "colour"}, "found $select=colour"),
    ({"expand": "Datastreams,Colours"}, "found $expand=Colours"),
    ({"expand": "Datastreams($top=1"}, "closing parenthesis"),
    ({"skiptoken": "%%%"}, "expected one out of an @iot.nextLink"),
    *(({"skiptoken": text}, "expected one out of an @iot.nextLink") for text in UNSIGNED),
    ({"skiptoken": dumps(["Thing", ""], salt="sta.skiptoken")}, "another order"),
    ({"skiptoken": dumps([1], salt="sta.else")}, "expected one out of an @iot.nextLink"),
    ({"resultFormat": "csv"}, "expected dataArray"),
    ({"expand": "/".join(["Datastreams/Thing"] * 9)}, "expected fewer"),
]


def test_an_option_that_is_wrong_is_refused_by_name(program: Any, station: Any) -> None:
    for options, said in WRONG:
        assert said in program.get("Things", 400, **options)["message"]


def test_an_observation_of_a_sealed_day_is_found_by_its_number(
    program: Any, channel: Any, stream: Any, readings: Callable[..., Any], settings: Any, tmp_path: Any
) -> None:
    from qingyuan.recording.api import seal_old_days

    settings.LAKE = str(tmp_path / "lake")
    at = datetime(2024, 5, 1, tzinfo=UTC)
    readings(channel, "r", [(at, 12.5)])
    path = f"Observations('{stream.pk}-{round(at.timestamp() * 1_000_000)}')"
    before = program.get(path)
    assert [sealed.dropped for sealed in seal_old_days()] == [True]
    assert program.get(path) == program.get(f"Datastreams({stream.pk})/{path}") == before
    program.get(f"Observations('{stream.pk}-253402300799999999')", status=404)
    other = Stream.objects.create(channel=channel, kind="h")
    program.get(f"Datastreams({other.pk})/{path}", status=404)


def test_a_special_station_says_what_it_is_and_is_found_by_it(program: Any, station: Any) -> None:
    place_in_network(station, NetworkPart(purpose="superstation"))
    (found,) = program.get("Things", filter="properties/station_purpose eq 'superstation'")["value"]
    assert found["properties"]["station_purpose"] == "superstation"
    place_in_network(station, NetworkPart())
    assert program.get("Things", filter="properties/station_purpose eq 'superstation'")["value"] == []
    assert "station_purpose" not in program.get(f"Things({station.pk})")["properties"]


def test_every_observed_property_stands_at_its_own_address(program: Any, station: Any) -> None:
    everything = program.get("ObservedProperties", top=1000)["value"]
    assert len({one["@iot.id"] for one in everything}) == len(everything) > 400
    for one in everything:
        assert program.get(f"ObservedProperties({one['@iot.id']})") == one
    old = next(one for one in everything if one["definition"] == "urn:hj212:025")  # a code of 2005 without a successor
    said = {name: old[name] for name in ("name", "description", "definition", "properties")}
    program.send("patch", f"ObservedProperties({old['@iot.id']})", said, 200)


def test_places_are_sorted_by_the_names_that_they_go_by(program: Any, station: Any, feed: Any, grid: Any) -> None:
    for name in ("b", "a"):
        point = {"type": "Point", "coordinates": [100.3, 30.1]}
        place = {"name": name, "description": "", "encodingType": "application/geo+json", "location": point}
        program.post("Things", {"name": f"T{name}", "description": "", "Locations": [place]})
    found = program.get("Locations", orderby="name desc")["value"]
    assert [one["name"] for one in found][:2] == ["b", "a"]
    found = program.get("Things", orderby="Locations/name desc", expand="Locations")["value"]
    assert [one["Locations"][0]["name"] for one in found][:2] == ["b", "a"]
    assert len(program.get("Datastreams", orderby="name,description")["value"]) == len(program.ids("Datastreams"))


def test_a_data_array_has_the_components_that_were_selected(program: Any, minutes: int) -> None:
    (array,) = program.get("Observations", resultFormat="dataArray", select="result,phenomenonTime", top=2)["value"]
    assert array["components"] == ["phenomenonTime", "result"]
    assert array["dataArray"] == [["2026-11-22T01:00:00Z", 40.0], ["2026-11-22T01:01:00Z", 41.0]]
    (array,) = program.get("Observations", resultFormat="dataArray", select="@iot.id", top=1)["value"]
    assert (array["components"], array["dataArray"]) == (["id"], [[f"{minutes}-1795309200000000"]])
    assert "nothing" in program.get("Observations", 400, resultFormat="dataArray", select="nothing")["message"]
    assert "$expand" in program.get("Observations", 400, resultFormat="dataArray", expand="Datastream")["message"]


def test_a_page_of_none_counts_and_leads_nowhere(program: Any, minutes: int) -> None:
    for plural in MODEL:
        page = program.get(plural, top=0, count="true")
        assert page["value"] == []
        assert set(page) == {"@iot.count", "value"}
        assert page["@iot.count"] >= 1
    inner = (
        "Datastreams($top=0;$count=true;$expand=Observations),Locations($top=0),HistoricalLocations($count=true;$top=0)"
    )
    (thing,) = program.get("Things", expand=inner)["value"]
    assert (thing["Datastreams"], thing["Datastreams@iot.count"]) == ([], 1)
    assert (thing["Locations"], thing["HistoricalLocations"]) == ([], [])
    assert not [name for name in thing if "nextLink" in name]


def test_a_time_that_is_never_told_may_be_asked_for(program: Any, minutes: int) -> None:
    assert len(program.ids("Observations", filter="validTime eq null")) == 10
    assert program.ids("Observations", filter="validTime ne null") == []
    later = "phenomenonTime ge 2026-11-22T00:07:00Z add duration'PT1H'"
    assert len(program.ids("Observations", filter=later)) == 3


def test_a_browser_may_ask_what_it_can_do_and_read_what_a_token_opens(
    program: Any, anybody: Callable[..., Any], minutes: int
) -> None:
    asking = {"Origin": "https://other.example", "Access-Control-Request-Method": "POST"}
    asked = anybody(**asking).client.options("/sta/v1.1/Observations")
    assert (asked.status_code, asked.content) == (204, b"")
    assert "POST" in asked.headers["Allow"]
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    for answer in (asked, program.client.get("/sta/v1.1/Things"), anybody().client.get("/sta/v1.1/Things")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
    head = program.client.head("/sta/v1.1/Things")
    assert (head.status_code, head.headers["Content-Type"]) == (200, "application/json")
    refused = program.client.generic("TRACE", "/sta/v1.1/Things")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST, PATCH, PUT")
