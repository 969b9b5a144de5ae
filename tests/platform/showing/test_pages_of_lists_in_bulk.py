"""Pages of lists in bulk: rows newest first, a row with its delivery, counts, and what an enterprise has."""

from pathlib import Path
from typing import Any

import pytest

from qingyuan.kit import clock
from qingyuan.places.api import register_enterprise
from qingyuan.sensing.api import take_in_payloads
from qingyuan.sensing.api.records import feed_of_list, take_over_list
from qingyuan.sensing.connector import Payload
from qingyuan.sensing.queries.records import RecordFile
from qingyuan_science.series import microseconds

pytestmark = pytest.mark.django_db
MILL = "91110000802100433B"  # the code of the worked example of the credit code
OWN = "/records/lists/electricity_days/"


@pytest.fixture(autouse=True)
def _lake(tmp_path: Path, settings: Any) -> None:
    settings.LAKE = str(tmp_path / "lake")


@pytest.fixture
def days(cast: Any) -> Any:
    """Three months of two meters, one of which an enterprise on file has."""
    register_enterprise(
        MILL, lon=100.3, lat=30.1, organisation=cast.other_enterprise.organisation, title_zh="西山纸业有限公司",
        title_en="West Paper Ltd", industry_code="2221", industry_zh="造纸", industry_en="Paper", management="key",
    )  # fmt: skip
    found = take_over_list("electricity_days", cast.handler.organisation)
    lines = [
        f"{account},{who},2026-{month:02}-{day:02},{10 * month + day}"
        for month in (8, 9, 10)
        for day in range(1, 29)
        for account, who in (("0101", f"西山纸业,{MILL}"), ("0202", "某厂,"))
    ]
    text = "户号,户名,统一社会信用代码,日期,用电量\n" + "\n".join(lines)
    take_in_payloads(feed_of_list(found), [Payload(text.encode(), "d.csv", microseconds(clock.now()))], lambda *_: 0)
    return found


@pytest.fixture
def opened(client: Any, cast: Any, days: Any) -> Any:
    client.force_login(cast.analyst)

    def page(address: str) -> str:
        answer = client.get(address, headers={"accept-language": "en"})
        assert answer.status_code == 200, address
        return str(answer.content.decode())

    return page


def test_the_newest_rows_come_first_and_older_ones_further_back(opened: Any) -> None:
    first = opened(OWN)
    assert "2026-10-28" in first
    assert "2026-09-30" not in first
    further = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = opened(OWN + further)
    assert "2026-10-03" in second
    assert ">2026-10-28<" not in second


def test_a_day_and_an_enterprise_narrow_the_rows(opened: Any) -> None:
    page = opened(f"{OWN}?from=2026-09-05&to=2026-09-05&enterprise={MILL}")
    assert "0101" in page
    assert "0202" not in page
    assert ">95<" in page


def test_a_row_leads_to_its_delivery_and_to_the_row_of_the_file(opened: Any) -> None:
    row = opened(OWN).split('class="qy-nowrap"><a href="')[1].split('"')[0]
    page = opened(row)
    assert f"/records/files/{RecordFile.objects.get().pk}/" in page
    assert "西山纸业" in page or "某厂" in page
    assert "用电户名" in page or "户名" in page


def test_counts_are_of_the_newest_month_unless_days_are_asked_for(opened: Any) -> None:
    page = opened(f"{OWN}statistics/?by=account&sum=energy")
    assert [f'value="{day}"' in page for day in ("2026-09-28", "2026-10-28")] == [True, True]
    assert page.count(">29<") == 2
    assert ">28<" in opened(f"{OWN}statistics/?by=account&from=2026-08-01&to=2026-08-31")


def test_an_enterprise_shows_its_newest_rows(opened: Any) -> None:
    page = opened(f"/enterprises/{MILL}/")
    assert "2026-10-28" in page
    assert f"{OWN}?enterprise={MILL}" in page


def test_rows_are_taken_away_as_a_file(opened: Any) -> None:
    page = opened(f"{OWN}table/?form=csv&from=2026-10-01&to=2026-10-02")
    assert page.count("2026-10-0") >= 4


def test_a_delivery_shows_its_rows(opened: Any) -> None:
    assert "0202" in opened(f"/records/files/{RecordFile.objects.get().pk}/")


def test_a_page_asks_the_database_a_few_times_only(opened: Any, django_assert_max_num_queries: Any) -> None:
    opened(OWN)
    with django_assert_max_num_queries(30):
        opened(OWN)


def test_where_a_search_ends_early_the_page_says_how_far_it_looked(
    opened: Any, days: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qingyuan.sensing.journals.newest.MOST_LOOKED", 1)
    page = opened(f"{OWN}?q=0105")
    assert "Nothing fits back to 2026-09-28" in page
    further = page.split("Look further back")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    page = opened(OWN + further)
    assert "Nothing fits back to 2026-08-28" in page
    further = page.split("Look further back")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "No record fits" in opened(OWN + further)
