"""Time limits, working days, grades, classes of outfalls, and the register of standards."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.standards.errors import OutsideRule, UnknownEntry
from qingyuan_science.standards.procedure.deadlines import (
    Calendar,
    last_day,
    time_limit,
    time_limits,
    working_days_between,
)
from qingyuan_science.standards.procedure.grades import credit_level, performance_grade, performance_grades
from qingyuan_science.standards.procedure.outfalls import outfall_type, outfall_types
from qingyuan_science.standards.procedure.register import registered_standard, registered_standards

TODAY = date(2026, 11, 22)
AUTUMN = Calendar({date(2026, 10, day) for day in range(1, 8)}, {date(2026, 9, 27), date(2026, 10, 10)})
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@pytest.mark.parametrize(
    ("process", "step", "limit", "unit"),
    [
        ("complaint", "acceptance_notice", 15, "d"),
        ("complaint", "closing", 60, "d"),
        ("complaint", "wechat_acceptance", 2, "working day"),
        ("penalty", "decision", 90, "d"),
        ("penalty", "hearing_request", 5, "working day"),
        ("daily_fine", "covert_recheck", 30, "d"),
        ("production_limit", "limit", 3, "month"),
        ("seal", "duration", 30, "d"),
        ("monitor_fault", "report", 12, "h"),
        ("permit", "key_decision", 30, "d"),
    ],
)
def test_time_limits_of_procedures(process: str, step: str, limit: int, unit: str) -> None:
    found = time_limit(process, step, TODAY)
    assert (found.limit, found.unit) == (limit, unit)


def test_the_review_before_filing_follows_the_rule_of_its_day() -> None:
    """Rules on environmental penalties: 7 working days by those of 2010, 15 days by those of 2023."""
    old, new = (time_limit("penalty", "filing_review", day) for day in (date(2023, 6, 30), date(2023, 7, 1)))
    assert (old.limit, old.unit, new.limit, new.unit) == (7, "working day", 15, "d")
    assert old.source.note == ""
    assert "not checked" in str(new.source.note)


def test_each_step_has_one_time_limit_a_day() -> None:
    for day in (date(2016, 1, 1), date(2022, 1, 1), TODAY):
        names = [(one.process, one.step) for one in time_limits(day)]
        assert len(names) == len(set(names))
    with pytest.raises(UnknownEntry, match=r"found 'nothing' on .*, expected one of: .*decision"):
        time_limit("penalty", "nothing", TODAY)


@pytest.mark.parametrize(
    ("start", "number", "unit", "end"),
    [
        (date(2026, 11, 20), 1, "working day", date(2026, 11, 23)),  # Friday to Monday
        (date(2026, 9, 28), 5, "working day", date(2026, 10, 10)),  # 29, 30 Sept., 8, 9, 10 Oct.
        (date(2026, 9, 26), 1, "working day", date(2026, 9, 27)),  # the Sunday that is worked
        (date(2026, 11, 22), 90, "d", date(2027, 2, 20)),  # 8 + 31 + 31 + 20
        (date(2028, 1, 31), 1, "month", date(2028, 2, 29)),
        (date(2026, 11, 15), 3, "month", date(2027, 2, 15)),
        (date(2026, 11, 22), 0, "working day", date(2026, 11, 22)),
    ],
)
def test_the_day_of_the_event_is_not_counted(start: date, number: int, unit: str, end: date) -> None:
    assert last_day(start, number, unit, AUTUMN) == end


def test_a_limit_that_ends_in_the_holidays_rolls_to_the_next_working_day() -> None:
    end = last_day(date(2026, 9, 28), 5, "d", AUTUMN)
    assert (end, AUTUMN.next_worked(end)) == (date(2026, 10, 3), date(2026, 10, 8))


@given(days, st.integers(1, 200))
def test_counting_back_gives_the_working_days_counted_forward(start: date, number: int) -> None:
    end = last_day(start, number, "working day", AUTUMN)
    assert AUTUMN.is_worked(end)
    assert working_days_between(start, end, AUTUMN) == number
    assert working_days_between(start, end - timedelta(days=1), AUTUMN) == number - 1


@given(days, st.integers(0, 100), st.integers(0, 100))
def test_a_longer_limit_never_ends_earlier(start: date, number: int, more: int) -> None:
    for unit in ("d", "working day", "month"):
        assert last_day(start, number, unit, AUTUMN) <= last_day(start, number + more, unit, AUTUMN)


def test_what_cannot_be_counted_is_refused() -> None:
    for number, unit in ((-1, "d"), (100_000, "d"), (1, "h")):
        with pytest.raises(OutsideRule):
            last_day(TODAY, number, unit)
    with pytest.raises(OutsideRule, match="no working day"):
        Calendar({TODAY + timedelta(days=one) for one in range(4000)}).next_worked(TODAY)


def test_grades_of_performance_stand_from_the_best_down() -> None:
    assert [one.grade for one in performance_grades()] == ["A", "benchmark", "B", "B-", "C", "D", "not_benchmark"]
    assert performance_grade("引领性").measure.zh == "自主减排"
    assert "not checked" in str(performance_grade("B-").source.note)
    with pytest.raises(UnknownEntry, match="benchmark"):
        performance_grade("E")


@pytest.mark.parametrize(
    ("score", "green", "veto", "colour"),
    [(100, 2, False, "green"), (100, 1, False, "blue"), (80, 5, False, "blue"), (79.9, 0, False, "yellow"),
     (60, 0, False, "yellow"), (59.9, 0, False, "red"), (0, 0, False, "red"), (95, 3, True, "red")],
)  # fmt: skip
def test_levels_of_credit(score: float, green: int, veto: bool, colour: str) -> None:
    assert credit_level(score, green_items=green, veto=veto).colour == colour


def test_a_score_beyond_a_hundred_is_refused() -> None:
    with pytest.raises(OutsideRule, match="0 to 100"):
        credit_level(101)


def test_outfalls_of_plants_need_an_approval_and_the_rest_a_form() -> None:
    """Rules on river outfalls, MEE order 35."""
    assert len(outfall_types()) == 20
    approved = {one.names[-1].zh for one in outfall_types() if one.procedure == "approval"}
    assert approved == {
        "工业企业排污口", "矿山排污口", "尾矿库排污口", "工业及其他各类园区污水处理厂排污口", "城镇污水处理厂排污口",
    }  # fmt: skip
    assert len({one.names[0].zh for one in outfall_types()}) == 4
    assert len({one.names[:2] for one in outfall_types()}) >= 12
    with pytest.raises(UnknownEntry, match="矿山排污口"):
        outfall_type("排污口")


def test_every_standard_that_ended_names_what_followed_and_that_begins_the_next_day() -> None:
    for one in registered_standards():
        if one.valid_to is not None:
            following = registered_standard(one.replaced_by)
            assert following.valid_from == one.valid_to + timedelta(days=1)


def test_the_register_answers_by_the_day() -> None:
    before, after = ({one.code for one in registered_standards(day)} for day in (date(2026, 2, 28), date(2026, 3, 1)))
    assert "HJ 633-2012" in before - after
    assert "HJ 633-2026" in after - before
    assert "HJ 212-2025" not in after  # its first day is not known
    with pytest.raises(UnknownEntry):
        registered_standard("GB 1")
