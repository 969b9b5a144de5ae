"""Observations of many Datastreams in an order that is asked for: the same from the lake as from the hot table."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest

from qingyuan.places.api import register_station
from qingyuan.recording import across
from qingyuan.recording.api import append, note_streams, seal_old_days
from qingyuan.recording.events import ReadingsAppended
from qingyuan.sensing.api import Rows, define_channel
from qingyuan.sensing.logic.raw import segments
from qingyuan.showing.sta.history import alone, ordered

pytestmark = pytest.mark.django_db
OLD = datetime(2024, 4, 29, tzinfo=UTC)
NEW = datetime(2026, 11, 21, tzinfo=UTC)
ORDERS = (
    "phenomenonTime",
    "phenomenonTime desc",
    "phenomenonTime desc,result desc",
    "resultTime",
    "resultTime desc",
    "result",
    "result desc",
    "result mod 3,phenomenonTime",
    "@iot.id desc",
)
FILTERS = (
    "",
    "phenomenonTime ge 2024-05-01T00:00:00Z",
    "phenomenonTime gt 2024-04-30T02:00:00Z and phenomenonTime le 2026-11-21T01:00:00Z",
    "phenomenonTime lt 2024-04-30T00:00:00Z",
    "2024-04-30T00:00:00Z eq phenomenonTime",
    "during(phenomenonTime,2024-04-30T00:00:00Z/2024-04-30T02:30:00Z)",
    "overlaps(phenomenonTime,2024-04-30T00:30:00Z/2024-05-01T00:30:00Z)",
    "result gt 3 and result lt 102",
    "result ge -1 and result le 2",
    "result eq 7",
    "result eq null",
    "resultTime lt 2026-11-20T00:30:00Z",
    "resultTime ge 2026-11-20T00:30:00Z and result mod 2 eq 1",
    "resultQuality eq 'D'",
    "Datastream/ObservedProperty/definition eq 'urn:hj212:w21003'",
    "Datastream/properties/reading_kind eq 'r' and result lt 4",
    "not (Datastream/properties/reading_kind eq 'r')",
    "FeatureOfInterest/name ne 'nobody' and result gt 204",
)


def keep(channel: Any, kind: str, values: Sequence[tuple[datetime, float]], mark: str = "N") -> None:
    """Store readings that were received within two days from 2026-11-19 on, in another order than that of time."""
    rows = Rows()
    for number, (at, value) in enumerate(values):
        received = datetime(2026, 11, 19, tzinfo=UTC) + timedelta(minutes=(number * 911 + channel.pk) % 2880)
        key = channel.pk, kind, round(at.timestamp() * 1_000_000)
        rows.add(key, (value, np.nan, np.nan, np.nan), mark, round(received.timestamp() * 1_000_000))
    segment = segments.append(segments.Body(b"test", 0, datetime(2026, 11, 22, tzinfo=UTC)))
    append(rows, segment)
    spans = [[channel.pk, kind, min(rows.at), max(rows.at)]]
    note_streams(ReadingsAppended(id=segment.id, segment_hash=segment.hash.hex(), count=len(rows), spans=spans))


@pytest.fixture
def measured(program: Any, channel: Any, stream: Any, station: Any, settings: Any, tmp_path: Any) -> Callable[[], None]:
    """Three channels of several kinds with readings at the same instants, still in the hot table; and what seals them.

    Some values are missing, some marked, and the order of receipt is not that of time.
    """
    settings.LAKE = str(tmp_path / "lake")
    days = [OLD, OLD + timedelta(days=1), OLD + timedelta(days=33), NEW]
    hours = [day + timedelta(hours=hour) for day in days for hour in range(4)]
    ammonia, flow = (define_channel(station, factor=factor, unit="") for factor in ("w21003", "w00000"))
    keep(flow, "r", [(at, 200.0 + number) for number, at in enumerate(hours[::2])], "D")
    keep(ammonia, "h", [(at, 100.0 + number if number % 5 else float("nan")) for number, at in enumerate(hours)])
    keep(ammonia, "r", [(at, float(number % 3)) for number, at in enumerate(hours[1:])])
    keep(channel, "r", [(at, float(number)) for number, at in enumerate(hours)])

    def seal() -> None:
        assert [day.dropped for day in seal_old_days()] == [True] * 3

    return seal


def told(program: Any, path: str, **options: Any) -> list[dict[str, Any]]:
    """The Observations of all pages, along the links."""
    found: list[dict[str, Any]] = []
    page = program.get(path, **options)
    for _ in range(200):
        found += page["value"]
        if "@iot.nextLink" not in page:
            return found
        parts = urlsplit(page["@iot.nextLink"])
        given = {name[1:]: value for name, value in parse_qsl(parts.query)}
        page = program.get(parts.path.partition("/v1.1/")[2], **given)
    raise AssertionError("found no last page")


def channel_and_kind(one: dict[str, Any]) -> tuple[int, str]:
    """Out of the address of a reading's evidence."""
    _, _, channel, kind, *_ = one["parameters"]["evidence"].split("/")
    return int(channel), kind


def asked() -> list[dict[str, str]]:
    """Every order, and every filter by time in both directions."""
    plain = [{"orderby": order} for order in ORDERS]
    return plain + [
        {"orderby": order, "filter": filter_}
        for filter_ in FILTERS[1:]
        for order in ("phenomenonTime", "phenomenonTime desc", "resultTime desc", "result mod 3 desc")
    ]


