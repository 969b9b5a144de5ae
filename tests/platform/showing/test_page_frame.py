"""How times, numbers and states are written; that every text has its Chinese and every icon its drawing."""

import ast
import gettext
import importlib.util
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from qingyuan.kit.clock import wound_to
from qingyuan.showing.templatetags import showing

ROOT = Path(showing.__file__).resolve().parents[4]
TEMPLATES = ROOT / "src" / "qingyuan"
NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=1; plural=0;\\n"\n\n'


@pytest.fixture(scope="module")
def compiler() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compile_messages", ROOT / "tools" / "compile_messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_instant_is_written_in_shanghai_time_without_the_present_year() -> None:
    with wound_to(NOW):
        assert ">11-22 14:05</time>" in showing.when(NOW)
        assert 'datetime="2026-11-22T14:05:00+08:00"' in showing.when(NOW)


def test_the_year_is_that_of_shanghai_on_new_years_eve() -> None:
    with wound_to(datetime(2026, 12, 31, 16, 30, tzinfo=UTC)):
        assert ">01-01 00:10</time>" in showing.when(datetime(2026, 12, 31, 16, 10, tzinfo=UTC))
        assert ">2026-12-31 23:50</time>" in showing.when(datetime(2026, 12, 31, 15, 50, tzinfo=UTC))


@pytest.mark.parametrize(
    ("left", "state", "words"),
    [
        (timedelta(hours=5), "on-time", "5 h 0 min left"),
        (timedelta(minutes=30), "due-soon", "30 min left"),
        (timedelta(days=-3, hours=-2), "overdue", "overdue 3 d 2 h"),
    ],
)
def test_a_case_clock_says_its_state_and_what_is_left(left: timedelta, state: str, words: str) -> None:
    with wound_to(NOW), override("en"):
        badge = showing.clock_badge(NOW + left)
    assert f'data-clock="{state}"' in badge
    assert words in badge


def test_what_was_done_after_its_time_says_so() -> None:
    with override("zh-hans"):
        assert "逾期完成" in showing.clock_badge(NOW, done_at=NOW + timedelta(minutes=1))
        assert "按时完成" in showing.clock_badge(NOW, done_at=NOW)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_missing_amount_is_a_dash_and_never_zero(value: float | None) -> None:
    assert "—" in showing.amount(value, 1)
    assert "0" not in showing.amount(value, 1)


def test_an_amount_has_the_decimals_of_its_factor() -> None:
    assert showing.amount(12345.678, 1) == "12,345.7"


def test_the_properties_of_an_island_cannot_end_their_script() -> None:
    assert "</script><b>" not in showing.island("chart", url="</script><b>")


def translated() -> set[str]:
    catalogue = ROOT / "src" / "qingyuan" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo"
    with catalogue.open("rb") as file:
        return {key if isinstance(key, str) else key[0] for key in gettext.GNUTranslations(file)._catalog}  # type: ignore[attr-defined]


def test_every_text_of_the_pages_has_its_chinese() -> None:
    missing = sorted({text for path in TEMPLATES.rglob("*.html") for text in texts_of(path)} - translated())
    assert missing == []


def texts_of(path: Path) -> list[str]:
    page = path.read_text(encoding="utf-8")
    plain = [found[2] for found in re.finditer(r"""\{% translate (["'])(.+?)\1""", page)]
    blocks = re.findall(r"\{% blocktranslate[^%]*%\}(.*?)\{% (?:plural|endblocktranslate)", page, re.DOTALL)
    return plain + [re.sub(r"\{\{ (\w+) \}\}", r"%(\1)s", block) for block in blocks]


def test_every_text_of_the_code_has_its_chinese() -> None:
    asked = {
        call.args[0].value
        for path in TEMPLATES.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in {"_", "gettext", "gettext_lazy"}
        and isinstance(call.args[0], ast.Constant)
    }
    assert sorted(asked - translated()) == []


def test_a_table_that_does_not_fold_on_a_phone_can_be_scrolled_with_the_keyboard() -> None:
    box = re.compile(r'<div class="qy-table-box([^>]*)>\s*<table class="qy-table([^"]*)"')
    boxes = [
        (path.name, *found) for path in TEMPLATES.rglob("*.html") for found in box.findall(path.read_text("utf-8"))
    ]
    assert len(boxes) > 20
    stuck = {name for name, of_box, of_table in boxes if "is-cards" not in of_table and 'tabindex="0"' not in of_box}
    assert stuck - {"login.html"} == set()


