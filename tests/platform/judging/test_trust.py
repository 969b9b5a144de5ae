"""What makes a finding trusted: merging, kinds of false alarm, clues, trying out, and what would change the verdict."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE, walk

from qingyuan.dispatching.api import add_rule, open_case_for_finding, settle_clues_of_case
from qingyuan.dispatching.events import CaseClosed
from qingyuan.dispatching.queries import Case
from qingyuan.judging.api import dismiss, report_clue, set_watch, try_out, what_would_change
from qingyuan.judging.events import FindingOpened
from qingyuan.judging.queries import Finding, findings, heads, labels, open_finding_count
from qingyuan.kit import log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound
from qingyuan.loop import LOOP
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
Hours = Callable[..., Any]
HOUR = timedelta(hours=1)


def acts(finding: Finding) -> list[str]:
    return [line.act for line in log.about(f"finding/{finding.pk}")]


@pytest.fixture
def both(hours: Hours, channel: Any, readings: Callable[..., Any]) -> SimpleNamespace:
    """Three hours over the limit, and the mean of their day over it too."""
    from qingyuan.judging.api import judge_readings

    set_watch("exceedance", kind="d", valid_from=LONG_AGO)
    hours(channel, 68.4, 70.0, 71.0)
    judge_readings(readings(channel, "d", [(NINE - 9 * HOUR, 120.0)]))
    first, second = Finding.objects.order_by("pk")
    return SimpleNamespace(hours=first, day=second)


def test_a_day_over_the_limit_is_told_of_by_the_hours_over_it(both: SimpleNamespace, cast: Any) -> None:
    assert (both.hours.kind, both.day.kind) == ("h", "d")
    assert both.day.merged_into == both.hours
    assert acts(both.day) == ["FindingMerged"]
    assert "FindingGrew" in acts(both.hours), "the graver part makes the whole graver"
    assert both.hours.severity == both.day.severity > 2
    assert list(heads(cast.analyst)) == [both.hours]
    assert findings(cast.analyst).count() == 2
    assert open_finding_count(cast.analyst) == 1


def test_a_later_hour_does_not_make_it_less_grave(both: SimpleNamespace, hours: Hours, channel: Any) -> None:
    hours(channel, 51.0, after=3)
    both.hours.refresh_from_db()
    assert both.hours.severity == both.day.severity


def test_the_same_at_another_time_stays_its_own_finding(hours: Hours, channel: Any, readings: Any) -> None:
    from qingyuan.judging.api import judge_readings

    set_watch("exceedance", kind="d", valid_from=LONG_AGO)
    hours(channel, 68.4, 40.0)
    judge_readings(readings(channel, "d", [(NINE - 57 * HOUR, 120.0)]))
    assert not Finding.objects.exclude(merged_into=None).exists()


def test_a_dismissal_keeps_its_kind_as_a_label_and_takes_the_parts_along(both: SimpleNamespace, cast: Any) -> None:
    with pytest.raises(BadInput, match="instrument"):
        dismiss(both.hours.pk, cast.analyst, "校准", OFFICE, code="because")
    dismiss(both.hours.pk, cast.analyst, "校准期间", OFFICE, code="service")
    assert [(one.pk, one.dismissed_code) for one in labels()] == [
        (both.hours.pk, "service"), (both.day.pk, "service"),
    ]  # fmt: skip
    (line,) = (line for line in log.about(f"finding/{both.hours.pk}") if line.act == "FindingDismissed")
    assert (line.detail["code"], line.why) == ("service", "校准期间")


def test_a_clue_enters_the_list_and_becomes_a_case_like_any_other(station: Any, cast: Any) -> None:
    rule: dict[str, Any] = {"case_type": "exceedance", "valid_from": LONG_AGO}
    add_rule(title_zh="线索核查", title_en="Clues", detector="reported", **rule)
    row = report_clue(station.code, cast.grid_worker, OFFICE, what="夜间排口水色发黑，有异味", span=(NINE, NINE + HOUR))
    assert (row.state, row.detector, row.channel, row.reported_by) == ("open", "reported", None, cast.grid_worker)
    assert list(heads(cast.duty_officer)) == [row]
    (line,) = log.about(f"finding/{row.pk}")
    assert (line.act, line.actor) == ("FindingOpened", cast.grid_worker.username)
    open_case_for_finding(FindingOpened(**line.detail))
    assert Case.objects.get().finding == row
    other = report_clue(station.code, cast.grid_worker, OFFICE, what="又来了", span=(NINE, NINE))
    assert other.pk != row.pk


@pytest.mark.parametrize("ends", [("confirm", "rectified", "accept_closure"), ("refute", "close_unfounded")])
def test_a_clue_ends_with_its_case_and_what_a_detector_found_does_not(
    station: Any, channel: Any, cast: Any, hours: Hours, ends: tuple[str, ...]
) -> None:
    for detector in ("reported", "exceedance"):
        add_rule(
            title_zh=detector, title_en=detector, case_type="exceedance", detector=detector, valid_from=LONG_AGO,
            organisation=cast.handler.organisation,
        )  # fmt: skip
    told = [report_clue(station.code, cast.grid_worker, OFFICE, what=what, span=(NINE, NINE)) for what in ("一", "二")]
    hours(channel, 68.4)
    found = Finding.objects.get(detector="exceedance")
    for one in (*told, found):
        line = next(line for line in log.about(f"finding/{one.pk}"))
        open_case_for_finding(FindingOpened.from_detail(line.detail))
    for case in Case.objects.all():
        walk(case, cast, "accept", *ends)
        (closed,) = (line for line in log.about(f"case/{case.pk}") if line.act == "CaseClosed")
        for _time in range(2):
            settle_clues_of_case(CaseClosed.from_detail(closed.detail))
    assert [Finding.objects.get(pk=one.pk).state for one in (*told, found)] == ["cleared", "cleared", "open"]
    assert [acts(one) for one in told] == [["FindingOpened", "ClueSettled"]] * 2
    assert set(LOOP[CaseClosed]) == {settle_clues_of_case}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"what": " "}, "what"),
        ({"span": (NINE, NINE - HOUR)}, "until"),
        ({"span": (NINE, NINE + 99999 * HOUR)}, "until"),
    ],
)
def test_a_clue_without_words_or_with_a_wrong_time_is_refused(
    station: Any, cast: Any, changes: dict[str, Any], field: str
) -> None:
    values: dict[str, Any] = {"what": "异味", "span": (NINE, NINE), **changes}
    with pytest.raises(BadInput) as refused:
        report_clue(station.code, cast.grid_worker, OFFICE, **values)
    assert refused.value.field == field
    values = {"what": "异味", "span": (NINE, NINE)}
    with pytest.raises(NotFound):
        report_clue(station.code, cast.other_grid_worker, OFFICE, **values)
    with pytest.raises(Forbidden):
        report_clue(station.code, cast.enterprise, OFFICE, **values)


def test_what_is_tried_out_is_what_would_have_been_found_and_nothing_is_written(
    channel: Any, hours: Hours, readings: Any
) -> None:
    values = [30.0, 68.4, 70.0, 30.0, 30.0, 71.0, 30.0]
    readings(channel, "h", [(NINE + HOUR * number, value) for number, value in enumerate(values)])
    own = Channel.objects.select_related("station__enterprise")
    span = (NINE - 24 * HOUR, NINE + 24 * HOUR)
    tried = try_out("exceedance", {}, kind="h", channels=own, span=span)
    assert not Finding.objects.exists()
    hours(channel, *values)
    live = Finding.objects.order_by("started_at").values_list("started_at", "ended_at", "peak", "severity")
    assert [(one.start, one.end, one.worst.peak, int(one.worst.severity)) for _channel, one in tried.found] == list(
        live
    )
    assert len(live) == 2
    stricter = try_out("exceedance", {"minimum_periods": 2}, kind="h", channels=own, span=span)
    assert [one.start for _channel, one in stricter.found] == [NINE + HOUR]
    scored = try_out("constant_value", {}, kind="h", channels=own, span=span)
    assert (scored.found, len(scored.unjudged)) == ((), 1), "it says that there is too little past"


def test_the_setting_at_which_nothing_would_be_found_is_exact(hours: Hours, channel: Any) -> None:
    """Three hours in a row were over the limit, so four needed hours would be one too many."""
    hours(channel, 30.0, 68.4, 70.0, 71.0, 30.0)
    told = {one.parameter.name: one for one in what_would_change(Finding.objects.get().pk)}
    assert (told["minimum_periods"].value, told["minimum_periods"].turns_at) == (1, 4)
