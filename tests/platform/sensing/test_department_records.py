"""Lists of departments: what a row of a file becomes, what is known of a record when, and whom it names."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.places.api import register_enterprise
from qingyuan.places.queries import Enterprise
from qingyuan.sensing.api import define_feed, take_in_payloads
from qingyuan.sensing.api.records import (
    bring_records,
    decide_firm,
    define_list,
    enter_records,
    feed_of_list,
    preview_records,
    take_over_list,
    undo_records,
)
from qingyuan.sensing.connector import BadPayload, Payload
from qingyuan.sensing.queries import packet_bytes
from qingyuan.sensing.queries.records import (
    counted_by,
    data_list,
    definitions_of,
    narrowed,
    packet_of_file,
    record_editions,
    records_of,
    records_of_enterprise,
    written_firms,
)
from qingyuan.sensing.records.catalogue import entries, entry
from qingyuan.sensing.records.definition import Column, ListDefinition
from qingyuan_science.worlds import World
from qingyuan_science.worlds.registers import Registers

pytestmark = pytest.mark.django_db
FROM = Origin("analyst", "test")
HEAD = "户号,户名,统一社会信用代码,用电月份,用电量\n"
MILL = "91110000802100433B"  # the code of the worked example of the credit code


@pytest.fixture(autouse=True)
def _lake(tmp_path: Path, settings: Any) -> None:
    settings.LAKE = str(tmp_path / "lake")


@pytest.fixture
def mill(cast: Any) -> Any:
    """An enterprise in West Town."""
    return register_enterprise(
        MILL, lon=100.3, lat=30.1, organisation=cast.other_enterprise.organisation, title_zh="西山纸业有限公司",
        title_en="West Paper Ltd", industry_code="2221", industry_zh="造纸", industry_en="Paper", management="key",
        address_zh="西镇 1 号",
    )  # fmt: skip


@pytest.fixture
def electricity(cast: Any) -> Any:
    return take_over_list("electricity", cast.handler.organisation)


def bring(user: Any, code: str, text: str, name: str = "file.csv") -> Any:
    file = bring_records(user, code, name, text.encode(), origin=FROM)
    return enter_records(file.pk, user, FROM)


def values(user: Any, code: str, **narrow: Any) -> list[list[str | None]]:
    rows = records_of(user, data_list(user, code)).filter(**narrow).order_by("id")
    return [row.values for row in rows]


@pytest.mark.mission("S1-16")
def test_a_file_becomes_records_of_the_enterprise_that_its_code_names(cast: Any, mill: Any, electricity: Any) -> None:
    file = bring(cast.analyst, "electricity", HEAD + f'0101,西山纸业,{MILL},2026年10月,"12,800.50"\n')
    assert (file.new, file.changed, file.repeated, file.faulty, file.matched) == (1, 0, 0, 0, 1)
    ((found, count, rows),) = records_of_enterprise(cast.analyst, mill)
    assert (found.code, count) == ("electricity", 1)
    assert rows[0].values == ["0101", "西山纸业", MILL, None, "2026-10", "12800.5"]
    assert (rows[0].since, rows[0].until) == (date(2026, 10, 1), date(2026, 11, 1))
    assert rows[0].line == 2


def test_the_bytes_that_a_record_came_from_are_kept(cast: Any, electricity: Any) -> None:
    text = HEAD + "0101,某厂,,2026-10,5\n"
    file = bring(cast.analyst, "electricity", text)
    packet = packet_of_file(file)
    assert packet is not None
    assert packet_bytes(packet).raw == text.encode()
    assert records_of(cast.analyst, electricity).get().file_id == file.pk


def test_the_same_record_again_is_stored_once(cast: Any, electricity: Any) -> None:
    bring(cast.analyst, "electricity", HEAD + "0101,某厂,,2026-10,5\n")
    again = bring(cast.analyst, "electricity", HEAD + "0101,某厂,,2026年10月,5.0\n0101,某厂,,2026-10,5\n", "again.csv")
    assert (again.new, again.changed, again.repeated) == (0, 0, 2)
    assert len(values(cast.analyst, "electricity")) == 1
    assert data_list(cast.analyst, "electricity").held == 1


def test_a_changed_record_keeps_what_was_known_before(cast: Any, electricity: Any, monkeypatch: Any) -> None:
    monday, tuesday = datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2026, 11, 3, 8, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: monday)
    bring(cast.analyst, "electricity", HEAD + "0101,某厂,,2026-10,5\n")
    monkeypatch.setattr(clock, "now", lambda: tuesday)
    file = bring(cast.analyst, "electricity", HEAD + "0101,某厂,,2026-10,7\n", "b.csv")
    assert (file.new, file.changed) == (0, 1)
    now = records_of(cast.analyst, electricity).get()
    then = records_of(cast.analyst, electricity, monday).get()
    assert (now.values[5], then.values[5]) == ("7", "5")
    assert [one.known_to for one in record_editions(cast.analyst, now)] == [None, tuesday]
    assert data_list(cast.analyst, "electricity").held == 1


def test_a_row_that_cannot_be_read_is_named_and_does_not_take_the_others_with_it(cast: Any, electricity: Any) -> None:
    rows = (
        "0101,某厂,,2026-13,5\n0102,某厂,,2026-10,viel\n,某厂,,2026-10,5\n0104,某厂,2026-10,5\n0105,某厂,,2026-10,5\n"
    )
    file = bring(cast.analyst, "electricity", HEAD + rows)
    assert (file.new, file.faulty) == (1, 4)
    told = [detail for _fault, detail in file.faults]
    assert told[0] == "row 2: 用电月份: found '2026-13', expected a month such as 2026-10"
    assert told[1] == "row 3: 用电量: found 'viel', expected a number or a word for nothing"
    assert told[2].startswith("row 4: 用电户号: found nothing, expected a value")
    assert told[3] == "row 5: found 4 cells, expected 5"


def test_half_of_a_letter_takes_only_its_own_row(cast: Any, electricity: Any) -> None:
    rows = [
        {"户号": number, "户名": name, "用电月份": "2026-10", "用电量": 5}
        for number, name in (("1", "甲\ud800"), ("2", "乙"))
    ]
    feed = define_feed(
        "power", connector="records", title_zh="供电", title_en="Power", settings={"records": "electricity"}
    )
    payload = Payload(json.dumps({"records": rows}).encode(), "10.0.0.8:443", 1_795_399_200_000_000)
    (delivery,) = take_in_payloads(feed, [payload], lambda _rows, _segment: 0)
    assert (delivery.records, [name for name, _detail in delivery.faults]) == (1, ["BadRecord"])
    assert "half of a letter" in delivery.faults[0][1]


def test_a_key_twice_with_other_values_is_a_fault(cast: Any, electricity: Any) -> None:
    file = bring(cast.analyst, "electricity", HEAD + "0101,某厂,,2026-10,5\n0101,某厂,,2026-10,6\n")
    assert (file.new, file.faulty) == (1, 1)
    assert file.faults[0][1] == "row 3: found '0101 2026-10' twice with different values, expected once"


def test_a_file_without_a_column_of_the_key_is_refused(cast: Any, electricity: Any) -> None:
    file = bring_records(cast.analyst, "electricity", "x.csv", "户名,用电量\n某厂,5\n".encode(), origin=FROM)
    with pytest.raises(BadPayload, match="expected also 用电户号"):
        preview_records(file)


def test_a_preview_stores_nothing(cast: Any, electricity: Any) -> None:
    file = bring_records(cast.analyst, "electricity", "x.csv", (HEAD + "1,某厂,,2026-10,5\n").encode(), origin=FROM)
    found = preview_records(file)
    assert (found.staged.rows, found.staged.shown[0][1][0]) == (1, "1")
    assert values(cast.analyst, "electricity") == []


def test_an_undone_delivery_gives_back_what_it_changed(cast: Any, electricity: Any) -> None:
    bring(cast.analyst, "electricity", HEAD + "0101,某厂,,2026-10,5\n")
    wrong = bring(cast.analyst, "electricity", HEAD + "0101,某厂,,2026-10,500\n0102,某厂,,2026-10,1\n", "wrong.csv")
    assert undo_records(wrong.pk, cast.analyst, "单位写错", FROM) == (1, 1)
    assert [row[5] for row in values(cast.analyst, "electricity")] == ["5"]
    assert data_list(cast.analyst, "electricity").held == 1
    with pytest.raises(Refused):
        undo_records(wrong.pk, cast.analyst, "again", FROM)


def test_what_a_later_delivery_changed_is_left_when_an_earlier_one_is_undone(cast: Any, electricity: Any) -> None:
    first = bring(cast.analyst, "electricity", HEAD + "0101,某厂,,2026-10,5\n")
    bring(cast.analyst, "electricity", HEAD + "0101,某厂,,2026-10,6\n", "b.csv")
    assert undo_records(first.pk, cast.analyst, "旧", FROM) == (0, 0)
    assert [row[5] for row in values(cast.analyst, "electricity")] == ["6"]


def test_an_enterprise_is_found_by_its_plain_name_where_no_code_is_told(cast: Any, mill: Any, electricity: Any) -> None:
    bring(cast.analyst, "electricity", HEAD + "1,西山纸业 有限公司,,2026-10,5\n")
    assert records_of(cast.analyst, electricity).get().enterprise_id == mill.pk


def test_a_wrong_check_letter_names_nobody_but_is_asked_about(cast: Any, mill: Any, electricity: Any) -> None:
    wrong = MILL[:-1] + "C"
    bring(cast.analyst, "electricity", HEAD + f"1,别的名字,{wrong},2026-10,5\n")
    assert records_of(cast.analyst, electricity).get().enterprise_id is None
    asked = written_firms(cast.analyst).get()
    assert asked.candidates[0]["enterprise"] == mill.pk
    assert {term["what"] for term in asked.candidates[0]["terms"]} >= {"code"}


def test_a_name_that_belongs_to_another_valid_code_is_asked_about(cast: Any, mill: Any, electricity: Any) -> None:
    other = "91350100M000100Y43"  # the worked example of GB 32100-2015
    bring(cast.analyst, "electricity", HEAD + f"1,西山纸业有限公司,{other},2026-10,5\n")
    assert records_of(cast.analyst, electricity).get().enterprise_id is None
    assert {term["what"] for term in written_firms(cast.analyst).get().candidates[0]["terms"]} >= {"name", "code"}


def test_what_a_person_decides_holds_for_all_records_and_the_next_delivery(
    cast: Any, mill: Any, electricity: Any
) -> None:
    bring(cast.analyst, "electricity", HEAD + "1,西山造纸有限公司,,2026-09,5\n1,西山造纸有限公司,,2026-10,6\n")
    asked = written_firms(cast.analyst).get()
    with pytest.raises(BadInput):
        decide_firm(asked.pk, cast.analyst, MILL, " ", origin=FROM)
    assert decide_firm(asked.pk, cast.analyst, MILL, "电话核实", origin=FROM) == 2
    bring(cast.analyst, "electricity", HEAD + "1,西山造纸有限公司,,2026-11,7\n", "next.csv")
    assert {row.enterprise_id for row in records_of(cast.analyst, electricity)} == {mill.pk}
    assert not written_firms(cast.analyst).exists()
    assert data_list(cast.analyst, "electricity").matched == 3


def test_who_is_none_of_ours_is_not_asked_about_again(cast: Any, mill: Any, electricity: Any) -> None:
    bring(cast.analyst, "electricity", HEAD + "1,西山造纸有限公司,,2026-09,5\n")
    decide_firm(written_firms(cast.analyst).get().pk, cast.analyst, "", "外地企业", origin=FROM)
    bring(cast.analyst, "electricity", HEAD + "1,西山造纸有限公司,,2026-10,5\n", "next.csv")
    assert not written_firms(cast.analyst).exists()
    assert records_of(cast.analyst, electricity).filter(enterprise=None).count() == 2


def test_a_name_like_nobodys_is_not_asked_about(cast: Any, mill: Any, electricity: Any) -> None:
    bring(cast.analyst, "electricity", HEAD + "1,南海渔业合作社,,2026-09,5\n")
    assert not written_firms(cast.analyst).exists()


def test_records_of_others_are_seen_by_territory(cast: Any, mill: Any, electricity: Any) -> None:
    bring(cast.analyst, "electricity", HEAD + f"1,西山纸业,{MILL},2026-10,5\n2,外地厂,,2026-10,5\n")
    assert [row[0] for row in values(cast.duty_officer, "electricity")] == ["1", "2"]
    assert [row[0] for row in values(cast.other_grid_worker, "electricity")] == ["1"]
    assert values(cast.grid_worker, "electricity") == []
    assert not records_of(cast.other_enterprise, electricity).exists()


def test_words_do_not_find_persons_for_who_may_not_see_them(cast: Any) -> None:
    take_over_list("hotline", None)
    bring(cast.analyst, "hotline", "工单编号,受理日期,诉求内容,联系人\nA1,2026-11-01,异味,张三丰\n")
    found = data_list(cast.analyst, "hotline")
    assert narrowed(cast.analyst, found, records_of(cast.analyst, found), "张三丰").exists()
    assert not narrowed(cast.duty_officer, found, records_of(cast.duty_officer, found), "张三丰").exists()
    assert narrowed(cast.duty_officer, found, records_of(cast.duty_officer, found), "异味").exists()


def test_a_fault_does_not_tell_persons_data(cast: Any) -> None:
    definition = ListDefinition(
        (Column("a", "甲", "A", "code"), Column("b", "生日", "Born", "date", personal=True)), ("a",)
    )
    define_list("people", title_zh="人", title_en="People", about="other", definition=definition)
    file = bring(cast.analyst, "people", "甲,生日\n1,secret\n2,1990-01-01\n")
    assert file.faults == [["BadRecord", "row 2: 生日: found a value that is not shown, expected one of kind date"]]


def test_vehicles_are_counted_by_stage_and_fuel(cast: Any) -> None:
    take_over_list("vehicles", None)
    rows = "".join(f"京A{n:05d},大型汽车,{fuel},{stage}\n" for n, (fuel, stage) in enumerate(
        [("柴油", "国五"), ("柴油", "国六"), ("柴油", "国六"), ("汽油", "国六")]))  # fmt: skip
    bring(cast.analyst, "vehicles", "号牌号码,号牌种类,燃料种类,排放标准\n" + rows)
    found = data_list(cast.analyst, "vehicles")
    counted = counted_by(found, records_of(cast.analyst, found), ("stage", "fuel"))
    assert counted == [(("国六", "柴油"), 2, None), (("国五", "柴油"), 1, None), (("国六", "汽油"), 1, None)]


def test_a_pushed_document_and_a_file_of_a_folder_bring_the_same_records(
    cast: Any, mill: Any, electricity: Any
) -> None:
    nothing = lambda _rows, _segment: 0  # noqa: E731
    row = {"account": "1", "customer": "西山纸业", "credit_code": MILL, "month": "2026-10", "energy": 5}
    pushed = json.dumps({"records": [row]})
    (one,) = take_in_payloads(
        feed_of_list(electricity), [Payload(pushed.encode(), "10.0.0.1:5", 1_800_000_000_000_000)], nothing
    )
    assert (one.records, one.faults) == (1, [])
    folder = define_feed(
        "grid", connector="folder", title_zh="电力", title_en="Grid",
        settings={"path": "grid", "form": "records", "records": "electricity", "titles": '{"account": "编号"}'},
    )  # fmt: skip
    text = f"编号,户名,统一社会信用代码,月份,电量\n1,西山纸业,{MILL},202610,5\n2,西山纸业,{MILL},202610,6\n"
    (two,) = take_in_payloads(folder, [Payload(text.encode("gb18030"), "october.csv", 1_800_000_000_000_000)], nothing)
    assert (two.records, two.faults) == (2, [])
    assert [row[0] for row in values(cast.analyst, "electricity")] == ["1", "2"]


def test_a_payload_for_a_list_that_is_not_defined_is_kept_and_refused(cast: Any, electricity: Any) -> None:
    feed = define_feed("x", connector="records", title_zh="x", title_en="x", settings={"records": "nobody"})
    (one,) = take_in_payloads(feed, [Payload(b"a\n1\n", "somewhere", 1_800_000_000_000_000)], lambda *_: 0)
    assert one.faults == [("BadPayload", "found data list 'nobody', expected one of: electricity")]


def test_a_list_gets_columns_behind_those_it_has_and_loses_none(cast: Any, electricity: Any) -> None:
    bring(cast.analyst, "electricity", HEAD + "1,某厂,,2026-10,5\n")
    before = electricity.defined
    night = Column("night", "谷段电量", "At night", "number")
    more = ListDefinition((*before.columns, night), before.key, before.since,
                          before.until, before.firm)  # fmt: skip
    told = {"title_zh": "电", "title_en": "E", "about": "enterprise"}
    define_list("electricity", definition=more, **told)
    again = bring(cast.analyst, "electricity", HEAD + "1,某厂,,2026-10,5\n", "again.csv")
    assert (again.changed, again.repeated) == (0, 1)
    fewer = ListDefinition(before.columns[1:], before.key, before.since, before.until, {})
    with pytest.raises(BadInput):
        define_list("electricity", definition=fewer, **told)
    assert [len(definition.columns) for _at, _who, definition in definitions_of(electricity)] == [8, 9]


def test_the_handler_of_a_department_brings_its_own_lists_only(cast: Any, electricity: Any) -> None:
    take_over_list("tax", None)
    assert bring_records(cast.handler, "electricity", "x.csv", b"x", origin=FROM).pk
    with pytest.raises(Forbidden):
        bring_records(cast.handler, "tax", "x.csv", b"x", origin=FROM)
    with pytest.raises(Forbidden):
        bring_records(cast.grid_worker, "electricity", "x.csv", b"x", origin=FROM)


@pytest.mark.parametrize("ready", entries(), ids=lambda one: one.code)
def test_every_ready_list_takes_a_file_with_its_own_titles(ready: Any, cast: Any, mill: Any) -> None:
    take_over_list(ready.code, None)
    sample = {"text": "文字", "code": "A1", "number": "1.5", "date": "2026-10-31", "month": "2026-10", "year": "2026",
              "moment": "2026-10-31 08:00"}  # fmt: skip
    cells = [sample[one.kind] for one in ready.definition.columns]
    until = ready.definition.until
    if until:
        cells[ready.definition.places[until]] = "2027-01-31"
    code = ready.definition.firm.get("code")
    if code:
        cells[ready.definition.places[code]] = MILL
    head = ",".join(one.zh for one in ready.definition.columns)
    file = bring(cast.analyst, ready.code, f"{head}\n{','.join(cells)}\n")
    assert (file.new, file.faults, file.matched) == (1, [], int(bool(code)))


def test_the_lists_of_the_demo_are_read_and_what_is_written_otherwise_is_asked_about(
    cast: Any, tmp_path: Path, settings: Any
) -> None:
    settings.LAKE = str(tmp_path / "lake")
    world = World(epoch=datetime(2026, 11, 23, tzinfo=UTC))
    for one in world.enterprises:
        register_enterprise(
            one.code, lon=100.05, lat=30.1, organisation=None, title_zh=one.title.zh, title_en=one.title.en,
            industry_code=one.industry_code, industry_zh=one.industry.zh, industry_en=one.industry.en,
            management=one.management, address_zh=one.address.zh,
        )  # fmt: skip
    meant = {}
    for register in Registers(world).all:
        found = take_over_list(register.code, None)
        (delivery,) = take_in_payloads(
            feed_of_list(found), [Payload(register.csv, "x.csv", 1_800_000_000_000_000)], lambda *_: 0
        )
        assert len(delivery.faults) == (register.code == "electricity"), delivery.faults[:3]
        assert delivery.records == len(register.rows) - len(delivery.faults)
        meant |= {(register.code, name): code for name, code in register.means.items()}
    asked = {(one.of.code, one.name): one.candidates[0]["enterprise"] for one in written_firms(cast.analyst)}
    codes = dict(Enterprise.objects.values_list("pk", "code"))
    assert {key: codes[first] for key, first in asked.items()} == meant


UNITS = "统一社会信用代码,普查年度,单位名称,地址,行业代码\n"


@pytest.fixture
def census(cast: Any) -> Any:
    """The census of pollution sources: its units are known again by code and year."""
    return take_over_list("pollution_census", cast.handler.organisation)


def test_a_unit_without_a_code_is_known_again_by_name_address_and_year(cast: Any, census: Any) -> None:
    rows = (
        f"{MILL},2025,西山纸业有限公司,西镇1号,2221\n,2025,河边养殖场,清河村三组,0313\n,2025,河边养殖场,柏木村,0313\n"
    )
    first = bring(cast.analyst, "pollution_census", UNITS + rows)
    assert (first.new, first.faulty) == (3, 0)
    later = (
        f",2025,河边 养殖场,清河村三组,0310\n{MILL},2025,西山纸业有限公司,西镇1号,2221\n,2024,河边养殖场,柏木村,0313\n"
    )
    again = bring(cast.analyst, "pollution_census", UNITS + later, "later.csv")
    assert (again.new, again.changed, again.repeated, again.faulty) == (1, 1, 1, 0)
    kept = sorted((row[0] or "", row[3], row[4], row[1]) for row in values(cast.analyst, "pollution_census"))
    assert kept == [
        ("", "柏木村", "0313", "2024"), ("", "柏木村", "0313", "2025"), ("", "清河村三组", "0310", "2025"),
        (MILL, "西镇1号", "2221", "2025"),
    ]  # fmt: skip


def test_a_row_that_neither_key_tells_is_a_fault(cast: Any, census: Any) -> None:
    file = bring(cast.analyst, "pollution_census", UNITS + ",2025,,清河村三组,0313\n,2025,养殖场,,1\n,2025,养殖场,,2\n")
    assert file.faults == [
        ["BadRecord", "row 2: 单位名称: found nothing, expected a value"],
        ["BadRecord", "row 4: found '养殖场  2025' twice with different values, expected once"],
    ]


def test_a_census_that_was_taken_over_before_goes_on_when_it_is_taken_over_again(cast: Any) -> None:
    ready = entry("pollution_census").definition
    strict = replace(ready.columns[0], required=True)
    told = {"title_zh": "污染源普查", "title_en": "Census", "about": "enterprise"}
    before = replace(ready, columns=(strict, *ready.columns[1:]), otherwise=())
    define_list("pollution_census", definition=before, **told)
    coded, plain = f"{MILL},2025,西山纸业有限公司,西镇1号,2221\n", ",2025,河边养殖场,清河村三组,0313\n"
    assert bring(cast.analyst, "pollution_census", UNITS + coded + plain).faulty == 1
    take_over_list("pollution_census", cast.handler.organisation)
    again = bring(cast.analyst, "pollution_census", UNITS + coded + plain, "again.csv")
    assert (again.new, again.repeated, again.faulty) == (1, 1, 0)
    with pytest.raises(BadInput, match="name"):
        define_list("pollution_census", definition=replace(ready, otherwise=("name", "year")), **told)


def test_columns_that_stand_in_for_a_key_are_columns_and_not_for_lists_in_bulk() -> None:
    with pytest.raises(BadInput):
        replace(entry("pollution_census").definition, otherwise=("number",)).checked()
    with pytest.raises(BadInput):
        replace(entry("electricity_days").definition, otherwise=("customer",)).checked()
