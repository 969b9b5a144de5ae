"""Excel formulas that were saved without their values are counted and named, never read as empty."""

import io
import json
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override
from openpyxl import Workbook

from qingyuan.kit.faults.sentences import in_words
from qingyuan.kit.faults.titles import title_of
from qingyuan.kit.log import Origin
from qingyuan.sensing.api.records import bring_records, enter_records, take_over_list
from qingyuan.sensing.connector import CONNECTORS, Payload
from qingyuan.sensing.queries.records import data_list, records_of

SAID = "found a formula without a value, expected a value; save the file once in a spreadsheet program"
HEAD = ["户号", "户名", "统一社会信用代码", "用电月份", "用电量"]


def workbook(*rows: list[Any]) -> bytes:
    """A workbook of a program that computes nothing: its formulas have no values."""
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def saved_by_a_spreadsheet_program(raw: bytes, value: str, type_: str = "") -> bytes:
    """The same with a value for its formula, as spreadsheet programs write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode()
            part = re.sub(r"(</f>)<v ?/>|(</f>)<v></v>", rf"</f><v>{value}</v>", part)
            new.writestr(name, part.replace("><f>", f' t="{type_}"><f>') if type_ else part)
    return out.getvalue()


def read(raw: bytes) -> Any:
    said = {
        "time": "时间",
        "station": "站点",
        "columns": json.dumps({"pH": {"name": "w01001"}, "COD": {"name": "w01018"}}),
    }
    found = CONNECTORS.get("table")().read(Payload(raw, "x.xlsx", 0), said)
    return [(one.name, one.value) for one in found.walk()], found.faults


ROWS = (["时间", "站点", "pH", "COD"], [datetime(2026, 11, 22, 8), "s1", 7.5, "=C2*2"])  # noqa: DTZ001 Excel has no zone


def test_a_cell_of_a_table_without_its_value_is_a_fault_and_takes_only_itself() -> None:
    assert read(workbook(*ROWS)) == ([("s1/w01001", 7.5)], [("FormulaWithoutValue", f"D2 (COD): {SAID}")])


def test_a_formula_with_a_value_is_its_value() -> None:
    raw = saved_by_a_spreadsheet_program(workbook(*ROWS), "15")
    assert read(raw) == ([("s1/w01001", 7.5), ("s1/w01018", 15.0)], [])


def test_a_formula_whose_value_is_an_empty_text_says_nothing_and_is_no_fault() -> None:
    raw = saved_by_a_spreadsheet_program(workbook(*ROWS), "", "str")
    assert read(raw) == ([("s1/w01001", 7.5)], [])


@pytest.mark.parametrize("place", [0, 1])
def test_a_row_whose_time_or_station_has_no_value_is_a_fault(place: int) -> None:
    row: list[Any] = list(ROWS[1])
    row[place], row[3] = "=A1", 30
    sound = [datetime(2026, 11, 22, 9), "s1", 7.6, 31]  # noqa: DTZ001 Excel has no zone
    observed, faults = read(workbook(ROWS[0], row, sound))
    assert observed == [("s1/w01001", 7.6), ("s1/w01018", 31.0)]
    assert faults == [("FormulaWithoutValue", f"{'AB'[place]}2 ({ROWS[0][place]}): {SAID}")]


@pytest.mark.django_db
@pytest.mark.parametrize("place", [0, 1, 3, 4])
def test_a_record_of_a_department_with_such_a_cell_is_a_counted_fault(
    cast: Any, settings: Any, tmp_path: Path, place: int
) -> None:
    settings.LAKE = str(tmp_path / "lake")
    take_over_list("electricity", cast.handler.organisation)
    sound: list[Any] = ["0101", "西山纸业", "91110000802100433B", "2026-10", 12800.5]
    bare = ["0102", *sound[1:]]
    bare[place] = "=E2"
    origin = Origin("analyst", "test")
    file = bring_records(cast.analyst, "electricity", "file.xlsx", workbook(HEAD, sound, bare), origin=origin)
    file = enter_records(file.pk, cast.analyst, origin)
    assert (file.new, file.faulty) == (1, 1)
    assert [row.line for row in records_of(cast.analyst, data_list(cast.analyst, "electricity"))] == [2]
    ((kind, detail),) = file.faults
    assert kind == "BadRecord"
    assert re.fullmatch(rf"row 3: \S+: {re.escape(SAID)}", detail)


def test_the_fault_is_said_in_chinese() -> None:
    with override("zh-hans"):
        assert title_of("FormulaWithoutValue") == "公式没有结果值"
        said = in_words(f"D2 (COD): {SAID}")
    assert said == "D2 (COD)，实际：没有结果值的公式；应为：数值；请先用电子表格软件打开并保存一次文件"
