"""Pages of what other departments hold: brought, looked at, entered, searched, decided, taken away, taken back."""

import json
import re
from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import OFFICE
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pages import get, words

from qingyuan.kit import log
from qingyuan.sensing.api import issue_token
from qingyuan.sensing.api.records import bring_records, enter_records, feed_of_list, take_over_list
from qingyuan.sensing.queries.records import DataList, data_list, record_files, records_of, written_firms

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
HEAD = "户号,户名,月份,电量\n"


@pytest.fixture
def electricity(cast: SimpleNamespace, station: Any) -> Any:
    return take_over_list("electricity", cast.handler.organisation)


def bring(user: Any, code: str, text: str, name: str = "file.csv") -> Any:
    file = bring_records(user, code, name, text.encode(), origin=OFFICE)
    return enter_records(file.pk, user, OFFICE)


def test_a_file_is_looked_at_mapped_and_entered(cast: SimpleNamespace, electricity: Any, browser: Browser) -> None:
    client = browser("analyst")
    raw = "编号,户名,月份,电量\n1,东江水务有限公司,2026-10,5\n2,东江水务有限公司,2026-13,5\n".encode()
    page = client.post(
        reverse("record-files", kwargs={"code": "electricity"}), {"file": SimpleUploadedFile("a.csv", raw)}, follow=True
    )
    assert page.status_code == 422
    assert "expected also 用电户号" in words(page)
    file = record_files(cast.analyst).get()
    mapping = {"column": ["account", "customer", "month", "energy"], "title": ["编号", "户名", "月份", "电量"]}
    address = reverse("record-file-columns", kwargs={"file_id": file.pk})
    looked = client.post(address, {**mapping, "header": "1", "act": "look"}, follow=True)
    assert "expected a month such as 2026-10" in words(looked)
    assert not records_of(cast.analyst, electricity).exists()
    entered = client.post(address, {**mapping, "header": "1", "act": "enter"}, follow=True)
    assert "1 new records" in words(entered)
    assert records_of(cast.analyst, electricity).get().values[0] == "1"
    again = bring_records(cast.analyst, "electricity", "b.csv", raw, origin=OFFICE)
    assert json.loads(again.settings["titles"])["account"] == "编号"


def test_the_lists_say_what_came_and_what_waits(cast: SimpleNamespace, electricity: Any, browser: Browser) -> None:
    take_over_list("tax", None)
    bring(cast.analyst, "electricity", HEAD + "1,东江水务有限公司,2026-10,5\n2,东江水厂有限公司,2026-10,x\n")
    page = words(get(browser("duty_officer"), "records"))
    assert "Rows refused" in page
    assert "Nothing came yet" in page
    bring(cast.analyst, "electricity", HEAD + "2,东江水厂有限公司,2026-10,7\n", "b.csv")
    assert "To be decided" in words(get(browser("duty_officer"), "records"))


def test_the_enterprise_page_shows_its_records_to_the_authority_only(
    cast: SimpleNamespace, electricity: Any, station: Any, browser: Browser
) -> None:
    bring(cast.analyst, "electricity", HEAD + "1,东江水务有限公司,2026-10,98765\n")
    code = station.enterprise.code
    assert "98765" in words(get(browser("grid_worker"), "enterprise", code=code))
    assert "98765" not in words(get(browser("enterprise"), "enterprise", code=code))


def test_a_record_shows_its_editions_and_its_line(cast: SimpleNamespace, electricity: Any, browser: Browser) -> None:
    bring(cast.analyst, "electricity", HEAD + "1,东江水务有限公司,2026-10,5\n")
    bring(cast.analyst, "electricity", HEAD + "1,东江水务有限公司,2026-10,7\n", "b.csv")
    now = records_of(cast.analyst, electricity).get()
    page = words(get(browser("analyst"), "record", code="electricity", record_id=now.id))
    assert "As it stands in the file 户号 1 户名 东江水务有限公司 月份 2026-10 电量 7" in page
    assert "5 → 7" in page
    assert "b.csv" in page


