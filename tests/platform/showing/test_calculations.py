"""Calculations as people use them: a list, a form from the fields, the answer with its clauses, errors at the field."""

import json
from collections.abc import Callable
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pages import words

from qingyuan_science import calc
from qingyuan_science.calc.topic import TOPICS

calc.load()
pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]


def compute(client: Client, code: str, **fields: str) -> Any:
    return client.post(reverse("calculation", kwargs={"code": code}), fields)


def shown_in(page: Any) -> dict[str, str]:
    """What a form holds as it was drawn."""
    form = page.context["form"]
    return {name: str(form[name].value() or "") for name in form.fields}


def test_the_list_names_every_calculation_and_is_narrowed_by_words(cast: SimpleNamespace, browser: Browser) -> None:
    client = browser("analyst")
    everything = words(client.get(reverse("calculations")))
    assert all(topic.title.en in everything for topic in TOPICS)
    few = words(client.get(reverse("calculations"), {"q": "trophic"}))
    assert "Trophic state index of a lake" in few
    assert "Air quality index of a day" not in few
    assert "No calculation fits" in words(client.get(reverse("calculations"), {"q": "nothing at all"}))


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.code)
def test_every_worked_example_goes_through_its_form_as_through_the_library(
    topic: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    client = browser("leader")
    for number, question in enumerate(topic.questions):
        address = reverse("calculation", kwargs={"code": topic.code})
        filled = shown_in(client.get(address, {"example": number}))
        filled = {name: value for name, value in filled.items() if value not in ("", "False")}
        page = client.post(address, filled)
        assert page.status_code == 200, words(page)
        assert json.loads(page.context["answer_json"]) == calc.answer(topic.code, question).as_json()
        for clause in calc.answer(topic.code, question).clauses:
            assert clause.document in words(page)


def test_the_answer_stands_with_its_clauses_and_the_json_to_copy(cast: SimpleNamespace, browser: Browser) -> None:
    page = compute(browser("analyst"), "water_class", day="2026-11-20", values="NH3-N, 2.3\nTP\t0.25")
    text = words(page)
    for part in ("worse than V", "ammonia nitrogen (1.3)", "GB 3838-2002", "2 items decide, of 21"):
        assert part in text
    assert '"values": {"NH3-N": 2.3, "TP": 0.25}' in page.context["command"]
    assert "qingyuan calc water_class" in page.context["command"]


def test_each_clause_says_its_days_in_force_and_how_far_it_was_checked(cast: SimpleNamespace, browser: Browser) -> None:
    page = compute(browser("analyst"), "ambient_limit", day="2026-03-01", averaging="day", grade="2", values="PM2.5 70")
    assert "GB 3095-2026 Table 1 checked against the text; in force from 2026-03-01 to 2030-12-31" in words(page)
    address = reverse("calculation", kwargs={"code": "ambient_limit"})
    asked = {"day": "2026-02-28", "averaging": "day", "grade": "2", "values": "PM2.5 76"}
    text = words(browser("analyst").post(address, asked, headers={"accept-language": "zh-hans"}))
    assert "GB 3095-2012 表1 已核对原文；2016-01-01 至 2026-02-28 施行" in text


def test_a_class_that_hangs_on_the_standard_is_named_beside_its_field(cast: SimpleNamespace, browser: Browser) -> None:
    page = words(browser("analyst").get(reverse("calculation", kwargs={"code": "emission_limit"})))
    assert "limit for new coal boilers (new_coal)" in page
    assert "Guangxi, Chongqing, Sichuan and Guizhou (southwest)" in page


def test_chinese_readers_get_chinese_words(cast: SimpleNamespace, browser: Browser) -> None:
    client = browser("analyst")
    address = reverse("calculation", kwargs={"code": "water_class"})
    page = client.post(address, {"day": "2026-11-20", "values": "氨氮，2.3"}, headers={"accept-language": "zh-hans"})
    for part in ("地表水水质类别", "适用条款", "劣Ⅴ类", "氨氮（1.3）", "主要污染物"):
        assert part in words(page)


def test_a_colour_is_said_in_words_and_a_moment_as_people_write_it(cast: SimpleNamespace, browser: Browser) -> None:
    client, address = browser("analyst"), reverse("calculation", kwargs={"code": "supervision_colour"})
    term = {"begun": "2026-11-02T00:00", "due": "2026-11-10T00:00", "at": "2026-11-09T00:00"}
    page = client.post(address, term, headers={"accept-language": "zh-hans"})
    for part in ("颜色 黄色", "届满时刻 2026-11-10 00:00", "黄灯起 2026-11-08 00:00"):
        assert part in words(page)


def test_tables_are_read_from_csv_from_a_spreadsheet_and_from_json(cast: SimpleNamespace, browser: Browser) -> None:
    rows = [{"section": "A", "class": "II", "target": "III"}, {"section": "B", "class": "IV", "target": "III"}]
    written = (
        "section,class,target\nA,II,III\nB,IV,III\n",
        "断面\t现状类别\t目标类别\nA\tII\tIII\n\nB\tIV\tIII",
        json.dumps(rows),
    )
    for text in written:
        page = compute(browser("analyst"), "water_target", sections=text)
        assert json.loads(page.context["answer_json"])["result"]["attained_ratio"] == 50.0


def test_a_series_keeps_its_gaps(cast: SimpleNamespace, browser: Browser) -> None:
    wanted = [40.0] * 18 + [None, 50.0] + [None] * 4
    for text in (
        "40," * 18 + ",50,,,,",
        "40\uff0c" * 18 + "\uff1b50" + "\uff0c" * 4,
        "40,\r\n" * 18 + ",\r\n50,,\r\n,,",
        "40\r\n" * 18 + "\r\n50" + "\r\n-" * 4,
        "40\t" * 18 + "\t50" + "\t-" * 4,
        "[" + "40," * 18 + "null,50,null,null,null,null]",
    ):
        page = compute(browser("analyst"), "air_means", hours=text)
        assert json.loads(page.context["question_json"])["hours"] == wanted


def test_a_time_is_meant_in_china(cast: SimpleNamespace, browser: Browser) -> None:
    page = compute(browser("analyst"), "air_index_hour", at="2026-03-01T00:00", concentrations="PM2.5, 61")
    assert json.loads(page.context["question_json"])["at"] == "2026-03-01T00:00:00+08:00"
    assert "HJ 633-2026" in words(page)


@pytest.mark.parametrize(
    ("code", "fields", "field", "why"),
    [
        ("water_class", {"day": "2026-11-20", "values": "NH3-N 2.x"}, "values", "expected a number"),
        ("water_class", {"day": "2026-11-20", "values": "nothing, 2"}, "values", "one of the names pH, DO"),
        ("water_class", {"day": "2026-11-20", "values": "TP"}, "values", "expected a name and a value"),
        ("water_class", {"day": "2026-11-20", "values": "TP, 1\nTP, 2"}, "values", "stands there twice"),
        ("water_class", {"day": "2026-11-20", "values": "{TP: 1}"}, "values", "no JSON"),
        ("water_class", {"day": "yesterday", "values": "TP, 1"}, "day", "valid date"),
        ("water_target", {"sections": "section,colour\nA,red"}, "sections", "Column “colour”"),
        ("water_target", {"sections": "section,class\nA,II"}, "sections", "sections[0].target"),
        ("water_target", {"sections": "section,class,target\nA,II,III,IV"}, "sections", "Line 2: found 4 cells"),
        ("air_means", {"hours": "1,2,x"}, "hours", "expected a number"),
        ("air_means", {"hours": "1,2,3"}, "hours", "24 to 48 hours"),
        ("trophic_index", {"chla": "1", "TP": "1", "TN": "1", "SD": "0", "CODMn": "1"}, "SD", "above 0"),
        ("air_index_day", {"day": "2010-01-01", "concentrations": "PM2.5, 1"}, "day", "2016-01-01"),
    ],
)
def test_what_cannot_be_computed_is_said_at_its_field_and_nothing_typed_is_lost(
    code: str, fields: dict[str, str], field: str, why: str, cast: SimpleNamespace, browser: Browser
) -> None:
    page = compute(browser("analyst"), code, **fields)
    assert page.status_code == 422
    assert why in unescape(" ".join(page.context["form"].errors[field]))
    assert "answer" not in page.context
    assert shown_in(page) | fields == shown_in(page)


def test_a_calculation_that_does_not_exist_is_not_found(cast: SimpleNamespace, browser: Browser) -> None:
    page = browser("analyst").get(reverse("calculation", kwargs={"code": "nothing"}))
    assert page.status_code == 404
    assert "There is no calculation “nothing”." in words(page)


def test_every_role_finds_the_calculations_in_the_menu(cast: SimpleNamespace, browser: Browser) -> None:
    for person in ("grid_worker", "enterprise", "leader", "administrator"):
        assert f'href="{reverse("calculations")}"' in browser(person).get(reverse("map")).content.decode()


def test_json_nested_too_deeply_is_said_at_its_field(cast: SimpleNamespace, browser: Browser) -> None:
    page = compute(browser("analyst"), "air_period", period="month", days="[" * 50_000)
    assert page.status_code == 422
    assert "nested too deeply" in words(page)


def test_separators_of_a_chinese_keyboard_are_read_as_those_of_any_other(
    cast: SimpleNamespace, browser: Browser
) -> None:
    written = ("DO, 6.2\nNH3-N: 1.3\nTP; 0.1", "DO\uff0c6.2\nNH3-N\uff1a1.3\nTP\uff1b0.1")
    asked = [
        json.loads(compute(browser("analyst"), "water_class", day="2026-11-22", values=text).context["question_json"])[
            "values"
        ]
        for text in written
    ]
    assert asked == [{"DO": 6.2, "NH3-N": 1.3, "TP": 0.1}] * 2