@pytest.mark.parametrize("sheet", sorted((ROOT / "web" / "styles").glob("*.css")), ids=lambda path: path.name)
def test_every_rule_of_the_styles_is_closed_before_the_next_begins(sheet: Path) -> None:
    plain = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert plain.count("{") == plain.count("}")
    depth = 0
    for line in plain.splitlines():
        assert depth == 0 or line.startswith((" ", "}")) or not line, f"{line} stands inside another rule"
        depth += line.count("{") - line.count("}")


def test_an_empty_state_that_leads_somewhere_says_where() -> None:
    asked = re.compile(r'\{% include "showing/_empty\.html"[^%]*action_href[^%]*%\}')
    for path in TEMPLATES.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        for found in asked.finditer(page):
            titled = "action_title" in found[0] or "as action_title %}" in page[: found.start()]
            assert titled, path.name


def test_a_table_that_goes_on_has_a_sign_of_it() -> None:
    styles = (ROOT / "web" / "styles" / "parts.css").read_text(encoding="utf-8")
    (rule,) = re.findall(r"^\.qy-table-box \{(.*?)^\}", styles, re.DOTALL | re.MULTILINE)
    assert rule.count("local") == rule.count("scroll;") + rule.count("scroll,") == 2
    (first,) = re.findall(r"^\.qy-table-box\.is-wide tr > :first-child \{(.*?)^\}", styles, re.DOTALL | re.MULTILINE)
    assert "position: sticky" in first


def test_every_icon_of_the_pages_is_in_the_sheet() -> None:
    drawn = set(json.loads((ROOT / "web" / "icons.json").read_text(encoding="utf-8")))
    named = re.compile(r'\{% icon "([^"]+)"|icon_name="([^"]+)"')
    used = {a or b for path in TEMPLATES.rglob("*.html") for a, b in named.findall(path.read_text(encoding="utf-8"))}
    assert used - drawn == set()


def test_a_compiled_catalogue_is_what_gettext_reads(compiler: ModuleType, tmp_path: Path) -> None:
    case = 'msgctxt "map"\nmsgid "Case"\nmsgstr "案件"\n\n'
    entries = case + 'msgid "%(n)d day"\nmsgid_plural "%(n)d days"\nmsgstr[0] "%(n)d "\n"天"\n'
    source = tmp_path / "django.po"
    source.write_text(HEAD + entries, encoding="utf-8")
    compiler.write(tmp_path / "django.mo", compiler.checked(source, compiler.read(source)))
    with (tmp_path / "django.mo").open("rb") as file:
        read = gettext.GNUTranslations(file)
    assert read.pgettext("map", "Case") == "案件"
    assert read.ngettext("%(n)d day", "%(n)d days", 2) == "%(n)d 天"


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ('msgid "a"\nmsgstr "甲"\n\nmsgid "a"\nmsgstr "乙"\n', "twice"),
        ('msgid "%(n)d days"\nmsgstr "天"\n', "placeholders"),
        ("msgid broken\n", "expected msgid"),
        ('msgid "a"\n', "expected msgid and msgstr"),
    ],
)
def test_a_bad_catalogue_is_refused_with_file_and_line(
    compiler: ModuleType, tmp_path: Path, entries: str, reason: str
) -> None:
    source = tmp_path / "django.po"
    source.write_text(HEAD + entries, encoding="utf-8")
    with pytest.raises(compiler.BadCatalogue, match=reason) as refused:
        compiler.checked(source, compiler.read(source))
    assert re.search(r"django\.po:\d+", str(refused.value))


@pytest.mark.django_db
def test_a_text_that_no_database_holds_is_refused_with_a_page(browser: Any) -> None:
    client = browser("analyst")
    answers = [
        client.get("/findings/?q=%00"),
        client.get("/devices/T%00/"),
        client.get("/findings/?a%00=1"),
        client.post("/findings/report/", {"what": "a\0b"}),
        Client().get("/login/?next=%00"),
        Client().post("/login/", {"username": "\0", "password": "x"}),
    ]
    assert [answer.status_code for answer in answers] == [400] * 6
    assert "number 0 in “q”" in answers[0].content.decode()


def test_why_one_list_is_empty_is_not_said_of_the_next() -> None:
    tokens = re.compile(r'as(?:var)? (why) [^%]*%}|as(?:var)? (why)%}|include "showing/(_empty)\.html"([^%]*)%}')
    leaking = []
    for path in TEMPLATES.rglob("*.html"):
        said_before, said_now = False, False
        for token in tokens.finditer(path.read_text()):
            if not token[3]:
                said_before = said_now = True
                continue
            if said_before and not said_now and "why=" not in token[4]:
                leaking.append(str(path.relative_to(TEMPLATES)))
            said_now = False
    assert not leaking
