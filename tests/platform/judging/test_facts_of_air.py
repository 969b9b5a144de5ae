"""Facts from the air around an enterprise: what stations downwind show, still air, and power under warnings."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE, screened

from qingyuan.judging.fact import FACTS, Asked, Comparison, Told
from qingyuan.kit import clock
from qingyuan.places.api import (
    apply_standard,
    assign_meter,
    declare_warning,
    enter_plan,
    register_enterprise,
    register_station,
    withdraw_paper,
)
from qingyuan.sensing.queries import Channel
from qingyuan_science.plugins import with_parameters

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
END = NINE
PM = "a34004"


@pytest.fixture
def works(cast: SimpleNamespace) -> Any:
    """A works in the middle of East Town."""
    return register_enterprise(
        "91500000TEST000001", lon=100.1, lat=30.1, organisation=cast.enterprise.organisation, title_zh="东厂",
        title_en="East Works", industry_code="2221", industry_zh="造纸", industry_en="Paper", management="key",
    )  # fmt: skip


@pytest.fixture
def send(readings: Callable[..., Any]) -> Callable[..., None]:
    """Hour means that end at `END`."""

    def put(station: Any, factor: str, unit: str, values: list[float], basis: str = "measured") -> None:
        channel = Channel.objects.create(station=station, factor=factor, basis=basis, unit=unit)
        first = END - len(values) * HOUR
        readings(channel, "h", [(first + hour * HOUR, value) for hour, value in enumerate(values)])

    return put


def air(code: str, lon: float, lat: float = 30.1) -> Any:
    return register_station(code, title_zh=code, title_en=code, kind="ambient-air", lon=lon, lat=lat)


def told(code: str, owner: Any, hours: int, factor: str = "", **settings: float) -> Told:
    asked = Asked((owner.pk,), END - hours * HOUR, END, factor)
    return with_parameters(FACTS.get(code), settings).measure(asked)[owner.pk]


@pytest.fixture
def ring(works: Any, send: Callable[..., None]) -> None:
    """Three stations; the eastern one, 2.9 km away, stands out in hours 0 to 3 and 10 and 11 of 24.

    The wind blows from the west, over the works to it, in hours 0 to 7; then from the east; in hour 3 it hardly blows.
    """
    high = {0, 1, 2, 3, 10, 11}
    for code, lon, lat in (("east", 100.13, 30.1), ("north", 100.1, 30.18), ("south", 100.1, 30.02)):
        at = air(code, lon, lat)
        send(at, PM, "ug/m3", [80.0 if code == "east" and hour in high else 40.0 for hour in range(24)])
        if code == "east":
            send(at, "a01008", "°", [260.0 if hour < 8 else 90.0 for hour in range(24)])
            send(at, "a01007", "m/s", [0.4 if hour == 3 else 2.5 for hour in range(24)])


def test_hours_in_which_a_downwind_station_stood_out_are_counted_beside_those_of_other_winds(
    works: Any, ring: None
) -> None:
    one = told("hours_downwind_high", works, 24, PM)
    assert one.value == 3.0, "hours 0, 1, 2; still air in hour 3; the wind came from elsewhere in 10 and 11"
    assert "for 7 hours; in 3 of them it stood out among the stations around (43%; 12% when it came" in one.sentence.en
    assert "东" not in one.sentence.en
    assert "2.9 km" in one.sentence.zh
    (link,) = one.evidence
    assert (link.kind, link.key, link.factor) == ("station", "east", PM)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({"within_km": 2}, None), ({"half_angle": 5}, 0.0), ({"times": 2.5}, 0.0), ({"least_wind": 3.0}, 0.0)],
)
def test_how_far_how_straight_how_strong_and_how_high_are_settings(
    works: Any, ring: None, settings: dict[str, float], expected: float | None
) -> None:
    assert told("hours_downwind_high", works, 24, PM, **settings).value == expected


def test_without_two_other_stations_or_wind_the_number_is_not_known(works: Any, send: Callable[..., None]) -> None:
    at = air("east", 100.13)
    send(at, PM, "ug/m3", [80.0] * 24)
    assert told("hours_downwind_high", works, 24, PM).value is None
    for code in ("north", "south"):
        send(air(code, 100.1, 30.15 if code == "north" else 30.05), PM, "ug/m3", [40.0] * 24)
    assert told("hours_downwind_high", works, 24, PM).value is None, "nobody knows the wind"


def test_stations_that_send_in_another_unit_are_held_against_each_other_all_the_same(
    works: Any, send: Callable[..., None]
) -> None:
    at = air("east", 100.13)
    send(at, "a01008", "°", [270.0] * 24)
    send(at, "a01007", "m/s", [3.0] * 24)
    send(at, PM, "mg/m3", [0.08] * 24)
    for code, lat in (("north", 30.15), ("south", 30.05)):
        send(air(code, 100.1, lat), PM, "ug/m3", [40.0] * 24)
    assert told("hours_downwind_high", works, 24, PM).value == 24.0


def test_hours_of_a_stack_over_its_limit_in_still_air_are_counted(works: Any, send: Callable[..., None]) -> None:
    stack = register_station("stack", title_zh="一号炉", title_en="stack", kind="outlet-gas", lon=100.1, lat=30.1,
                             enterprise=works)  # fmt: skip
    apply_standard(stack, standard="GB 13223-2011", level="new_coal", valid_from=LONG_AGO)
    send(stack, "a21026", "mg/m3", [500.0] * 6 + [10.0] * 18, "converted")
    assert told("hours_over_in_still_air", works, 24).value is None, "no wind is measured"
    send(air("east", 100.13), "a01007", "m/s", [0.5] * 4 + [3.0] * 18 + [0.5] * 2)
    one = told("hours_over_in_still_air", works, 24)
    assert one.value == 4.0
    assert "6 hours of stacks over the limit" in one.sentence.en
    assert told("hours_over_in_still_air", works, 24, most_wind=0.4).value == 0.0


@pytest.fixture
def metered(works: Any, send: Callable[..., None]) -> Any:
    """Four weeks of 400 kW by day and 50 by night, 200 and 25 at weekends; then, on a Saturday and a Sunday, ..."""
    meter = register_station("meter", title_zh="电表", title_en="meter", kind="power-meter", lon=100.1, lat=30.1,
                             enterprise=works)  # fmt: skip
    assign_meter(meter, use="production", title_zh="纸机", title_en="machine", days=(LONG_AGO, None))
    first = END - 30 * DAY

    def load(hour: int) -> float:
        local = (first + hour * HOUR).astimezone(clock.SHANGHAI)
        usual = 400.0 if 6 <= local.hour < 20 else 50.0
        usual *= 0.5 if local.weekday() >= 5 else 1.0
        return usual * (0.9 if hour >= 28 * 24 else 1.0)

    send(meter, "activepower", "kW", [load(hour) for hour in range(30 * 24)])
    return works


def test_power_under_a_warning_is_held_against_the_same_hours_of_like_days(metered: Any, grid: SimpleNamespace) -> None:
    assert told("warned_power", metered, 48).value is None, "no warning"
    warning = declare_warning(grid.town, level="orange", number="预警1", span=(END - 2 * DAY, None))
    one = told("warned_power", metered, 48)
    assert one.value == pytest.approx(90.0)
    assert "48 hours under warnings" in one.sentence.en
    assert [link.key for link in one.evidence] == ["meter"]
    with clock.wound_to(clock.now() + HOUR):
        withdraw_paper(warning, why="误报", origin=OFFICE)
        declare_warning(grid.other_town, level="orange", number="预警2", span=(END - 2 * DAY, None))
        assert told("warned_power", metered, 48).value is None, "it was over another town"


def test_whom_the_plan_exempts_has_no_number(metered: Any, grid: SimpleNamespace) -> None:
    declare_warning(grid.town, level="orange", number="预警1", span=(END - 2 * DAY, None))
    enter_plan(metered, days=(LONG_AGO, None), exempt=True, grounds="民生供热")
    one = told("warned_power", metered, 48)
    assert (one.value, "exempts" in one.sentence.en) == (None, True)


def test_usual_is_not_learned_from_the_hours_of_an_earlier_warning(metered: Any, grid: SimpleNamespace) -> None:
    for number, days in ((1, 2), (2, 7)):
        span = (END - days * DAY, END - (days - 2) * DAY)
        declare_warning(grid.town, level="orange", number=f"预警{number}", span=span)
    assert told("warned_power", metered, 48).value == pytest.approx(90.0)


@pytest.mark.mission("S2-06")
def test_a_screening_lists_whom_the_monitoring_network_points_at(works: Any, ring: None, cast: SimpleNamespace) -> None:
    from qingyuan.judging.api import save_screening
    from qingyuan.judging.conditions import Condition, Definition

    register_enterprise(
        "91500000TEST000002", lon=100.16, lat=30.1, organisation=None, title_zh="下风厂", title_en="Lee Works",
        industry_code="2221", industry_zh="造纸", industry_en="Paper", management="key",
    )  # fmt: skip
    asked = Condition("hours_downwind_high", Comparison.AT_LEAST, 3.0, PM)
    with clock.wound_to(END + timedelta(minutes=5)):
        run = screened(save_screening(Definition("风向溯源", (asked,), days=1), cast.analyst, OFFICE).pk, cast.analyst)
    assert (run.state, run.looked_at, run.why) == ("done", 2, "")
    row = run.rows.get()
    assert (row.enterprise, row.answers[0]["value"]) == (works, 3.0)
    assert row.answers[0]["evidence"][0]["key"] == "east"
