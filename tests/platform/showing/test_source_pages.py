"""The pages of the list of fixed sources: building, the list, one source, deciding, taking back, the workbook."""

from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import OFFICE
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pages import get, words

from qingyuan.places.api import register_enterprise
from qingyuan.registering.api import compute_build
from qingyuan.registering.queries import Build, Pair, open_questions, sources
from qingyuan.sensing.api.records import bring_records, enter_records, take_over_list

pytestmark = pytest.mark.django_db
MILL, DYE = "91110000802100433B", "91510112279144326U"
CENSUS = "统一社会信用代码,普查年度,单位名称,地址,行业代码\n"


@pytest.fixture
def lists(cast: SimpleNamespace) -> list[str]:
    """The mill on file; the census has it under another code and industry, and a dye works; nothing is built."""
    register_enterprise(
        MILL, lon=100.3, lat=30.1, title_zh="西山纸业有限公司", title_en="West Paper Ltd", industry_code="2221",
        industry_zh="造纸", industry_en="Paper", management="key", address_zh="西镇纸厂路1号",
    )  # fmt: skip
    take_over_list("pollution_census", cast.handler.organisation)
    text = CENSUS + f"{DYE},2025,西山纸业有限公司,西镇纸厂路1号,1713\n{MILL},2024,西山纸业公司,西镇纸厂路1号,1713\n"
    file = bring_records(cast.analyst, "pollution_census", "census.csv", text.encode(), origin=OFFICE)
    enter_records(file.pk, cast.analyst, OFFICE)
    return ["pollution_census"]


@pytest.fixture
def built(lists: list[str], browser: Callable[[str], Client]) -> Client:
    """The analyst's browser after the list was built from the page."""
    analyst = browser("analyst")
    answer = analyst.post(reverse("source-build-new"), {"lists": lists}, follow=True)
    assert "This page follows by itself" in words(answer)
    compute_build(Build.objects.get().pk)
    return analyst


def test_before_the_first_build_the_page_leads_to_it(lists: list[str], browser: Callable[[str], Client]) -> None:
    analyst = browser("analyst")
    assert "The list was not built yet" in words(get(analyst, "sources"))
    text = words(get(analyst, "source-builds"))
    assert "Census of pollution sources" in text
    assert "2 records" in text


def test_the_list_shows_lists_and_contradictions_and_narrows(built: Client) -> None:
    text = words(get(built, "sources"))
    assert text.count("西山纸业有限公司") == 2
    assert "Ledger, Census of pollution sources" in text
    assert "Industry" in text
    outside = words(get(built, "sources", {"ledger": "no"}))
    assert MILL not in outside
    assert DYE in outside
    assert "No enterprise fits" in words(get(built, "sources", {"q": "nobody"}))
    assert DYE not in words(get(built, "sources", {"conflict": "industry"}))


def test_the_list_costs_no_more_queries_for_more_rows(built: Client) -> None:
    def queries(words: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            get(built, "sources", {"q": words})
        return len(asked)

    queries("")
    assert queries("西山") == queries(MILL)


def test_a_source_says_which_list_gives_what_and_where_they_contradict(built: Client, cast: SimpleNamespace) -> None:
    mill = sources(cast.analyst).get(code=MILL)
    text = words(get(built, "source", source_id=mill.pk))
    assert "2221 Ledger" in text
    assert "1713 Census of pollution sources" in text
    assert "西山纸业公司 Census of pollution sources · can be the same" in text
    assert "Of another enterprise" in text


def test_a_pair_is_decided_with_a_reason_and_taken_back(built: Client, cast: SimpleNamespace) -> None:
    pair = Pair.objects.get()
    assert "two valid codes that differ: not merged without a person" in words(get(built, "source-pairs"))
    address = reverse("source-pair", kwargs={"pair_id": pair.pk})
    assert built.post(address, {"answer": "2", "why": ""}).status_code == 422
    answer = built.post(address, {"answer": "2", "why": "seen on site"}, follow=True)
    assert "is not asked again" in words(answer)
    assert sources(cast.analyst).count() == 1
    assert "seen on site" in words(get(built, "source-pairs", {"state": "decided"}))
    back = reverse("source-pair-back", kwargs={"pair_id": pair.pk})
    assert "parted again" in words(built.post(back, {"why": "wrong site"}, follow=True))
    assert sources(cast.analyst).count() == 2


def test_a_question_is_decided_with_a_reason_and_leads_on(built: Client, cast: SimpleNamespace) -> None:
    asked = open_questions(cast.analyst).get()
    address = reverse("source-question", kwargs={"question_id": asked.pk})
    text = words(built.get(address))
    assert "Speaks for one" in text
    assert "same road and number" in text
    assert built.post(address, {"verdict": "all", "why": ""}).status_code == 422
    assert "is not asked again" in words(built.post(address, {"verdict": "all", "why": "seen on site"}, follow=True))
    assert sources(cast.analyst).count() == 1
    assert built.get(address).status_code == 404


def test_a_row_is_parted_from_its_source(built: Client, cast: SimpleNamespace) -> None:
    mill = sources(cast.analyst).get(code=MILL)
    row = mill.rows.get(of="pollution_census")
    address = reverse("source-part", kwargs={"source_id": mill.pk, "row_id": row.pk})
    text = words(built.post(address, {"why": "another site"}, follow=True))
    assert "Parted." in text
    assert sources(cast.analyst).count() == 3


def test_what_lacks_something_is_left_out_and_says_so(built: Client, cast: SimpleNamespace) -> None:
    dye = sources(cast.analyst).get(code=DYE)
    assert "it lacks: a position within the district" in words(get(built, "source", source_id=dye.pk))
    text = words(built.post(reverse("sources-enter"), follow=True))
    assert "Entered: 0" in text


def test_the_list_is_taken_away_as_a_workbook(built: Client) -> None:
    answer = get(built, "sources-table")
    rows = list(load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert rows[0][1:3] == ("Name", "Credit code")
    assert {row[2] for row in rows[1:]} == {MILL, DYE}


def test_what_changed_in_a_build_stands_on_a_page_of_its_own(built: Client) -> None:
    text = words(get(built, "source-build", build_id=Build.objects.get().pk))
    assert "What changed in build" in text
    assert "2 New" in text
    assert "Census of pollution sources 2" in text
    assert "Nothing changed" in words(get(built, "source-build", {"kind": "gone"}, build_id=Build.objects.get().pk))


def test_a_list_that_names_nobody_is_refused_with_its_name(lists: list[str], browser: Callable[[str], Client]) -> None:
    answer: Any = browser("analyst").post(reverse("source-build-new"), {"lists": ["nothing"]}, follow=True)
    assert "Found the list nothing" in words(answer)
    assert not Build.objects.exists()
