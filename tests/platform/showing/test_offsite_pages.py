"""Off-site supervision: four columns side by side, contradictions, clues; and disclosures by form and spreadsheet."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from qingyuan.judging.api import run_screening
from qingyuan.judging.queries import Finding, ScreeningRun
from qingyuan.kit.clock import SHANGHAI
from qingyuan.places.api import OwnTotal, enter_disclosure, enter_permit, register_enterprise, register_station
from qingyuan.places.queries import Disclosure, known_now
from qingyuan.recording.api import keep_day_values
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
CODE = "91110000802100433B"  # HJ 608-2017, annex A
NUMBER = f"{CODE}001P"
DAY = timedelta(days=1)
TITLES = ["统一社会信用代码", "披露年度", "披露日期", "许可证编号", "治理设施", "排放口", "污染物", "年排放量",
          "排放量单位", "处罚文号", "处罚日期", "处罚事由"]  # fmt: skip


@pytest.fixture
def works(cast: SimpleNamespace, readings: Callable[..., Any]) -> Any:
    """Works that emitted 1200 kg COD a day on ten days of June 2025 and on the first ten of this November."""
    place = {"lon": 100.05, "lat": 30.1}
    owner = register_enterprise(
        CODE, title_zh="东江水务有限公司", title_en="East Water Ltd", industry_code="4620", industry_zh="污水处理",
        industry_en="Sewage", management="key", organisation=cast.enterprise.organisation, **place,
    )  # fmt: skip
    outlet = register_station(
        "W1", title_zh="总排口", title_en="Main outlet", kind="outlet-water", enterprise=owner, **place
    )
    for factor, unit, value in (("w01018", "mg/L", 50.0), ("w00000", "m3/h", 1000.0)):
        channel = Channel.objects.create(station=outlet, factor=factor, basis="measured", unit=unit)
        for begins in (datetime(2025, 6, 1, tzinfo=SHANGHAI), datetime(2026, 11, 1, tzinfo=SHANGHAI)):
            keep_day_values(readings(channel, "d", [(begins + number * DAY, value) for number in range(10)]))
    return owner


@pytest.fixture
def told(works: Any) -> Any:
    """A permit that ended on 5 November, and 10 t declared for 2025."""
    enter_permit(
        works,
        number=NUMBER,
        management="key",
        days=(LONG_AGO, date(2026, 11, 5)),
        totals=[OwnTotal("w01018", 20_000.0)],
    )
    enter_disclosure(works, year=2025, number=NUMBER, amounts=[OwnTotal("w01018", 10_000.0)])
    return works


def page(client: Client, name: str, query: dict[str, str] | None = None, **values: Any) -> str:
    answer = client.get(reverse(name, kwargs=values), query or {})
    assert answer.status_code == 200
    return answer.content.decode()


def compared(client: Client) -> None:
    client.post(reverse("off-site-compare"))
    run_screening(ScreeningRun.objects.latest("pk").pk)


@pytest.mark.mission("S2-23")
def test_the_four_sides_stand_beside_each_other_with_what_contradicts_and_become_a_clue(
    told: Any, browser: Callable[[str], Client]
) -> None:
    officer = browser("duty_officer")
    assert "Nothing was compared yet" in page(officer, "off-site")
    compared(officer)
    text = page(officer, "off-site")
    for words in ("12,000 kg", "20,000 kg", "10,000 kg", "expired", "to 2026-11-05", "<strong>2025</strong>",
                  "10,000.0 kg declared, 12,000.0 kg measured (10 days known), 20.0 % more",
                  "discharge on 5 days in the last 365 days without a valid permit"):  # fmt: skip
        assert words in text, words
    row = ScreeningRun.objects.get().rows.get()
    officer.post(reverse("screened-clue", kwargs={"row_id": row.pk}))
    clue = Finding.objects.get()
    assert f'href="/findings/{clue.pk}/"' in page(officer, "off-site")
    assert f'href="/findings/{clue.pk}/"' in page(officer, "off-site-enterprise", code=CODE)


@pytest.mark.mission("S2-23")
def test_it_narrows_by_contradiction_area_and_words(told: Any, browser: Callable[[str], Client]) -> None:
    officer = browser("analyst")
    compared(officer)
    shown = f'id="offsite-{CODE}"'
    for query, there in (
        ({"found": "any"}, True), ({"found": "days_without_permit"}, True),
        ({"found": "violations_not_disclosed"}, False), ({"found": "none"}, False),
        ({"area": "T0101"}, True), ({"area": "T0102"}, False), ({"q": "nothing"}, False),
    ):  # fmt: skip
        assert (shown in page(officer, "off-site", query)) is there, query


@pytest.mark.mission("S2-23")
def test_one_enterprise_shows_each_factor_measured_permitted_and_declared(
    told: Any, browser: Callable[[str], Client]
) -> None:
    officer = browser("analyst")
    compared(officer)
    text = page(officer, "off-site-enterprise", code=CODE)
    assert "60%" in text  # 12 of 20 t used up
    assert "20%" in text  # more than declared
    answer = officer.get(reverse("off-site-table"), {"form": "xlsx"})
    rows = [[cell.value for cell in row] for row in load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows()]
    line = dict(zip(rows[0], rows[1], strict=True))
    assert (line["Measured this year, kg"], line["Permitted a year, kg"], line["Declared, kg"]) == (12000, 20000, 10000)


@pytest.mark.mission("S2-23")
def test_a_disclosure_is_entered_and_corrected_by_form_and_a_wrong_line_is_told(
    works: Any, browser: Callable[[str], Client]
) -> None:
    officer = browser("officer")
    address = reverse("paper-new", kwargs={"code": CODE, "kind": "disclosure"})
    given = {"year": "2025", "published_on": "2026-03-12", "number": NUMBER, "facilities": "生化池",
             "amounts": "*, COD, 10, t", "penalties": "环罚〔2025〕3号, 2025-06-30, 超标"}  # fmt: skip
    bad = officer.post(address, given | {"amounts": "*, COD, ten, t", "penalties": "3号, June"})
    assert bad.status_code == 422
    assert "found figure ten, expected a number" in bad.content.decode()
    assert "found day June, expected one such as 2025-06-30" in bad.content.decode()
    assert officer.post(address, given, follow=True).status_code == 200
    row = Disclosure.objects.get()
    assert (row.amounts.get().kilograms, row.penalties.get().number) == (10_000.0, "环罚〔2025〕3号")
    assert "环罚〔2025〕3号" in page(officer, "enterprise", code=CODE)
    change = reverse("paper-change", kwargs={"kind": "disclosure", "paper_id": row.pk})
    assert "*, w01018, 10000, kg" in officer.get(change).content.decode()
    officer.post(change, given | {"amounts": "*, COD, 11, t", "why": "更正"})
    now = known_now(Disclosure.objects.all()).get()
    assert now.amounts.get().kilograms == 11_000.0


def workbook(*rows: list[Any]) -> bytes:
    book, kept = Workbook(), BytesIO()
    for row in (TITLES, *rows):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(kept)
    return kept.getvalue()


@pytest.mark.mission("S2-23")
def test_disclosures_come_by_spreadsheet_are_tried_first_entered_and_taken_back(
    works: Any, browser: Callable[[str], Client]
) -> None:
    officer = browser("officer")
    raw = workbook(
        [CODE, 2025, date(2026, 3, 12), NUMBER, "生化池", "*", "COD", 10, "t", None, None, None],
        [None, None, None, None, None, None, None, None, None, "环罚〔2025〕3号", date(2025, 6, 30), "超标"],
        ["91500000000000000X", 2025, None, None, None, "*", "COD", 1, "t", None, None, None],
    )
    address = f"{reverse('permit-sheets')}?of=disclosure"
    assert "Disclosures from a spreadsheet" in officer.get(address).content.decode()
    shown = officer.post(address, {"file": SimpleUploadedFile("披露.xlsx", raw)}, follow=True)
    text = shown.content.decode()
    assert "expected the credit code of an enterprise of your territory" in text
    assert "Can be entered: 1" in text
    assert not Disclosure.objects.exists()
    done = officer.post(shown.redirect_chain[-1][0], follow=True).content.decode()
    assert "Entered: 1" in done
    row = Disclosure.objects.get()
    assert (row.year, row.published_on, row.amounts.get().kilograms) == (2025, date(2026, 3, 12), 10_000.0)
    assert row.penalties.get().on == date(2025, 6, 30)
    again = officer.post(address, {"file": SimpleUploadedFile("披露.xlsx", raw)}, follow=True).content.decode()
    assert "Unchanged" in again
    sheet = shown.redirect_chain[-1][0]
    officer.post(f"{sheet}undo/", {"why": "误传"})
    assert not known_now(Disclosure.objects.all()).exists()
    empty = officer.get(reverse("permit-sheet-form"), {"of": "disclosure"})
    assert load_workbook(BytesIO(empty.content)).worksheets[0]["A1"].value == "Credit code"


def test_nobody_of_another_town_sees_it(told: Any, browser: Callable[[str], Client]) -> None:
    assert browser("other_grid_worker").get(reverse("off-site")).status_code == 403
    assert browser("enterprise").get(reverse("off-site")).status_code == 403
