"""The SensorThings connector on bytes alone: what was posted is read as it was meant, or named as what it is not."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.sensing.connector import CONNECTORS, BadPayload, Payload, Read
from qingyuan_science.series import Mark

RECEIVED_US = 1_795_399_200_000_000
TIMES = st.datetimes(datetime(2000, 1, 2), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 gets a zone
Row = tuple[datetime, float | None, Mark]
ROW = st.tuples(TIMES, st.none() | st.floats(-1e9, 1e9), st.sampled_from(list(Mark)))


def read(path: str, document: Any) -> Read:
    raw = f"POST {path}\r\n\r\n".encode() + (document if isinstance(document, bytes) else json.dumps(document).encode())
    return CONNECTORS.get("sta")().read(Payload(raw, "10.0.0.8:443", RECEIVED_US), {})


@given(st.lists(st.tuples(st.integers(1, 10**9), st.lists(ROW, max_size=4)), max_size=3))
def test_data_arrays_are_read_value_for_value(
    blocks: list[tuple[int, list[tuple[datetime, float | None, Mark]]]],
) -> None:
    document = [
        {
            "Datastream": {"@iot.id": number},
            "components": ["resultQuality", "result", "phenomenonTime"],
            "dataArray": [[mark, value, at.isoformat()] for at, value, mark in rows],
        }
        for number, rows in blocks
    ]
    found = read("CreateObservations", document)
    expected = [(f"Datastreams({number})", at, value, mark) for number, rows in blocks for at, value, mark in rows]
    assert [(one.name, one.at, one.value, one.mark) for one in found.observed] == expected
    assert found.faults == []


PATHS = ["Observations", "CreateObservations", "Datastreams(7)/Observations", "Things", "Datastreams", ""]
KEYS = ["Datastream", "@iot.id", "components", "dataArray", "Datastreams", "Observations", "result", "phenomenonTime"]
JUNK = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(PATHS), st.binary(max_size=60) | JUNK)
def test_whatever_is_posted_is_read_or_refused_by_name(path: str, document: Any) -> None:
    try:
        found = read(path, document)
    except BadPayload as error:
        assert "expected" in str(error)  # noqa: PT017 most of it is refused
    else:
        assert all(fault == "BadReading" and "expected" in detail for fault, detail in found.faults)


def test_observations_inside_what_is_created_are_known_by_the_name_of_their_datastream() -> None:
    stream = {"name": "oxygen", "Observations": [{"result": 8.1, "phenomenonTime": "2026-11-22T05:00:00Z"}]}
    for path, document in (
        ("Things", {"Datastreams": [stream]}),
        ("Datastreams", stream),
        ("Things(1)/Datastreams", stream),
    ):
        (observed,) = read(path, document).observed
        assert (observed.name, observed.value) == ("Datastreams/oxygen", 8.1)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_in_json_is_not_taken_for_a_missing_value(number: str) -> None:
    with pytest.raises(BadPayload, match="no number in JSON"):
        read("Datastreams(7)/Observations", f'{{"result": {number}}}'.encode())


def test_an_observation_without_a_time_is_of_when_it_came_and_a_span_counts_from_its_start() -> None:
    (now,) = read("Datastreams(7)/Observations", {"result": 1}).observed
    assert now.at == datetime.fromtimestamp(RECEIVED_US / 1e6, UTC)
    (hour,) = read(
        "Datastreams(7)/Observations", {"result": 1, "phenomenonTime": "2026-11-22T05:00:00Z/2026-11-22T06:00:00Z"}
    ).observed
    assert hour.at == datetime(2026, 11, 22, 5, tzinfo=UTC)
