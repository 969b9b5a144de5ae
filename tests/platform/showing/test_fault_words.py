"""What was wrong is said in the reader's language: every fault has a title, every sentence of the source its words."""

import ast
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from wire import frame

from qingyuan.kit.faults.phrases import PHRASES
from qingyuan.kit.faults.sentences import in_words
from qingyuan.kit.faults.titles import TITLES, title_of
from qingyuan.recording.api import append
from qingyuan.sensing.api import Payload, define_feed, note_trouble, take_in_payloads
from qingyuan.sensing.queries import DeviceReport, faults
from qingyuan.showing.logic.devices.selftold import report_rows
from qingyuan_science.hj212 import Hj212Error, decode_packet
from qingyuan_science.hj212 import errors as codec_errors
from qingyuan_science.plugins import PluginError
from qingyuan_science.series import SeriesError
from qingyuan_science.standards import StandardsError
from qingyuan_science.units import UnitError

SOURCE = Path(__file__).parents[3] / "src"
CHINESE = re.compile("[\u4e00-\u9fff]")
HELD = "11"  # what stands where a sentence quotes something
KEPT = {  # what stands in Chinese sentences too: names of fields, formats, programs
    "DataTime", "PNUM", "YYYYMMDDhhmmss", "YYYYMMDDhhmmsszzz", "ASCII", "base", "JSON", "Datastream", "components",
    "MultiDatastreams", "parameters", "POST", "Observations", "SensorThings", "readings", "Excel", "xlsx", "Asia",
    "Shanghai", "converted", "meters", "http", "https", "Authorization", "Bearer", "QINGYUAN_PULL_NETWORKS",
    "phenomenonTime", "resultQuality", "validity", "length_excess", "minute_interval", "utc_offset_minutes",
    "GeoJSON", "FeatureCollection", "CGCS", "HHMM", "nominal", "high", "WebM", "webm", "JPEG", "begin",
    "camera", "records", "lidar", "quantity", "range_m", "rays", "site",
}  # fmt: skip


