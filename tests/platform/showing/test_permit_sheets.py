"""Permits out of a spreadsheet: looked at row by row, entered together, taken back as if they had never been."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from qingyuan.judging.queries import limits_for_channel
from qingyuan.kit import log
from qingyuan.places.api import OwnLimit, enter_permit, register_enterprise, register_station
from qingyuan.places.queries import Permit, known_now, permits
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
CODE = "91110000802100433B"  # HJ 608-2017, annex A
OTHER = "91500000MA00000016"
NUMBER, SECOND = f"{CODE}001P", f"{CODE}002P"
HEAD = [
    "许可证编号",
    "有效期始",
    "有效期止",
    "排放口",
    "污染物",
    "均值",
    "许可限值",
    "限值单位",
    "年许可量",
    "年许可量单位",
]
NEW_YEAR = date(2026, 1, 1)


@pytest.fixture
def mill(cast: SimpleNamespace) -> SimpleNamespace:
    """A paper mill of East Town with an outlet and a stack."""
    owner = register_enterprise(
        CODE, lon=100.06, lat=30.1, organisation=cast.enterprise.organisation, title_zh="东山纸业",
        title_en="East Paper", industry_code="2221", industry_zh="造纸", industry_en="Paper", management="key",
    )  # fmt: skip
    outlet, stack = (
        register_station(code, title_zh=zh, title_en=zh, kind=kind, lon=100.06, lat=30.1, enterprise=owner)
        for code, kind, zh in (("DW001", "outlet-water", "总排口"), ("DA001", "outlet-gas", "一号炉"))
    )
    cod = Channel.objects.create(station=outlet, factor="w01018", basis="measured", unit="mg/L")
    return SimpleNamespace(owner=owner, outlet=outlet, stack=stack, cod=cod)


def book(*rows: list[Any], head: list[str] = HEAD, above: tuple[str, ...] = ()) -> bytes:
    made = Workbook()
    sheet: Any = made.active
    for line in (*([one] for one in above), head, *rows):
        sheet.append(line)
    kept = BytesIO()
    made.save(kept)
    return kept.getvalue()


def bring(client: Client, raw: bytes, name: str = "permits.xlsx") -> Any:
    return client.post(reverse("permit-sheets"), {"file": SimpleUploadedFile(name, raw)}, follow=True)


def press(client: Client, page: Any, name: str = "permit-sheet", **data: str) -> Any:
    return client.post(reverse(name, kwargs={"sheet_id": page.context["sheet"].pk}), data, follow=True)


def current() -> dict[str, Permit]:
    return {one.number: one for one in known_now(Permit.objects.filter(valid__contains=NEW_YEAR))}


GOOD = (
    [NUMBER, NEW_YEAR, date(2030, 12, 31), "DW001", "COD", "日", 40, "mg/L", 12.5, "t"],
    ["", "", "", "DW001", "pH", "日", "6-9", "", "", ""],
    [SECOND, "2026年1月1日", "", "一号炉", "SO2", "小时", 35, "mg/m3", None, None],
)


def test_what_stands_in_a_workbook_is_shown_first_and_judges_once_it_is_entered(
    mill: SimpleNamespace, browser: Browser
) -> None:
    officer = browser("officer")
    page = bring(officer, book(*GOOD, above=("2026 年许可证汇总",)))
    assert [(one["outcome"], len(one["part"].given.limits)) for one in page.context["lines"]] == [
        ("new", 2),
        ("new", 1),
    ]
    assert not Permit.objects.exists()
    shown = press(officer, page)
    assert "Entered: 2" in shown.content.decode()
    first, second = current()[NUMBER], current()[SECOND]
    assert (first.valid.lower, first.valid.upper, first.management) == (NEW_YEAR, date(2031, 1, 1), "key")
    assert (second.valid.lower, second.valid.upper) == (NEW_YEAR, None)
    assert first.totals.get().kilograms == 12500.0
    assert second.limits.get().basis == "converted", "a stack's limit is of the converted concentration"
    (limit,) = [one for one in limits_for_channel(mill.cod, "d", date(2026, 6, 1)) if one.code]
    assert limit.high == 40.0
    assert [one.act for one in log.about(f"enterprise/{mill.owner.pk}")][-2:] == ["PermitEntered", "PermitEntered"]
    (line,) = log.about(f"permit-sheet/{page.context['sheet'].pk}")
    assert (line.act, line.actor, line.detail["permits"]) == ("PermitSheetEntered", "officer", 2)


def test_a_permit_with_a_faulty_row_is_left_out_whole_and_every_fault_is_named_by_its_row(
    mill: SimpleNamespace, browser: Browser
) -> None:
    officer = browser("officer")
    page = bring(
        officer,
        book(
            *GOOD[:2],
            [SECOND, NEW_YEAR, "", "DW009", "COD", "日", 40, "", "", ""],
            [SECOND, NEW_YEAR, "", "DW001", "COD", "日", "forty", "", "", ""],
            [SECOND, NEW_YEAR, "", "DW001", "COD", "日", "", "", "", ""],
            [f"{OTHER}001P", NEW_YEAR, "", "DW001", "COD", "日", 1, "", "", ""],
            [f"{CODE}003P", "soon", "", "DW001", "COD", "日", 40, "", "", ""],
        ),
    )
    lines = {one["part"].number: one for one in page.context["lines"]}
    assert [lines[one]["outcome"] for one in lines] == ["new", "faulty", "faulty", "faulty"]
    told = [(one["row"], one["fault"]) for one in lines[SECOND]["faults"]]
    assert [row for row, _fault in told] == [4, 5, 6]
    assert "DW009" in told[0][1]
    assert "forty" in told[1][1]
    assert "neither" in told[2][1]
    assert "soon" in lines[f"{CODE}003P"]["faults"][0]["fault"]
    press(officer, page)
    assert set(current()) == {NUMBER}


def test_the_next_edition_follows_the_one_that_holds_and_the_same_again_changes_nothing(
    mill: SimpleNamespace, browser: Browser
) -> None:
    old = enter_permit(mill.owner, number=NUMBER, management="key", days=(LONG_AGO, None),
                       limits=[OwnLimit(mill.outlet, "w01018", "day", 60.0, "mg/L")])  # fmt: skip
    officer = browser("officer")
    page = bring(officer, book(*GOOD[:2]))
    assert [one["outcome"] for one in page.context["lines"]] == ["changed"]
    shown = press(officer, page)
    before = known_now(Permit.objects.filter(number=NUMBER, valid__contains=date(2025, 12, 31))).get()
    assert (before.valid.lower, before.valid.upper, before.limits.get().high) == (LONG_AGO, NEW_YEAR, 60.0)
    again = bring(officer, book(*GOOD[:2]))
    assert [one["outcome"] for one in again.context["lines"]] == ["unchanged"]
    assert press(officer, again).status_code == 409
    assert press(officer, shown).status_code == 200, "the page of one that was entered has nothing more to enter"
    assert press(officer, shown, "permit-sheet-undo").status_code == 422
    assert press(officer, shown, "permit-sheet-undo", why="文件有误").status_code == 200
    (one,) = known_now(Permit.objects.filter(number=NUMBER))
    assert (one.valid.lower, one.valid.upper, one.limits.get().high) == (old.valid.lower, None, 60.0)
    assert press(officer, shown, "permit-sheet-undo", why="再来").status_code == 422


def test_an_edition_that_was_replaced_from_its_first_day_on_holds_again_after_undoing(
    mill: SimpleNamespace, browser: Browser
) -> None:
    enter_permit(mill.owner, number=NUMBER, management="key", days=(NEW_YEAR, None),
                 limits=[OwnLimit(mill.outlet, "w01018", "day", 60.0, "mg/L")])  # fmt: skip
    officer = browser("officer")
    shown = press(officer, bring(officer, book(*GOOD[:2])))
    assert {one.high for one in current()[NUMBER].limits.filter(factor="w01018")} == {40.0}
    press(officer, shown, "permit-sheet-undo", why="文件有误")
    (one,) = known_now(Permit.objects.filter(number=NUMBER))
    assert (one.valid.lower, one.valid.upper, one.limits.get().high) == (NEW_YEAR, None, 60.0)


def test_undoing_leaves_alone_what_somebody_changed_since(mill: SimpleNamespace, browser: Browser) -> None:
    from qingyuan.places.api import end_paper

    officer = browser("officer")
    shown = press(officer, bring(officer, book(*GOOD)))
    end_paper(current()[SECOND], date(2026, 6, 30), why="注销")
    text = press(officer, shown, "permit-sheet-undo", why="文件有误").content.decode()
    assert "Undone: 1 taken back, 0 before them hold again, 1 left alone" in text
    assert set(current()) == {SECOND}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "empty"),
        (b"a,b\n1,2\n", "missing: Number of the permit, First day, Outlet, Factor"),
        (book(), "no row below"),
        (b"PK\x03\x04rubbish", "no workbook"),
    ],
)
def test_what_is_no_table_of_permits_is_refused_with_the_reason(
    mill: SimpleNamespace, browser: Browser, raw: bytes, said: str
) -> None:
    refused = bring(browser("officer"), raw)
    assert refused.status_code == 422
    assert said in refused.content.decode()


def test_the_empty_spreadsheet_is_read_when_it_is_filled_in_as_csv_too(mill: SimpleNamespace, browser: Browser) -> None:
    officer = browser("analyst")
    sheet: Any = load_workbook(BytesIO(officer.get(reverse("permit-sheet-form")).content)).active
    titles = [cell.value for cell in sheet[1]]
    row = dict.fromkeys(titles, "") | {
        "Number of the permit": NUMBER, "First day": "2026/1/1", "Outlet": "DW001", "Factor": "w01018",
        "Mean": "day", "Limit": "40", "Management": "简化管理",
    }  # fmt: skip
    page = bring(officer, f"{','.join(titles)}\n{','.join(row.values())}\n".encode(), "permits.csv")
    press(officer, page)
    assert current()[NUMBER].management == "simplified"


def test_nobody_brings_permits_of_another_town_or_sees_what_others_brought(
    mill: SimpleNamespace, browser: Browser, cast: SimpleNamespace, grid: SimpleNamespace
) -> None:
    from qingyuan.places.api import post_person

    page = bring(browser("analyst"), book(*GOOD))
    address = reverse("permit-sheet", kwargs={"sheet_id": page.context["sheet"].pk})
    assert browser("officer").get(address).status_code == 404
    assert browser("administrator").get(address).status_code == 200
    post_person(cast.officer, grid.other_town, valid_from=LONG_AGO)
    lines = bring(browser("officer"), book(*GOOD)).context["lines"]
    assert {one["outcome"] for one in lines} == {"faulty"}
    assert not permits(cast.officer).exists()
