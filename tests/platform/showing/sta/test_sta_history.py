"""A Datastream's Observations in order of time: the hot table and the days that have moved to the lake read as one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from qingyuan.recording import throughout
from qingyuan.recording.api import seal_old_days
from qingyuan.sensing.api import define_channel
from qingyuan.showing.sta.history import alone
from qingyuan.showing.sta.history import throughout as throughout_streams

pytestmark = pytest.mark.django_db
OLD = datetime(2024, 4, 28, tzinfo=UTC)
NEW = datetime(2026, 11, 21, tzinfo=UTC)
EVERYTHING = [float(number) for number in range(42)]


@pytest.fixture
def observed(
    program: Any, channel: Any, stream: Any, readings: Callable[..., Any], settings: Any, tmp_path: Any
) -> Callable[..., Any]:
    """Six hours a day over six old days that lie in the lake, and six of a day in the hot table; values count up."""
    settings.LAKE = str(tmp_path / "lake")
    days = [*(OLD + timedelta(days=number) for number in range(6)), NEW]
    times = [day + timedelta(hours=hour) for day in days for hour in range(6)]
    readings(channel, "r", [(at, float(number)) for number, at in enumerate(times)])
    assert [sealed.dropped for sealed in seal_old_days()] == [True] * 6

    def results(**options: Any) -> Any:
        return [one["result"] for one in program.get(f"Datastreams({stream.pk})/Observations", **options)["value"]]

    return results


def followed(program: Any, path: str, **options: Any) -> list[float]:
    """The results of all pages, along the links."""
    found: list[float] = []
    page = program.get(path, **options)
    for _ in range(100):
        found += [one["result"] for one in page["value"]]
        if "@iot.nextLink" not in page:
            return found
        parts = urlsplit(page["@iot.nextLink"])
        given = {name[1:]: value for name, value in parse_qsl(parts.query)}
        page = program.get(parts.path.partition("/v1.1/")[2], **given)
    raise AssertionError("found no last page")


def test_pages_follow_from_the_oldest_sealed_day_into_the_hot_table_and_back(
    program: Any, stream: Any, observed: Callable[..., Any]
) -> None:
    path = f"Datastreams({stream.pk})/Observations"
    for top in (1, 5, 41, 42, 100):
        assert followed(program, path, top=top) == EVERYTHING
        assert followed(program, path, top=top, orderby="phenomenonTime desc") == EVERYTHING[::-1]
    assert observed(top=0) == []
    assert program.get(path, count="true", top=3)["@iot.count"] == 42


def test_what_is_expanded_inside_many_reaches_as_far(
    program: Any, stream: Any, observed: Callable[..., Any], channel: Any, readings: Callable[..., Any]
) -> None:
    readings(channel, "r", [(OLD + timedelta(minutes=30), 0.5)])  # late for a sealed day: older than the days after it
    there = [0.0, 0.5, *EVERYTHING[1:]]
    for order, expected in (("phenomenonTime desc", there[::-1]), ("phenomenonTime asc", there), ("", there)):
        for top in (1, 2, 5, 6, 7, 43):
            inner = f"$top={top}" + (f";$orderby={order}" if order else "")
            (thing,) = program.get("Things", expand=f"Datastreams($expand=Observations({inner}))")["value"]
            (one,) = thing["Datastreams"]
            rest = urlsplit(one.get("Observations@iot.nextLink", ""))
            path = rest.path.partition("/v1.1/")[2]
            given = {name[1:]: value for name, value in parse_qsl(rest.query)}
            found = [reading["result"] for reading in one["Observations"]]
            assert len(found) == top
            assert found + (followed(program, path, **given) if path else []) == expected


def test_a_filter_means_the_same_of_sealed_readings(program: Any, stream: Any, observed: Callable[..., Any]) -> None:
    a_night = "phenomenonTime ge 2024-04-29T03:00:00Z and phenomenonTime lt 2024-04-29T05:00:00Z"
    assert observed(filter=a_night) == [9, 10]
    across = "2024-05-03T04:00:00Z lt phenomenonTime and phenomenonTime le 2026-11-21T01:00:00Z"
    assert observed(filter=across) == [35, 36, 37]
    assert observed(filter="phenomenonTime eq 2024-05-01T00:00:00Z") == [18]
    assert observed(filter="result mod 10 eq 1") == [1, 11, 21, 31, 41]
    midnights = observed(filter="result ge 4 and not (hour(phenomenonTime) ge 1)", orderby="phenomenonTime desc")
    assert midnights == [36, 30, 24, 18, 12, 6]
    assert observed(filter="Datastream/properties/reading_kind eq 'h'") == []
    assert observed(filter="false") == []
    found = program.get(f"Datastreams({stream.pk})/Observations", filter="result lt 8", count="true", skip=3, top=2)
    assert (found["@iot.count"], [one["result"] for one in found["value"]]) == (8, [3, 4])


def test_what_came_late_for_a_sealed_day_stands_over_it(
    observed: Callable[..., Any], channel: Any, readings: Callable[..., Any]
) -> None:
    readings(channel, "r", [(OLD, 99.0), (OLD + timedelta(minutes=30), 98.0)])
    assert observed(top=3) == [99, 98, 1]
    first_day = observed(filter="phenomenonTime lt 2024-04-29T00:00:00Z", orderby="phenomenonTime desc")
    assert first_day == [5, 4, 3, 2, 1, 98, 99]


def test_an_observation_reads_the_same_from_the_lake_as_before(
    program: Any, channel: Any, stream: Any, readings: Callable[..., Any], settings: Any, tmp_path: Any
) -> None:
    settings.LAKE = str(tmp_path / "lake")
    readings(channel, "r", [(OLD, 12.5), (OLD + timedelta(microseconds=1), 0.1)], "D")
    path = f"Datastreams({stream.pk})/Observations"
    before = program.get(path)
    assert [sealed.dropped for sealed in seal_old_days()] == [True]
    assert program.get(path) == before
    assert program.get(path, resultFormat="dataArray")["value"][0]["dataArray"][1][2] == 0.1


def test_parts_and_pages_that_end_early_lose_nothing(
    program: Any, stream: Any, observed: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throughout, "MOST_SENT", 4)
    monkeypatch.setattr(alone, "MOST_LOOKED_AT", 7)
    path = f"Datastreams({stream.pk})/Observations"
    for order, there in (("phenomenonTime", EVERYTHING), ("phenomenonTime desc", EVERYTHING[::-1])):
        assert followed(program, path, top=20, orderby=order) == there
        assert followed(program, path, top=3, skip=17, orderby=order) == there[17:]
        twenties = [one for one in there if one % 20 == 0]
        assert followed(program, path, filter="result mod 20 eq 0", orderby=order) == twenties
    assert program.get(path, count="true", top=1)["@iot.count"] == 42
    monkeypatch.setattr(alone, "MOST_COUNTED", 30)
    assert program.get(path, count="true", top=1)["@iot.count"] == 42
    odd = program.get(path, 400, count="true", top=1, filter="result mod 2 eq 1")
    assert "expected a shorter span" in odd["message"]


def test_a_datastream_tells_of_the_time_that_lies_in_the_lake(
    program: Any, stream: Any, observed: Callable[..., Any], channel: Any, readings: Callable[..., Any]
) -> None:
    path = f"Datastreams({stream.pk})"
    first, last = program.get(path)["phenomenonTime"].split("/")
    assert (first, last) == ("2024-04-28T00:00:00Z", "2026-11-21T05:00:00Z")
    assert program.get("Datastreams")["value"][0]["phenomenonTime"] == f"{first}/{last}"
    readings(channel, "r", [(OLD - timedelta(days=1), 99.0)])
    assert program.get(path)["phenomenonTime"] == f"2024-04-27T00:00:00Z/{last}"


def test_a_datastream_that_fell_silent_ends_where_its_last_sealed_reading_does(
    program: Any, channel: Any, stream: Any, readings: Callable[..., Any], settings: Any, tmp_path: Any
) -> None:
    settings.LAKE = str(tmp_path / "lake")
    readings(channel, "r", [(OLD, 12.5), (OLD + timedelta(days=40), 13.5)])
    before = program.get(f"Datastreams({stream.pk})")
    assert [sealed.dropped for sealed in seal_old_days()] == [True, True]
    assert program.get(f"Datastreams({stream.pk})") == before
    assert before["phenomenonTime"] == "2024-04-28T00:00:00Z/2024-06-07T00:00:00Z"


@pytest.fixture
def several(observed: Callable[..., Any], station: Any, readings: Callable[..., Any]) -> list[float]:
    """Beside COD another channel and another kind; what all of them measured, in order of channel, kind and time."""
    ammonia = define_channel(station, factor="w21003", unit="mg/L")
    hours = [(NEW + timedelta(hours=hour), 200.0 + hour) for hour in range(3)]
    readings(ammonia, "h", [(OLD + timedelta(hours=hour), 100.0 + hour) for hour in range(3)] + hours)
    readings(ammonia, "r", [(NEW, 300.0)])
    assert [sealed.dropped for sealed in seal_old_days()] == [True]
    return [*EVERYTHING, 100.0, 101.0, 102.0, 200.0, 201.0, 202.0, 300.0]


def test_collections_over_several_datastreams_reach_into_the_lake(
    program: Any, several: list[float], station: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("Observations", f"FeaturesOfInterest({station.pk})/Observations"):
        for top in (1, 6, 42, 43, 48, 49, 50, 100):
            assert followed(program, path, top=top) == several
        assert followed(program, path, top=2, skip=41) == several[41:]
        assert followed(program, path, top=2, skip=44) == several[44:]
        assert followed(program, path, top=5, skip=60) == []
        counted = program.get(path, count="true", top=3)
        assert (counted["@iot.count"], len(counted["value"])) == (49, 3)
        assert program.get(path, count="true", top=0) == {"@iot.count": 49, "value": []}
        old = "phenomenonTime lt 2024-04-29T00:00:00Z and (result lt 2 or result gt 100)"
        assert followed(program, path, filter=old, top=1) == [0, 1, 101, 102]
        assert followed(program, path, filter="Datastream/properties/reading_kind eq 'h'", top=4) == several[42:48]
        assert followed(program, path, filter="phenomenonTime ge 2026-11-01T00:00:00Z", top=4) == [
            *EVERYTHING[36:], 200, 201, 202, 300,
        ]  # fmt: skip
    (place,) = program.get("FeaturesOfInterest", expand="Observations($top=44;$select=result)")["value"]
    assert [one["result"] for one in place["Observations"]] == several[:44]
    monkeypatch.setattr(alone, "MOST_LOOKED_AT", 10)
    assert followed(program, "Observations", top=30) == several
    assert followed(program, "Observations", top=5, filter="result mod 100 eq 1") == [1, 101, 201]
    monkeypatch.setattr(alone, "MOST_COUNTED", 40)
    assert "shorter span" in program.get("Observations", 400, count="true", filter="result mod 100 eq 1")["message"]
    monkeypatch.setattr(throughout_streams, "MOST_STREAMS", 1)
    assert followed(program, "Observations", top=30) == several
    assert followed(program, "Observations", top=5, filter="result eq 300") == [300]
    assert program.get("Observations", count="true")["@iot.count"] == 49