def test_persons_are_masked_but_for_those_who_may_see_them(cast: SimpleNamespace, browser: Browser) -> None:
    take_over_list("vehicles", None)
    bring(cast.analyst, "vehicles", "号牌号码,号牌种类,机动车所有人\n京A12345,小型汽车,欧阳锋\n")
    assert "京A12345" in words(get(browser("analyst"), "record-list", code="vehicles"))
    seen = words(get(browser("duty_officer"), "record-list", code="vehicles"))
    assert "京A12345" not in seen
    assert "京＊＊＊45" in seen
    one = records_of(cast.analyst, data_list(cast.analyst, "vehicles")).get()
    record = words(get(browser("duty_officer"), "record", code="vehicles", record_id=one.id))
    assert "欧阳锋" not in record
    asked = words(get(browser("duty_officer"), "record-list", {"q": "12345"}, code="vehicles"))
    assert "No record fits" in asked
    narrowed = words(get(browser("duty_officer"), "record-list", {"in.plate": "京A12345"}, code="vehicles"))
    assert "京A12345" not in narrowed


def test_records_are_taken_away_as_a_workbook_and_the_log_says_so(cast: SimpleNamespace, browser: Browser) -> None:
    take_over_list("vehicles", None)
    bring(cast.analyst, "vehicles", "号牌号码,号牌种类,总质量\n京A12345,小型汽车,1500\n")
    answer = get(browser("analyst"), "record-table", {"form": "xlsx"}, code="vehicles")
    rows = list(load_workbook(BytesIO(answer.content)).worksheets[0].values)
    assert rows[1][0] == "京A12345"
    assert rows[1][8] == 1500
    masked = get(browser("duty_officer"), "record-table", {"form": "csv"}, code="vehicles").content.decode()
    assert "京A12345" not in masked
    found = data_list(cast.analyst, "vehicles")
    told = [line for line in log.about(f"data-list/{found.pk}") if line.act == "PersonalRecordsTaken"]
    assert [(line.actor, line.detail["records"]) for line in told] == [("analyst", 1)]


def test_statistics_count_by_fuel_and_stage_and_lead_to_the_records(cast: SimpleNamespace, browser: Browser) -> None:
    take_over_list("vehicles", None)
    rows = "".join(f"京A{n:05d},小型汽车,{fuel},国六\n" for n, fuel in enumerate(["汽油", "汽油", "汽油", "柴油"]))
    bring(cast.analyst, "vehicles", "号牌号码,号牌种类,燃料种类,排放标准\n" + rows)
    page = get(browser("duty_officer"), "record-statistics", code="vehicles")
    assert "汽油 国六 3 75%" in words(page)
    assert "in.fuel=%E6%B1%BD%E6%B2%B9" in page.content.decode()
    asked = get(browser("duty_officer"), "record-list", {"in.fuel": "柴油", "in.stage": "国六"}, code="vehicles")
    assert "1 to 1 of 1" in words(asked)


def test_a_question_is_decided_with_a_reason(
    cast: SimpleNamespace, electricity: Any, station: Any, browser: Browser
) -> None:
    bring(cast.analyst, "electricity", HEAD + "2,东江水厂有限公司,2026-10,7\n")
    asked, client = written_firms(cast.analyst).get(), browser("handler")
    page = get(client, "record-question", written_id=asked.pk)
    assert "half of the letters of the trade name are the same" in words(page)
    address = reverse("record-question", kwargs={"written_id": asked.pk})
    assert client.post(address, {"which": station.enterprise.code, "why": ""}).status_code == 422
    answer = client.post(address, {"which": station.enterprise.code, "why": "电话核实"}, follow=True)
    assert "1 records follow" in words(answer)
    assert records_of(cast.analyst, electricity).get().enterprise_id == station.enterprise_id
    assert "电话核实" in words(get(client, "record-questions", {"state": "decided"}))


def test_a_department_posts_its_list_by_token(cast: SimpleNamespace, electricity: Any, client: Client) -> None:
    token = issue_token(feed_of_list(electricity), OFFICE)
    body = json.dumps({"records": [{"account": "1", "customer": "某厂", "month": "2026-10", "energy": 5},
                                   {"account": "2", "customer": "某厂", "month": "later", "energy": 5}]})  # fmt: skip
    told = client.post("/api/v1/records", body, "application/json", headers={"authorization": f"Bearer {token}"})
    assert told.status_code == 202
    assert told.json()["read"] == 1
    assert "expected" in told.json()["faults"][0]["detail"]
    assert records_of(cast.analyst, electricity).count() == 1
    wrong = client.post("/api/v1/readings", body, "application/json", headers={"authorization": f"Bearer {token}"})
    assert wrong.status_code == 409


