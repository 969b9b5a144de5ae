from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from casefile import LONG_AGO, NINE

from qingyuan.judging.api import end_watch, judge_readings, set_watch
from qingyuan.judging.queries import Finding, blind_spots, watches
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput

pytestmark = pytest.mark.django_db


def test_setting_the_same_watch_twice_sets_one() -> None:
    first, second = (set_watch("exceedance", kind="h", valid_from=LONG_AGO) for _ in range(2))
    assert first == second
    assert len(list(log.about(f"watch/{first.pk}"))) == 1


@pytest.mark.parametrize(
    ("detector", "parameters", "said"),
    [
        ("exceedence", {}, "exceedance"),
        ("exceedance", {"minimum": 3}, "minimum_periods"),
        ("exceedance", {"minimum_periods": 900}, "48"),
        ("exceedance", {"minimum_periods": "two"}, "int"),
    ],
)
def test_a_watch_refuses_what_its_detector_does_not_take_and_says_what_it_does(
    detector: str, parameters: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        set_watch(detector, kind="h", valid_from=LONG_AGO, parameters=parameters)
    assert not watches().exists()


def test_a_watch_with_settings_judges_by_them(channel: Any, readings: Callable[..., Any]) -> None:
    set_watch("exceedance", kind="h", valid_from=LONG_AGO, parameters={"minimum_periods": 3})
    judge_readings(readings(channel, "h", [(NINE + timedelta(hours=number), 80.0) for number in range(2)]))
    assert not Finding.objects.exists()
    judge_readings(readings(channel, "h", [(NINE + timedelta(hours=2), 80.0)]))
    assert Finding.objects.get().started_at == NINE


@pytest.mark.parametrize(
    "conditions", [{"station_kind": "outlet-gas"}, {"factor": "w21003"}, {"valid_from": date(2026, 11, 23)}]
)
def test_a_watch_leaves_alone_what_it_does_not_name(
    channel: Any, readings: Callable[..., Any], conditions: dict[str, Any]
) -> None:
    set_watch("exceedance", **{"kind": "h", "valid_from": LONG_AGO, **conditions})
    judge_readings(readings(channel, "h", [(NINE, 80.0)]))
    assert not Finding.objects.exists()


def test_a_watch_that_ended_judges_no_later_day(watch: Any, channel: Any, readings: Callable[..., Any]) -> None:
    end_watch(watch.pk, date(2026, 11, 21))
    judge_readings(readings(channel, "h", [(NINE, 80.0)]))
    assert not Finding.objects.exists()


def test_what_cannot_be_judged_is_counted_and_stops_nothing_else(
    watch: Any, station: Any, channel: Any, readings: Callable[..., Any]
) -> None:
    from qingyuan.places.api import apply_standard, register_station
    from qingyuan.sensing.queries import Channel

    other = register_station("outlet-2", title_zh="二号口", title_en="Two", kind="outlet-water", lon=100.06, lat=30.1)
    apply_standard(other, standard="GB 0000-1900", level="1A", valid_from=LONG_AGO)
    unknown = Channel.objects.create(station=other, factor="w01018", basis="measured", unit="mg/L")
    for _ in range(2):
        event = readings(unknown, "h", [(NINE, 80.0)])
        event.spans.extend(readings(channel, "h", [(NINE, 80.0)]).spans)
        judge_readings(event)
    (spot,) = blind_spots()
    assert (spot.channel, spot.count) == (unknown, 2)
    assert "GB 0000-1900" in spot.reason
    assert Finding.objects.get().channel == channel


def test_a_gap_is_found_by_the_first_reading_after_it(channel: Any, readings: Callable[..., Any]) -> None:
    set_watch("missing_data", kind="h", valid_from=LONG_AGO)
    for hour in (*range(30), *range(40, 45)):
        judge_readings(readings(channel, "h", [(NINE + timedelta(hours=hour), 30.0 + hour % 3)]))
    (found,) = Finding.objects.all()
    assert (found.started_at, found.ended_at) == (NINE + timedelta(hours=30), NINE + timedelta(hours=40))


def test_what_ended_where_a_rule_begins_is_not_found_by_it(channel: Any, readings: Callable[..., Any]) -> None:
    midnight = NINE + timedelta(hours=15)  # in Shanghai
    set_watch("exceedance", kind="h", valid_from=midnight.astimezone(clock.SHANGHAI).date())
    readings(channel, "h", [(midnight - timedelta(hours=hour), 80.0) for hour in (2, 1)])
    judge_readings(readings(channel, "h", [(midnight, 30.0), (midnight + timedelta(hours=1), 30.0)]))
    assert not Finding.objects.exists()


def test_a_watch_refuses_readings_that_its_detector_is_not_made_for_and_names_those_it_is() -> None:
    with pytest.raises(BadInput, match="实时值") as refused:
        set_watch("night_source", kind="r", valid_from=LONG_AGO)
    assert "小时均值" in str(refused.value)
    assert not watches().exists()
