"""OGC 18-088, creating and changing: what is posted becomes stations, channels and readings, or is refused by name."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from qingyuan.kit.queries import lines
from qingyuan.places.queries import Station
from qingyuan.recording.queries import window
from qingyuan.sensing.api import define_feed
from qingyuan.sensing.queries import Channel, FaultCount, feed_packets, packet_bytes

pytestmark = pytest.mark.django_db
FIVE = datetime(2026, 11, 22, 5, tzinfo=UTC)
PLACE = {
    "name": "Weir", "description": "left bank", "encodingType": "application/geo+json",
    "location": {"type": "Point", "coordinates": [100.3, 30.1]}, "properties": {"bank": "left"},
}  # fmt: skip
SENSOR = {
    "name": "probe",
    "description": "d",
    "encodingType": "application/pdf",
    "metadata": "https://example.org/probe",
}
DEGREES = {"name": "degree Celsius", "symbol": "°C", "definition": "ucum:Cel"}
TEMPERATURE = {"name": "water temperature", "definition": "urn:hj212:w01010", "description": "d"}
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"


def stream_of(**more: Any) -> dict[str, Any]:
    plain = {
        "name": "temperature",
        "description": "at 1 m",
        "observationType": MEASUREMENT,
        "unitOfMeasurement": DEGREES,
    }
    return {**plain, "Sensor": SENSOR, "ObservedProperty": TEMPERATURE, **more}


def river(**more: Any) -> dict[str, Any]:
    return {
        "name": "River's bend",
        "description": "gauge",
        "properties": {"owner": "bureau"},
        "Locations": [PLACE],
        **more,
    }


@pytest.fixture
def thing(program: Any, grid: Any) -> int:
    return int(program.post("Things", river())["@iot.id"])


@pytest.fixture
def made(program: Any, thing: int) -> int:
    """A datastream of water temperature."""
    return int(program.post(f"Things({thing})/Datastreams", stream_of())["@iot.id"])


def values(channel: Channel, kind: str = "r") -> list[float]:
    return list(window(channel.pk, kind, FIVE - timedelta(hours=9), FIVE + timedelta(hours=9)).value)


def test_a_thing_with_all_that_hangs_on_it_becomes_a_station_a_channel_and_readings(
    program: Any, feed: SimpleNamespace
) -> None:
    observations = [{"phenomenonTime": "2026-11-22T05:00:00Z", "result": 12.5, "parameters": {"low": 12, "high": 13}}]
    posted = program.post("Things", river(Datastreams=[stream_of(Observations=observations)]))
    station = Station.objects.get(pk=posted["@iot.id"])
    assert (station.title_zh, station.kind, station.cell.code) == ("River's bend", "surface-water", "T010201")
    assert feed.row.stations.filter(pk=station.pk).exists()
    channel = Channel.objects.get(station=station)
    assert (channel.factor, channel.unit, values(channel)) == ("w01010", "°C", [12.5])
    nested = "Locations,Datastreams($expand=Sensor,ObservedProperty,Observations)"
    read = program.get(f"Things({station.pk})", expand=nested)
    stream = read["Datastreams"][0]
    assert read["properties"] == {"owner": "bureau", "station_code": "river-2", "station_kind": "surface-water"}
    assert {name: read["Locations"][0][name] for name in PLACE} == PLACE
    assert {name: stream["Sensor"][name] for name in SENSOR} == SENSOR
    assert stream["ObservedProperty"]["definition"] == "urn:hj212:w01010"
    assert (stream["name"], stream["description"]) == ("temperature", "at 1 m")
    parameters = stream["Observations"][0]["parameters"]
    assert parameters.pop("evidence").endswith("/1795323600000/")
    assert parameters == {"low": 12.0, "high": 13.0}
    acts = {line.act for line in lines(f"station/{station.pk}")}
    assert acts == {"StationRegistered", "StationDescribed"}
    assert {line.actor for line in lines(f"station/{station.pk}", acts=("StationDescribed",))} == {"feed:river"}


def test_entities_made_one_after_the_other_are_linked_by_their_ids(program: Any, grid: Any) -> None:
    place = program.post("Locations", PLACE)["@iot.id"]
    thing = program.post("Things", river(Locations=[{"@iot.id": place}]))["@iot.id"]
    sensor = program.post("Sensors", SENSOR)["@iot.id"]
    factor = program.post("ObservedProperties", TEMPERATURE)["@iot.id"]
    links = {"Thing": thing, "Sensor": sensor, "ObservedProperty": factor}
    stream = program.post("Datastreams", stream_of(**{name: {"@iot.id": number} for name, number in links.items()}))
    for name, number in links.items():
        assert program.get(f"Datastreams({stream['@iot.id']})/{name}")["@iot.id"] == number
    assert program.ids(f"Things({thing})/Locations") == [place]
    assert program.ids(f"Sensors({sensor})/Datastreams") == [stream["@iot.id"]]
    assert program.ids(f"ObservedProperties({factor})/Datastreams") == [stream["@iot.id"]]
    assert program.ids("Sensors", filter="name eq 'probe'", expand="Datastreams") == [sensor]


def test_two_things_at_one_location_are_two_stations(program: Any, thing: int) -> None:
    other = program.post("Things", river(name="Second", Locations=[{"@iot.id": thing}]))["@iot.id"]
    assert other != thing
    assert program.get(f"Things({other})/Locations")["value"][0]["location"] == PLACE["location"]


def test_a_feature_of_interest_is_the_feeds_station_at_that_point(program: Any, thing: int) -> None:
    feature = {"name": "f", "description": "", "encodingType": "application/geo+json", "feature": PLACE["location"]}
    assert program.post("FeaturesOfInterest", feature)["@iot.id"] == thing
    elsewhere = {**feature, "feature": {"type": "Point", "coordinates": [100.2, 30.1]}}
    assert "expected the place of a station" in program.post("FeaturesOfInterest", elsewhere, 400)["message"]


def test_an_observation_is_a_reading_and_its_bytes_are_kept(program: Any, made: int, feed: SimpleNamespace) -> None:
    posted = {"Datastream": {"@iot.id": made}, "result": 12.5, "resultQuality": "M",
              "phenomenonTime": "2026-11-22T13:00:00+08:00", "FeatureOfInterest": {"@iot.id": 1}}  # fmt: skip
    answer = program.client.post("/sta/v1.1/Observations", posted, content_type="application/json")
    assert (answer.status_code, answer.headers["Location"]) == (201, answer.json()["@iot.selfLink"])
    read = program.get(answer.headers["Location"].partition("/v1.1/")[2])
    assert (read["phenomenonTime"], read["result"], read["resultQuality"]) == ("2026-11-22T05:00:00Z", 12.5, "M")
    raw = packet_bytes(feed_packets(feed.row).get()).raw
    assert raw.startswith(b"POST Observations\r\n\r\n{")
    program.post(f"Datastreams('{made}')/Observations", {"result": 13.0, "phenomenonTime": "2026-11-22T05:01:00Z"})
    now = program.post(f"Datastreams({made})/Observations", {"result": 14.0})
    assert now["phenomenonTime"] == now["resultTime"]
    assert [one["result"] for one in program.get(f"Datastreams({made})/Observations")["value"]] == [12.5, 13, 14]


def test_a_mean_is_posted_to_a_datastream_of_means_and_read_with_its_span(program: Any, thing: int) -> None:
    hours = program.post(f"Things({thing})/Datastreams", stream_of(properties={"reading_kind": "h"}))["@iot.id"]
    span = "2026-11-22T05:00:00Z/2026-11-22T06:00:00Z"
    assert (
        program.post(f"Datastreams({hours})/Observations", {"phenomenonTime": span, "result": 1})["phenomenonTime"]
        == span
    )


def test_the_platforms_own_datastream_of_a_station_takes_observations_but_not_one_that_is_computed(
    program: Any, channel: Any, readings: Callable[..., Any]
) -> None:
    readings(channel, "r", [(FIVE, 40.0)])
    readings(channel, "H", [(FIVE, 40.0)])
    sent, computed = program.ids("Datastreams")
    program.post(f"Datastreams({sent})/Observations", {"phenomenonTime": "2026-11-22T05:01:00Z", "result": 41})
    assert values(channel) == [40.0, 41.0]
    assert "computes" in program.post(f"Datastreams({computed})/Observations", {"result": 1}, 400)["message"]


def test_a_reading_sent_again_with_another_value_leaves_the_old_one_in_the_log(program: Any, made: int) -> None:
    for result in (12.5, 12.5, 13.5):
        program.post(f"Datastreams({made})/Observations", {"phenomenonTime": "2026-11-22T05:00:00Z", "result": result})
    assert program.get(f"Datastreams({made})/Observations")["value"][0]["result"] == 13.5
    corrected = lines(acts=("ReadingsCorrected",)).get()
    assert corrected.detail["old"][0][2] == "12.5"


def test_data_arrays_bring_thousands_of_readings_and_say_which_are_none(program: Any, made: int, thing: int) -> None:
    rows: list[Any] = [[(FIVE + timedelta(seconds=second)).isoformat(), second] for second in range(2000)]
    rows[7][1], rows[9][0], rows[11] = "warm", "2031-01-01T00:00:00Z", ["2026-11-22T05:00:00Z"]
    conductivity = {"name": "conductivity", "definition": "w01014", "description": ""}
    unit = {"name": "µS/cm", "symbol": "uS/cm", "definition": ""}
    other = program.post(
        f"Things({thing})/Datastreams", stream_of(name="c", ObservedProperty=conductivity, unitOfMeasurement=unit)
    )["@iot.id"]
    blocks = [
        {"Datastream": {"@iot.id": made}, "components": ["phenomenonTime", "result"], "dataArray@iot.count": 2000,
         "dataArray": rows},
        {"Datastream": {"@iot.id": other}, "components": ["result", "phenomenonTime", "FeatureOfInterest/id"],
         "dataArray": [[500.0, "2026-11-22T05:00:00Z", 1]]},
    ]  # fmt: skip
    answers = program.post("CreateObservations", blocks)
    wrong = {number: answer for number, answer in enumerate(answers) if answer.startswith("error")}
    assert list(wrong) == [7, 9, 11]
    assert "found result 'warm'" in wrong[7]
    assert "expected between 2000-01-01" in wrong[9]
    assert program.get(answers[-1].partition("/v1.1/")[2])["result"] == 500.0
    assert program.get(f"Datastreams({made})/Observations", count="true", top=1)["@iot.count"] == 1997
    assert FaultCount.objects.get(error="BadReading").count == 2


REFUSED: list[tuple[str, Any, str]] = [
    ("Things", river(Locations=[]), "expected one: a station stands somewhere"),
    ("Things", river(name=""), "found name ''"),
    ("Things", river(colour="red"), "found colour in a Thing"),
    ("Things", [], "expected a Thing as an object"),
    ("Things", river(Locations=[{**PLACE, "location": {"type": "Point", "coordinates": [0, 0]}}]), "no grid cell"),
    ("Things", river(Locations=[{**PLACE, "location": {"type": "LineString"}}]), "expected a GeoJSON Point"),
    ("Things", river(Locations=[{**PLACE, "encodingType": "text/plain"}]), "found encodingType"),
    ("Things", river(Locations=[{"@iot.id": 99999}]), "expected a station of feed river"),
    ("Things", river(MultiDatastreams=[{}]), "not part of this server"),
    ("Things", river(properties={"station_kind": "moon"}), "expected one of: outlet-water"),
    ("Things", river(name="x" * 200), "expected at most 120"),
    ("Things", river(Datastreams=[stream_of(ObservedProperty={"name": "beauty"})]), "found ObservedProperty"),
    ("Things", river(Datastreams=[stream_of(unitOfMeasurement={"symbol": "furlong"})]), "the symbol of a unit"),
    ("Things", river(Datastreams=[stream_of(Sensor={})]), "without Sensor"),
    ("Things", river(Datastreams=[stream_of(Sensor={"@iot.id": 99})]), "found Sensor 99"),
    ("Things", river(Datastreams=[stream_of(properties={"reading_kind": "H"})]), "expected one of: r, m, h, d"),
    ("Datastreams", stream_of(), "without Thing"),
    ("Sensors", {**SENSOR, "name": "half a \ud83d"}, "found no JSON"),
    ("Sensors", {**SENSOR, "description": "nul \x00"}, "cannot work that out"),
    ("Observations", {"result": 1}, "found None"),
    ("CreateObservations", {"a": 1}, "expected a list of data arrays"),
]  # fmt: skip


def test_what_cannot_be_placed_is_refused_with_what_was_expected_and_leaves_nothing(program: Any, grid: Any) -> None:
    from django.db import transaction

    before = Station.objects.count()
    for path, document, said in REFUSED:
        with transaction.atomic():
            refused = program.post(path, document, 400)
        assert said in refused["message"], (path, refused["message"])
    assert Station.objects.count() == before


def test_an_observation_that_is_no_reading_is_refused_kept_and_counted(
    program: Any, made: int, feed: SimpleNamespace
) -> None:
    for observation, said in (
        ({"result": "warm"}, "found result 'warm'"),
        ({"result": 1e12}, "expected below"),
        ({"result": 1, "phenomenonTime": "yesterday"}, "expected a time with zone"),
        ({"result": 1, "resultQuality": "good"}, "found resultQuality"),
        ({"result": 1, "parameters": [1]}, "found parameters"),
    ):
        assert said in program.post(f"Datastreams({made})/Observations", observation, 400)["message"]
    assert feed_packets(feed.row).count() == 5
    assert sum(FaultCount.objects.values_list("count", flat=True)) == 5


def test_a_second_datastream_of_the_same_readings_and_another_unit_are_refused(
    program: Any, made: int, thing: int
) -> None:
    assert (
        f"Datastreams({made})" in program.post(f"Things({thing})/Datastreams", stream_of(name="again"), 409)["message"]
    )
    kelvin = stream_of(name="u", unitOfMeasurement={"symbol": "%"}, properties={"reading_kind": "h"})
    assert "expected '°C'" in program.post(f"Things({thing})/Datastreams", kelvin, 400)["message"]


def test_a_feed_without_a_kind_of_station_registers_none(program: Any, grid: Any, station: Any) -> None:
    define_feed("river", connector="sta", title_zh="河", title_en="River", stations=[station])
    assert "has not set station_kind" in program.post("Things", river(), 400)["message"]


def test_names_descriptions_and_properties_may_change_and_the_log_tells_it(program: Any, made: int, thing: int) -> None:
    program.send("patch", f"Things({thing})", {"name": "New", "properties": {"a": 1}}, 200)
    program.send("patch", f"Locations({thing})", {"description": "right bank"}, 200)
    program.send("patch", f"Datastreams({made})", {"name": "T", "properties": {"depth": 1}}, 200)
    sensor = program.get(f"Datastreams({made})/Sensor")["@iot.id"]
    program.send("patch", f"Sensors({sensor})", {"metadata": {"model": 7}}, 200)
    read = program.get(f"Things({thing})", expand="Locations,Datastreams/Sensor")
    assert (read["name"], read["properties"]["a"], "owner" in read["properties"]) == ("New", 1, False)
    assert (read["Locations"][0]["name"], read["Locations"][0]["description"]) == ("Weir", "right bank")
    assert (read["Datastreams"][0]["name"], read["Datastreams"][0]["description"]) == ("T", "at 1 m")
    assert read["Datastreams"][0]["Sensor"]["metadata"] == {"model": 7}
    whole = {name: value for name, value in read.items() if name not in ("Locations", "Datastreams")}
    program.send("put", f"Things({thing})", {**whole, "description": "d"}, 200)
    patch = [{"op": "test", "path": "/name", "value": "New"}, {"op": "add", "path": "/properties/b~1c", "value": [2]}]
    program.send("patch", f"Things({thing})", patch, 200, content_type="application/json-patch+json")
    assert program.get(f"Things({thing})")["properties"]["b/c"] == [2]
    assert len(lines(f"station/{thing}", acts=("StationDescribed",))) == 6


def test_what_was_measured_and_where_is_not_changed_and_nothing_is_deleted(program: Any, made: int, thing: int) -> None:
    moved = {"location": {"type": "Point", "coordinates": [100.31, 30.1]}}
    assert "expected changes of name" in program.send("patch", f"Locations({thing})", moved, 400)["message"]
    fixed = {"properties": {"station_code": "mine"}}
    assert "it is fixed" in program.send("patch", f"Things({thing})", fixed, 400)["message"]
    unit = {"unitOfMeasurement": {"symbol": "K"}}
    assert "expected changes of" in program.send("patch", f"Datastreams({made})", unit, 400)["message"]
    one = program.post(f"Datastreams({made})/Observations", {"result": 1})["@iot.id"]
    assert "evidence" in program.send("patch", f"Observations('{one}')", {"result": 2}, 405)["message"]
    for path in (f"Observations('{one}')", f"Things({thing})", f"Datastreams({made})"):
        assert "evidence" in program.send("delete", path, None, 405)["message"]
    wrong = [{"op": "replace", "path": "/nothing", "value": 1}]
    refused = program.send("patch", f"Things({thing})", wrong, 400, content_type="application/json-patch+json")
    assert "a member of an object that is there" in refused["message"]


def test_a_batch_answers_each_request_and_a_group_stands_or_falls_together(program: Any, grid: Any) -> None:
    def group(place: dict[str, Any]) -> Any:
        requests = [
            {"id": "list", "method": "get", "url": "Things?$count=true&$top=0"},
            {"id": "place", "atomicityGroup": "g", "method": "post", "url": "Locations", "body": PLACE},
            {"id": "thing", "atomicityGroup": "g", "method": "post", "url": "Things", "body": river(Locations=[place])},
            {"id": "gone", "method": "get", "url": "/sta/v1.1/Nothings"},
        ]
        return program.post("$batch", {"requests": requests}, 200)["responses"]

    before = Station.objects.count()
    failed = group({"@iot.id": 99999})
    assert [answer["status"] for answer in failed] == [200, 424, 400, 404]
    assert Station.objects.count() == before
    done = group({"@iot.id": "$place"})
    assert [answer["status"] for answer in done] == [200, 201, 201, 404]
    assert done[1]["body"]["@iot.id"] == done[2]["body"]["@iot.id"] == Station.objects.latest("pk").pk
    assert "expected an object with a list named requests" in program.post("$batch", [], 400)["message"]


def test_what_a_group_could_not_take_is_kept_and_counted_though_the_group_is_undone(
    program: Any, feed: SimpleNamespace, made: int
) -> None:
    def in_group(number: int, result: Any) -> dict[str, Any]:
        url = f"Datastreams({made})/Observations"
        return {"id": number, "atomicityGroup": "g", "method": "post", "url": url, "body": {"result": result}}

    before = feed_packets(feed.row).count()
    requests = [in_group(1, 5.0), in_group(2, "warm")]
    undone, refused = program.post("$batch", {"requests": requests}, 200)["responses"]
    assert (undone["status"], refused["status"]) == (424, 400)
    assert refused["body"]["message"].endswith("(the request is kept, and counted as BadReading)")
    assert feed_packets(feed.row).count() == before + 1
    kept = feed_packets(feed.row).latest("pk")
    assert (kept.error, b'"warm"' in packet_bytes(kept).raw) == ("BadReading", True)
    assert FaultCount.objects.get(error="BadReading").count == 1
    assert program.get(f"Datastreams({made})/Observations")["value"] == []


def test_of_a_thing_that_falls_with_its_group_the_bytes_are_kept_and_no_reading_is_stored(
    program: Any, feed: SimpleNamespace, grid: Any
) -> None:
    body = river(Datastreams=[stream_of(Observations=[{"result": 5.0}, {"result": "warm"}])])
    before = Station.objects.count()
    thing = {"id": 1, "atomicityGroup": "g", "method": "post", "url": "Things", "body": body}
    (refused,) = program.post("$batch", {"requests": [thing]}, 200)["responses"]
    assert "found result 'warm'" in refused["body"]["message"]
    assert "was created" not in refused["body"]["message"]
    assert (Station.objects.count(), feed_packets(feed.row).count()) == (before, 1)
    assert program.get("Observations")["value"] == []


def test_what_was_refused_in_part_or_in_a_batch_inside_is_kept_though_the_group_is_undone(
    program: Any, feed: SimpleNamespace, made: int
) -> None:
    block = {"Datastream": {"@iot.id": made}, "components": ["result"], "dataArray": [["warm"], [5.0]]}
    cold = {"id": 1, "method": "post", "url": f"Datastreams({made})/Observations", "body": {"result": "cold"}}
    inside = {"requests": [cold, {**cold, "id": 2, "atomicityGroup": "g", "body": {"result": "tepid"}}]}
    requests = [
        {"id": 1, "atomicityGroup": "g", "method": "post", "url": "CreateObservations", "body": [block]},
        {"id": 2, "atomicityGroup": "g", "method": "post", "url": "$batch", "body": inside},
        {"id": 3, "atomicityGroup": "g", "method": "get", "url": "Nothings"},
    ]
    answers = program.post("$batch", {"requests": requests}, 200)["responses"]
    assert [answer["status"] for answer in answers] == [424, 424, 404]
    kept = [packet_bytes(packet).raw for packet in feed_packets(feed.row).order_by("pk")]
    assert [next(word for word in (b"warm", b"cold", b"tepid") if word in raw) for raw in kept] == [
        b"warm", b"cold", b"tepid",
    ]  # fmt: skip
    assert FaultCount.objects.get(error="BadReading").count == 3
    assert program.get(f"Datastreams({made})/Observations")["value"] == []


def test_an_observation_sent_again_is_answered_as_it_stands(program: Any, made: int) -> None:
    body = {"phenomenonTime": "2026-11-22T05:00:00Z", "result": 12.5, "parameters": {"low": 12, "total": 3}}
    first = program.post(f"Datastreams({made})/Observations", body)
    assert first == program.get(f"Observations('{first['@iot.id']}')")
    assert {name: first["parameters"][name] for name in ("low", "total")} == {"low": 12.0, "total": 3.0}
    assert program.post(f"Datastreams({made})/Observations", body) == first
    other = program.post(f"Datastreams({made})/Observations", {**body, "result": None})
    assert other == program.get(f"Observations('{first['@iot.id']}')")
    assert (other["result"], other["resultTime"] > first["resultTime"]) == (None, True)


def test_what_is_inserted_deep_is_entered_whole_or_not_at_all(
    program: Any, feed: SimpleNamespace, grid: Any, thing: int
) -> None:
    before = Station.objects.count(), len(program.ids("Datastreams"))
    bad = stream_of(Observations=[{"result": 5.0}, {"result": "warm"}])
    refused = program.post("Things", river(name="Fallen", Datastreams=[bad]), 400)
    assert "found result 'warm'" in refused["message"]
    assert "BadReading" in refused["message"]
    for fallen in (
        river(name="Fallen", Datastreams=[stream_of(), stream_of(unitOfMeasurement={"symbol": "furlong"})]),
        river(name="Fallen", Datastreams=[stream_of(ObservedProperty={"name": "phlogiston", "definition": "x"})]),
    ):
        program.post("Things", fallen, 400)
    program.post(f"Things({thing})/Datastreams", bad, 400)
    assert (Station.objects.count(), len(program.ids("Datastreams"))) == before
    assert program.get("Observations")["value"] == []
    kept = feed_packets(feed.row)
    assert [b"warm" in packet_bytes(packet).raw for packet in kept] == [True, True]
    assert FaultCount.objects.get(error="BadReading").count == 2


def test_a_datastream_may_be_told_again_what_it_is(program: Any, made: int, thing: int) -> None:
    """As a program does that copies a server: with the times of the other one, and with what it hangs on here."""
    stream = program.get(f"Datastreams({made})", expand="Thing,Sensor,ObservedProperty")
    parts = {name: {"@iot.id": stream[name]["@iot.id"]} for name in ("Thing", "Sensor", "ObservedProperty")}
    span = "2020-01-01T00:00:00Z/2020-01-02T00:00:00Z"
    said = {**stream, **parts, "description": "anew", "phenomenonTime": span, "resultTime": span}
    answer = program.send("patch", f"Datastreams({made})", said, 200)
    assert (answer["description"], answer["phenomenonTime"]) == ("anew", stream["phenomenonTime"])
    for name in parts:
        other = {**said, name: {"@iot.id": parts[name]["@iot.id"] + 2}}
        assert name in program.send("patch", f"Datastreams({made})", other, 400)["message"]


REACH = {"type": "LineString", "coordinates": [[100.3, 30.1], [100.3, 30.12], [100.32, 30.12]]}  # bends halfway


def test_a_place_that_is_a_line_is_given_back_as_it_was_and_its_station_stands_halfway(program: Any, grid: Any) -> None:
    thing = int(program.post("Things", river(Locations=[{**PLACE, "location": REACH}]))["@iot.id"])
    station = Station.objects.get(pk=thing)
    assert (station.lon, station.lat) == pytest.approx((100.3, 30.12))
    assert program.get(f"Locations({thing})")["location"] == REACH
    assert program.get(f"FeaturesOfInterest({thing})")["feature"] == REACH
    found = {"name": "reach", "description": "d", "encodingType": "application/geo+json", "feature": REACH}
    assert program.post("FeaturesOfInterest", found)["@iot.id"] == thing
    near = program.get(
        "Locations", filter="st_within(location,geography'POLYGON((100 30.11,101 30.11,101 31,100 31,100 30.11))')"
    )
    assert [one["@iot.id"] for one in near["value"]] == [thing]


def test_a_place_told_as_a_line_before_its_thing_is_that_things(program: Any, grid: Any) -> None:
    feature = {"type": "Feature", "geometry": REACH, "properties": {}}
    place = int(program.post("Locations", {**PLACE, "location": feature})["@iot.id"])
    assert int(program.post("Things", river(Locations=[{"@iot.id": place}]))["@iot.id"]) == place
    other = int(program.post("Things", river(name="Gauge 2", Locations=[{"@iot.id": place}]))["@iot.id"])
    assert other != place
    assert [program.get(f"Locations({one})")["location"] for one in (place, other)] == [REACH, REACH]


@pytest.mark.parametrize(
    "location",
    [
        {"type": "LineString", "coordinates": [[100.3, 30.1]]},
        {"type": "LineString", "coordinates": [[100.3, 30.1], [100.3, 30.1]]},
        {"type": "LineString", "coordinates": [[100.3, 30.1], [True, 30.1]]},
        {"type": "LineString", "coordinates": [[100.3, 30.1], [100.3, 97]]},
        {"type": "LineString", "coordinates": [100.3, 30.1]},
        {"type": "LineString", "coordinates": {"0": [100.3, 30.1]}},
        {"type": "MultiLineString", "coordinates": [[[100.3, 30.1], [100.3, 30.2]]]},
        {"type": "Polygon", "coordinates": [[[100.3, 30.1], [100.3, 30.2], [100.4, 30.2], [100.3, 30.1]]]},
    ],
)
def test_a_line_that_is_none_and_other_shapes_are_refused_with_what_is_expected(
    program: Any, grid: Any, location: dict[str, Any]
) -> None:
    refused = program.post("Locations", {**PLACE, "location": location}, status=400)
    assert "expected a GeoJSON Point" in refused["message"] or "expected degrees of WGS-84" in refused["message"]
    assert not Station.objects.filter(described__place_name="Weir").exists()