def test_what_is_sealed_is_answered_as_it_was_before(program: Any, station: Any, measured: Callable[[], None]) -> None:
    paths = ("Observations", f"FeaturesOfInterest({station.pk})/Observations")
    options = [*asked(), *({"filter": filter_} for filter_ in FILTERS[1:])]
    before = [told(program, paths[0], **some, top=1000) for some in options]
    counts = [program.get(paths[0], **some, top=0, count="true")["@iot.count"] for some in options]
    measured()
    for path in paths:
        assert [told(program, path, **some, top=1000) for some in options] == before
        assert [program.get(path, **some, top=0, count="true")["@iot.count"] for some in options] == counts
    assert counts == [len(page) for page in before]
    assert len(before[0]) == 55
    by_receipt = before[ORDERS.index("resultTime")]
    assert before[0] == sorted(by_receipt, key=lambda one: (one["phenomenonTime"][:20], channel_and_kind(one)))


def test_pages_of_any_length_follow_each_other_in_both_directions(
    program: Any, measured: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {order: [one["@iot.id"] for one in told(program, "Observations", orderby=order, top=1000)]
             for order in ORDERS}  # fmt: skip
    measured()
    for limits in ((20_000, 500_000), (3, 500_000), (4, 7)):
        monkeypatch.setattr(across, "MOST_SENT", limits[0])
        monkeypatch.setattr(alone, "MOST_LOOKED_AT", limits[1])
        small = limits[0] < 20_000
        for order in ORDERS[:7] if small else ORDERS:
            for top in (16, 55) if small else (7, 54, 55, 56):
                found = [one["@iot.id"] for one in told(program, "Observations", orderby=order, top=top)]
                assert found == whole[order], (limits, order, top)
            found = [one["@iot.id"] for one in told(program, "Observations", orderby=order, top=9, skip=37)]
            assert found == whole[order][37:]
    monkeypatch.setattr(ordered, "MOST_SCANNED", 5)
    odd = told(program, "Observations", orderby="phenomenonTime desc", top=5, filter="result mod 100 eq 1")
    assert [one["result"] for one in odd] == [
        one["result"] for one in told(program, "Observations", orderby="phenomenonTime desc", top=1000)
        if one["result"] is not None and one["result"] % 100 == 1
    ]  # fmt: skip


def test_a_hundredth_page_looks_at_no_more_than_the_first(
    program: Any, channel: Any, measured: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(channel, "m", [(OLD + timedelta(minutes=minute), float(minute)) for minute in range(1200)])
    measured()
    looked_at: list[int] = []
    parts = across.Across.parts

    def counted(self: Any, most: int, after: Any = None) -> Any:
        looked_at.append(0)
        for part in parts(self, most, after):
            looked_at[-1] += part.looked_at
            yield part

    monkeypatch.setattr(across.Across, "parts", counted)
    found = told(program, "Observations", orderby="phenomenonTime desc", top=10, filter="result ge 0")
    assert len(found) == 1251
    assert len(looked_at) == 126
    assert max(looked_at) <= 200


def test_what_came_late_stands_over_sealed_readings_in_every_order(
    program: Any, channel: Any, measured: Callable[[], None]
) -> None:
    measured()
    keep(channel, "r", [(OLD, 99.5), (OLD + timedelta(minutes=30), 98.5)])
    first = [one["result"] for one in program.get("Observations", orderby="phenomenonTime", top=5)["value"]]
    assert first == [99.5, None, 200, 98.5, 1]
    highest = program.get("Observations", orderby="result desc", filter="result lt 100", top=3, count="true")
    assert [one["result"] for one in highest["value"]] == [99.5, 98.5, 15]
    assert highest["@iot.count"] == 32
    assert program.get("Observations", filter="result eq 0 and resultQuality eq 'N'", count="true")["@iot.count"] == 5
    assert program.get("Observations", count="true", top=0)["@iot.count"] == 56


def test_what_is_not_one_s_own_stays_out_of_sight_in_the_lake(
    program: Any, enterprise: Any, measured: Callable[[], None]
) -> None:
    elsewhere = register_station(
        "outlet-2", title_zh="西", title_en="West", kind="outlet-water", lon=100.3, lat=30.1, enterprise=enterprise
    )
    there = define_channel(elsewhere, factor="w01018", unit="mg/L")
    keep(there, "r", [(OLD, 555.0), (NEW, 556.0)])
    measured()
    for order in ORDERS:
        seen = told(program, "Observations", orderby=order, top=1000)
        assert len(seen) == 55
        assert not [one for one in seen if one["result"] in (555.0, 556.0)]
    assert program.get("Observations", count="true", top=0)["@iot.count"] == 55


def test_an_order_that_no_column_has_is_refused_where_too_much_would_be_sorted(
    program: Any, measured: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured()
    monkeypatch.setattr(across, "MOST_SENT", 10)
    message = program.get("Observations", 400, orderby="result mod 3")["message"]
    assert "expected $orderby by phenomenonTime, result or resultTime" in message
    monkeypatch.setattr(ordered, "MOST_SORTED", 10)
    assert "expected phenomenonTime" in program.get("Observations", 400, orderby="resultTime")["message"]
    back = program.get("Observations", 400, filter="Datastream/Observations/result gt 3", orderby="phenomenonTime")
    assert "expected one of their own" in back["message"]
