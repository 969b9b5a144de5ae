"""The fleet on a page: its kinds, its shares, what each figure is made of, and files to take away."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import OFFICE
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pages import get, words

from qingyuan.kit import clock
from qingyuan.sensing.api.records import bring_records, enter_records, take_over_list

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
HEAD = "号牌号码,号牌种类,车辆类型,使用性质,燃料种类,排放标准,初次登记日期,机动车状态,行政区划代码\n"
FLEET = HEAD + "".join(
    f"京A{number},大型汽车,{kind},{use},{fuel},{stage},2019-05-01,{state},{division}\n"
    for number, (kind, use, fuel, stage, state, division) in enumerate(
        [("重型自卸货车", "货运", "柴油", "国四", "正常", "990101")] * 4
        + [("小型轿车", "非营运", "汽油", "国四", "正常", "990102")] * 10
        + [("小型轿车", "非营运", "汽油", "国六", "正常", "990101")] * 5
        + [
            ("小型轿车", "非营运", "纯电动", "", "正常", "990101"),
            ("小型轿车", "非营运", "汽油", "国三", "注销", "990101"),
        ]
    )
)
FAR = (
    "车型,燃料种类,排放阶段,年均行驶里程,来源文件,表号或页码,有效期起\n"
    "重型货车,全部,全部,50000,里程调查,表3,2026-01-01\n小型客车,全部,全部,10000,里程调查,表3,2026-01-01\n"
)
OWN = (
    "车型,燃料种类,排放阶段,污染物,排放系数,单位,来源文件,有效期起\n"
    "小型客车,汽油,国六,NOx,0.02,g/km,本区实测,2026-01-01\n"
)
TODAY = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.fixture
def deliver(cast: SimpleNamespace, taken_up: Callable[[str], None]) -> Callable[..., Any]:
    """Take a list over and deliver a file of it."""

    def bring(code: str, text: str, at: datetime = TODAY) -> Any:
        take_over_list(code, cast.handler.organisation)
        with clock.wound_to(at):
            file = bring_records(cast.analyst, code, f"{code}.csv", text.encode(), origin=OFFICE)
            file = enter_records(file.pk, cast.analyst, OFFICE)
            taken_up("sensing.api.vehicles.count_vehicles")
        return file

    return bring


@pytest.fixture
def shown(deliver: Callable[..., Any], browser: Browser) -> Callable[..., str]:
    """The page's words for an analyst on a day, of a fleet that was delivered."""
    deliver("vehicles", FLEET)

    def page(**asked: Any) -> str:
        with clock.wound_to(TODAY):
            return words(browser("analyst").get(reverse("vehicles"), asked))

    return page


@pytest.mark.mission("S1-18")
def test_the_page_shows_fleet_shares_and_products(deliver: Any, shown: Any) -> None:
    deliver("vehicle_kilometres", FAR)
    page = shown()
    assert "20 Vehicles of the fleet" in page
    assert "1 No longer of it" in page
    # NOx: 4 × 50,000 × 5.554 = 1.1108 t of trucks; 10 × 10,000 × 0.032 = 0.0032 t of cars
    assert (
        "Heavy trucks Diesel China IV 4 50,000 里程调查 5.554 g/km guide of 2014, second hand 1.000 1.11 >99%" in page
    )
    assert "Mini and small passenger cars Petrol China IV 10 10,000 里程调查 0.032 g/km" in page
    assert "NOx 1.11 25.0 no factor 5" in page  # five of twenty are of China VI
    assert "990101 10 50%" in page
    assert "2019 20 100%" in page
    assert "read at second hand" in page


def test_the_districts_own_factor_stands_before_and_its_document_is_named(deliver: Any, shown: Any) -> None:
    deliver("vehicle_kilometres", FAR)
    deliver("vehicle_factors", OWN)
    page = shown()
    assert "Petrol China VI 5 10,000 里程调查 0.02 g/km 本区实测" in page
    assert "NOx 1.11 0.0 nothing is left out" in page
    assert "CO 0.5080 25.0 no factor 5" in page  # 4 × 50,000 × 2.2 + 10 × 10,000 × 0.68 g


def test_without_kilometres_nothing_is_calculated_and_it_is_said(shown: Any) -> None:
    page = shown()
    assert "no kilometres 14" in page
    assert "NOx 0.00 95.0" in page  # the electric one gives off nothing


def test_a_row_that_says_nothing_usable_is_named(deliver: Any, shown: Any) -> None:
    deliver("vehicle_kilometres", FAR + "坦克,全部,全部,5,里程调查,,2026-01-01\n")
    assert "Found class “坦克”, expected one such as 重型货车." in shown()


def test_the_fleet_of_another_day_and_as_it_was_known(deliver: Any, shown: Any) -> None:
    assert "No vehicle was known then" in shown(known="2026-11-19")
    assert "No vehicle was known then" in shown(on="2018-12-31")
    assert "20 Vehicles of the fleet" in shown(on="2019-01-31")


