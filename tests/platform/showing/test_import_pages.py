"""Import by the pages, without script: upload, look, correct, confirm, take the faults away, undo."""

import io
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook
from pages import words

from qingyuan.recording.queries import Import, ImportDraft
from qingyuan.sensing.queries import Channel, RawPacket

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
TABLE = "时间,COD(mg/L),氨氮(mg/L),备注\n2026-11-22 08:00,48.2,<0.02,好\n2026/11/22 9:00,50.1,1.5,\n坏,1,2,\n"
SELECTED = re.compile(r'<option value="([^"]*)" selected>')
FIELD = re.compile(r'<input type="hidden" name="(title|given)" value="([^"]*)">')


def upload(client: Client, raw: bytes, name: str = "report.csv") -> Any:
    return client.post(reverse("imports"), {"file": SimpleUploadedFile(name, raw)}, follow=True)


def said(answer: Any, **changes: Any) -> dict[str, Any]:
    """What the page would send if its button were pressed now, with some fields changed by the person."""
    form, columns, given = answer.context["form"], answer.context["columns"], answer.context["given_stations"]
    values = {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}
    return {
        **values,
        "title": [row.title for row in columns],
        "factor": [row.chosen for row in columns],
        "unit-of": [row.unit for row in columns],
        "given": [row["given"] for row in given],
        "code": [row["code"] for row in given],
        **changes,
    }


def press(client: Client, answer: Any, act: str, **changes: Any) -> Any:
    return client.post(answer.wsgi_request.path, {**said(answer, **changes), "act": act}, follow=True)