def test_an_administrator_takes_a_list_over_and_adds_a_column(cast: SimpleNamespace, browser: Browser) -> None:
    client = browser("administrator")
    client.post(reverse("record-catalogue"), {"code": "tax", "department": "department"})
    found = data_list(cast.administrator, "tax")
    assert found.department == cast.handler.organisation
    columns = [
        *found.defined.columns,
        SimpleNamespace(code="night", zh="夜", en="Night", kind="number", unit="", names=()),
    ]
    post = {
        "title_zh": "税", "title_en": "Tax", "about": "enterprise", "every": "month", "department": "department",
        "since": "month", "firm-code": "taxpayer",
        **{f"column-{name}": [getattr(one, name) for one in columns] for name in ("code", "zh", "en", "kind", "unit")},
        "column-names": ["、".join(one.names) for one in columns],
    }  # fmt: skip
    answer = client.post(reverse("record-list-change", kwargs={"code": "tax"}), post, follow=True)
    assert answer.status_code == 200
    after = data_list(cast.administrator, "tax").defined
    assert after.columns[-1].code == "night"
    assert after.columns[0].names == found.defined.columns[0].names


def test_pages_of_a_long_list_follow_each_other_and_nothing_is_counted(
    cast: SimpleNamespace, electricity: Any, browser: Browser
) -> None:
    bring(cast.analyst, "electricity", HEAD + "\n".join(f"M{one:03},某厂,2026-10,5" for one in range(120)))
    DataList.objects.filter(code="electricity").update(held=1_000_000)
    client, address, seen = browser("analyst"), reverse("record-list", kwargs={"code": "electricity"}), []
    query = "?page=10000"
    while query:
        with CaptureQueriesContext(connection) as asked:
            page = client.get(address + query)
        assert not any(one["sql"].startswith('SELECT COUNT(*) AS "__count" FROM "sensing_record"') for one in asked)
        seen += [row["record"].values[0] for row in page.context["rows"]]
        query = f"?after={page.context['after']}" if page.context["after"] else ""
        assert not query or 'rel="next"' in page.content.decode()
    assert seen == [f"M{one:03}" for one in range(119, -1, -1)]
    assert client.get(f"{address}?after=99999999999999999999").status_code == 200
    assert [row["record"].values[0] for row in client.get(f"{address}?q=M000").context["rows"]] == ["M000"]
    assert not client.get(f"{address}?q=M900").context["rows"]


def form_of(found: Any, **changed: Any) -> dict[str, Any]:
    """What the page of a list would post back."""
    defined = found.defined
    return {
        "title_zh": found.title_zh, "title_en": found.title_en, "about": found.about, "every": found.every,
        "department": "", "since": defined.since, "until": defined.until,
        **{f"firm-{part}": code for part, code in defined.firm.items()},
        **{f"column-{name}": [getattr(one, name) for one in defined.columns]
           for name in ("code", "zh", "en", "kind", "unit")},
        "column-names": ["、".join(one.names) for one in defined.columns],
        "required": [one.code for one in defined.columns if one.required],
        "personal": [one.code for one in defined.columns if one.personal], **changed,
    }  # fmt: skip


def test_a_list_becomes_one_in_bulk_until_its_first_file_is_entered(
    cast: SimpleNamespace, browser: Browser, tmp_path: Any, settings: Any
) -> None:
    settings.LAKE, client = str(tmp_path / "lake"), browser("administrator")
    take_over_list("electricity", None)
    address = reverse("record-list-change", kwargs={"code": "electricity"})

    def kept(**changed: Any) -> Any:
        answer = client.post(address, form_of(data_list(cast.administrator, "electricity"), **changed))
        return answer.status_code, data_list(cast.administrator, "electricity").defined.journal

    assert "This can be changed until the first file is entered." in words(client.get(address))
    assert [kept(journal="yes"), kept(), kept(journal="yes", until="month"), kept(journal="yes")] == [
        (302, True), (302, False), (422, False), (302, True)
    ]  # fmt: skip
    file = bring(cast.analyst, "electricity", HEAD + "1,某厂,2026-10,5\n")
    assert (file.new, file.faults) == (1, [])
    page = client.get(reverse("record-list", kwargs={"code": "electricity"}))
    assert "1 rows of a day or an instant each, kept in the history lake." in words(page)
    assert "This is fixed: a file of this list was entered already." in words(client.get(address))
    assert kept(title_en="Electricity by meter") == (302, True)
    assert data_list(cast.administrator, "electricity").title_en == "Electricity by meter"


