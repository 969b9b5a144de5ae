"""Marks by people: who may, what they change, what was known of them when."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import OFFICE

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.kit.events import Event
from qingyuan.recording.api import Evidence, compute_means, mark_span, withdraw_mark
from qingyuan.recording.queries import latest, marks, window

BEFORE_THE_RULE = datetime(2022, 12, 31, 1, tzinfo=UTC)  # marks on devices are known since 2023-01-01
pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Put = Callable[..., Any]


def mark(cast: SimpleNamespace, channel: Any, now: datetime = NINE + 2 * HOUR, **changes: Any) -> Any:
    values = {
        "code": "calibration", "starts_at": NINE, "ends_at": NINE + HOUR, "reason": "零点与量程校准",
        "user": cast.enterprise, **changes,
    }  # fmt: skip
    user = values.pop("user")
    with clock.wound_to(now):
        return mark_span(channel.station.code, user, OFFICE, **values)


def told(row: Any) -> Any:
    """The newest fact about a mark, as the loop brings it to its handlers."""
    line = list(log.about(f"mark/{row.pk}"))[-1]
    return Event.known[line.act].from_detail(line.detail)


def marks_of(channel: Any, kind: str, as_of: datetime | None = None) -> str:
    return "".join(window(channel.pk, kind, NINE, NINE + 3 * HOUR, as_of=as_of).mark.tolist())


def test_the_effective_mark_is_the_devices_with_that_of_people(channel: Any, cast: Any, readings: Put) -> None:
    readings(channel, "m", [(NINE - 10 * MINUTE + number * 10 * MINUTE, 1.0) for number in range(9)])
    readings(channel, "m", [(NINE + 20 * MINUTE, 1.0)], mark="D")
    mark(cast, channel)
    assert marks_of(channel, "m") == "CCDCCC" + "NN"


def test_a_mean_takes_the_mark_where_over_a_quarter_of_it_is_marked(channel: Any, cast: Any, readings: Put) -> None:
    readings(channel, "h", [(NINE, 1.0), (NINE + HOUR, 1.0)])
    mark(cast, channel, starts_at=NINE + 45 * MINUTE, ends_at=NINE + HOUR + 16 * MINUTE)
    assert marks_of(channel, "h") == "NC"


def test_a_mark_counts_from_when_it_was_made_until_it_was_withdrawn(channel: Any, cast: Any, readings: Put) -> None:
    readings(channel, "h", [(NINE, 1.0)])
    row = mark(cast, channel, now=NINE + 2 * HOUR)
    with clock.wound_to(NINE + 4 * HOUR):
        withdraw_mark(row.pk, cast.officer, "现场核查未校准", OFFICE)
    assert marks_of(channel, "h") == "N"
    assert [marks_of(channel, "h", NINE + hours * HOUR) for hours in (1, 2, 3, 4, 5)] == ["N", "C", "C", "N", "N"]
    assert [line.act for line in log.about(f"mark/{row.pk}")] == ["DataMarked", "MarkWithdrawn"]


def test_the_newest_value_takes_the_mark_too(channel: Any, cast: Any, readings: Put) -> None:
    readings(channel, "r", [(NINE, 1.0)])
    mark(cast, channel)
    with clock.wound_to(NINE + 2 * HOUR):
        assert latest([channel.pk])[channel.pk].mark == "C"


def test_a_late_mark_computes_its_hour_anew_and_so_does_its_withdrawal(channel: Any, cast: Any, readings: Put) -> None:
    with clock.wound_to(NINE + HOUR):
        compute_means(readings(channel, "m", [(NINE + number * 10 * MINUTE, 5.0) for number in range(6)]))
    assert marks_of(channel, "H") == "N"
    row = mark(cast, channel, starts_at=NINE + 20 * MINUTE, ends_at=NINE + 30 * MINUTE)
    with clock.wound_to(NINE + 2 * HOUR):
        compute_means(told(row))
    assert marks_of(channel, "H") == "C"
    with clock.wound_to(NINE + 3 * HOUR):
        withdraw_mark(row.pk, cast.officer, "未校准", OFFICE)
        compute_means(told(row))
    assert marks_of(channel, "H") == "N"
    assert marks_of(channel, "H", as_of=NINE + 2 * HOUR) == "C"


def test_a_marked_exceedance_is_no_longer_found(channel: Any, cast: Any, readings: Put) -> None:
    from datetime import date

    from qingyuan.judging.api import judge_readings, set_watch
    from qingyuan.judging.queries import Finding

    set_watch("exceedance", kind="h", valid_from=date(2020, 1, 1))
    judge_readings(readings(channel, "h", [(NINE - HOUR, 40.0), (NINE, 68.4), (NINE + HOUR, 40.0)]))
    assert Finding.objects.get().state == "open"
    row = mark(cast, channel)
    judge_readings(told(row))
    assert not Finding.objects.filter(state="open").exists()


def test_only_the_marked_channels_are_touched(channel: Any, cast: Any, readings: Put) -> None:
    from qingyuan.sensing.api import define_channel

    other = define_channel(channel.station, factor="w21003", unit="mg/L")
    for one in (channel, other):
        readings(one, "h", [(NINE, 1.0)])
    mark(cast, channel, channel_ids=[other.pk])
    assert (marks_of(channel, "h"), marks_of(other, "h")) == ("N", "C")


def test_a_mark_that_changes_nothing_changes_nothing(channel: Any, cast: Any, readings: Put) -> None:
    readings(channel, "h", [(NINE, 1.0)])
    mark(cast, channel, code="link-lost")
    assert marks_of(channel, "h") == "N"


def test_beyond_the_yearly_cap_a_mark_changes_nothing(cast: Any, enterprise: Any) -> None:
    """生活垃圾焚烧发电厂自动监测数据标记规则: 60 hours of start-up, shutdown, fault and accident a year."""
    from qingyuan.places.api import register_station
    from qingyuan.sensing.api import define_channel

    stack = register_station(
        "stack-2", title_zh="焚烧炉", title_en="Incinerator", kind="outlet-gas", lon=100.05, lat=30.1,
        enterprise=enterprise,
    )  # fmt: skip
    channel = define_channel(stack, factor="a34013", unit="mg/m3")
    first = mark(cast, channel, code="incinerator-start", ends_at=NINE + 50 * HOUR)
    second = mark(
        cast, channel, code="incinerator-accident", starts_at=NINE + 60 * HOUR, ends_at=NINE + 80 * HOUR,
        now=NINE + 90 * HOUR,
    )  # fmt: skip
    assert first.counts_until == NINE + 50 * HOUR
    assert second.counts_until == NINE + 70 * HOUR


@pytest.fixture
def incinerator(enterprise: Any) -> Any:
    from qingyuan.places.api import register_station
    from qingyuan.sensing.api import define_channel

    stack = register_station(
        "stack-4", title_zh="焚烧炉", title_en="Incinerator", kind="outlet-gas", lon=100.05, lat=30.1,
        enterprise=enterprise,
    )  # fmt: skip
    return define_channel(stack, factor="a34013", unit="mg/m3")


def test_hours_of_a_mark_count_in_the_year_in_which_they_lie(cast: Any, incinerator: Any) -> None:
    """生活垃圾焚烧发电厂自动监测数据标记规则: 60 hours a calendar year, which begins at midnight in China."""
    new_year = datetime(2026, 12, 31, 16, tzinfo=UTC)
    later = {"now": new_year + 100 * HOUR, "code": "incinerator-start"}
    over = mark(cast, incinerator, starts_at=new_year - 40 * HOUR, ends_at=new_year + 50 * HOUR, **later)
    assert over.counts_until == new_year + 50 * HOUR  # 40 hours of one year, 50 of the next
    old = mark(cast, incinerator, starts_at=new_year - 80 * HOUR, ends_at=new_year - 50 * HOUR, **later)
    assert old.counts_until == new_year - 60 * HOUR
    new = mark(cast, incinerator, starts_at=new_year + 60 * HOUR, ends_at=new_year + 90 * HOUR, **later)
    assert new.counts_until == new_year + 70 * HOUR


def test_a_mark_whose_old_year_is_used_up_has_its_new_year_marked_by_itself(cast: Any, incinerator: Any) -> None:
    new_year = datetime(2026, 12, 31, 16, tzinfo=UTC)
    later = {"now": new_year + 100 * HOUR, "code": "incinerator-start"}
    with pytest.raises(BadInput, match="2026") as refused:
        mark(cast, incinerator, starts_at=new_year - 70 * HOUR, ends_at=new_year + 5 * HOUR, **later)
    assert refused.value.field == "ends_at"
    old = mark(cast, incinerator, starts_at=new_year - 70 * HOUR, ends_at=new_year, **later)
    new = mark(cast, incinerator, starts_at=new_year, ends_at=new_year + 5 * HOUR, **later)
    assert (old.counts_until, new.counts_until) == (new_year - 10 * HOUR, new_year + 5 * HOUR)


def test_one_fault_of_an_incinerator_changes_nothing_beyond_four_hours(cast: Any, enterprise: Any) -> None:
    from qingyuan.places.api import register_station
    from qingyuan.sensing.api import define_channel

    stack = register_station(
        "stack-3", title_zh="焚烧炉", title_en="Incinerator", kind="outlet-gas", lon=100.05, lat=30.1,
        enterprise=enterprise,
    )  # fmt: skip
    channel = define_channel(stack, factor="a34013", unit="mg/m3")
    fault = mark(cast, channel, code="incinerator-fault", ends_at=NINE + 6 * HOUR, now=NINE + 7 * HOUR)
    assert fault.counts_until == NINE + 4 * HOUR


def test_a_mark_after_the_deadline_is_late(channel: Any, cast: Any) -> None:
    noon_next_day = datetime(2026, 11, 23, 4, tzinfo=UTC)
    assert not mark(cast, channel, now=noon_next_day).late
    assert mark(cast, channel, now=noon_next_day + MINUTE).late


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "holiday"}, "code"),
        ({"code": "incinerator-start"}, "code"),
        ({"ends_at": NINE}, "ends_at"),
        ({"ends_at": NINE + timedelta(days=40)}, "ends_at"),
        ({"starts_at": NINE + 3 * HOUR, "ends_at": NINE + 4 * HOUR}, "starts_at"),
        ({"starts_at": BEFORE_THE_RULE, "ends_at": BEFORE_THE_RULE + HOUR}, "starts_at"),
        ({"reason": " "}, "reason"),
        ({"channel_ids": [10**6]}, "factors"),
        ({"attached": Evidence("a.pdf", b"MZ")}, "evidence"),
        ({"attached": Evidence("a.exe", b"%PDF-")}, "evidence"),
    ],
)
def test_a_mark_that_cannot_be_is_refused_with_what_was_expected(
    channel: Any, cast: Any, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        mark(cast, channel, **changes)
    assert refused.value.field == field
    assert not marks(cast.enterprise).exists()


def test_evidence_is_kept_byte_for_byte(channel: Any, cast: Any, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    row = mark(cast, channel, attached=Evidence("../报告.pdf", b"%PDF-1.7 calibration"))
    assert row.evidence_name == "报告.pdf"
    assert row.evidence_path.read_bytes() == b"%PDF-1.7 calibration"


def test_an_enterprise_marks_its_own_stations_and_officers_withdraw(channel: Any, cast: Any) -> None:
    with pytest.raises(NotFound):
        mark(cast, channel, user=cast.other_enterprise)
    for person in (cast.duty_officer, cast.officer, cast.administrator, cast.grid_worker):
        with pytest.raises(Forbidden):
            mark(cast, channel, user=person)
    row = mark(cast, channel)
    for person in (cast.enterprise, cast.analyst, cast.supervisor):
        with pytest.raises(Forbidden):
            withdraw_mark(row.pk, person, "x", OFFICE)
    with pytest.raises(NotFound):
        withdraw_mark(row.pk, cast.other_enterprise, "x", OFFICE)
    with pytest.raises(BadInput):
        withdraw_mark(row.pk, cast.officer, " ", OFFICE)
    withdraw_mark(row.pk, cast.officer, "未校准", OFFICE)
    with pytest.raises(Refused):
        withdraw_mark(row.pk, cast.officer, "未校准", OFFICE)
