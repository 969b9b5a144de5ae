"""The archive of sources: which of the four documents is there, valid, expiring or missing; files as evidence."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import NINE
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pages import get, words

from qingyuan.judging.fact import FACTS, Asked
from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.kit.log import about
from qingyuan.places.api import BroughtFile, enter_document, enter_permit, enter_plan, register_enterprise
from qingyuan.places.queries import EXPIRES_WITHIN, SourceDocument, archives, document_file

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
TODAY = date(2026, 11, 22)
PDF = b"%PDF-1.4\n% a page\n%%EOF\n"
LONG = (date(2020, 1, 1), None)
CODE = "91110000802100433B"  # HJ 608-2017, annex A


@pytest.fixture
def mill(cast: SimpleNamespace) -> Any:
    return register_enterprise(
        CODE, lon=100.06, lat=30.1, organisation=cast.enterprise.organisation, title_zh="东山纸业",
        title_en="East Paper", industry_code="2221", industry_zh="造纸", industry_en="Paper", management="key",
    )  # fmt: skip


def enter(owner: Any, kind: str, days: tuple[date, date | None] = LONG, **more: Any) -> SourceDocument:
    values = {"number": f"文〔2020〕{kind}", "issued_by": "试验区生态环境局", **more}
    return enter_document(owner, kind=kind, days=days, **values)


def stands(owner: Any, on: date = TODAY) -> dict[str, str]:
    return {one.group: one.state for one in archives([owner.pk], on)[owner.pk]}


def test_each_of_the_four_is_missing_valid_expiring_or_expired_on_a_day(mill: Any) -> None:
    missing = dict.fromkeys(("permit", "monitoring", "eia", "emergency"), "missing")
    assert stands(mill) == missing
    enter_permit(mill, number=f"{CODE}001P", management="key", days=(date(2022, 1, 1), date(2026, 12, 31)))
    enter(mill, "monitoring")
    enter(mill, "contingency", (date(2023, 1, 1), date(2025, 12, 31)))
    assert stands(mill) == missing | {"permit": "expiring", "monitoring": "valid", "emergency": "expired"}
    assert stands(mill, date(2026, 6, 1))["permit"] == "valid"
    first_of_soon = date(2026, 12, 31) - timedelta(days=EXPIRES_WITHIN - 1)
    assert stands(mill, first_of_soon)["permit"] == "expiring"
    assert stands(mill, first_of_soon - timedelta(days=1))["permit"] == "valid"
    assert stands(mill, date(2027, 1, 1))["permit"] == "expired"
    enter_plan(mill, days=LONG, exempt=True, grounds="民生")
    assert stands(mill)["emergency"] == "expired"


def test_a_plan_for_heavy_pollution_counts_where_no_emergency_plan_was_filed(mill: Any) -> None:
    enter_plan(mill, days=LONG, exempt=True, grounds="民生")
    assert stands(mill)["emergency"] == "valid"


@pytest.mark.parametrize("by", ["acceptance", "own-acceptance"])
def test_an_assessment_needs_its_approval_and_an_acceptance_the_enterprises_own_too(mill: Any, by: str) -> None:
    enter(mill, "eia-approval")
    (kept,) = [one for one in archives([mill.pk], TODAY)[mill.pk] if one.group == "eia"]
    assert (kept.state, kept.lacks) == ("missing", ("acceptance",))
    enter(mill, by)
    assert stands(mill)["eia"] == "valid"


def test_archives_of_many_take_as_many_queries_as_of_one(mill: Any, enterprise: Any) -> None:
    with CaptureQueriesContext(connection) as one:
        archives([mill.pk], TODAY)
    with CaptureQueriesContext(connection) as two:
        assert set(archives([mill.pk, enterprise.pk], TODAY)) == {mill.pk, enterprise.pk}
    assert len(one) == len(two) == 3


def test_a_file_is_kept_byte_for_byte_once_and_its_hash_stands_in_the_log(mill: Any, cast: SimpleNamespace) -> None:
    first = enter(mill, "eia-approval", file=BroughtFile("批复.PDF", PDF, cast.officer))
    second = enter(mill, "acceptance", file=BroughtFile("again.pdf", PDF, cast.officer))
    assert first.file_id == second.file_id
    sha256 = hashlib.sha256(PDF).hexdigest()
    lines = [one for one in about(f"enterprise/{mill.pk}") if one.act == "DocumentEntered"]
    assert lines[-1].detail["values"]["file"] == sha256
    kept = document_file(cast.officer, first.pk)
    assert (bytes(kept.body), kept.content_type, kept.sha256) == (PDF, "application/pdf", sha256)
    later = enter(mill, "eia-approval", (date(2026, 1, 1), None), replaces=first, why="补正")
    assert later.file_id == first.file_id
    with pytest.raises(NotFound):
        document_file(cast.other_enterprise, later.pk)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (BroughtFile("a.exe", b"MZ"), "应为 PDF、JPEG 或 PNG 文件"),
        (BroughtFile("a.pdf", b"<html>"), "应为 PDF、JPEG 或 PNG 文件"),
        (BroughtFile("a.pdf", b"%PDF-" + bytes(15 * 2**20)), "应不超过 15 MB"),
    ],
)
def test_what_is_no_document_is_refused(mill: Any, file: BroughtFile, reason: str) -> None:
    with pytest.raises(BadInput) as refusal:
        enter(mill, "eia-approval", file=file)
    assert refusal.value.field == "file"
    assert reason in str(refusal.value)


def test_a_screening_asks_how_many_are_missing_or_expired(mill: Any, enterprise: Any) -> None:
    for kind in ("permit", "monitoring", "eia-approval", "own-acceptance"):
        enter(mill, kind)
    enter(mill, "contingency", (date(2023, 1, 1), date(2025, 12, 31)))
    asked = Asked((mill.pk, enterprise.pk), NINE - timedelta(days=30), NINE)
    told = FACTS.get("documents_lacking")().measure(asked)
    assert {pk: one.value for pk, one in told.items()} == {mill.pk: 1.0, enterprise.pk: 4.0}
    assert told[mill.pk].sentence.zh == "档案 1 项：应急预案过期"
    assert [(one.kind, one.key) for one in told[mill.pk].evidence] == [("papers", f"{CODE}/archive")]
    assert told[enterprise.pk].sentence.en.startswith("4 of four: discharge permit missing")


def test_the_enterprises_page_shows_the_four_and_every_document_with_its_file(
    mill: Any, browser: Browser, cast: SimpleNamespace
) -> None:
    row = enter(mill, "eia-approval", file=BroughtFile("批复.pdf", PDF, cast.officer))
    text = words(get(browser("officer"), "enterprise", code=CODE))
    for said in ("Source archive", "acceptance missing", "文〔2020〕eia-approval", "批复.pdf", "SHA-256"):
        assert said in text
    answer = get(browser("officer"), "document-file", document_id=row.pk)
    assert answer.content == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_document_is_entered_in_the_page_with_its_file_and_changed_without_losing_it(
    mill: Any, browser: Browser
) -> None:
    officer = browser("officer")
    values = {"kind": "own-acceptance", "number": "YS-1", "issued_by": "东山纸业", "since": "2024-05-01"}
    answer = officer.post(
        reverse("paper-new", kwargs={"code": CODE, "kind": "document"}),
        values | {"file": SimpleUploadedFile("验收.pdf", PDF)},
    )
    assert answer.status_code == 302
    row = SourceDocument.objects.get()
    assert bytes(row.file.body) == PDF
    change = reverse("paper-change", kwargs={"kind": "document", "paper_id": row.pk})
    assert b'enctype="multipart/form-data"' in officer.get(change).content
    assert officer.post(change, values | {"title": "一期", "why": "补标题"}).status_code == 302
    assert SourceDocument.objects.get(title="一期").file_id == row.file_id
    wrong = officer.post(
        reverse("paper-new", kwargs={"code": CODE, "kind": "document"}),
        values | {"number": "YS-2", "file": SimpleUploadedFile("验收.pdf", b"no pdf")},
    )
    assert wrong.status_code == 422
    assert "expected a PDF, JPEG or PNG" in words(wrong)


@pytest.mark.mission("S2-16")
def test_all_sources_are_listed_with_what_lacks_in_front_narrowed_and_taken_away(
    mill: Any, enterprise: Any, browser: Browser
) -> None:
    for kind in ("permit", "monitoring", "eia-approval", "own-acceptance", "contingency"):
        enter(mill, kind)
    client = browser("analyst")
    text = words(get(client, "archive"))
    assert text.index("East Water Ltd") < text.index("East Paper")
    assert "East Paper" not in words(get(client, "archive", {"state": "lacking"}))
    assert "East Water" not in words(get(client, "archive", {"document": "eia", "state": "valid"}))
    assert "East Water" not in words(get(client, "archive", {"q": "Paper"}))
    assert "No enterprise fits" in words(get(client, "archive", {"state": "expired"}))
    answer = get(client, "archive-table", {"form": "xlsx", "document": "permit", "state": "valid"})
    rows = list(load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["Code", CODE]
    assert rows[1][3] == "In force"
    assert "East Paper" not in words(get(browser("other_enterprise"), "archive"))
