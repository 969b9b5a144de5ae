"""What outlets emitted, what stands in for gaps, and the tax on it: through the pages, every figure by hand."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO
from django.test import Client
from loop_runner import run_waiting_jobs
from openpyxl import load_workbook
from pages import get

from qingyuan.kit import clock

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CODE = "91110000802100433B"


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - 8 * HOUR


def the_loop_runs() -> None:
    with clock.wound_to(datetime.now(UTC)):  # handlers begin when the platform was set up, which is now
        run_waiting_jobs()


def words(answer: Any) -> str:
    assert answer.status_code == 200, answer.content.decode()[-3000:]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


@pytest.fixture(autouse=True)
def in_may() -> Iterator[None]:
    """The tenth of May 2026, ten in the morning."""
    with clock.wound_to(datetime(2026, 5, 10, 2, tzinfo=UTC)):
        yield


@pytest.fixture
def works(grid: Any, cast: Any) -> SimpleNamespace:
    """A plant in East Town and its outlet, bound to class 1A of GB 18918-2002, with COD, ammonia and flow."""
    from qingyuan.places.api import apply_standard, register_enterprise, register_station
    from qingyuan.sensing.api import define_channel

    with clock.wound_to(datetime(2020, 1, 1, tzinfo=UTC)):
        owner = register_enterprise(
            CODE, lon=100.05, lat=30.1, organisation=cast.enterprise.organisation,
            title_zh="东江水务有限公司", title_en="East Water Ltd", industry_code="4620",
            industry_zh="污水处理", industry_en="Sewage treatment", management="key",
        )  # fmt: skip
        outlet = register_station(
            "outlet-1", title_zh="东江水务总排口", title_en="East Water outlet", kind="outlet-water",
            lon=100.05, lat=30.1, enterprise=owner,
        )  # fmt: skip
        apply_standard(outlet, standard="GB 18918-2002", level="1A", valid_from=LONG_AGO)
    cod, ammonia = (define_channel(outlet, factor=factor, unit="mg/L") for factor in ("w01018", "w21003"))
    flow = define_channel(outlet, factor="w00000", unit="m3/h")
    return SimpleNamespace(owner=owner, station=outlet, cod=cod, ammonia=ammonia, flow=flow)


@pytest.fixture
def hours(readings: Any) -> Callable[..., None]:
    """Hour means as sent: a constant value over some days, or over some hours of one."""

    def put(channel: Any, first: date, days: float, value: float, mark: str = "N") -> None:
        start = midnight(first)
        readings(channel, "h", [(start + n * HOUR, value) for n in range(round(days * 24))], mark=mark)

    return put


def stands_still(works: SimpleNamespace, hours: Any, first: date, days: float) -> None:
    hours(works.flow, first, days, 0.0, "F")


def discharge(works: SimpleNamespace, hours: Any, first: date, days: float, cod: float, flow: float = 100.0) -> None:
    hours(works.cod, first, days, cod)
    hours(works.ammonia, first, days, cod / 10)
    hours(works.flow, first, days, flow)


def rows_of(client: Client, **query: Any) -> dict[tuple[str, str], dict[str, Any]]:
    found = get(client, "emissions-data", query).json()["rows"]
    return {(row["code"], row["factor"]): row for row in found}


def test_an_enterprise_has_its_mass_the_time_known_its_permit_and_the_year_before(
    works: SimpleNamespace, hours: Any, browser: Browser
) -> None:
    from qingyuan.places.api import OwnTotal, enter_permit

    discharge(works, hours, date(2025, 4, 1), 30, 50.0)
    discharge(works, hours, date(2026, 3, 1), 10, 40.0)
    discharge(works, hours, date(2026, 4, 1), 15, 40.0)
    the_loop_runs()
    with clock.wound_to(datetime(2026, 1, 5, tzinfo=UTC)):
        enter_permit(
            works.station.enterprise, number=f"{CODE}001P", management="key", days=(LONG_AGO, None),
            totals=[OwnTotal("w01018", 4800.0)],
        )  # fmt: skip
    cod = rows_of(browser("leader"), year=2026, part=4)[CODE, "w01018"]
    assert cod["kilograms"] == pytest.approx(15 * 24 * 100 * 0.040)  # 1,440 kg
    assert (cod["hours_known"], cod["hours"]) == (360, 720)
    assert cod["year_before_kilograms"] == pytest.approx(3600.0)
    assert cod["change_percent"] == pytest.approx(-20.0)  # 96 kg/d of the time known against 120
    assert cod["year_kilograms"] == pytest.approx(2400.0)
    assert cod["permit_used_percent"] == pytest.approx(50.0)
    page = words(get(browser("leader"), "emissions", {"year": 2026, "part": 4}))
    assert f"East Water Ltd {CODE} COD 1,440 50.0 -20.0 50.0 2,400 / 4,800 kg known of the year: 20.8 %" in page


def test_what_is_not_known_is_missing_and_never_nought(works: SimpleNamespace, hours: Any, browser: Browser) -> None:
    hours(works.cod, date(2026, 4, 1), 30, 40.0)  # no flow came
    the_loop_runs()
    row = rows_of(browser("leader"), year=2026, part=4)[CODE, "w01018"]
    assert (row["kilograms"], row["hours_known"]) == (None, 0)
    page = words(get(browser("leader"), "emissions", {"year": 2026, "part": 4}))
    assert "COD — no value 0.0 — no value — no value" in page
    answer = get(browser("leader"), "emissions-outlet", {"year": 2026, "part": 4}, code="outlet-1")
    assert "No rule" not in words(answer)
    assert "30 d stay unknown" in words(answer)


def test_the_list_is_narrowed_sorted_and_taken_away(
    works: SimpleNamespace, hours: Any, browser: Browser, cast: Any
) -> None:
    from qingyuan.places.api import register_enterprise, register_station
    from qingyuan.sensing.api import define_channel

    mill = register_enterprise(
        "91500000TEST000002", lon=100.3, lat=30.1, organisation=cast.other_enterprise.organisation,
        title_zh="西山纸业有限公司", title_en="West Paper Ltd", industry_code="2221",
        industry_zh="造纸", industry_en="Paper", management="key",
    )  # fmt: skip
    with clock.wound_to(datetime(2020, 1, 1, tzinfo=UTC)):
        stack = register_station(
            "stack-1", title_zh="锅炉", title_en="Boiler", kind="outlet-gas", lon=100.3, lat=30.1, enterprise=mill
        )
    nox, flow = (
        define_channel(stack, factor="a21002", unit="mg/m3"),
        define_channel(stack, factor="a00000", unit="m3/s"),
    )
    hours(nox, date(2026, 4, 1), 30, 100.0)
    hours(flow, date(2026, 4, 1), 30, 10.0)
    discharge(works, hours, date(2026, 4, 1), 30, 40.0)
    the_loop_runs()
    leader, april = browser("leader"), {"year": 2026, "part": 4}
    assert [code for code, _factor in rows_of(leader, **april, sort="-mass")] == [CODE, mill.code, CODE]
    assert next(iter(rows_of(leader, **april, sort="mass"))) == (CODE, "w21003")
    assert set(rows_of(leader, **april, factor="a21002")) == {(mill.code, "a21002")}
    assert {code for code, _factor in rows_of(leader, **april, industry="4620")} == {CODE}
    assert {code for code, _factor in rows_of(leader, **april, area="01/02")} == {mill.code}
    assert {code for code, _factor in rows_of(browser("enterprise"), **april)} == {CODE}
    assert {code for code, _factor in rows_of(browser("other_grid_worker"), **april)} == {mill.code}
    book = load_workbook(BytesIO(get(leader, "emissions-table", april | {"form": "xlsx"}).content))
    assert book.worksheets[0].max_row == 4
    assert book.worksheets[1]["A1"].value == "HJ 212-2017"
    nox_row = rows_of(leader, **april, factor="a21002")[mill.code, "a21002"]
    assert nox_row["kilograms"] == pytest.approx(2592.0)  # 720 h x 36,000 m3/h x 100 mg/m3


@pytest.mark.mission("S0-17")
def test_an_outlet_shows_days_months_gaps_what_stands_in_and_the_way_to_its_readings(
    works: SimpleNamespace, hours: Any, browser: Browser
) -> None:
    discharge(works, hours, date(2026, 3, 1), 31, 50.0)
    discharge(works, hours, date(2026, 4, 1), 10, 40.0)
    discharge(works, hours, date(2026, 4, 11), 0.5, 40.0)  # twelve hours, then nothing for a day and a half
    discharge(works, hours, date(2026, 4, 13), 17, 40.0)
    stands_still(works, hours, date(2026, 4, 30), 1)
    the_loop_runs()
    answer = get(browser("analyst"), "emissions-outlet", {"year": 2026, "part": 4, "factor": "w01018"}, code="outlet-1")
    page = words(answer)
    # 27.5 days of 96 kg; two days take the largest of the 30 valid days before, 120 kg, of which 48 were measured
    assert "Measured, kg 2,640" in page
    assert "Substituted by rule, kg 192.0" in page
    assert "Measured and substituted, kg 2,832" in page
    assert "HJ 356-2019" in page
    assert "2026-04-12 — no value 0 120.0 — no value" in page
    assert "2026-04-11 48.00 12 72.00 1,200 12 h" in page
    assert "2026-03 3,720 100.0" in page
    assert "The record is too short" in page
    assert "/emissions/outlets/outlet-1/days/2026-04-11/?factor=w01018" in unescape(answer.content.decode())
    asked = {"factor": "w01018", "kind": "h", "from": "2026-04-11", "to": "2026-04-12"}
    assert "40.0" in words(get(browser("analyst"), "station", asked, code="outlet-1"))
    chart = get(
        browser("analyst"), "emissions-series", {"year": 2026, "part": 4, "factor": "w01018"}, code="outlet-1"
    ).json()
    loads = [point[1] for point in chart["series"][0]["points"]]
    assert loads[9:13] == [pytest.approx(96.0), pytest.approx(48.0), None, pytest.approx(96.0)]
    assert [window["kind"] for window in chart["windows"]] == ["invalid"]


def test_what_stands_in_for_a_day_leads_to_the_rule_and_to_the_days_it_was_taken_from(
    works: SimpleNamespace, hours: Any, browser: Browser
) -> None:
    discharge(works, hours, date(2026, 3, 1), 30, 50.0)
    discharge(works, hours, date(2026, 3, 31), 1, 60.0)
    discharge(works, hours, date(2026, 4, 1), 10, 40.0)
    discharge(works, hours, date(2026, 4, 11), 0.5, 40.0)
    discharge(works, hours, date(2026, 4, 13), 17, 40.0)
    the_loop_runs()
    asked = {"year": 2026, "part": 4, "factor": "w01018"}
    address = "/emissions/outlets/outlet-1/days/2026-04-11/?factor=w01018"
    listed = unescape(get(browser("analyst"), "emissions-outlet", asked, code="outlet-1").content.decode())
    assert f'<a href="{address}#substituted">96.00</a>' in listed, "144 kg of the largest day, 48 kg measured"
    page = browser("analyst").get(address)
    told = words(page)
    assert "2026-04-11 – 2026-04-12 · 2 d" in told
    assert "144.0 kg the largest of the 30 valid days before the gap; the rule asks for 30" in told
    assert "HJ 356-2019" in told
    assert "Beside what was measured of this day, 96.00 kg are put in" in told
    taken = "/emissions/outlets/outlet-1/days/2026-03-31/?factor=w01018"
    assert f'<a href="{taken}">2026-03-31</a>' in unescape(page.content.decode())
    looked_at = re.findall(r'days/(2026-\d\d-\d\d)/[^"]*">[\d.]+</a></td>', page.content.decode())
    assert (looked_at[0], looked_at[-1], len(looked_at)) == ("2026-04-10", "2026-03-12", 30)
    assert "/readings/" in browser("analyst").get(taken).content.decode(), "and from there to the bytes"
    silent = words(browser("analyst").get("/emissions/outlets/outlet-1/days/2026-04-12/?factor=w01018"))
    assert "and 144.0 kg substituted by rule" in silent, "a day of which nothing came has its substitute too"


def test_what_stands_in_for_an_hour_leads_to_the_hour_it_was_taken_from(
    burning: Any, hours: Any, browser: Browser
) -> None:
    hours(burning.a21002, date(2026, 2, 1), 20, 100.0)
    hours(burning.a21002, date(2026, 2, 21), 1 / 24, 120.0)
    hours(burning.a21002, date(2026, 2, 21) + DAY, 38, 100.0)
    hours(burning.flow, date(2026, 2, 1), 59, 10.0)
    the_loop_runs()
    page = browser("analyst").get("/emissions/outlets/stack-1/days/2026-02-21/?factor=a21002")
    told, written = words(page), unescape(page.content.decode())
    # 23 of 2,160 hours of the quarter up to its end: 98.9 %; 36,000 m3/h x 120 mg/m3 = 4.32 kg
    assert "02-21 01:00 – 02-21 23:00 · 23 h" in told
    assert "Capture rate of the quarter 98.9 %" in told
    assert "4.32 kg the largest of the 180 valid hours before the gap; the rule asks for 180" in told
    assert "HJ 75-2017" in told
    assert written.count('<a href="#substituted">4.32</a>') == 23
    at = round(midnight(date(2026, 2, 21)).timestamp() * 1_000_000)
    own = "/emissions/outlets/stack-1/days/2026-02-21/?factor=a21002"
    assert f'<a href="{own}#at-{at}">02-21 00:00' in re.sub(r"</?time[^>]*>", "", written)
    assert f'<tr id="at-{at}">' in written


def test_a_gap_of_which_the_rule_says_nothing_says_so(burning: Any, hours: Any, browser: Browser) -> None:
    hours(burning.flow, date(2026, 2, 1), 59, 10.0)
    the_loop_runs()
    page = words(browser("analyst").get("/emissions/outlets/stack-1/days/2026-02-21/?factor=a21002"))
    assert "Capture rate of the quarter 34.4 %" in page, "744 of 2,160 hours"
    assert "Nothing is put in: the capture rate of the quarter is less than the least" in page
    assert "or longer" not in page
    silent = words(browser("analyst").get("/emissions/outlets/stack-1/days/2025-11-21/?factor=a21002"))
    assert "or longer: no further back is looked" in silent, "nobody knows when it began"


@pytest.fixture
def boiler(works: SimpleNamespace) -> SimpleNamespace:
    """A stack of the same plant with SO2, NOx, dust and CO, permitted 200 mg/m3 of each of the first three."""
    from qingyuan.places.api import OwnLimit, enter_permit, register_station
    from qingyuan.sensing.api import define_channel

    with clock.wound_to(datetime(2020, 1, 1, tzinfo=UTC)):
        stack = register_station(
            "stack-1",
            title_zh="锅炉",
            title_en="Boiler",
            kind="outlet-gas",
            lon=100.05,
            lat=30.1,
            enterprise=works.owner,
        )
        limits = [OwnLimit(stack, factor, "hour", 200.0, "mg/m3") for factor in ("a21026", "a21002", "a34013")]
        enter_permit(works.owner, number=f"{CODE}001P", management="key", days=(LONG_AGO, None), limits=limits)
    made = {
        factor: define_channel(stack, factor=factor, unit="mg/m3")
        for factor in ("a21026", "a21002", "a34013", "a21005")
    }
    return SimpleNamespace(station=stack, flow=define_channel(stack, factor="a00000", unit="m3/s"), **made)


@pytest.fixture
def burning(boiler: SimpleNamespace, hours: Any) -> SimpleNamespace:
    """January 2026 at 36,000 m3 an hour: SO2 of 100, NOx of 150, dust of 10, CO of 20 mg/m3."""
    for factor, value in (("a21026", 100.0), ("a21002", 150.0), ("a34013", 10.0), ("a21005", 20.0)):
        hours(getattr(boiler, factor), date(2026, 1, 1), 31, value)
    hours(boiler.flow, date(2026, 1, 1), 31, 10.0)
    return boiler


FIRST_QUARTER = {"year": 2026, "part": "Q1"}


def statement(client: Client, **query: Any) -> dict[str, Any]:
    return get(client, "emissions-tax-table", {**FIRST_QUARTER, "form": "json", **query}, code=CODE).json()  # type: ignore[no-any-return]


def items_of(told: dict[str, Any], month: str, outlet: str) -> dict[str, dict[str, Any]]:
    return {row["factor"]: row for row in told["rows"] if (row["month"], row["outlet"]) == (month, outlet)}


@pytest.mark.mission("S1-45")
def test_a_statement_ranks_reduces_and_adds_up_as_the_law_says(
    works: SimpleNamespace, burning: Any, hours: Any, browser: Browser
) -> None:
    discharge(works, hours, date(2026, 1, 1), 31, 40.0)
    stands_still(works, hours, date(2026, 2, 1), 59)
    the_loop_runs()
    told = statement(browser("officer"), air_rate="1.2", water_rate="1.4")
    gas = items_of(told, "2026-01", "stack-1")
    # 744 h x 36,000 m3 = 26,784,000 m3: 2,678.4 kg of SO2, 4,017.6 of NOx, 267.84 of dust, 535.68 of CO
    assert {factor: row["taxed_kilograms"] for factor, row in gas.items()} == {
        "a21026": 2678.4, "a21002": 4017.6, "a34013": 267.84, "a21005": 535.68,
    }  # fmt: skip
    # over 0.95, 0.95, 2.18 and 16.7 kg
    assert gas["a21026"]["equivalents"] == pytest.approx(2819.368421)
    assert gas["a21002"]["equivalents"] == pytest.approx(4229.052632)
    assert gas["a34013"]["equivalents"] == pytest.approx(122.862385)
    assert [factor for factor, row in gas.items() if row["taxed"] == "no"] == ["a21005"]
    # SO2 lies 50 % below its limit, NOx 25 %, dust 95 %
    assert [gas[factor]["taxed_percent"] for factor in ("a21026", "a21002", "a34013")] == [50.0, 100.0, 50.0]
    assert gas["a21026"]["tax"] == 1691.62
    assert gas["a21002"]["tax"] == 5074.86
    assert gas["a34013"]["tax"] == 73.72
    water = items_of(told, "2026-01", "outlet-1")
    # COD: 2,976 kg, 20 % below 50 mg/L; ammonia: 297.6 kg over 0.8 kg, 20 % below 5 mg/L
    assert (water["w01018"]["tax"], water["w21003"]["tax"]) == (4166.4, 520.8)
    page = words(
        get(browser("officer"), "emissions-tax", {**FIRST_QUARTER, "air_rate": "1.2", "water_rate": "1.4"}, code=CODE)
    )
    assert "All outlets 11,527.40 0.00 0.00 11,527.40" in page
    assert "This is not a declaration." in page
    for clause in ("article 13", "articles 10 and 11", "Caishui [2018] No. 117", "annex 2, part 5", "HJ 75-2017"):
        assert (clause in page) is (clause != "HJ 75-2017"), clause  # nothing had to be put in


def test_the_numbers_of_a_month_are_those_of_qingyuan_calc(
    works: SimpleNamespace, burning: Any, hours: Any, browser: Browser
) -> None:
    discharge(works, hours, date(2026, 1, 1), 31, 30.0)
    stands_still(works, hours, date(2026, 2, 1), 59)
    the_loop_runs()
    rates = {"air_rate": "3.9", "water_rate": "2.8"}
    answer = get(browser("enterprise"), "emissions-tax", FIRST_QUARTER | rates, code=CODE)
    (month, *_rest) = answer.context["months"]
    asked = subprocess.run(
        [sys.executable, "-m", "qingyuan.project.cli", "calc", "environmental_tax"],
        input=month["question"], capture_output=True, text=True, check=True,
    )  # fmt: skip
    result = json.loads(asked.stdout)["result"]
    told = statement(browser("enterprise"), **rates)
    for outlet in result["outlets"]:
        rows = {row["equivalents"]: row for row in items_of(told, "2026-01", outlet["outlet"]).values()}
        assert {one["equivalents"]: (one["taxed_share"], one["tax"]) for one in outlet["items"]} == {
            number: (row["taxed_percent"], row["tax"]) for number, row in rows.items()
        }
    assert result["tax"] == told["tax"] > 0


def test_one_hour_beyond_a_limit_at_any_outlet_takes_every_reduction_of_the_month(
    works: SimpleNamespace, burning: Any, hours: Any, browser: Browser
) -> None:
    discharge(works, hours, date(2026, 1, 1), 30, 20.0)
    the_loop_runs()
    rates = {"air_rate": "1.2", "water_rate": "1.4"}
    assert items_of(statement(browser("officer"), **rates), "2026-01", "outlet-1")["w01018"]["taxed_percent"] == 50.0
    hours(burning.a21002, date(2026, 1, 31), 1 / 24, 201.0)
    the_loop_runs()
    told = statement(browser("officer"), **rates)
    assert {row["taxed_percent"] for row in told["rows"] if row["taxed"] == "yes"} == {100.0}
    assert "nothing is reduced" in words(get(browser("officer"), "emissions-tax", FIRST_QUARTER, code=CODE))


def test_hours_without_data_are_taxed_by_what_the_rule_puts_in(burning: Any, hours: Any, browser: Browser) -> None:
    for factor in ("a21026", "a21002", "a34013", "a21005"):
        hours(getattr(burning, factor), date(2026, 2, 1), 28, 100.0)
        hours(getattr(burning, factor), date(2026, 3, 2), 30, 100.0)
    for first, days in ((date(2026, 2, 1), 28), (date(2026, 3, 1), 31)):
        hours(burning.flow, first, days, 10.0)
    the_loop_runs()
    told = statement(browser("officer"), air_rate="1.2")
    nox = items_of(told, "2026-03", "stack-1")["a21002"]
    # the first of March is missing, 24 h of a quarter of 98.9 %: the largest of the 180 hours before, 3.6 kg
    assert (nox["measured_kilograms"], nox["substituted_kilograms"]) == (pytest.approx(2592.0), pytest.approx(86.4))
    assert items_of(told, "2026-03", "stack-1")["a21005"]["substituted_kilograms"] == 0.0  # no rule names CO
    assert "HJ 75-2017" in words(get(browser("officer"), "emissions-tax", FIRST_QUARTER, code=CODE))


def test_without_a_rate_there_are_equivalents_and_no_tax(
    works: SimpleNamespace, hours: Any, browser: Browser, settings: Any
) -> None:
    discharge(works, hours, date(2026, 1, 1), 31, 40.0)
    stands_still(works, hours, date(2026, 2, 1), 59)
    the_loop_runs()
    page = words(get(browser("enterprise"), "emissions-tax", FIRST_QUARTER, code=CODE))
    assert "the district has not set one" in page
    assert "COD 2,976 100.0 0.00 2,976 ÷ 1.0 kg yes" in page
    assert statement(browser("enterprise"))["tax"] is None
    settings.TAX_RATES = {date(2018, 1, 1): {"water": 1.4}, date(2026, 2, 1): {"water": 2.8}}
    assert statement(browser("enterprise"))["tax"] == 4687.2
    assert "1.4 CNY per equivalent, set by the district from 2018-01-01" in words(
        get(browser("enterprise"), "emissions-tax", FIRST_QUARTER, code=CODE)
    )
    refused = get(browser("enterprise"), "emissions-tax", FIRST_QUARTER | {"water_rate": "20"}, code=CODE)
    assert refused.status_code == 422
    assert get(browser("other_enterprise"), "emissions-tax", FIRST_QUARTER, code=CODE).status_code == 404


def test_a_trend_is_told_once_three_years_are_known(works: SimpleNamespace, readings: Any, browser: Browser) -> None:
    days = [date(2022, 1, 1) + timedelta(days=number) for number in range(4 * 365 + 1)]
    readings(works.cod, "d", [(midnight(day), 30.0 + 5.0 * (day.year - 2022)) for day in days])
    readings(works.flow, "d", [(midnight(day), 100.0) for day in days])
    the_loop_runs()
    answer = get(browser("analyst"), "emissions-outlet", {"year": 2026, "part": 4, "factor": "w01018"}, code="outlet-1")
    # 72, 84, 96 and 108 kg/d in every month: 12 months x 6 pairs that rise, 12 kg/d a year
    assert answer.context["tested"].trend.score == 72
    assert "rising 12.000 kg/d a year" in words(answer)


def test_nobody_without_outlets_is_shown_an_empty_table(browser: Browser, grid: Any) -> None:
    assert "No outlet here" in words(get(browser("leader"), "emissions"))


def test_a_year_of_many_outlets_takes_few_queries(
    works: SimpleNamespace, hours: Any, browser: Browser, django_assert_max_num_queries: Any
) -> None:
    discharge(works, hours, date(2026, 4, 1), 2, 40.0)
    the_loop_runs()
    client = browser("leader")
    get(client, "emissions")
    with django_assert_max_num_queries(20):
        get(client, "emissions", {"year": 2026, "part": "year"})


def test_on_the_first_day_of_a_quarter_nothing_is_over_yet(works: SimpleNamespace, browser: Browser) -> None:
    with clock.wound_to(datetime(2026, 4, 1, 2, tzinfo=UTC)):
        leader = browser("leader")
        assert "COD — no value — no value" in words(get(leader, "emissions", {"year": 2026, "part": 4}))
        outlet = words(get(leader, "emissions-outlet", {"year": 2026, "part": 4}, code="outlet-1"))
        assert "The record is too short" in outlet
        tax = words(get(leader, "emissions-tax", {"year": 2026, "part": "Q2"}, code=CODE))
        assert "No day of this quarter is over yet" in tax
        assert (
            get(leader, "emissions-series", {"year": 2026, "part": 4}, code="outlet-1").json()["series"][0]["points"]
            == []
        )
        assert get(leader, "emissions-outlet", {"year": 2026, "part": 13}, code="outlet-1").status_code == 422
