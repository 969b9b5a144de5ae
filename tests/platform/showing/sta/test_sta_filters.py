"""Filters against rows: each statement of the grammar keeps the entities for which it holds, and no other."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

pytestmark = pytest.mark.django_db
HOUR = datetime(2026, 11, 22, 1, tzinfo=UTC)
BOX = "POLYGON ((100 30, 100.1 30, 100.1 30.2, 100 30.2, 100 30))"
HOLE = "POLYGON ((99 29, 102 29, 102 31, 99 31, 99 29), (100 30, 100.1 30, 100.1 30.2, 100 30.2, 100 30))"


@pytest.fixture
def world(program: Any, feed: SimpleNamespace, station: Any, channel: Any, readings: Callable[..., Any]) -> Any:
    """COD at the outlet: five values a minute apart and two hours; and a river station without readings."""
    readings(channel, "r", [(HOUR + timedelta(minutes=minute), 40.0 + minute) for minute in range(4)])
    readings(channel, "r", [(HOUR + timedelta(minutes=4), 44.0)], mark="D")
    readings(channel, "h", [(HOUR, 42.0), (HOUR + timedelta(hours=1), 52.0)])
    place = {"name": "Weir", "encodingType": "application/geo+json",
             "location": {"type": "Point", "coordinates": [100.3, 30.1]}}  # fmt: skip
    river = {"name": "River's bend", "properties": {"depth": 2.5, "open": True, "owner": {"name": "bureau"}}}
    number = program.post("Things", {**river, "Locations": [place]})["@iot.id"]
    names = {station.pk: "outlet", number: "river"}
    return SimpleNamespace(things=lambda found: {names[number] for number in found}, program=program)


OUTLET, RIVER = {"outlet"}, {"river"}
BOTH, NONE = OUTLET | RIVER, set()


THINGS = [
    ("name eq 'East Water outlet'", OUTLET),
    ("'River''s bend' eq name", RIVER),
    ("name ne 'East Water outlet'", RIVER),
    ("not name eq 'East Water outlet'", RIVER),
    ("name gt 'F' or name lt 'A'", RIVER),
    ("substringof('bend', name)", RIVER),
    ("contains(name,'outlet') and startswith(name,'East') and endswith(name,'outlet')", OUTLET),
    ("length(name) eq 12", RIVER),
    ("indexof(name,'Water') eq 5", OUTLET),
    ("substring(name,5) eq 'Water outlet' and substring(name,5,5) eq 'Water'", OUTLET),
    ("tolower(name) eq 'east water outlet' or toupper(name) eq 'X'", OUTLET),
    ("trim(concat(' ', name)) eq concat('River''s',' bend')", RIVER),
    ("properties/depth eq 2.5", RIVER),
    ("properties/depth add 1 gt 3 and properties/depth mul 2 le 5", RIVER),
    ("properties/owner/name eq 'bureau' and properties/open eq true", RIVER),
    ("properties/depth eq null", OUTLET),
    ("not (properties/depth gt 2)", OUTLET),
    ("properties/station_kind eq 'outlet-water'", OUTLET),
    ("-properties/depth lt 0 sub 2", RIVER),
    ("properties/depth mod 2 eq 0.5 and round(properties/depth div 2) eq 1", RIVER),
    ("floor(properties/depth) eq 2 and ceiling(properties/depth) eq 3", RIVER),
    ("Locations/name eq 'Weir'", RIVER),
    ("Datastreams/name ne null", OUTLET),
    ("Datastreams/ObservedProperty/definition eq 'urn:hj212:w01018'", OUTLET),
    ("Datastreams/Observations/result gt 50", OUTLET),
    ("Datastreams/Observations/result gt 60", NONE),
    ("Datastreams/Observations/result gt 60 or Locations/name eq 'Weir'", RIVER),
    (f"st_within(Locations/location, geography'{BOX}')", OUTLET),
    (f"st_disjoint(Locations/location, geography'{BOX}')", RIVER),
    (f"geo.intersects(Locations/location, geography'{HOLE}')", RIVER),
    (f"st_contains(geography'{BOX}', Locations/location)", OUTLET),
    ("st_equals(Locations/location, geography'POINT (100.3 30.1)')", RIVER),
    ("geo.distance(Locations/location, geography'POINT (100.3 30.2)') lt 0.11", RIVER),
    (f"st_distance(Locations/location, geography'{BOX}') gt 0.19", RIVER),
    ("st_intersects(Locations/location, geography'LINESTRING (100.2 30, 100.4 30.2)')", RIVER),
    ("st_disjoint(Locations/location, geography'LINESTRING (100.2 30, 100.4 30.2)')", OUTLET),
    ("st_within(Locations/location, geography'MULTILINESTRING ((0 0, 1 1), (100 30.1, 101 30.1))')", BOTH),
    ("geo.distance(Locations/location, geography'LINESTRING (100.3 30.2, 101 30.2)') lt 0.11", RIVER),
    ("HistoricalLocations/time le now()", BOTH),
    ("Datastreams/any()", OUTLET),
    ("not Datastreams/any()", RIVER),
    ("Datastreams/any(d: d/ObservedProperty/definition eq 'urn:hj212:w01018')", OUTLET),
    ("Datastreams/any(d: d/unitOfMeasurement/symbol eq 'mg/L' and d/Observations/any(o: o/result gt 50))", OUTLET),
    ("Datastreams/any(d: d/Observations/any(o: o/result gt 60)) or name eq 'River''s bend'", RIVER),
    ("Datastreams/Observations/any(o: o/result gt 50 and o/result lt 51)", NONE),
    ("Datastreams/all(d: d/Observations/any(o: o/result gt 50))", RIVER),  # of no stream, which is true of all of them
    ("Datastreams/all(d: d/Observations/any())", BOTH),
    ("Datastreams/any(d: d/Observations/all(o: o/result ge 42))", OUTLET),
    ("Locations/any(l: l/name eq 'Weir' or contains(l/name, 'weir'))", RIVER),
    ("HistoricalLocations/time gt now() sub duration'PT1H'", BOTH),
    ("@iot.id gt 0 and id lt 1000000", BOTH),
]  # fmt: skip


def test_things_are_kept_for_which_the_statement_holds(world: Any) -> None:
    found = {condition: world.things(world.program.ids("Things", filter=condition)) for condition, _ in THINGS}
    assert found == dict(THINGS)


OBSERVATIONS = [
    ("result gt 42 and result lt 50", [43, 44]),
    ("result mul 2 eq 84", [42, 42]),
    ("phenomenonTime eq 2026-11-22T01:01:00Z", [41]),
    ("phenomenonTime gt 2026-11-22T09:02:00+08:00", [52, 43, 44]),
    ("phenomenonTime ge 2026-11-22T01:03:00Z and phenomenonTime le 2026-11-22T02:00:00Z", [43, 44]),
    ("phenomenonTime lt 2026-11-22T02:00:00Z", [42, 40, 41, 42, 43, 44]),
    ("phenomenonTime lt 2026-11-22T01:59:00Z", [40, 41, 42, 43, 44]),
    ("phenomenonTime eq 2026-11-22T01:00:00Z/2026-11-22T02:00:00Z", [42]),
    ("overlaps(phenomenonTime, 2026-11-22T01:30:00Z/2026-11-22T01:40:00Z)", [42]),
    ("during(phenomenonTime, 2026-11-22T02:00:00Z/2026-11-22T03:00:00Z)", [52]),
    ("before(phenomenonTime, 2026-11-22T01:02:00Z)", [40, 41]),
    ("after(phenomenonTime, 2026-11-22T01:03:00Z)", [52, 44]),
    ("meets(phenomenonTime, 2026-11-22T02:00:00Z/2026-11-22T03:00:00Z)", [42]),
    ("starts(phenomenonTime, 2026-11-22T01:00:00Z) and finishes(phenomenonTime, 2026-11-22T02:00:00Z)", [42]),
    ("year(phenomenonTime) eq 2026 and month(phenomenonTime) eq 11 and minute(phenomenonTime) eq 3", [43]),
    ("day(phenomenonTime) eq 22 and hour(phenomenonTime) eq 2 and second(phenomenonTime) eq 0", [52]),
    ("date(phenomenonTime) eq '2026-11-22' and time(phenomenonTime) eq '01:02:00'", [42]),
    ("fractionalseconds(resultTime) lt 1 and resultQuality eq 'D'", [44]),
    ("resultTime gt mindatetime() and resultTime lt maxdatetime() and result eq 52", [52]),
    ("Datastream/properties/reading_kind eq 'h'", [42, 52]),
    ("Datastream/Thing/name eq 'East Water outlet' and Datastream/unitOfMeasurement/symbol eq 'mg/L' and result eq 41",
     [41]),
    ("FeatureOfInterest/name eq 'East Water outlet' and result eq 41", [41]),
    ("FeatureOfInterest/name eq 'River''s bend'", []),
    ("parameters/low ne null", []),
    ("substring(@iot.id, indexof(@iot.id, '-')) eq '-1795309320000000'", [42]),
]  # fmt: skip


def test_observations_are_kept_for_which_the_statement_holds(world: Any) -> None:
    found = {
        condition: world.program.get("Observations", filter=condition, count="true") for condition, _ in OBSERVATIONS
    }
    results = {condition: [one["result"] for one in page["value"]] for condition, page in found.items()}
    assert results == dict(OBSERVATIONS)
    assert all(page["@iot.count"] == len(page["value"]) for page in found.values())


OTHERS = [
    ("Datastreams", "phenomenonTime ge 2026-11-22T01:00:00Z and contains(name, 'real-time')", 1),
    ("Datastreams", "Observations/result gt 50 and Thing/Locations/name eq 'East Water outlet'", 1),
    ("Datastreams", "ObservedProperty/name eq 'chemical oxygen demand (CODcr)' and Sensor/@iot.id eq 0", 2),
    ("Datastreams", "description eq 'hour means, as sent'", 1),
    ("Locations", "name eq 'Weir' and Things/name eq 'River''s bend'", 1),
    ("FeaturesOfInterest", "Observations/result eq 52", 1),
    ("ObservedProperties", "Datastreams/any(d: d/Observations/any(o: o/result gt 50))", 1),
    ("ObservedProperties", "Datastreams/any(d: d/Observations/any(o: o/result gt 60))", 0),
    ("Observations", "Datastream/Thing/Locations/any(l: l/name eq 'Weir')", 0),
    ("ObservedProperties", "name eq 'ammonia nitrogen' or definition eq 'urn:hj212:w01018'", 2),
    ("ObservedProperties", "Datastreams/Thing/name eq 'East Water outlet'", 1),
    ("ObservedProperties", "Datastreams/Thing/name eq 'River''s bend'", 0),
    ("ObservedProperties", "properties/unit eq 'kWh' and not startswith(name, 'x')", 3),
    ("Sensors", "name eq 'Not known' and Datastreams/Observations/result eq 40", 1),
]  # fmt: skip


def test_other_entities_are_kept_for_which_the_statement_holds(world: Any) -> None:
    found = [
        (path, condition, world.program.get(path, filter=condition, count="true")["@iot.count"])
        for path, condition, _ in OTHERS
    ]
    assert found == OTHERS


REFUSED = [
    ("Things", "nme eq 1", "found 'nme' of a Thing, expected one of: @iot.id, name"),
    ("Things", "name/x eq 1", "it has nothing inside"),
    ("Things", "name gt 5", "expected a"),
    ("Things", "name/any(d: d/x eq 1)", "expected a relation to many out of: "),
    ("Things", "Datastreams/any(d: name eq 'x')", "expected a property of d"),
    ("Things", "Datastreams/any(d)", "expected a name and a colon"),
    ("Things", "Datastreams/any(d: d/name ne null) eq true", "expected it beside and, or, not"),
    ("Things", "frobnicate(name)", "found function frobnicate"),
    ("Things", "length(name, 1) eq 3", "found length with 2 arguments"),
    ("Things", "name gt null", "expected eq null"),
    ("Things", "Locations/location eq 5", "expected"),
    ("Things", "st_within(Locations/location, geography'CIRCLE (1)')", "expected WKT"),
    ("Things", "name eq Datastreams/name", "in one comparison"),
    ("Datastreams", "Sensor/metadata eq 'x'", "expected Sensor/name"),
    ("Sensors", "st_within(name, geography'POINT (1 2)')", "expected a text, a number"),
    ("Observations", "substring(resultQuality, 99999999999) eq ''", "cannot work that out"),
]  # fmt: skip


def test_a_statement_that_means_nothing_is_refused(world: Any) -> None:
    for path, condition, said in REFUSED:
        with transaction.atomic():  # an answer of 400 may come from the database
            refused = world.program.get(path, 400, filter=condition)
            transaction.set_rollback(True)
        assert (refused["code"], said in refused["message"]) == (400, True), (condition, refused["message"])


@pytest.mark.parametrize(
    "condition",
    [
        "length(name mul 3000000) gt 5",
        "'%20000000d' mod 1 ne null",
        "'%' mod 1 eq 'a'",
        "true add 1 eq 2",
        "name add 'x' eq 'y'",
        "-name eq 1",
        "@iot.id mul 1e308 mul 1e308 gt 1",
        "@iot.id mod 0 eq 1",
    ],
)
@pytest.mark.parametrize("path", ["Sensors", "ObservedProperties"])
def test_arithmetic_in_lists_is_of_numbers_only(program: Any, path: str, condition: str) -> None:
    refused = program.get(path, 400, filter=condition.replace("@iot.id", "(@iot.id add 1)"))
    assert "expected values that go together" in refused["message"]


def test_arithmetic_of_numbers_is_worked_out_in_lists(program: Any) -> None:
    assert program.ids("Sensors", filter="(@iot.id add 7) mul 2 sub 4 div 2 eq 12 and -@iot.id eq 0") == [0]


DEEP = [
    "name eq 'a' or " + "not " * 97 + "name eq 'a'",
    "-" * 98 + "@iot.id gt 5",
    "concat(" * 8 + "name" + ",'x')" * 8 + " eq 'a'",
    "tolower(" * 40 + "name" + ")" * 40 + " eq 'a'",
    "tolower(" * 58 + "name" + ")" * 58 + " eq 'a'",
    "not " * 25 + "(" * 50 + "-" * 25 + "@iot.id" + ")" * 50 + " gt 5",
    "not " * 50 + "tolower(" * 50 + "name" + ")" * 50 + " eq 'a'",
    " and ".join(["name eq 'a'"] * 50),
]


@pytest.mark.parametrize("path", ["Things", "Datastreams", "Sensors"])
def test_the_deepest_statement_that_is_read_is_also_worked_out(program: Any, path: str) -> None:
    for condition in DEEP:
        answer = program.client.get(f"/sta/v1.1/{path}", {"$filter": condition})
        assert answer.status_code == 200, (condition[:50], answer.content[-200:])


@pytest.mark.parametrize("path", ["Things", "Sensors", "ObservedProperties"])
def test_what_is_too_large_or_too_deep_is_refused(program: Any, path: str) -> None:
    for condition in ("id gt " + "9" * 400, "id gt " + "9" * 5000, "-" * 300 + "@iot.id gt 5", "not " * 300 + "true"):
        assert "expected" in program.get(path, 400, filter=condition)["message"]


def test_a_number_that_no_entity_has_is_not_found(program: Any, stream: Any) -> None:
    huge = "9" * 5000
    for path in ("Things", "Sensors", "ObservedProperties", "Observations"):
        program.get(f"{path}({huge})", 404)
    document = {"result": 1, "Datastream": {"@iot.id": huge}}
    assert "with the number of one of" in program.post("Observations", document, 400)["message"]
