"""Environment quality out of stored readings: air by edition, water by class, outlets by limit, and who may see it."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from loop_runner import run_waiting_jobs
from openpyxl import load_workbook
from pages import get

from qingyuan.kit import clock
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AIR = {"PM2.5": "a34004", "PM10": "a34002", "SO2": "a21026", "NO2": "a21004", "CO": "a21005", "O3": "a05024"}
CLEAN = {"PM2.5": 20.0, "PM10": 40.0, "SO2": 9.0, "NO2": 20.0, "CO": 0.6, "O3": 90.0}


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - 8 * HOUR


def the_loop_runs() -> None:
    with clock.wound_to(datetime.now(UTC)):  # handlers begin when the platform was set up, which is now
        run_waiting_jobs()


def words(answer: Any) -> str:
    assert answer.status_code == 200, answer.content.decode()[-2000:]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


@pytest.fixture
def station_of(grid: Any) -> Callable[..., SimpleNamespace]:
    """A station of a kind with channels by name."""
    from qingyuan.places.api import apply_standard, register_station
    from qingyuan.sensing.api import define_channel

    def make(
        code: str, kind: str, channels: dict[str, tuple[str, str]], *, lon: float = 100.05, target: str = ""
    ) -> Any:
        with clock.wound_to(datetime(2020, 1, 1, tzinfo=UTC)):
            station = register_station(code, title_zh=code, title_en=code.title(), kind=kind, lon=lon, lat=30.1)
            if target:
                apply_standard(station, standard="GB 3838-2002", level=target, valid_from=LONG_AGO)
        made = {name: define_channel(station, factor=one[0], unit=one[1]) for name, one in channels.items()}
        return SimpleNamespace(station=station, channels=made, code=code)

    return make


@pytest.fixture
def air(station_of: Any) -> Callable[..., SimpleNamespace]:
    units = {name: (factor, "mg/m3" if name == "CO" else "µg/m3") for name, factor in AIR.items()}
    return lambda code="air-1", **more: station_of(code, "ambient-air", units, **more)


@pytest.fixture
def days_of_air(readings: Any) -> Callable[..., None]:
    """Days of constant values: day means as sent, and the hours of ozone, of which no day mean is taken."""

    def put(place: SimpleNamespace, first: date, count: int, values: dict[str, float]) -> None:
        starts = [midnight(first) + number * DAY for number in range(count)]
        for name, value in values.items():
            if name == "O3":
                readings(place.channels[name], "h", [(at + n * HOUR, value) for at in starts for n in range(24)])
            else:
                readings(place.channels[name], "d", [(at, value) for at in starts])

    return put


def test_each_day_is_judged_by_the_edition_in_force_on_it(air: Any, days_of_air: Any, browser: Browser) -> None:
    place = air()
    days_of_air(place, date(2026, 2, 28), 2, CLEAN | {"PM2.5": 75.0})
    the_loop_runs()
    client = browser("leader")
    # PM2.5 of 75: IAQI 100 by HJ 633-2012; by HJ 633-2026 (150 - 100) / (115 - 60) * (75 - 60) + 100 = 113.6
    for month, day, aqi, level in ((2, "2026-02-28", 100, "good"), (3, "2026-03-01", 114, "lightly polluted")):
        page = words(get(client, "air-station", {"year": 2026, "part": month}, code=place.code))
        assert f"{day} {aqi} {level} PM2.5" in page
        assert ("HJ 633-2012" in page, "HJ 633-2026" in page) == (month == 2, month == 3)


@pytest.mark.parametrize("value", [35.4999, 35.5, 36.5])
def test_concentrations_are_rounded_to_even_before_they_are_judged(
    value: float, air: Any, days_of_air: Any, browser: Browser
) -> None:
    place = air()
    days_of_air(place, date(2026, 4, 1), 1, CLEAN | {"PM2.5": value})
    the_loop_runs()
    page = words(get(browser("leader"), "air-hours", code=place.code, day="2026-04-01"))
    # 35 gives 50; 36, to which both 35.5 and 36.5 round, gives 50 / 25 * 1 + 50
    assert f"AQI {50 if value < 35.5 else 52}" in page


def test_the_composite_index_of_a_month_comes_out_as_the_worked_example(
    air: Any, days_of_air: Any, browser: Browser
) -> None:
    place = air()
    city = {"SO2": 9.0, "NO2": 28.0, "PM10": 56.0, "PM2.5": 35.0, "CO": 1.0, "O3": 144.0}
    days_of_air(place, date(2025, 6, 1), 30, city)
    the_loop_runs()
    client = browser("analyst")
    rows = get(client, "air-data", {"year": 2025, "part": 6}).json()["rows"]
    assert [row["composite_index"] for row in rows] == [3.8, 3.8]  # the area of one point, and the point
    assert rows[1]["good_days"] == rows[1]["valid_days"] == 30
    assert rows[1]["good_day_ratio"] == 100.0


def test_a_day_without_a_pollutant_has_no_index_and_says_why(air: Any, days_of_air: Any, browser: Browser) -> None:
    place = air()
    days_of_air(place, date(2026, 4, 1), 1, {name: value for name, value in CLEAN.items() if name != "SO2"})
    days_of_air(place, date(2026, 4, 2), 1, {"PM2.5": 130.0})
    the_loop_runs()
    page = words(get(browser("analyst"), "air-station", {"year": 2026, "part": 4}, code=place.code))
    assert "2026-04-01 — no value — no value no AQI: SO2 missing, and the rest does not exceed 100" in page
    assert "2026-04-02 172 moderately polluted PM2.5" in page  # 50 / 35 * 15 + 150, published because above 100
    assert "0.0 % good days 0 of 1 valid days, 30 days in all" in page


def test_the_area_is_the_mean_of_its_points_and_never_of_their_indices(
    air: Any, days_of_air: Any, browser: Browser
) -> None:
    from qingyuan.places.api import place_in_network
    from qingyuan.places.queries import NetworkPart

    clean, foul, aside = air("air-1"), air("air-2", lon=100.15), air("air-3", lon=100.3)
    days_of_air(clean, date(2026, 4, 1), 1, CLEAN | {"PM2.5": 30.0})
    days_of_air(foul, date(2026, 4, 1), 1, CLEAN | {"PM2.5": 110.0})
    days_of_air(aside, date(2026, 4, 1), 1, CLEAN | {"PM2.5": 400.0})
    place_in_network(aside.station, NetworkPart(background=True))
    the_loop_runs()
    page = words(get(browser("leader"), "air-day", day="2026-04-01"))
    # mean 70: 50 / 55 * 10 + 100 = 109.1 up to 110; the mean of the indices would be 94.5
    assert "Whole territory mean of its points 110 lightly polluted PM2.5 70 (110)" in page
    listed = words(get(browser("leader"), "air", {"year": 2026, "part": 4}))
    assert "Background points, which do not count for the area: 1." in listed


@pytest.mark.mission("S3-01")
def test_a_year_stands_beside_the_year_before(air: Any, days_of_air: Any, browser: Browser) -> None:
    place = air()
    days_of_air(place, date(2025, 4, 1), 10, CLEAN | {"PM2.5": 70.0})  # AQI 94 by the edition of 2012
    days_of_air(place, date(2026, 4, 1), 10, CLEAN | {"PM2.5": 70.0})  # AQI 110 by the edition of 2026
    the_loop_runs()
    page = words(get(browser("leader"), "air", {"year": 2026, "part": 4}))
    assert "Good-day ratio, % 0.0 100.0 -100.0" in page
    assert "By HJ 633-2026 throughout, the good-day ratio of the year before would be 0.0 %." in page
    assert "Fewer than 27 valid days" in page


@pytest.mark.mission("S3-23")
def test_late_hours_change_the_day_on_the_page(air: Any, days_of_air: Any, readings: Any, browser: Browser) -> None:
    place, day = air(), date(2026, 4, 1)
    days_of_air(place, day, 1, {name: value for name, value in CLEAN.items() if name != "PM2.5"})
    start = midnight(day)
    readings(place.channels["PM2.5"], "h", [(start + n * HOUR, 40.0) for n in range(19)])
    the_loop_runs()
    client, address = browser("duty_officer"), {"year": 2026, "part": 4}
    assert "no AQI: PM2.5 missing" in words(get(client, "air-station", address, code=place.code))
    hours = words(get(client, "air-hours", code=place.code, day="2026-04-01"))
    assert "19 of 20 needed" in hours
    readings(place.channels["PM2.5"], "h", [(start + n * HOUR, 140.0) for n in range(19, 24)])
    the_loop_runs()
    # (19 * 40 + 5 * 140) / 24 = 60.8, rounded to 61: 50 / 55 * 1 + 100 = 100.9
    assert "2026-04-01 101 lightly polluted PM2.5" in words(get(client, "air-station", address, code=place.code))


def test_every_hour_leads_to_its_reading(air: Any, days_of_air: Any, browser: Browser) -> None:
    place, day = air(), date(2026, 4, 1)
    days_of_air(place, day, 1, CLEAN)
    the_loop_runs()
    client = browser("duty_officer")
    calendar = get(client, "air-station", {"year": 2026, "part": 4}, code=place.code).content.decode()
    hours = reverse("air-hours", kwargs={"code": place.code, "day": "2026-04-01"})
    assert f'href="{hours}"' in calendar
    at = int(midnight(day).timestamp() * 1000)
    reading = reverse("reading", kwargs={"channel": place.channels["O3"].pk, "kind": "h", "at": at})
    assert f'href="{reading}"' in client.get(hours).content.decode()
    assert client.get(reading).status_code == 200


RIVER = {"pH": ("w01001", "dimensionless"), "DO": ("w01009", "mg/L"), "NH3-N": ("w21003", "mg/L"),
         "TP": ("w21011", "mg/L"), "TN": ("w21001", "mg/L")}  # fmt: skip


@pytest.mark.mission("S0-20")
def test_the_class_of_a_month_is_that_of_its_worst_item_with_its_multiple(
    station_of: Any, readings: Any, browser: Browser
) -> None:
    place = station_of("river-1", "surface-water", RIVER, target="III")
    values = {"pH": 7.4, "DO": 6.3, "NH3-N": 1.2, "TP": 0.15, "TN": 9.0}
    for name, value in values.items():
        readings(place.channels[name], "d", [(midnight(date(2026, 4, 1)) + n * DAY, value) for n in range(5)])
    the_loop_runs()
    client = browser("leader")
    page = words(get(client, "water-station", {"year": 2026, "part": 4}, code=place.code))
    assert "class IV lightly polluted Target class class III missed" in page
    assert "Main pollutants: ammonia nitrogen (0.2)" in page  # 1.2 / 1.0 - 1
    assert "Rivers have no limit for total nitrogen: it is not judged." in page
    row = get(client, "water-data", {"year": 2026, "part": 4}).json()
    assert row["rows"][0]["class"] == "IV"
    assert row["shares_percent"] == {"best": 0.0, "good": 0.0, "fifth": 0.0, "worst": 0.0}


def test_a_lake_is_held_against_the_limits_of_lakes(station_of: Any, readings: Any, browser: Browser) -> None:
    from qingyuan.places.api import place_in_network
    from qingyuan.places.queries import NetworkPart

    place = station_of("lake-1", "surface-water", RIVER, target="III")
    for name, value in {"pH": 7.4, "DO": 6.3, "NH3-N": 0.3, "TP": 0.15}.items():
        readings(place.channels[name], "d", [(midnight(date(2026, 4, 1)), value)])
    the_loop_runs()
    ask = {"year": 2026, "part": 4}
    assert get(browser("leader"), "water-data", ask).json()["rows"][0]["class"] == "III"
    place_in_network(place.station, NetworkPart(body="lake"))
    assert get(browser("leader"), "water-data", ask).json()["rows"][0]["class"] == "V"  # 0.15 between 0.1 and 0.2


@pytest.mark.mission("S3-02")
def test_shares_of_sections_change_against_the_same_month_of_the_year_before(
    station_of: Any, readings: Any, browser: Browser
) -> None:
    ammonia = {"NH3-N": RIVER["NH3-N"]}
    for number, (before, now) in enumerate(((0.1, 0.1), (1.2, 0.4), (1.2, 0.9), (1.2, 1.8), (2.5, 2.5))):
        place = station_of(f"river-{number}", "surface-water", ammonia, target="III")
        for year, value in ((2025, before), (2026, now)):
            readings(place.channels["NH3-N"], "d", [(midnight(date(year, 4, 2)), value)])
    the_loop_runs()
    page = words(get(browser("leader"), "water", {"year": 2026, "part": 4}))
    assert "Classes I and II 40.0 2 20.0 +20.0" in page
    assert "Classes I to III 60.0 3 20.0 +40.0" in page
    assert "Class V 20.0 1 0.0 +20.0" in page
    assert "Worse than class V 20.0 1 20.0 0.0" in page
    assert "moderately polluted 5 of 5 sections have a class" in page  # 60 % good, 20 % worse than V
    assert "against the year before: clearly better (5 sections)" in page


@pytest.mark.mission("S0-20")
def test_an_outlet_is_counted_by_the_days_that_kept_its_limits(channel: Any, readings: Any, browser: Browser) -> None:
    start = midnight(date(2026, 4, 1))
    readings(channel, "d", [(start + n * DAY, value) for n, value in enumerate((40.0, 50.0, 55.0, 75.0))])
    the_loop_runs()
    client = browser("enterprise")
    answer = get(client, "outlets", {"year": 2026, "part": 4})
    assert "On 2 of 4 days with a valid value, every value that could be judged kept its limit." in words(answer)
    assert "up to 0.50 times over" in words(answer)
    assert "Not judged, since they had no valid day" not in words(answer)
    at = int((start + 3 * DAY).timestamp() * 1000)
    assert reverse("reading", kwargs={"channel": channel.pk, "kind": "d", "at": at}) in answer.content.decode()
    row = get(client, "outlets-data", {"year": 2026, "part": 4}).json()["rows"][0]
    assert (row["valid_days"], row["days_kept"], row["share"]) == (4, 2, 0.5)
    Channel.objects.create(station=channel.station, factor="w21003", unit="mg/L")
    told = words(get(client, "outlets", {"year": 2026, "part": 4}))
    assert "Not judged, since they had no valid day: 1 of the limited factors." in told, (
        "ammonia is bound, and nothing of it came"
    )


def places_within(page: Any) -> tuple[set[str], set[str]]:
    """The places of a page that its own links lead to, and those that are there."""
    written = unescape(page.content.decode())
    return set(re.findall(r'href="#([^"]+)"', written)), set(re.findall(r' id="([^"]+)"', written))


def test_a_figure_of_a_month_leads_to_its_days_and_that_of_the_year_before_to_its_month(
    air: Any, days_of_air: Any, station_of: Any, readings: Any, browser: Browser
) -> None:
    place, river = air(), station_of("river-1", "surface-water", RIVER, target="III")
    days_of_air(place, date(2026, 4, 1), 10, CLEAN)
    readings(river.channels["NH3-N"], "d", [(midnight(date(2026, 4, 1)), 1.2)])
    the_loop_runs()
    client, ask = browser("leader"), {"year": 2026, "part": 4}
    for name, to, more in (
        ("air", "days", {}), ("air-station", "days", {"code": place.code}), ("water", "sections", {}),
        ("water-station", "days", {"code": "river-1"}),
    ):  # fmt: skip
        page = get(client, name, ask, **more)
        led, there = places_within(page)
        assert to in led, name
        assert led <= there, (name, led - there)
        assert 'href="?year=2025&amp;part=4' in page.content.decode(), name
    assert "?year=2016" not in get(client, "air", {"year": 2017, "part": 4}).content.decode(), (
        "before all that there is"
    )


def test_nobody_sees_stations_of_another_territory(air: Any, days_of_air: Any, browser: Browser) -> None:
    place = air()
    days_of_air(place, date(2026, 4, 1), 1, CLEAN)
    the_loop_runs()
    ask = {"year": 2026, "part": 4}
    assert "Air-1" in words(get(browser("grid_worker"), "air", ask))
    for stranger in ("other_grid_worker", "other_enterprise"):
        client = browser(stranger)
        assert "No ambient-air station here" in words(get(client, "air", ask))
        assert [row["code"] for row in get(client, "air-data", ask).json()["rows"]] == [""]
        assert get(client, "air-station", code=place.code).status_code == 404
        assert get(client, "air-hours", code=place.code, day="2026-04-01").status_code == 404
    area = get(browser("leader"), "air-data", ask | {"area": "01/02"}).json()
    assert [row["code"] for row in area["rows"]] == [""]


def test_the_net_says_how_many_stations_report(
    air: Any, station_of: Any, readings: Any, browser: Browser, ten_past_ten: datetime
) -> None:
    from qingyuan.places.api import place_in_network
    from qingyuan.places.queries import NetworkPart

    speaks, silent = air("air-1"), air("air-2")
    river = station_of("river-1", "surface-water", RIVER)
    readings(speaks.channels["O3"], "h", [(ten_past_ten - 80 * timedelta(minutes=1), 50.0)])
    readings(silent.channels["O3"], "h", [(ten_past_ten - 5 * HOUR, 50.0)])
    place_in_network(river.station, NetworkPart(section="provincial"))
    page = words(get(browser("leader"), "reporting"))
    assert "Ambient air 1 of 2 report now" in page
    assert "Key sections 0 of 1 report now" in page
    assert "Drinking-water sources 0 of 0 report now None is entered" in page


@pytest.mark.mission("S2-18")
def test_the_net_shows_warnings_of_the_newest_hours_and_where_nothing_watches(
    station_of: Any, air: Any, readings: Any, browser: Browser, ten_past_ten: datetime
) -> None:
    from qingyuan.judging.api import judge_readings, set_watch
    from qingyuan.places.api import place_in_network
    from qingyuan.places.queries import NetworkPart

    source, bare = (
        station_of("river-1", "surface-water", RIVER, target="II"),
        station_of("river-2", "surface-water", {}),
    )
    for one in (source, bare):
        place_in_network(one.station, NetworkPart(section="provincial", drinking_source=True))
    air("air-1")
    set_watch("exceedance", kind="h", valid_from=LONG_AGO, station_kind="surface-water")
    hours = [(ten_past_ten - timedelta(minutes=10) - n * HOUR, 1.4) for n in range(3, 0, -1)]
    with clock.wound_to(ten_past_ten):
        judge_readings(readings(source.channels["NH3-N"], "h", hours))
        page = words(get(browser("duty_officer"), "reporting"))
        other = words(get(browser("other_grid_worker"), "reporting"))
    assert "Drinking-water sources 2 1" in page
    assert "Nothing was ever received from: River-2" in page
    assert "Nothing was ever received from: Air-1" in page
    assert "Towns without a station: West Town" in page
    assert "River-1 river-1 East One reports" in page
    assert "Ammonia nitrogen at River-1" in page, "the warning itself, with the way to it"
    assert "River-1" not in other, "a grid worker of another town sees the stations of that town"


def test_figures_are_taken_away_as_csv_and_excel(air: Any, days_of_air: Any, browser: Browser) -> None:
    place = air()
    days_of_air(place, date(2026, 4, 1), 2, CLEAN)
    the_loop_runs()
    client, ask = browser("analyst"), {"year": 2026, "part": 4}
    written = get(client, "air-table", ask).content.decode()
    assert written.startswith("\ufeffCode,Name,Days,")
    assert "air-1,Air-1,30,2,2,100.0" in written
    book = load_workbook(BytesIO(get(client, "air-table", ask | {"form": "xlsx"}).content))
    rows = list(book.worksheets[0].values)
    assert rows[2][:6] == ("air-1", "Air-1", 30, 2, 2, 100)
    assert any("HJ 633-2026" in str(row[0]) for row in book.worksheets[1].values)
    assert get(client, "air-table", ask | {"form": "doc"}).status_code == 422


def test_a_whole_february_stands_beside_a_whole_february(air: Any, days_of_air: Any, browser: Browser) -> None:
    place = air()
    days_of_air(place, date(2024, 2, 29), 1, CLEAN | {"PM2.5": 100.0})
    days_of_air(place, date(2025, 2, 1), 28, CLEAN)
    the_loop_runs()
    client = browser("leader")
    then = get(client, "air-data", {"year": 2024, "part": 2}).json()["rows"][1]
    now = get(client, "air-data", {"year": 2025, "part": 2}).json()["rows"][1]
    assert (then["good_day_ratio"], now["good_day_ratio_year_before"]) == (0.0, 0.0)


def test_ozone_with_enough_8_hour_means_lacks_nothing_whatever_its_hours(
    air: Any, readings: Any, browser: Browser
) -> None:
    place = air()
    for day, count in ((1, 19), (2, 15)):  # 8-hour means from 08:00 on with 8, 7 and 6 hours: 12 + 1 + 1; 8 + 1 + 1
        start = midnight(date(2026, 4, day))
        readings(place.channels["O3"], "h", [(start + n * HOUR, 90.0) for n in range(count)])
    the_loop_runs()
    client = browser("leader")
    assert "O3 8 h, µg/m³ 90 45 19 PM2.5" in words(get(client, "air-hours", code=place.code, day="2026-04-01"))
    second = words(get(client, "air-hours", code=place.code, day="2026-04-02"))
    assert "O3 8 h, µg/m³ — no value — no value 15 10 of 14 8-hour means needed" in second


def test_a_channel_in_a_unit_of_something_else_has_no_values_and_breaks_no_page(
    station_of: Any, readings: Any, browser: Browser
) -> None:
    place = station_of("air-1", "ambient-air", {"CO": ("a21005", "%"), "SO2": ("a21026", "µg/m3")})
    for channel in place.channels.values():
        readings(channel, "d", [(midnight(date(2026, 4, 1)), 5.0)])
        readings(channel, "h", [(midnight(date(2026, 4, 2)), 5.0)])
    the_loop_runs()
    client, ask = browser("leader"), {"year": 2026, "part": 4}
    row = get(client, "air-data", ask).json()["rows"][1]
    assert (row["SO2"], row["CO"]) == (5.0, None)
    assert get(client, "air-station", ask, code=place.code).status_code == 200
    assert get(client, "air-hours", code=place.code, day="2026-04-02").status_code == 200


@pytest.mark.parametrize("area", ["nowhere", "01/99"])
def test_an_area_that_is_none_is_not_answered_with_the_figures_of_all(area: str, air: Any, browser: Browser) -> None:
    air()
    for name in ("air", "air-data", "water", "outlets-table", "reporting"):
        answer = get(browser("leader"), name, {"area": area})
        assert answer.status_code == 422
        assert area in unescape(answer.content.decode())


@pytest.mark.parametrize(
    "ask", [{"year": "1999"}, {"year": "abc"}, {"year": "2026", "part": "13"}, {"year": "2100"}, {"year": "9" * 40}]
)
def test_a_period_that_cannot_be_is_refused_with_what_was_expected(ask: dict[str, str], browser: Browser) -> None:
    answer = get(browser("leader"), "air", ask)
    assert answer.status_code == 422
    assert "expected" in unescape(answer.content.decode())


def test_a_period_of_which_no_day_is_over_is_empty_and_says_so(air: Any, browser: Browser) -> None:
    air()
    with clock.wound_to(datetime(2026, 12, 1, 1, tzinfo=UTC)):
        page = words(get(browser("leader"), "air", {"year": 2026, "part": 12}))
    assert "No day of this period is over yet." in page


def test_the_station_page_and_the_map_say_how_the_air_is_now(
    air: Any, readings: Any, browser: Browser, cast: SimpleNamespace, ten_past_ten: datetime
) -> None:
    from qingyuan.showing.map_layer import View
    from qingyuan.showing.queries import LAYERS

    place, hour = air(), ten_past_ten - timedelta(minutes=70)
    for name, value in (CLEAN | {"PM2.5": 75.0}).items():
        readings(place.channels[name], "h", [(hour, value)])
    # by the hour too, PM2.5 of 75 gives 113.6 (HJ 633-2026, 4.2.4)
    assert "AQI 114 lightly polluted · PM2.5" in words(get(browser("duty_officer"), "station", code=place.code))
    with override("zh-hans"):
        (drawn,) = LAYERS.get("air_quality")().features(View(cast.duty_officer, ten_past_ten))
    assert (drawn.colour_key, drawn.state) == ("level-3", "AQI 114 轻度污染 · PM2.5")


def test_after_midnight_the_map_leads_to_the_day_of_the_newest_hour(
    air: Any, readings: Any, cast: SimpleNamespace
) -> None:
    from qingyuan.showing.map_layer import View
    from qingyuan.showing.queries import LAYERS

    place, at = air(), midnight(date(2026, 3, 21)) + HOUR / 2
    with clock.wound_to(at):
        readings(place.channels["PM2.5"], "h", [(at - 3 * HOUR / 2, 130.0)])
        (drawn,) = LAYERS.get("air_quality")().features(View(cast.duty_officer, at))
    assert drawn.href == reverse("air-hours", kwargs={"code": place.code, "day": "2026-03-20"})


def test_the_station_page_says_the_class_of_the_newest_day_and_what_decides_it(
    station_of: Any, readings: Any, browser: Browser
) -> None:
    place = station_of("river-1", "surface-water", RIVER, target="III")
    for name, value in {"pH": 7.4, "DO": 6.3, "NH3-N": 1.2}.items():
        readings(place.channels[name], "d", [(midnight(date(2026, 3, 20)), value)])
    the_loop_runs()
    with clock.wound_to(midnight(date(2026, 3, 21)) + 10 * HOUR):
        page = words(get(browser("duty_officer"), "station", code=place.code))
    assert "class IV lightly polluted · decided by Ammonia nitrogen" in page