def test_a_table_is_looked_at_and_imported_and_its_faults_can_be_taken_away(
    station: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    client = browser("analyst")
    page = upload(client, TABLE.encode("gb18030"))
    text = words(page)
    assert "COD(mg/L)" in text
    assert [row.chosen for row in page.context["columns"]] == ["w01018", "w21003"]
    assert [row.unit for row in page.context["columns"]] == ["mg/L", "mg/L"]
    assert page.context["form"]["at"].initial == station.code  # the only one in the territory
    assert "3 rows looked at, 3 values found" in text
    assert "B2" not in text
    assert "C2 (氨氮(mg/L)): found a value below 0.02, taken as missing" in text
    assert RawPacket.objects.count() == 0
    done = press(client, page, "import")
    text = words(done)
    assert "Imported. The file is kept as evidence." in text
    assert (Import.objects.get().new, ImportDraft.objects.count(), RawPacket.objects.count()) == (3, 0, 1)
    assert "New 3" in text
    assert "Not a possible time 1" in text
    file = client.get(reverse("import-faults", kwargs={"import_id": Import.objects.get().pk}))
    rows = file.content.decode("utf-8-sig").splitlines()
    assert rows[0] == "Fault,Cell,Found and expected"
    assert rows[1].startswith('Below detection,C2 (氨氮(mg/L)),"found a value below 0.02,')
    assert rows[2].startswith("Not a possible time,A4 (时间),")


def test_the_import_is_undone_from_its_page_with_a_reason(
    station: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    client = browser("analyst")
    done = press(client, upload(client, TABLE.encode()), "import")
    address = reverse("import-undo", kwargs={"import_id": Import.objects.get().pk})
    refused = client.post(address, {"why": " "})
    assert (refused.status_code, "Say why the import is undone." in words(refused)) == (422, True)
    undone = client.post(address, {"why": "wrong month"}, follow=True)
    assert "Undone: 3 readings removed, 0 given back." in words(undone)
    assert "wrong month" in words(undone)
    assert client.post(address, {"why": "again"}).status_code == 409
    assert "Take it back" in words(done)
    assert "Take it back" not in words(undone)


def test_the_kept_file_of_an_import_is_read_again_from_its_page_by_what_is_said_now(
    station: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    client = browser("analyst")
    press(
        client, upload(client, b"when,A\n2026-11-22 08:00,1000\n"), "look", factor=["w01018"], **{"unit-of": ["mg/L"]}
    )
    page = client.get(reverse("import-draft", kwargs={"draft_id": ImportDraft.objects.get().pk}))
    press(client, page, "import")
    made = Import.objects.get()
    again = client.post(reverse("import-again", kwargs={"import_id": made.pk}), follow=True)
    assert [(row.chosen, row.unit) for row in again.context["columns"]] == [("w01018", "mg/L")]
    looked = press(client, again, "look", **{"unit-of": ["ug/L"]})
    press(client, looked, "import")
    newest = Import.objects.latest("pk")
    assert (newest.changed, newest.sha256) == (1, made.sha256)


def test_what_the_person_says_of_the_columns_counts(station: Any, cast: SimpleNamespace, browser: Browser) -> None:
    client = browser("analyst")
    page = upload(client, b"when,A,B\n2026-11-22 08:00,1000,2\n2026-11-22 09:00,1100,2\n")
    assert [row.chosen for row in page.context["columns"]] == ["", ""]
    looked = press(client, page, "look", **{"factor": ["w01018", ""], "unit-of": ["ug/L", ""], "stamp": "end"})
    assert looked.context["table"].lines[0]["cells"] == [{"value": "1000", "mark": ""}]
    press(client, looked, "import")
    channel = Channel.objects.get()
    assert (channel.factor, channel.station) == ("w01018", station)
    again = upload(client, b"when,A,B\n2026-11-23 08:00,1000,2\n")
    assert [(row.chosen, row.unit) for row in again.context["columns"]] == [("w01018", "ug/L"), ("", "")]


def test_the_preview_names_its_columns_before_a_station_is_chosen(cast: SimpleNamespace, browser: Browser) -> None:
    page = upload(browser("administrator"), "时间,COD(mg/L)\n2026-11-22 08:00,48.2\n".encode())
    assert [(name["short"], name["station"]) for name in page.context["table"].names] == [("COD", "")]


def test_nothing_is_imported_that_was_proposed_but_not_seen(
    station: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    client = browser("analyst")
    page = upload(client, b"x,y\ntime,COD\n2026-11-22 08:00,1\n")
    page = press(client, page, "look", header="1", time="x")
    held = press(client, page, "import", header="2", time="time")
    assert "Not imported yet: look at what is new here first." in words(held)
    assert not Import.objects.exists()
    assert press(client, held, "import").status_code == 200
    assert Import.objects.get().new == 1


def test_a_layout_that_cannot_be_stays_on_the_page_with_its_reason(
    station: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    client = browser("analyst")
    page = upload(client, TABLE.encode())
    refused = press(client, page, "import", **{"unit-of": ["kWh", "mg/L"]})
    assert (refused.status_code, "kWh" in words(refused)) == (422, True)
    assert "It cannot be read like this" in words(press(client, page, "look", zone="Mars/North"))
    refused = press(client, page, "import", at="")
    assert "Not imported yet" in words(refused)
    assert not Import.objects.exists()


def test_stations_named_in_the_table_are_chosen_from_the_viewers_own(
    station: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    client = browser("enterprise")
    table = f"站点,时间,COD\n{station.title_zh},2026-11-22 08:00,1\n别处,2026-11-22 08:00,2\n"
    page = upload(client, table.encode())
    assert page.context["given_stations"] == [
        {"given": station.title_zh, "code": station.code}, {"given": "别处", "code": ""},
    ]  # fmt: skip
    press(client, page, "import")
    assert (Import.objects.get().new, Import.objects.get().faulty) == (1, 0)
    stranger = upload(browser("other_enterprise"), table.encode())
    assert list(stranger.context["stations"]) == []
    assert [row["code"] for row in stranger.context["given_stations"]] == ["", ""]
    forged = press(browser("other_enterprise"), stranger, "import", code=[station.code, ""])
    assert forged.status_code == 422
    assert Import.objects.count() == 1


def test_another_sheet_of_a_workbook_is_guessed_anew(station: Any, cast: SimpleNamespace, browser: Browser) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["说明"])
    second = book.create_sheet("数据")
    for row in (["时间", "COD"], ["2026-11-22 08:00", 3.5]):
        second.append(row)
    out = io.BytesIO()
    book.save(out)
    client = browser("analyst")
    page = upload(client, out.getvalue(), "report.xlsx")
    assert "No column holds amounts" in words(page)
    page = press(client, page, "look", sheet="数据")
    assert [row.chosen for row in page.context["columns"]] == ["w01018"]
    press(client, page, "import")
    assert Import.objects.get().new == 1


@pytest.mark.parametrize("raw", [b"\xd0\xcf\x11\xe0 old Excel", b"", b"PK\x03\x04", b"\0\1\2"])
def test_a_file_that_is_no_table_is_refused_at_the_field(cast: SimpleNamespace, browser: Browser, raw: bytes) -> None:
    answer = upload(browser("analyst"), raw)
    assert (answer.status_code, "found" in words(answer)) == (422, True)
    assert not ImportDraft.objects.exists()


def test_titles_of_a_table_cannot_carry_markup_into_the_page(
    station: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    answer = upload(browser("analyst"), b"time,<script>alert(1)</script>\n2026-11-22 08:00,1\n")
    assert b"<script>alert(1)" not in answer.content
    assert "<script>alert(1)</script>" in words(answer) or b"&lt;script&gt;" in answer.content
