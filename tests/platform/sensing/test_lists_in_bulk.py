"""Lists in bulk: what a delivery becomes in the lake, what is known of a row when, and whom it names."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db import connection, transaction

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, Forbidden
from qingyuan.kit.log import Origin
from qingyuan.places.api import register_enterprise
from qingyuan.places.queries import Enterprise
from qingyuan.recording.lake import table
from qingyuan.recording.lake.ours import our_lake
from qingyuan.sensing.api import take_in_payloads
from qingyuan.sensing.api.journals import check_journals, compact_journals, match_journal_again, publish_journals
from qingyuan.sensing.api.records import decide_firm, define_list, feed_of_list, take_over_list, undo_records
from qingyuan.sensing.connector import Payload
from qingyuan.sensing.logic.feeding import products
from qingyuan.sensing.models import JournalFile
from qingyuan.sensing.queries import faults, packet_bytes, packets_of_fault
from qingyuan.sensing.queries.journals import Asked, journal_editions, journal_row, journal_rows, sums_by_period
from qingyuan.sensing.queries.namings import journal_rows_written_so, matching_of
from qingyuan.sensing.queries.records import RecordFile, packet_of_file, row_of_file, written_firms
from qingyuan_science.series import microseconds

pytestmark = pytest.mark.django_db
FROM = Origin("analyst", "test")
HEAD = "户号,户名,统一社会信用代码,日期,用电量\n"
MILL = "91110000802100433B"  # the code of the worked example of the credit code


@pytest.fixture(autouse=True)
def lake(tmp_path: Path, settings: Any) -> Path:
    settings.LAKE = str(tmp_path / "lake")
    return tmp_path / "lake"


@pytest.fixture
def mill(cast: Any) -> Any:
    return register_enterprise(
        MILL, lon=100.3, lat=30.1, organisation=cast.other_enterprise.organisation, title_zh="西山纸业有限公司",
        title_en="West Paper Ltd", industry_code="2221", industry_zh="造纸", industry_en="Paper", management="key",
        address_zh="西镇 1 号",
    )  # fmt: skip


@pytest.fixture
def days(cast: Any) -> Any:
    return take_over_list("electricity_days", cast.handler.organisation)


def deliver_text(found: Any, text: str, name: str = "file.csv") -> None:
    """Bring a text through the door of what is posted."""
    payload = Payload(text.encode(), name, microseconds(clock.now()))
    take_in_payloads(feed_of_list(found), [payload], lambda *_: 0)


def deliver(found: Any, text: str, name: str = "file.csv") -> Any:
    """The same, and the row of the delivery."""
    deliver_text(found, text, name)
    found.refresh_from_db()
    return record_files_of(found)[0]


def record_files_of(found: Any) -> list[Any]:
    return list(RecordFile.objects.filter(of=found).order_by("-pk"))


def values(cast: Any, found: Any, **asked: Any) -> list[list[str | None]]:
    return [row.values for row in journal_rows(cast.analyst, found, Asked(**asked)).rows]


@pytest.mark.mission("S1-16")
def test_a_delivery_becomes_rows_of_the_lake_of_the_enterprise_that_they_name(cast: Any, mill: Any, days: Any) -> None:
    deliver(days, HEAD + f'0101,西山纸业,{MILL},2026年10月1日,"12,800.50"\n0102,某厂,,2026-10-02,7\n')
    found = days
    assert (found.held, found.matched) == (2, 1)
    other, first = journal_rows(cast.analyst, found, Asked()).rows
    assert first.values == ["0101", "西山纸业", MILL, "2026-10-01", "12800.5", None]
    assert (first.since, first.until, first.line, first.enterprise) == (date(2026, 10, 1), None, 2, mill)
    assert (other.values[0], other.line, other.enterprise) == ("0102", 3, None)
    assert values(cast, found, enterprise=MILL) == [first.values]


def counts(file: Any) -> tuple[int, ...]:
    return file.new, file.changed, file.repeated, file.faulty


def test_the_same_delivery_again_stores_nothing(cast: Any, days: Any) -> None:
    text = HEAD + "0101,某厂,,2026-10-01,5\n0102,某厂,,2026-10-01,6\n"
    assert counts(deliver(days, text)) == (2, 0, 0, 0)
    assert counts(deliver(days, text)) == (0, 0, 2, 0)
    assert counts(deliver(days, HEAD + "0101,某厂,,2026年10月1日,5.0\n0101,某厂,,2026-10-01,5\n")) == (0, 0, 2, 0)
    assert (days.held, len(values(cast, days))) == (2, 2)
    assert JournalFile.objects.count() == 1


def test_a_corrected_row_keeps_what_was_known_before(cast: Any, days: Any, monkeypatch: Any) -> None:
    monday, tuesday = datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2026, 11, 3, 8, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: monday)
    deliver(days, HEAD + "0101,某厂,,2026-10-01,5\n0102,某厂,,2026-10-01,6\n")
    monkeypatch.setattr(clock, "now", lambda: tuesday)
    assert counts(deliver(days, HEAD + "0101,某厂,,2026-10-01,7\n0103,某厂,,2026-10-01,1\n")) == (1, 1, 0, 0)
    energies = {row[0]: row[4] for row in values(cast, days)}
    before = {row[0]: row[4] for row in values(cast, days, at=monday)}
    assert (energies, before) == ({"0101": "7", "0102": "6", "0103": "1"}, {"0101": "5", "0102": "6"})
    (now,) = journal_rows(cast.analyst, days, Asked(begins="0101")).rows
    editions = journal_editions(cast.analyst, days, now)
    assert [(one.values[4], one.known_from, one.known_to) for one in editions] == [
        ("7", tuesday, None), ("5", monday, tuesday)
    ]  # fmt: skip
    assert days.held == 3


def test_each_row_tells_its_delivery_and_the_row_of_it_and_the_bytes_are_kept(cast: Any, days: Any) -> None:
    text = HEAD + '0101,某厂,,2026-10-01,5\n\n0102,"某\n厂",,2026-10-01,6\n0103,某厂,,2026-10-01,7\n'
    file = deliver(days, text)
    packet = packet_of_file(file)
    assert packet is not None
    assert packet_bytes(packet).raw == text.encode()
    for row in journal_rows(cast.analyst, days, Asked()).rows:
        again = journal_row(cast.analyst, days, row.id)
        told = row_of_file(again.file, again.line)
        assert told is not None
        assert told[1][0] == row.values[0]


def test_rows_with_faults_are_set_aside_and_named_as_in_any_other_list(cast: Any, days: Any) -> None:
    rows = (
        "0101,某厂,,2026-13-01,5\n0102,某厂,,2026-10-01,viel\n,某厂,,2026-10-01,5\n0104,某厂,2026-10-01,5\n"
        "0105,某厂,,2026-10-01,5,,\n0105,某厂,,2026-10-01,6\n,,,,\n0106,某厂,,2026-10-01,\n"
    )
    other = define_list("other", title_zh="他", title_en="Other", about="enterprise",
                        definition=replace(days.defined, journal=False))  # fmt: skip
    file, beside = deliver(days, HEAD + rows), deliver(other, HEAD + rows)
    assert counts(file) == counts(beside) == (1, 0, 0, 6)
    assert sorted(file.faults) == sorted(beside.faults)
    assert [row.values for row in journal_rows(cast.analyst, days, Asked()).rows] == [
        ["0105", "某厂", None, "2026-10-01", "5", None]
    ]


def test_a_text_with_odd_quotes_is_read_like_any_other_list(cast: Any, days: Any) -> None:
    deliver(days, HEAD + '0101,某"厂,,2026-10-01,5\n0102,"他""厂",,2026-10-01,"1,000"\n')
    assert [(row[1], row[4]) for row in values(cast, days)] == [('他"厂', "1000"), ('某"厂', "5")]


def test_json_is_read_too(cast: Any, days: Any) -> None:
    deliver(days, '[{"account": "0101", "customer": "某厂", "day": "2026-10-01", "energy": 12.5}]')
    assert values(cast, days) == [["0101", "某厂", None, "2026-10-01", "12.5", None]]


@pytest.mark.mission("S1-16")
def test_who_is_entered_later_is_found_for_rows_that_came_before(cast: Any, days: Any, request: Any) -> None:
    text = HEAD + f"0101,西山纸业,{MILL},2026-10-01,5\n"
    deliver(days, text)
    assert days.matched == 0
    mill = request.getfixturevalue("mill")
    deliver(days, text.replace("10-01", "10-02"))
    assert [row.enterprise for row in journal_rows(cast.analyst, days, Asked()).rows] == [mill, mill]
    assert days.matched == 2


@pytest.mark.mission("S1-16")
def test_a_person_decides_once_for_all_rows_that_write_an_enterprise_so(cast: Any, mill: Any, days: Any) -> None:
    deliver(days, HEAD + "0101,西山纸业有限责任公司,,2026-10-01,5\n0101,西山纸业有限责任公司,,2026-10-02,6\n")
    (question,) = written_firms(cast.analyst)
    assert decide_firm(question.pk, cast.analyst, MILL, "telephone", origin=FROM) == 2
    days.refresh_from_db()
    assert days.matched == 2
    deliver(days, HEAD + "0101,西山纸业有限责任公司,,2026-10-03,7\n")
    assert {row.enterprise for row in journal_rows(cast.analyst, days, Asked()).rows} == {mill}
    assert days.matched == 3


def test_a_delivery_taken_back_gives_back_what_it_changed(cast: Any, days: Any) -> None:
    deliver(days, HEAD + "0101,某厂,,2026-10-01,5\n")
    file = deliver(days, HEAD + "0101,某厂,,2026-10-01,7\n0102,某厂,,2026-10-01,6\n")
    assert undo_records(file.pk, cast.administrator, "wrong file", FROM) == (1, 1)
    assert [(row[0], row[4]) for row in values(cast, days)] == [("0101", "5")]
    days.refresh_from_db()
    assert days.held == 1


def test_a_crash_before_the_transaction_ends_leaves_the_list_as_it_was(
    cast: Any, days: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(days, HEAD + "0101,某厂,,2026-10-01,5\n")
    text = HEAD + "0101,某厂,,2026-10-01,7\n0102,某厂,,2026-10-01,6\n"
    with monkeypatch.context() as broken:
        broken.setattr(products.records, "close_file", _break)
        with pytest.raises(RuntimeError, match="power"), transaction.atomic():
            deliver(days, text)
    assert [row[4] for row in values(cast, days)] == ["5"]
    assert counts(deliver(days, text)) == (1, 1, 0, 0)
    assert publish_journals() == 2
    assert check_journals() == []


def _break(*_args: Any, **_named: Any) -> None:
    raise RuntimeError("the power went out")


def test_a_fault_stands_under_the_day_of_people_here_with_its_bytes(days: Any) -> None:
    with clock.wound_to(datetime(2026, 11, 24, 17, tzinfo=UTC)):  # one in the morning
        deliver_text(days, HEAD + "0101,某厂,,2026-10-01,未抄见\n")
    (fault,) = faults()
    assert fault.day == date(2026, 11, 25)
    assert [packet_bytes(one) for one in packets_of_fault(fault)] != []


def test_two_deliveries_of_one_turn_both_count(cast: Any) -> None:
    for code in ("electricity_days", "electricity"):
        found = take_over_list(code, cast.handler.organisation)
        day = "日期" if code == "electricity_days" else "用电月份"
        head = f"户号,户名,统一社会信用代码,{day},用电量\n"
        told = [
            "0101,某厂,,2026-10-01,5\n0102,某厂,,2026-10-01,6\n",
            "0101,某厂,,2026-10-01,7\n0103,某厂,,2026-10-01,8\n",
        ]
        payloads = [Payload((head + one).encode(), f"{place}.csv", 1) for place, one in enumerate(told)]
        take_in_payloads(feed_of_list(found), payloads, lambda *_: 0)
        found.refresh_from_db()
        assert [counts(one) for one in record_files_of(found)] == [(1, 1, 0, 0), (2, 0, 0, 0)]
        assert found.held == 3


@pytest.mark.parametrize("code", ["electricity_days", "electricity"])
def test_while_rows_are_merged_no_gateway_waits_for_its_turn_on_the_chain(
    code: str, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def noting(module: Any, name: str) -> None:
        done = getattr(module, name)

        def noted(*given: Any, **named: Any) -> Any:
            answer = done(*given, **named)
            seen.append((name, _has_the_turn()))
            return answer

        monkeypatch.setattr(module, name, noted)

    found = take_over_list(code, cast.handler.organisation)
    noting(products.journal_storing if code == "electricity_days" else products.records, "merge")
    noting(products.records, "close_file")
    deliver(found, HEAD.replace("日期", "用电月份" if code == "electricity" else "日期") + "0101,某厂,,2026-10-01,5\n")
    assert found.held == 1
    assert seen == [("merge", False), ("close_file", True)]


def _has_the_turn() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (classid::bigint << 32) + objid::bigint FROM pg_locks"
            " WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )
        return 0x71_79_72_61_77 in {row[0] for row in cursor.fetchall()}


def test_a_crash_before_other_tools_are_told_is_made_good(cast: Any, days: Any, lake: Path) -> None:
    deliver(days, HEAD + "0101,某厂,,2026-10-01,5\n")
    deliver(days, HEAD + "0101,某厂,,2026-10-01,7\n0102,某厂,,2026-09-01,6\n")
    assert check_journals() == ["electricity_days: the Delta log differs by 3 files: publish it"]
    publish_journals()
    table = pl.read_delta(str(lake / "_records" / "electricity_days")).sort("account", "energy")
    assert table.select("account", "energy", pl.col("_known_to").is_null()).rows() == [
        ("0101", 5.0, False), ("0101", 7.0, True), ("0102", 6.0, True)
    ]  # fmt: skip
    assert check_journals() == []


def test_a_lost_or_changed_file_is_found(days: Any, lake: Path) -> None:
    deliver(days, HEAD + "0101,某厂,,2026-10-01,5\n")
    deliver(days, HEAD + "0101,某厂,,2026-09-01,5\n")
    publish_journals()
    one, other = JournalFile.objects.all()
    here = lake / "_records" / "electricity_days"
    (here / one.path).unlink()
    (here / other.path).write_bytes(b"PAR1")
    assert [line.split(one.path)[-1].split(other.path)[-1] for line in check_journals()] == [
        " is lost", " is not as it was written"
    ]  # fmt: skip


def test_many_small_files_become_few_and_nothing_of_them_changes(cast: Any, days: Any, lake: Path) -> None:
    for day in range(1, 9):
        deliver(days, HEAD + f"0101,某厂,,2026-10-{day:02},{day}\n0102,某厂,,2026-10-{day:02},{day}\n")
    deliver(days, HEAD + "0101,某厂,,2026-10-01,9\n")
    before, editions = values(cast, days), values(cast, days, at=clock.now())
    assert compact_journals() == 1
    assert JournalFile.objects.count() == 1
    assert values(cast, days) == before
    assert values(cast, days, at=clock.now()) == editions
    assert check_journals() == []
    table.ensure(our_lake())
    for file in (lake / "_records").rglob("*"):
        os.utime(file, (0, 0))  # as if they had lain there for long
    table.sweep(our_lake())
    assert check_journals() == []


def test_pages_follow_each_other_without_gaps_and_newest_first(cast: Any, days: Any) -> None:
    for month in (10, 9):
        lines = [f"{meter:04},某厂,,2026-{month:02}-{day:02},{meter}" for day in (1, 2) for meter in range(30)]
        deliver(days, HEAD + "\n".join(lines))
    seen, after = [], ""
    while True:
        page = journal_rows(cast.analyst, days, Asked(), after=after, most=7)
        seen += [(row.values[3], row.values[0]) for row in page.rows]
        after = page.after
        if not after:
            break
    assert len(seen) == len(set(seen)) == 120
    assert [day for day, _meter in seen] == sorted((day for day, _meter in seen), reverse=True)


def test_a_number_is_looked_for_so_far_back_and_then_further(
    cast: Any, days: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qingyuan.sensing.journals.newest.MOST_LOOKED", 60)
    for day in range(1, 10):  # two deliveries speak of each day but the first and the last
        deliver(days, HEAD + "\n".join(f"{meter:04},某厂,,2026-10-{day + meter % 2:02},{day}" for meter in range(30)))
    for begins, expected in (("0002", range(9, 0, -1)), ("0003", range(10, 1, -1)), ("00155", ())):
        seen, after, ends = [], "", []
        while True:
            page = journal_rows(cast.analyst, days, Asked(begins=begins), after=after, most=7)
            seen += [row.values[3] for row in page.rows]
            ends.append(page.looked_to)
            after = page.after
            if not after:
                break
        assert seen == [f"2026-10-{day:02}" for day in expected]
        assert len(ends) > 3
        assert all(ends[:-1])
        assert ends == sorted(ends, reverse=True)


def test_no_file_is_opened_that_can_hold_none_of_the_newest_rows(cast: Any, days: Any, lake: Path) -> None:
    deliver(days, HEAD + "\n".join(f"01{day:02},某厂,,2026-10-{day:02},1" for day in range(1, 21)))
    (older,) = JournalFile.objects.all()
    deliver(
        days,
        HEAD + "0201,某厂,,2026-10-05,2\n0202,某厂,,2026-10-25,2\n0203,某厂,,2026-10-25,3\n0204,某厂,,2026-10-24,4\n",
    )
    (lake / "_records" / days.code / older.path).unlink()
    page = journal_rows(cast.analyst, days, Asked(), most=2)
    assert [row.values[0] for row in page.rows] == ["0203", "0202"]
    assert page.after


def test_rows_of_the_same_day_in_many_files_come_in_the_order_of_their_deliveries(cast: Any, days: Any) -> None:
    for one in range(9):
        deliver(days, HEAD + f"01{one:02},某厂,,2026-10-01,1\n02{one:02},某厂,,2026-10-{one + 2:02},1\n")
    expected = [f"02{one:02}" for one in range(8, -1, -1)] + [f"01{one:02}" for one in range(8, -1, -1)]
    assert [row[0] for row in values(cast, days)] == expected
    compact_journals(thoroughly=True)
    assert [row[0] for row in values(cast, days)] == expected


def test_a_day_of_china_an_enterprise_and_a_beginning_narrow_the_rows(cast: Any, mill: Any) -> None:
    hours = take_over_list("electricity_hours", cast.handler.organisation)
    head = "户号,户名,统一社会信用代码,时段起点,用电量\n"
    deliver(hours, head + f"0101,西山纸业,{MILL},2026-10-01 00:00,1\n0101,西山纸业,{MILL},2026-10-01 23:00:00,2\n"
                          f"0101,西山纸业,{MILL},2026-10-02 00:00,3\n0202,某厂,,2026-10-01 07:00,4\n")  # fmt: skip
    first = date(2026, 10, 1)
    assert [row[4] for row in values(cast, hours, days=(first, first))] == ["2", "4", "1"]
    assert [row[4] for row in values(cast, hours, days=(first, first), enterprise=MILL)] == ["2", "1"]
    assert [row[4] for row in values(cast, hours, begins="02")] == ["4"]
    assert [row[4] for row in values(cast, hours, named=False)] == ["4"]
    assert [row[3] for row in values(cast, hours, values=(("energy", "3"),))] == ["2026-10-02 00:00:00"]
    assert sums_by_period(hours, [mill.pk], "energy") == [
        (mill.pk, date(2026, 10, 1), 3.0, 2), (mill.pk, date(2026, 10, 2), 3.0, 1)
    ]  # fmt: skip


def test_who_sees_a_part_of_the_district_sees_the_rows_of_its_enterprises(cast: Any, mill: Any, days: Any) -> None:
    deliver(days, HEAD + f"0101,西山纸业,{MILL},2026-10-01,5\n0102,某厂,,2026-10-01,6\n")
    seen = {
        who: [row.values[0] for row in journal_rows(getattr(cast, who), days, Asked()).rows]
        for who in ("duty_officer", "other_grid_worker", "grid_worker", "other_enterprise")
    }
    assert seen == {"duty_officer": ["0102", "0101"], "other_grid_worker": ["0101"], "grid_worker": [],
                    "other_enterprise": []}  # fmt: skip


def test_a_list_in_bulk_says_when_its_rows_are_of_and_stays_one(days: Any) -> None:
    with pytest.raises(BadInput) as without:
        replace(days.defined, key=("account",)).checked()
    with pytest.raises(BadInput) as another:
        replace(days.defined, journal=False).continues(days.defined)
    assert (without.value.field, another.value.field) == ("since", "journal")


def test_who_is_called_so_only_now_is_found_at_a_press_and_no_file_is_written_anew(
    cast: Any, mill: Any, days: Any, lake: Path
) -> None:
    deliver(
        days,
        HEAD + "0101,东山纸业有限公司,,2026-10-01,5\n0101,东山纸业有限公司,,2026-10-02,6\n0102,某厂,,2026-10-02,7\n",
    )
    files = {path: path.stat().st_mtime_ns for path in lake.rglob("*.parquet")}
    assert match_journal_again(cast.analyst, days, origin=FROM) == (0, 0)
    Enterprise.objects.filter(pk=mill.pk).update(title_zh="东山纸业有限公司")
    assert match_journal_again(cast.analyst, days, origin=FROM) == (1, 2)
    named = [(row.values[0], row.enterprise) for row in journal_rows(cast.analyst, days, Asked()).rows]
    assert sorted(named, key=str) == sorted([("0101", mill), ("0101", mill), ("0102", None)], key=str)
    assert {path: path.stat().st_mtime_ns for path in lake.rglob("*.parquet")} == files
    days.refresh_from_db()
    assert days.matched == 2
    deliver(days, HEAD + "0101,东山纸业有限公司,,2026-10-03,8\n")
    assert days.matched == 3


def test_what_a_person_decided_is_not_looked_up_again(cast: Any, mill: Any, days: Any) -> None:
    deliver(days, HEAD + "0101,西山纸业有限责任公司,,2026-10-01,5\n")
    (question,) = written_firms(cast.analyst)
    decide_firm(question.pk, cast.analyst, "", "another firm", origin=FROM)
    Enterprise.objects.filter(pk=mill.pk).update(title_zh="西山纸业有限责任公司")
    assert match_journal_again(cast.analyst, days, origin=FROM) == (0, 0)
    told = matching_of(days)
    assert (told.ways, told.nobody, told.asked, told.found) == (1, 1, 0, [])


def test_who_may_not_bring_a_list_may_not_have_it_looked_up(cast: Any, days: Any) -> None:
    with pytest.raises(Forbidden):
        match_journal_again(cast.grid_worker, days, origin=FROM)


def test_each_row_keeps_its_place_in_a_text_with_blank_rows_and_breaks_in_quotes(cast: Any, days: Any) -> None:
    deliver(days, HEAD + '0101,"甲厂\n一车间",,2026-10-01,5\r\n\n,,,,\n"","","","",""\n0102,乙厂,,2026-10-01,6')
    rows = journal_rows(cast.analyst, days, Asked()).rows
    assert [(row.values[0], row.line) for row in rows] == [("0102", 6), ("0101", 2)]
    assert record_files_of(days)[0].faulty == 0


def test_the_rows_of_a_question_are_shown_where_it_is_decided(cast: Any, mill: Any, days: Any) -> None:
    deliver(days, HEAD + "0101,西山纸业有限责任公司,,2026-10-01,5\n0102,某厂,,2026-10-02,6\n")
    (question,) = written_firms(cast.analyst)
    assert [row.values[0] for row in journal_rows_written_so(cast.analyst, question, 10)] == ["0101"]