def test_a_list_in_bulk_is_counted_over_days_that_lead_to_their_rows(
    cast: SimpleNamespace, browser: Browser, tmp_path: Any, settings: Any
) -> None:
    settings.LAKE, client = str(tmp_path / "lake"), browser("analyst")
    take_over_list("electricity_days", None)
    bring(cast.analyst, "electricity_days", "户号,户名,日期,电量\n1,某厂,2026-10-01,5\n2,某厂,2026-08-01,7\n")
    page = client.get(reverse("record-statistics", kwargs={"code": "electricity_days"}), {"by": "customer"})
    assert page.context["days"] == {"from": "2026-09-01", "to": "2026-10-01"}
    (row,) = page.context["rows"]
    assert row["number"] == 1
    listed = client.get(row["href"])
    assert [one["record"].values[0] for one in listed.context["rows"]] == ["1"]
    one = listed.context["rows"][0]["record"]
    told = words(client.get(reverse("record", kwargs={"code": "electricity_days", "record_id": one.id})))
    assert "Holds 2026-10-01 Known" in told


def test_a_list_that_was_in_bulk_for_a_while_keeps_its_records_like_any_other(
    cast: SimpleNamespace, browser: Browser
) -> None:
    found, client = take_over_list("electricity_days", None), browser("administrator")
    client.post(reverse("record-list-change", kwargs={"code": found.code}), form_of(found))
    bring(cast.analyst, found.code, "户号,户名,日期,电量\n1,某厂,2026-10-01,5\n")
    assert records_of(cast.analyst, data_list(cast.analyst, found.code)).get().values[0] == "1"


def test_a_delivery_is_taken_back_with_a_reason(cast: SimpleNamespace, electricity: Any, browser: Browser) -> None:
    file, client = bring(cast.analyst, "electricity", HEAD + "1,某厂,2026-10,5\n"), browser("analyst")
    address = reverse("record-file-undo", kwargs={"file_id": file.pk})
    assert client.post(address, {"why": ""}).status_code == 422
    assert "1 records gone" in words(client.post(address, {"why": "单位写错"}, follow=True))
    assert not records_of(cast.analyst, electricity).exists()


def test_the_list_as_it_was_known_at_another_time(cast: SimpleNamespace, electricity: Any, browser: Browser) -> None:
    bring(cast.analyst, "electricity", HEAD + "1,某厂,2026-10,5\n")
    page = words(get(browser("analyst"), "record-list", {"at": "2026-11-01T08:00"}, code="electricity"))
    assert "No record fits" in page
    assert "As known at" in page


@pytest.mark.parametrize("role", ["grid_worker", "leader", "analyst"])
def test_the_lists_lead_nobody_to_a_page_that_is_closed_to_the_role(
    cast: SimpleNamespace, electricity: Any, browser: Browser, role: str
) -> None:
    bring(cast.analyst, "electricity", f"{HEAD}1,不知名的厂,2026-10,5\n")
    client = browser(role)
    content = get(client, "records").content.decode()
    inner = content[content.index("<main") : content.index("</main>")]
    for address in sorted(set(re.findall(r'href="(/[^"#]*)"', inner))):
        assert client.get(address.replace("&amp;", "&")).status_code == 200, address


def test_a_list_in_bulk_tells_how_it_is_matched_and_looks_up_again_at_a_press(
    cast: SimpleNamespace, browser: Browser
) -> None:
    take_over_list("electricity_days", None)
    bring(
        cast.analyst, "electricity_days", "户号,户名,日期,电量\n1,东江水务有限公司,2026-10-01,5\n2,李四,2026-10-01,7\n"
    )
    address, client = reverse("record-namings", kwargs={"code": "electricity_days"}), browser("analyst")
    assert address in client.get(reverse("record-list", kwargs={"code": "electricity_days"})).content.decode()
    told = words(client.get(address))
    assert "Ways of writing an enterprise" in told, told
    assert re.search(r"Like nobody on file 2\b", told), told
    assert "0 ways of writing mean somebody now" in words(client.post(address, follow=True))
    take_over_list("electricity", None)
    assert client.get(reverse("record-namings", kwargs={"code": "electricity"})).status_code == 404
