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
from django.urls import reverse
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
    assert f"East Water Ltd {CODE} COD 1,440 50.0 -20.0 50.0 2,400 / 4,800 kg" in page


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
    nox, flow = define_channel(stack, factor="a21002", unit="mg/m3"), define_channel(stack, factor="a00000", unit="m3/s")
    hours(nox, date(2026, 4, 1), 30, 100.0)
    hours(flow, date(2026, 4, 1), 30, 10.0)
    discharge(works, hours, date(2026, 4, 1), 30, 40.0)
    the_loop_runs()
    leader, april = browser("leader"), {"year": 2026, "part": 4}
    assert [code for code, _factor in rows_of(leader, **april, sort="-mass")] == [CODE, mill.code, CODE]
    assert list(rows_of(leader, **april, sort="mass"))[0] == (CODE, "w21003")
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
    hours(works.flow, date(2026, 4, 30), 1, 0.0, "F")
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
    assert "from=2026-04-11&to=2026-04-12" in unescape(answer.content.decode())
    readings = get(browser("analyst"), "station", {"factor": "w01018", "kind": "h", "from": "2026-04-11", "to": "2026-04-12"}, code="outlet-1")  # fmt: skip
    assert "40.0" in words(readings)
    chart = get(browser("analyst"), "emissions-series", {"year": 2026, "part": 4, "factor": "w01018"}, code="outlet-1").json()
    assert [point[1] for point in chart["series"][0]["points"]][9:13] == [pytest.approx(96.0), pytest.approx(48.0), None, pytest.approx(96.0)]
    assert [window["kind"] for window in chart["windows"]] == ["invalid"]
