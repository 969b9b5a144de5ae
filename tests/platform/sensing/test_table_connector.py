"""Tables as people keep them read as what was written, cell by cell, and what cannot be read is named with its cell."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from qingyuan.kit.errors import BadInput
from qingyuan.sensing.connector import BadPayload, Observed, Payload
from qingyuan.sensing.connectors.table import Table
from qingyuan.sensing.queries import guess_table, preview_table
from qingyuan.sensing.tables import sheets

PAYLOADS = Path(__file__).resolve().parents[2] / "payloads" / "table"
EXPECTED = ".expected.json"
SHANGHAI = ZoneInfo("Asia/Shanghai")
COLUMNS = {"COD(mg/L)": {"name": "w01018", "unit": "mg/L"}, "pH": {"name": "w01001"}}
WIDE = {"time": "time", "at": "outlet-1", "columns": json.dumps(COLUMNS)}


def read(raw: bytes, said: dict[str, str]) -> Any:
    return Table().read(Payload(raw, "table.csv", 0), Table.checked(said))


def plain(observed: Observed) -> dict[str, Any]:
    told = {key: value for key, value in vars(observed).items() if value not in (None, "") and key != "where"}
    told["at"] = observed.at.astimezone(UTC).isoformat()
    return told if told["mark"] != "N" else {key: value for key, value in told.items() if key != "mark"}


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(PAYLOADS.iterdir()) if not path.name.endswith(EXPECTED)],
    ids=lambda path: path.name,
)
def test_a_recorded_table_says_what_is_stated(path: Path) -> None:
    said = json.loads(path.with_name(path.stem + EXPECTED).read_text(encoding="utf-8"))
    found = read(path.read_bytes(), said["settings"])
    assert [plain(one) for one in found.observed] == said["observed"]
    assert len(found.faults) == len(said["faults"])
    for piece, (_, detail) in zip(said["faults"], found.faults, strict=True):
        assert piece in detail


# a writer of tables, which knows nothing of the reader
TIMES: dict[str, Callable[[datetime], Any]] = {
    "iso": lambda at: f"{at:%Y-%m-%dT%H:%M:%S}",
    "iso with zone": lambda at: at.replace(tzinfo=SHANGHAI).astimezone(UTC).isoformat(),
    "slashes": lambda at: f"{at.year}/{at.month}/{at.day} {at.hour}:{at.minute:02}",
    "chinese": lambda at: f"{at.year}年{at.month}月{at.day}日{at.hour}时{at.minute:02}分",
    "compact": lambda at: f"{at:%Y%m%d%H%M%S}",
    "serial": lambda at: (at - datetime(1899, 12, 30)) / timedelta(days=1),  # noqa: DTZ001 Excel's own
    "day first": lambda at: f"{at:%d/%m/%Y %H:%M}",
    "month first": lambda at: f"{at:%m/%d/%Y %H:%M}",
}
FORM_OF = {"day first": "dmy", "month first": "mdy"}
NUMBERS: dict[str, Callable[[float], str]] = {
    "plain": lambda value: f"{value:.3f}",
    "thousands": lambda value: f"{value:,.3f}",
    "decimal comma": lambda value: f"{value:,.3f}".translate(str.maketrans(",.", ".,")),
    "exponent": lambda value: f"{value:.9e}",
}
PERIODS = {"r": timedelta(0), "m": timedelta(minutes=10), "h": timedelta(hours=1), "d": timedelta(days=1)}
MINUTES = st.integers(min_value=0, max_value=60 * 24 * 3650)
VALUES = st.one_of(st.none(), st.integers(-10_000_000, 10_000_000).map(lambda number: number / 1000))
ROWS = st.dictionaries(MINUTES, st.tuples(VALUES, VALUES), min_size=1, max_size=6)


def as_bytes(rows: list[list[Any]], container: str, delimiter: str) -> bytes:
    if container == "xlsx":
        book = Workbook()
        assert book.active is not None
        for row in rows:
            book.active.append(row)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(container)


@settings(max_examples=150, deadline=None)
@given(
    rows=ROWS,
    shape=st.sampled_from(["wide", "long"]),
    container=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030", "xlsx"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    clock=st.sampled_from(sorted(TIMES)),
    number=st.sampled_from(sorted(NUMBERS)),
    period=st.sampled_from(sorted(PERIODS)),
    stamp=st.sampled_from(["start", "end"]),
)
def test_a_table_reads_back_as_it_was_written(
    rows: dict[int, tuple[float | None, float | None]],
    shape: str,
    container: str,
    delimiter: str,
    clock: str,
    number: str,
    period: str,
    stamp: str,
) -> None:
    names = {"化学需氧量(mg/L)": "w01018", "pH 值": "w01001"}
    written: list[list[Any]] = [["时间", *names] if shape == "wide" else ["名称", "时间", "数值"]]
    expected = []
    for minute, values in rows.items():
        local = datetime(2016, 1, 1) + timedelta(minutes=minute)  # noqa: DTZ001 as tables say it
        cells = ["—" if value is None else NUMBERS[number](value) for value in values]
        if shape == "wide":
            written.append([TIMES[clock](local), *cells])
        else:
            written += [[name, TIMES[clock](local), cell] for name, cell in zip(names, cells, strict=True)]
        start = local.replace(tzinfo=SHANGHAI) - (PERIODS[period] if stamp == "end" else timedelta(0))
        said = zip(names.values(), values, strict=True)
        expected += [(f"outlet-1/{code}", start, value) for code, value in said if value is not None]
    layout = {
        "shape": shape, "time": "时间", "at": "outlet-1", "period": period, "stamp": stamp, "minutes": "10",
        "form": FORM_OF.get(clock, "ymd"), "decimal": "," if number == "decimal comma" else ".",
        "columns": json.dumps({title: {"name": code} for title, code in names.items()}),
        **({"name": "名称", "value": "数值"} if shape == "long" else {}),
    }  # fmt: skip
    found = read(as_bytes(written, container, delimiter), layout)
    assert found.faults == []
    assert [(one.name, one.at, one.value) for one in found.observed] == expected


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", "时间,pH\n".encode(), b"time;pH\n"]))
def test_no_bytes_break_the_reader(raw: bytes, head: bytes) -> None:
    with suppress(BadPayload):
        found = read(head + raw, {"time": "time", "at": "a", "columns": '{"pH": {"name": "w01001"}}'})
        assert all(detail for _, detail in found.faults)


@pytest.mark.parametrize(
    ("cell", "value", "fault"),
    [
        ("12", 12.0, ""),
        ("-3.5", -3.5, ""),
        ("１２．５", 12.5, ""),
        ("1 234", None, "BadCell"),
        ("1,23", None, "BadCell"),
        ("12,345.6", 12345.6, ""),
        ("12mg/L", None, "BadCell"),
        ("1e999", None, "BadCell"),
        ("NA", None, ""),
        ("  ", None, ""),
        ("<0.02", None, "BelowDetection"),
        ("＜0.02", None, "BelowDetection"),
        ("0.02L", None, "BelowDetection"),
        ("12.3D", None, "BadCell"),
        ("10²", None, "BadCell"),
        ("①", None, "BadCell"),
    ],
)
def test_a_cell_is_an_amount_nothing_or_a_named_fault(cell: str, value: float | None, fault: str) -> None:
    found = read(f'time,pH\n2026-11-22,"{cell}"\n'.encode(), WIDE | {"columns": '{"pH": {"name": "w01001"}}'})
    assert [one.value for one in found.observed] == ([] if value is None else [value])
    assert [name for name, _ in found.faults] == ([fault] if fault else [])


def test_a_quotation_mark_that_is_never_closed_is_said_with_its_row_and_takes_none_before_it() -> None:
    raw = b'time,pH\n2026-11-22 01:00,7.1\n2026-11-22 02:00,"7.2\n2026-11-22 03:00,7.3\n'
    found = read(raw, WIDE | {"columns": '{"pH": {"name": "w01001"}}'})
    assert [one.value for one in found.observed] == [7.1]
    ((fault, detail),) = found.faults
    assert (fault, "row 3: found a quotation mark that is never closed" in detail) == ("BrokenOff", True)


@pytest.mark.parametrize(
    "rows",
    [(1, 3, 2), (1, 2, 2), (1, 2, 1_048_577), (1, 2, 10**12), (0, 1, 2)],
    ids=["back", "twice", "far", "farther", "zero"],
)
def test_a_row_of_a_workbook_that_stands_where_none_can_is_said_and_not_left_out(rows: tuple[int, ...]) -> None:
    book = Workbook()
    assert book.active is not None
    for cells in (["time", "pH"], ["2026-11-22 01:00", 7.1], ["2026-11-22 02:00", 7.2]):
        book.active.append(cells)
    written, raw = io.BytesIO(), io.BytesIO()
    book.save(written)
    numbers = iter(rows)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(raw, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = re.sub(rb'<row r="\d+"', lambda _found: b'<row r="%d"' % next(numbers), part)
            new.writestr(name, part)
    layout = WIDE | {"columns": '{"pH": {"name": "w01001"}}'}
    try:
        (fault, detail), *_more = read(raw.getvalue(), layout).faults
    except BadPayload as error:  # the first row already
        fault, detail = "BrokenOff", str(error)
    assert (fault, "found row" in detail) == ("BrokenOff", True)


@pytest.mark.parametrize(
    ("hour", "at"),
    [("８：３０", "00:30"), ("8点30分", "00:30"), ("8:70", ""), ("24:30", ""), ("25", ""), ("24", "16:00")],
)
def test_an_hour_beside_the_day_is_one_of_the_day_or_a_fault(hour: str, at: str) -> None:
    raw = f"time,hour,pH\n2026-11-22,{hour},7\n".encode()
    found = read(raw, WIDE | {"hour": "hour", "columns": '{"pH": {"name": "w01001"}}'})
    assert [f"{one.at:%H:%M}" for one in found.observed] == ([at] if at else [])
    assert [name for name, _detail in found.faults] == ([] if at else ["BadTime"])


def test_full_width_signs_of_a_time_are_read() -> None:
    found = read(
        "time,pH\n２０２６－１１－２２　０８：００,7\n".encode(), WIDE | {"columns": '{"pH": {"name": "w01001"}}'}
    )
    assert [one.at for one in found.observed] == [datetime(2026, 11, 22, tzinfo=UTC)]


def test_half_the_limit_of_detection_is_taken_only_where_somebody_chose_it_and_is_noted() -> None:
    found = read(b"time,pH\n2026-11-22,<0.02\n", {**WIDE, "below": "half", "columns": '{"pH": {"name": "w01001"}}'})
    assert [one.value for one in found.observed] == [0.01]
    assert found.faults == [("BelowDetection", "B2 (pH): found a value below 0.02, taken as half of it, 0.01")]


@pytest.mark.parametrize("time", ["2026-13-01", "2026-11-22 25:00", "22/11/2026", "8", "yesterday", "2026-11-22 24:30"])
def test_a_time_that_is_none_takes_only_its_row(time: str) -> None:
    raw = f"time,pH\n{time},1\n2026-11-22 24:00,2\n".encode()
    found = read(raw, WIDE | {"columns": '{"pH": {"name": "w01001"}}'})
    assert [(one.value, one.at) for one in found.observed] == [(2.0, datetime(2026, 11, 22, 16, tzinfo=UTC))]
    ((fault, detail),) = found.faults
    assert (fault, detail.startswith("A2 (time): found")) == ("BadTime", True)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", ".xls"),
        (b"PK\x03\x04 no workbook", "no workbook"),
        (b"time,pH\n\0", "no text"),
        (b"\x89PNG\r\n\x1a\n" + 60 * b"0", "no text"),  # reads as GB 18030, character by character
        (b"time,TOC\n2026-11-22,1\n", "expected also COD"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(raw: bytes, said: str) -> None:
    with pytest.raises(BadPayload, match=said):
        read(raw, WIDE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": "[]"}, {"columns": '{"pH": 3}'}, {"columns": '{"pH": {"unit": "furlong"}}'}, {"zone": "Mars/North"},
        {"columns": "{"}, {"shape": "long"}, {"shape": "hours"}, {"first": "1"}, {"header": "0"}, {"time": ""},
        {"columns": '{"pH": {"hour": 25}}'}, {"stations": '{"a": 1}'}, {"form": "any"},
    ],
)  # fmt: skip
def test_a_layout_that_cannot_be_is_refused_when_it_is_said(wrong: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="expected"):
        Table.checked(WIDE | wrong)


def test_a_file_over_the_limit_is_read_up_to_it_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_CELLS", 6)
    found = read(b"time,pH\n2026-11-22,1\n2026-11-23,2\n2026-11-24,3\n", WIDE | {"columns": '{"pH":{"name":"w01001"}}'})
    assert [one.value for one in found.observed] == [1.0, 2.0]
    ((fault, detail),) = found.faults
    assert (fault, "row 4: found more than 6 cells" in detail) == ("BrokenOff", True)


@pytest.mark.parametrize(
    ("table", "settings_found", "factors"),
    [
        ("时间,COD(mg/L),氨氮(mg/L),备注\n2026-11-22 08:00,1,2,好\n2026-11-22 09:00,1,2,\n",
         {"shape": "wide", "time": "时间", "period": "h"}, {"COD(mg/L)": "w01018", "氨氮(mg/L)": "w21003"}),
        ("月报\n日期;小时;PM2.5;SO2\n;;μg/m³;μg/m³\n2026/11/22;1;35;8\n2026/11/22;24;36;9\n",
         {"header": "2", "first": "4", "time": "日期", "hour": "小时"}, {"PM2.5": "a34004", "SO2": "a21026"}),
        ("监测点\t监测时间\t监测因子\t监测值\t单位\n"
         "甲\t2026-11-22 08:00\tpH\t7.1\t\n乙\t2026-11-22 08:10\tTP\t0.2\tmg/L\n",
         {"shape": "long", "name": "监测因子", "value": "监测值", "unit": "单位", "station": "监测点", "period": "m"},
         {"pH": "w01001", "TP": "w21011"}),
        ("date,no2,o3,wspm\n22/11/2026 00:00,1,2,3\n23/11/2026 00:00,1,2,3\n",
         {"form": "dmy", "period": "d"}, {"no2": "a21004", "o3": "a05024", "wspm": ""}),
        ("日期,因子," + ",".join(map(str, range(24))) + "\n2026-11-22,COD" + ",1" * 24 + "\n",
         {"shape": "hours", "name": "因子"}, {"COD": "w01018"}),
    ],
)  # fmt: skip
def test_titles_and_first_rows_suggest_the_layout(
    table: str, settings_found: dict[str, str], factors: dict[str, str]
) -> None:
    guess = guess_table(table.encode())
    assert {key: guess.settings.get(key) for key in settings_found} == settings_found
    assert {one.title: one.factors[0].code if one.factors else "" for one in guess.measured} == factors


def test_a_unit_is_taken_out_of_brackets_or_from_the_row_below_the_titles() -> None:
    guess = guess_table("时间,流量(m³/h),CO\n,,mg/m³\n2026-11-22 08:00,1,2\n".encode("gb18030"))
    assert [one.unit for one in guess.measured] == ["m3/h", "mg/m3"]


def test_a_unit_at_the_end_of_a_title_is_its_unit() -> None:
    guess = guess_table(b"time,pres_hpa,temp_c,c\n2026-11-22 08:00,1013,2,3\n")
    assert [one.unit for one in guess.measured] == ["hPa", "°C", ""]


def test_a_preview_stores_nothing_and_shows_twenty_rows_with_all_faults() -> None:
    lines = "".join(f"2026-11-{day:02} 08:00,{day}\n" for day in range(1, 29))
    preview = preview_table(
        ("time,pH\n" + lines + "later,1\n").encode(), WIDE | {"columns": '{"pH":{"name":"w01001"}}'}
    )
    assert (len(preview.lines), preview.observed, preview.rows, preview.whole) == (20, 28, 29, True)
    assert [fault for fault, _ in preview.faults] == ["BadTime"]