def read(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def text(node: ast.expr) -> str | None:
    """A literal with `11` for what is put into it; None for anything that is no text."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(one.value if isinstance(one, ast.Constant) else HELD for one in node.values)  # type: ignore[misc]
    if isinstance(node, ast.Tuple | ast.List):
        return None
    return HELD


def sentences() -> Iterator[str]:
    """Every sentence that the codec, the feeds and the tables of readings say of something wrong."""
    kinds = {name for name, kind in vars(codec_errors).items() if isinstance(kind, type)}
    for path in sorted((SOURCE / "qingyuan_science" / "hj212").rglob("*.py")):
        for call in (node for node in ast.walk(read(path)) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id in kinds and call.args:
                found, expected = [*(text(one) for one in call.args[:2]), None][:2]
                if expected is not None and expected != HELD:
                    yield f"found {found}, expected {expected}"
    for stage in ("sensing", "recording"):
        for path in sorted((SOURCE / "qingyuan" / stage).rglob("*.py")):
            tree = read(path)
            pieces = {id(piece) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values}
            for node in ast.walk(tree):
                whole = isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in pieces
                said = text(node) if whole else None
                if said and re.match(r"(\S+: )?found .*expected .", said, re.DOTALL):
                    yield said


@pytest.mark.parametrize("sentence", sorted(set(sentences())))
def test_every_sentence_of_the_source_is_said_in_chinese(sentence: str) -> None:
    with override("zh-hans"):
        said = in_words(sentence)
    assert CHINESE.search(said)
    left = {word for word in re.findall(r"[A-Za-z_]{4,}", said.replace(HELD, "")) if word not in KEPT}
    assert left == set()


@pytest.mark.parametrize("told", ["Expecting value: line 1 column 1 (char 0)", "Extra data: line 1 column 5 (char 4)"])
def test_what_is_said_in_parentheses_inside_others_is_said_in_chinese(told: str) -> None:
    with override("zh-hans"):
        said = in_words(f"found no JSON ({told}), expected an object with a list named readings")
    assert set(re.findall(r"[A-Za-z_]{3,}", said)) == {"JSON", "readings"}


def test_a_reader_of_english_reads_what_was_said() -> None:
    with override("en"):
        assert [one for one in set(sentences()) if in_words(one) != one] == []


def test_what_a_sentence_quotes_stays_as_it_came() -> None:
    with override("zh-hans"):
        said = in_words("found 'a field of 5 to 9, expected', expected a field ST, at byte 12")
    assert "'a field of 5 to 9, expected'" in said
    assert "ST" in said
    assert "12" in said


def test_a_sentence_of_no_known_phrase_is_shown_as_it_is() -> None:
    with override("zh-hans"):
        assert in_words("the moon was full") == "the moon was full"


def test_phrases_are_each_said_once() -> None:
    assert len(PHRASES) == len(set(PHRASES))


def test_every_error_of_the_codec_and_of_a_rule_that_could_not_look_has_a_title() -> None:
    roots = (Hj212Error, PluginError, SeriesError, StandardsError, UnitError)
    asked_by_people = {"BadCode", "PluginError", "ParameterError", "SeriesError", "StandardsError", "UnitError"}
    kinds = {kind.__name__ for root in roots for kind in descendants(root) if kind.__module__.startswith("qingyuan")}
    assert {"BadCp", "UnknownUnit", "NoEdition"} <= kinds
    assert sorted(kinds - set(TITLES) - asked_by_people) == []


def descendants(kind: type) -> Iterator[type]:
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


def test_every_fault_that_a_stage_names_has_a_title() -> None:
    named = re.compile(r'(?:Doubt\(|refuse\(|doubts\.add\(|_fault\(|append\(\(|count\()\s*"([A-Z]\w+)"')
    found = {
        name
        for path in (SOURCE / "qingyuan" / "sensing").rglob("*.py")
        for name in named.findall(path.read_text(encoding="utf-8"))
    }
    assert {"UnknownFactor", "BadPassword", "ShortRow", "NoReading"} <= found
    assert sorted(found - set(TITLES)) == []


@pytest.mark.parametrize("fault", sorted(TITLES))
def test_a_fault_is_called_by_words_and_not_by_its_name(fault: str) -> None:
    with override("zh-hans"):
        assert CHINESE.search(title_of(fault))
    with override("en"):
        assert title_of(fault) != fault


@pytest.mark.parametrize(
    "raw",
    [
        b"hello",
        b"##12",
        b"##0021ST=91;CN=9014;CP=&&&&0000\r\n",
        frame("ST=32;CN=2061;MN=1;CP=&&"),
        frame("CN=1;CP=&&&&"),
    ],
)
def test_what_the_codec_says_of_real_bytes_is_said_in_chinese(raw: bytes) -> None:
    told = decode_packet(raw)
    with override("zh-hans"):
        said = in_words(told["detail"])
    assert said != told["detail"]
    assert "found" not in said
    assert "expected" not in said


pages = pytest.mark.django_db


@pytest.fixture
def chinese(cast: SimpleNamespace) -> Client:
    """The administrator's browser, in Chinese."""
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(cast.administrator)
    return client


@pytest.fixture
def troubled(station: Any) -> Any:
    """A feed that sent a name nobody explained and an empty list, and cannot be reached."""
    feed = define_feed("meters", connector="push", title_zh="水表", title_en="Meters", stations=[station])
    payloads = [
        b'{"readings": []}',
        b'{"readings": [{"name": "meter 7", "at": "2026-11-22T08:00:00+08:00", "value": 1}]}',
    ]
    take_in_payloads(feed, [Payload(raw, "10.0.0.8:443", 1_795_000_000_000_000) for raw in payloads], append)
    note_trouble(feed, "10.0.0.8:443: [Errno 111] Connection refused")
    return feed


@pages
def test_the_pages_of_faults_and_feeds_say_them_in_chinese(chinese: Client, troubled: Any) -> None:
    fault = faults().get(error="NoReading")
    addresses = [
        reverse("faults"), reverse("fault", kwargs={"fault_id": fault.pk}),
        reverse("feeds"), reverse("feed", kwargs={"code": "meters"}),
    ]  # fmt: skip
    for address in addresses:
        page = visible(chinese.get(address).content.decode())
        assert "found " not in page
        assert "expected " not in page
        assert "NoReading" not in page
    assert "没有数据" in visible(chinese.get(reverse("faults")).content.decode())
    assert "对方拒绝连接" in visible(chinese.get(reverse("feed", kwargs={"code": "meters"})).content.decode())


@pages
def test_what_was_recorded_can_still_be_inspected(chinese: Client, troubled: Any) -> None:
    fault = faults().get(error="NoReading")
    page = chinese.get(reverse("fault", kwargs={"fault_id": fault.pk})).content.decode()
    assert "<code>NoReading</code> found an empty list, expected one reading at least" in page


def visible(page: str) -> str:
    """What a reader sees: no tags, and nothing that says it is in English."""
    plain = re.sub(r'<(\w+) lang="en".*?</\1>|<script.*?</script>|<pre.*?</pre>', " ", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", plain).split())


@pages
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_refused_act_leads_back_to_its_case(
    case: Any, browser: Callable[[str], Client], cast: SimpleNamespace, language: str
) -> None:
    client = Client(headers={"accept-language": language})
    client.force_login(cast.duty_officer)
    refused = client.get(reverse("case-act", kwargs={"case_id": case.pk, "verb": "accept"}))
    assert refused.status_code == 409
    assert f'href="{reverse("case", kwargs={"case_id": case.pk})}"' in refused.content.decode()


@pages
def test_a_record_that_may_not_be_seen_is_not_led_back_to(case: Any, browser: Callable[[str], Client]) -> None:
    refused = browser("enterprise").get(reverse("case-act", kwargs={"case_id": case.pk, "verb": "accept"}))
    assert refused.status_code == 403
    assert reverse("case", kwargs={"case_id": case.pk}) not in refused.content.decode().replace(
        refused.request["PATH_INFO"], ""
    )


def test_what_a_device_told_of_itself_is_said_in_words() -> None:
    at = datetime(2026, 11, 22, 1, tzinfo=UTC)
    told = [
        DeviceReport(kind="RunningTime", subject="SB1", at=at, values={"hours": 1.2}),
        DeviceReport(
            kind="SiteInformation", subject="w01018/i13008", at=at, values={"value": "100.0", "meaning": None}
        ),
        DeviceReport(kind="Boot", subject="", at=at, values={"restarted_at": "2026-11-22T09:00:00+00:00"}),
        DeviceReport(kind="StandardCheck", subject="w01018", at=at, values={"reading": 49.0, "passed": False}),
        DeviceReport(kind="Unread", subject="RT", at=at, values={"value": "x", "expected": "a decimal number"}),
    ]
    with override("zh-hans"):
        rows = [(row.title, row.subject, row.says) for row in report_rows(told)]
    assert rows == [
        ("运行时间", "SB1", "1.2 小时"),
        ("现场端信息", "COD · 斜率", "100.0"),
        ("重新启动", "", "2026-11-22 17:00:00 重新启动"),
        ("标样核查", "COD", "测得 49.0、不合格"),
        (rows[4][0], rows[4][1], "x、应为 数值"),
    ]
    with override("en"):
        assert [row.says for row in report_rows(told)][:2] == ["1.2 h", "100.0"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("page", "raw", "left_as_they_are"),
    [
        (
            "spot-files",
            b"name,value\na,1",
            "latitude|longitude|acq_date|acq_time|satellite|confidence|bright_ti4|brightness",
        ),
        ("air-bulletins", b"a,b\n1,2\n", "area|day|aqi|level"),
    ],
)
def test_a_file_by_hand_is_refused_in_chinese_but_for_the_names_of_columns(
    browser: Callable[[str], Client], page: str, raw: bytes, left_as_they_are: str
) -> None:
    file = SimpleUploadedFile("x.csv", raw)
    chinese = {"accept-language": "zh-hans"}
    answer = browser("analyst").post(reverse(page), {"file": file}, headers=chinese, follow=True)
    told = answer.content.decode().partition("应为：")[2].partition("<")[0]
    assert told
    assert re.findall(r"[a-z][a-z0-9_]+", re.sub(left_as_they_are, "", told)) == []
