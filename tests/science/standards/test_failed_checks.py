"""Checks that a monitor does not pass: what they make invalid, counted by hand."""

from datetime import datetime, timedelta, timezone

import pytest

from qingyuan_science.standards.emission.checks import check_due, invalid_time, invalid_times, means_lost
from qingyuan_science.standards.errors import OutsideRule, UnknownEntry

CHINA = timezone(timedelta(hours=8))
MONDAY = datetime(2026, 11, 16, tzinfo=CHINA)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def test_what_a_failed_check_makes_invalid_reaches_from_the_pass_before_to_the_pass_after() -> None:
    checks = {0: True, 24: True, 48: False, 50: False, 54: True, 72: True}
    [one] = invalid_times("water", [(MONDAY + hour * HOUR, passed) for hour, passed in checks.items()])
    assert (one.begins, one.failed, one.ends) == (MONDAY + 24 * HOUR, MONDAY + 48 * HOUR, MONDAY + 54 * HOUR)
    assert (one.source.document, str(one.source.clause), one.source.status) == ("HJ 356-2019", "6", "unverified")


def test_checks_may_come_in_any_order_and_of_two_at_once_the_failed_one_counts() -> None:
    at = [MONDAY, MONDAY + HOUR, MONDAY + HOUR, MONDAY + 2 * HOUR]
    [one] = invalid_times("water", reversed(list(zip(at, (True, True, False, True), strict=True))))
    assert one.failed == MONDAY + HOUR


def test_without_a_pass_before_or_after_the_time_has_no_such_end() -> None:
    [one] = invalid_times("gas", [(MONDAY, False)])
    assert (one.begins, one.ends) == (None, None)
    assert invalid_times("gas", [(MONDAY, True)]) == ()
    assert invalid_times("gas", []) == ()


def test_a_check_that_failed_before_the_rule_was_in_force_makes_nothing_invalid() -> None:
    eve = datetime(2020, 3, 23, 23, 59, tzinfo=CHINA)
    assert invalid_times("water", [(eve, False)]) == ()
    assert len(invalid_times("water", [(eve + MINUTE, False)])) == 1
    with pytest.raises(OutsideRule, match="2020-03-24"):
        invalid_time("water", eve)


@pytest.mark.parametrize(
    ("medium", "begins", "length", "lost"),
    [
        ("gas", MONDAY, 15 * MINUTE, 0),  # 45 minutes are left
        ("gas", MONDAY, 16 * MINUTE, 1),
        ("gas", MONDAY + 50 * MINUTE, 25 * MINUTE, 0),  # 10 minutes of one hour, 15 of the next
        ("gas", MONDAY + 44 * MINUTE, 32 * MINUTE, 2),  # 16 of one and 16 of the next
        ("gas", MONDAY, 24 * HOUR, 24),
        ("water", MONDAY, 6 * HOUR, 0),  # three quarters of the day are left
        ("water", MONDAY, 6 * HOUR + MINUTE, 1),
        ("water", MONDAY + 18 * HOUR, 12 * HOUR, 0),
        ("water", MONDAY + 17 * HOUR, 24 * HOUR, 2),  # 7 h of one day and 17 h of the next
        ("water", MONDAY, 72 * HOUR, 3),
    ],
)
def test_a_mean_is_lost_where_too_little_of_its_period_is_left(
    medium: str, begins: datetime, length: timedelta, lost: int
) -> None:
    assert means_lost(medium, begins, begins + length) == lost  # type: ignore[arg-type]


def test_a_kind_of_monitor_that_no_clause_names_is_refused() -> None:
    with pytest.raises(UnknownEntry, match="automatic, manual"):
        check_due("flow_meter", MONDAY, "verification")
    assert check_due("manual", MONDAY, "verification").by == datetime(2027, 2, 16, tzinfo=CHINA)
