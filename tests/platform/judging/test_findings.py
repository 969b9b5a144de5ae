"""Findings open, grow, clear. Limits: GB 18918-2002 table 1, class 1A, COD 50 mg/L; GB 13271-2014 table 1, SO2."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingyuan.judging.api import dismiss, judge_readings, rerun
from qingyuan.judging.queries import Finding, SeverityLevel, finding, findings, limits_for_channel, open_finding_count
from qingyuan.kit import log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan_science.detect import Severity

pytestmark = pytest.mark.django_db
Hours = Callable[..., Any]


def acts(finding_id: int) -> list[str]:
    return [line.act for line in log.about(f"finding/{finding_id}")]


def the_finding() -> Finding:
    return Finding.objects.get()


def test_a_value_over_the_limit_opens_a_finding_that_explains_itself(hours: Hours, channel: Any) -> None:
    hours(channel, 68.4)
    found = the_finding()
    assert (found.state, found.peak, found.limit_high, found.unit) == ("open", 68.4, 50.0, "mg/L")
    assert (found.standard, found.clause_zh) == ("GB 18918-2002", "GB 18918-2002 表1")
    assert found.times_over == pytest.approx(68.4 / 50 - 1)
    assert found.severity == Severity.NOTICE
    assert (found.started_at, found.ended_at) == (NINE, NINE + timedelta(hours=1))
    assert found.title_zh == "COD 小时均值高于日均限值"
    for word in ("东江水务总排口", "COD", "68.4 mg/L", "50 mg/L", "GB 18918-2002"):
        assert word in found.sentence_zh
    assert "East Water outlet" in found.sentence_en
    assert found.evidence == [[int(NINE.timestamp()) * 1_000_000, 68.4]]
    assert found.parameters["minimum_periods"] == 1
    assert acts(found.pk) == ["FindingOpened"]


def test_a_value_equal_to_the_limit_is_no_finding(hours: Hours, channel: Any) -> None:
    hours(channel, 50.0)
    assert not Finding.objects.exists()


def test_judging_the_same_readings_twice_changes_nothing(hours: Hours, channel: Any) -> None:
    event = hours(channel, 68.4, 71.0)
    before = acts(the_finding().pk)
    judge_readings(event)
    assert acts(the_finding().pk) == before


def test_a_finding_grows_while_it_lasts(hours: Hours, channel: Any) -> None:
    hours(channel, 68.4)
    hours(channel, 103.0, after=1)
    found = the_finding()
    assert (found.ended_at, found.peak, found.severity) == (NINE + timedelta(hours=2), 103.0, Severity.MAJOR)
    assert acts(found.pk) == ["FindingOpened", "FindingGrew"]


def test_a_finding_clears_when_later_valid_values_are_in_order(hours: Hours, channel: Any) -> None:
    hours(channel, 68.4)
    hours(channel, 40.0, 41.0, after=1)
    found = the_finding()
    assert (found.state, found.ended_at) == ("cleared", NINE + timedelta(hours=1))
    assert found.cleared_at is not None
    assert acts(found.pk) == ["FindingOpened", "FindingGrew", "FindingCleared"]


def test_invalid_values_neither_open_nor_clear(hours: Hours, channel: Any) -> None:
    hours(channel, 500.0, mark="D")
    assert not Finding.objects.exists()
    hours(channel, 68.4, after=1)
    hours(channel, 10.0, 10.0, 10.0, after=2, mark="M")
    assert the_finding().state == "open"


def test_hours_that_come_late_between_two_exceedances_join_or_part_them(hours: Hours, channel: Any) -> None:
    hours(channel, 68.4, None, None, None, 70.0)
    assert the_finding().ended_at == NINE + timedelta(hours=5), "with nothing in order between them they are one"
    hours(channel, 40.0, 41.0, 42.0, after=1)
    first, second = Finding.objects.order_by("started_at")
    assert (first.state, first.ended_at) == ("cleared", NINE + timedelta(hours=1))
    assert (second.state, second.started_at) == ("open", NINE + timedelta(hours=4))


def test_values_that_the_sender_takes_back_clear_the_finding(hours: Hours, channel: Any) -> None:
    hours(channel, 684.0)
    hours(channel, 38.4)
    found = the_finding()
    assert found.state == "cleared"
    line = next(line for line in log.about(f"finding/{found.pk}") if line.act == "FindingCleared")
    assert line.detail["corrected"] is True


def test_a_dismissed_finding_is_not_opened_again_while_it_lasts(hours: Hours, channel: Any, cast: Any) -> None:
    hours(channel, 68.4)
    dismiss(the_finding().pk, cast.duty_officer, "在线仪表比对不合格", OFFICE)
    hours(channel, 69.0, after=1)
    assert the_finding().state == "dismissed"
    hours(channel, 40.0, 41.0, 80.0, after=2)
    assert Finding.objects.get(state="open").started_at == NINE + timedelta(hours=4)


def test_a_dismissed_finding_stays_the_one_however_long_it_lasts(hours: Hours, channel: Any, cast: Any) -> None:
    hours(channel, 68.4)
    dismiss(the_finding().pk, cast.duty_officer, "在线仪表比对不合格", OFFICE)
    for after in (1, 101):
        hours(channel, *[69.0] * 100, after=after)
    found = the_finding()
    assert (found.state, found.ended_at) == ("dismissed", NINE + timedelta(hours=201))


def test_dismissing_says_who_may_and_wants_a_reason(hours: Hours, channel: Any, cast: Any) -> None:
    hours(channel, 68.4)
    number = the_finding().pk
    with pytest.raises(Forbidden):
        dismiss(number, cast.grid_worker, "不想去", OFFICE)
    with pytest.raises(NotFound):
        dismiss(number, cast.other_grid_worker, "不归我管", OFFICE)
    with pytest.raises(BadInput) as missing:
        dismiss(number, cast.analyst, "  ", OFFICE)
    assert missing.value.field == "why"
    dismiss(number, cast.analyst, "比对不合格", OFFICE)
    with pytest.raises(Refused):
        dismiss(number, cast.analyst, "再来一次", OFFICE)
    line = list(log.about(f"finding/{number}"))[-1]
    assert (line.act, line.why, line.origin) == ("FindingDismissed", "比对不合格", "10.0.0.7")


def test_findings_are_seen_by_territory(hours: Hours, channel: Any, cast: Any) -> None:
    hours(channel, 68.4)
    number = the_finding().pk
    for viewer in (cast.duty_officer, cast.grid_worker, cast.enterprise, cast.leader):
        assert finding(viewer, number).pk == number
        assert open_finding_count(viewer) == 1
    for viewer in (cast.other_grid_worker, cast.other_enterprise):
        assert not findings(viewer).exists()
        with pytest.raises(NotFound):
            finding(viewer, number)


def test_a_finding_can_be_judged_again_as_it_was(hours: Hours, channel: Any) -> None:
    hours(channel, 40.0, 68.4, 91.0, 40.0, 41.0)
    found = the_finding()
    (again,) = rerun(found.pk)
    assert (again.sentence.zh, again.peak, again.limit.code if again.limit else "") == (
        found.sentence_zh,
        91.0,
        found.limit_code,
    )


@pytest.mark.mission("S2-27")
def test_the_computed_hour_is_judged_where_none_was_sent(hours: Hours, channel: Any) -> None:
    hours(channel, 68.4, kind="H")
    assert the_finding().peak == 68.4


def test_the_sent_hour_goes_before_the_computed_one(hours: Hours, channel: Any) -> None:
    hours(channel, 68.4, 68.4, kind="H")
    hours(channel, 48.0, 49.0)
    assert the_finding().state == "cleared"
    hours(channel, 99.0, kind="H", after=1)
    assert Finding.objects.count() == 1


@pytest.fixture
def stack(grid: Any) -> Any:
    from qingyuan.places.api import apply_standard, register_station

    station = register_station(
        "stack-1", title_zh="锅炉烟囱", title_en="Boiler stack", kind="outlet-gas", lon=100.06, lat=30.1
    )
    apply_standard(station, standard="GB 13271-2014", level="in_use_coal", valid_from=LONG_AGO)
    return station


@pytest.mark.parametrize(("measured", "converted", "found"), [(350.0, 450.0, ["converted"]), (450.0, 350.0, [])])
def test_of_a_stack_the_converted_concentration_decides(
    hours: Hours, stack: Any, measured: float, converted: float, found: list[str]
) -> None:
    from qingyuan.sensing.queries import Channel

    channels = [
        Channel.objects.create(station=stack, factor="a21026", basis=basis, unit="mg/m3")
        for basis in ("measured", "converted")
    ]
    for channel, value in zip(channels, (measured, converted), strict=True):
        hours(channel, value)
    assert list(Finding.objects.values_list("channel__basis", flat=True)) == found


def test_of_a_stack_without_conversion_the_measured_concentration_decides(hours: Hours, stack: Any) -> None:
    from qingyuan.sensing.queries import Channel

    hours(Channel.objects.create(station=stack, factor="a21026", basis="measured", unit="mg/m3"), 450.0)
    assert the_finding().limit_high == 400.0


def test_a_day_is_judged_by_the_edition_in_force_on_that_day(grid: Any, readings: Hours) -> None:
    """PM2.5, class 2, day: 75 µg/m³ to 2026-02-28, 60 µg/m³ from 2026-03-01 (GB 3095-2026 replaces GB 3095-2012)."""
    from qingyuan.judging.api import set_watch
    from qingyuan.places.api import apply_standard, register_station
    from qingyuan.sensing.queries import Channel

    set_watch("exceedance", kind="d", valid_from=LONG_AGO)
    station = register_station(
        "air-1", title_zh="东镇站", title_en="East Town station", kind="ambient-air", lon=100.06, lat=30.1
    )
    apply_standard(station, standard="GB 3095", level="2", valid_from=LONG_AGO)
    channel = Channel.objects.create(station=station, factor="a34004", basis="measured", unit="µg/m3")
    last_of_february = NINE.replace(month=2, day=27, hour=16)  # midnight of the 28th in Shanghai
    days = [(last_of_february + timedelta(days=number), 70.0) for number in range(2)]
    judge_readings(readings(channel, "d", days))
    found = the_finding()
    assert (found.started_at, found.limit_high) == (last_of_february + timedelta(days=1), 60.0)
    assert limits_for_channel(channel, "d", date(2026, 2, 28))[0].high == 75.0
    assert limits_for_channel(channel, "d", date(2026, 3, 1))[0].high == 60.0


def test_a_standard_binds_from_its_day_on(hours: Hours, station: Any, channel: Any) -> None:
    from qingyuan.places.queries import AppliedStandard

    AppliedStandard.objects.filter(station=station).update(valid=("2026-11-22", None))
    hours(channel, 68.4, start=NINE - timedelta(days=1))
    assert not Finding.objects.exists()
    hours(channel, 68.4)
    assert the_finding().started_at == NINE
    assert limits_for_channel(channel, "h", date(2026, 11, 21)) == ()


def test_severities_are_those_of_the_science_library() -> None:
    assert {one.name: one.value for one in SeverityLevel} == {one.name: one.value for one in Severity}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.lists(st.tuples(st.integers(0, 9), st.sampled_from([30.0, 80.0])), min_size=1, max_size=14))
def test_in_whatever_order_hours_come_and_are_corrected_the_open_finding_is_the_same(
    hours: Hours, channel: Any, sent: list[tuple[int, float]]
) -> None:
    last = dict(sent)
    with transaction.atomic():
        hours(channel, *(last.get(number) for number in range(10)))
        at_once = _open_spans()
        transaction.set_rollback(True)
    with transaction.atomic():
        for number, value in sent:
            hours(channel, value, after=number)
        spans = [(found.started_at, found.ended_at) for found in Finding.objects.all()]
        assert _open_spans() == at_once
        for number, value in last.items():
            at = NINE + timedelta(hours=number)
            assert value != 80.0 or any(start <= at < end for start, end in spans), f"{at} is in no finding"
        transaction.set_rollback(True)


def _open_spans() -> list[tuple[Any, Any]]:
    return list(Finding.objects.filter(state="open").values_list("started_at", "ended_at"))


def test_an_earlier_finding_that_is_open_again_takes_the_place_of_one_that_fell(
    hours: Hours, readings: Callable[..., Any], channel: Any
) -> None:
    hours(channel, 80.0)
    hours(channel, 20.0, 80.0, after=4)
    assert sorted(Finding.objects.values_list("state", flat=True)) == ["cleared", "open"]
    judge_readings(readings(channel, "h", [(NINE + timedelta(hours=one), 20.0) for one in (4, 5)], "C"))
    first, second = Finding.objects.order_by("started_at")
    assert (first.state, second.state) == ("open", "cleared"), "the hours between are not valid any more"