def test_conditions_correct_the_factors_of_the_guide(deliver: Any, shown: Any) -> None:
    deliver("vehicle_kilometres", FAR)
    page = shown(temperature="5", pollutant="CO")
    assert "Petrol China IV 10 10,000 里程调查 0.68 g/km guide of 2014, second hand 1.360" in page


def test_one_division_alone(deliver: Any, shown: Any) -> None:
    assert "10 Vehicles of the fleet" in shown(division="990102")


FLEET_LINK = re.compile(r"href=\"(/vehicles/fleet/[^\"]*)\">(?:<strong>)?([0-9,]+)<")


@pytest.mark.parametrize("asked", [{}, {"division": "990101"}, {"on": "2019-06-01"}])
def test_every_count_of_vehicles_leads_to_as_many_records(
    deliver: Any, shown: Any, browser: Browser, asked: dict[str, str]
) -> None:
    shown()
    with clock.wound_to(TODAY):
        analyst = browser("analyst")
        page = unescape(get(analyst, "vehicles", asked).content.decode())
        found = FLEET_LINK.findall(page)
        assert len(found) > 10
        for address, number in found:
            listed = analyst.get(address)
            assert listed.status_code == 200, address
            assert listed.content.decode().count("data-queue-item") == int(number), address
            assert listed.content.decode().count('href="/records/lists/vehicles/') >= int(number), address


def test_a_mass_leads_to_its_products_and_they_to_the_rows_of_the_authority(
    deliver: Any, shown: Any, browser: Browser
) -> None:
    deliver("vehicle_kilometres", FAR)
    deliver("vehicle_factors", OWN)
    shown()
    with clock.wound_to(TODAY):
        page = unescape(get(browser("analyst"), "vehicles", {"pollutant": "NOx"}).content.decode())
        assert "&pollutant=CO#products" in page
        products = page.partition('id="products"')[2].partition("</section>")[0]
        own = re.findall(r'href="(/records/lists/vehicle_(kilometres|factors)/[0-9]+/)">([0-9.,]+)', products)
        assert {(of, value) for _address, of, value in own} == {
            ("kilometres", "50,000"), ("kilometres", "10,000"), ("factors", "0.02"),
        }  # fmt: skip
        assert '<a href="#clauses">5.554 g/km</a>' in products
        assert 'id="clauses"' in page
        for address, _of, _value in own:
            assert "/records/files/" in browser("analyst").get(address).content.decode(), "and on to file and row"


@pytest.mark.parametrize(("name", "value", "told"), [
    ("on", "soon", "expected a day such as 2026-11-20"), ("temperature", "hot", "expected a number from -60 to 60"),
    ("speed", "900", "expected a number from 1 to 200"), ("known", "1800-01-01", "1800-01-01"),
])  # fmt: skip
def test_what_cannot_be_asked_is_refused(shown: Any, browser: Browser, name: str, value: str, told: str) -> None:
    answer = browser("analyst").get(reverse("vehicles"), {name: value})
    assert answer.status_code == 422
    assert told in words(answer)


@pytest.mark.mission("S1-18")
def test_the_spreadsheet_names_the_source_of_each_figure(deliver: Any, shown: Any, browser: Browser) -> None:
    deliver("vehicle_kilometres", FAR)
    with clock.wound_to(TODAY):
        answer = browser("analyst").get(reverse("vehicles-table"), {"form": "xlsx"})
    book = load_workbook(BytesIO(answer.content))
    rows = [dict(zip([one.value for one in book.worksheets[0][1]], row, strict=True))
            for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)]  # fmt: skip
    (row,) = [one for one in rows if one["Class of vehicle"] == "Heavy trucks" and one["Pollutant"] == "NOx"]
    assert row["Emitted, t"] == pytest.approx(1.1108)
    assert row["Source of the kilometres"] == "里程调查 · 表3"
    assert "read at second hand" in row["Source of the factor"]
    assert {one["Lacks"] for one in rows} == {None, "no factor", "no exhaust"}


def test_nothing_delivered_yet_is_told_with_what_to_do(cast: SimpleNamespace, browser: Browser) -> None:
    assert "No registry of vehicles yet" in words(get(browser("analyst"), "vehicles"))
    assert "Take the list" in words(get(browser("administrator"), "vehicles"))
    assert browser("analyst").get(reverse("vehicles-table")).status_code == 404


def test_enterprises_do_not_see_the_page(cast: SimpleNamespace, browser: Browser) -> None:
    assert browser("enterprise").get(reverse("vehicles")).status_code == 403


def test_who_answers_for_a_part_is_told_that_only_its_enterprises_count(shown: Any, browser: Browser) -> None:
    assert "No vehicle was known then" in words(get(browser("grid_worker"), "vehicles"))
    assert "Of your territory" in words(get(browser("grid_worker"), "vehicles"))
