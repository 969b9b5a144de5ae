"""Cross-checking monitoring with permit, credit and disclosure: each contradiction with its numbers."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE, inspect, screened

from qingyuan.evaluating import api
from qingyuan.evaluating.queries import DEFINITION, cross_check
from qingyuan.judging.api import report_clue, save_screening
from qingyuan.judging.fact import FACTS, Asked, Told
from qingyuan.judging.queries import ScreeningRun
from qingyuan.kit import clock, log
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.places.api import (
    OwnLimit,
    OwnPenalty,
    OwnTotal,
    enter_disclosure,
    enter_permit,
    register_enterprise,
    register_station,
)
from qingyuan.places.queries import Disclosure
from qingyuan.recording.api import keep_day_values
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = NINE + DAY
NUMBER = "91110000802100433B001P"  # HJ 608-2017, annex A


@pytest.fixture(autouse=True)
def on_the_day_after() -> Iterator[None]:
    with clock.wound_to(NOW):
        yield


@pytest.fixture
def station(cast: SimpleNamespace) -> Any:
    """The outlet of works whose credit code is one."""
    place = {"lon": 100.05, "lat": 30.1}
    works = register_enterprise(
        NUMBER[:18], title_zh="东江水务有限公司", title_en="East Water Ltd", industry_code="4620",
        industry_zh="污水处理", industry_en="Sewage", management="key", organisation=None, **place,
    )  # fmt: skip
    return register_station(
        "outlet-1",
        title_zh="东江水务总排口",
        title_en="East Water outlet",
        kind="outlet-water",
        enterprise=works,
        **place,
    )


@pytest.fixture
def owner(station: Any, readings: Callable[..., Any]) -> Any:
    """Ten days of June 2025 and ten of this November with 50 mg/L COD and 1000 m3/h: 1200 kg a day."""
    content = Channel.objects.create(station=station, factor="w01018", basis="measured", unit="mg/L")
    flow = Channel.objects.create(station=station, factor="w00000", basis="measured", unit="m3/h")
    for begins in (datetime(2025, 6, 1, tzinfo=SHANGHAI), datetime(2026, 11, 11, tzinfo=SHANGHAI)):
        days = [begins + number * DAY for number in range(10)]
        for channel, value in ((content, 50.0), (flow, 1000.0)):
            keep_day_values(readings(channel, "d", [(day, value) for day in days]))
    return station.enterprise


def told(code: str, owner: Any, days: int = 365) -> Told:
    return FACTS.get(code)().measure(Asked((owner.pk,), NOW - days * DAY, NOW))[owner.pk]


def shown(given: Told) -> list[tuple[str, str]]:
    return [(one.kind, one.key) for one in given.evidence]


def declared(owner: Any, kilograms: float, **more: Any) -> Disclosure:
    return enter_disclosure(owner, year=2025, amounts=[OwnTotal("w01018", kilograms)], **more)


@pytest.mark.mission("S2-23")
def test_a_declared_amount_is_held_against_what_was_measured_in_its_year(owner: Any) -> None:
    assert told("amount_beyond_declared", owner).value is None
    # 10 days x 24 h x 1000 m3/h x 50 g/m3 = 12,000 kg; 10,000 declared: 20 % more
    row = declared(owner, 10_000.0)
    found = told("amount_beyond_declared", owner)
    assert found.value == pytest.approx(20.0)
    assert "披露 10,000.0 kg，实测 12,000.0 kg（有效 10 天），超出 20.0%" in found.sentence.zh
    assert "10,000.0 kg declared, 12,000.0 kg measured (10 days known), 20.0 % more" in found.sentence.en
    assert shown(found) == [("papers", f"{owner.code}/disclosures"), ("station", "outlet-1")]
    declared(owner, 12_500.0, replaces=row, why="更正")
    none = told("amount_beyond_declared", owner)
    assert none.value == 0.0
    assert shown(none) == shown(found)


@pytest.mark.mission("S2-23")
def test_discharge_after_the_permit_ended_is_counted_by_days(owner: Any) -> None:
    assert told("days_without_permit", owner).value is None
    enter_permit(owner, number=NUMBER, management="key", days=(LONG_AGO, date(2026, 11, 15)))
    found = told("days_without_permit", owner)
    assert found.value == 5.0  # of 11 to 20 November the last five
    assert "2026-11-15 到期" in found.sentence.zh
    assert "the permit ended on 2026-11-15" in found.sentence.en
    assert shown(found) == [("station", "outlet-1"), ("papers", f"{owner.code}/permit")]


@pytest.mark.mission("S2-23")
def test_days_that_a_permit_held_on_are_shown_with_the_permit(owner: Any) -> None:
    enter_permit(owner, number=NUMBER, management="key", days=(LONG_AGO, None))
    found = told("days_without_permit", owner)
    assert found.value == 0.0
    assert "10 天" in found.sentence.zh
    assert shown(found) == [("station", "outlet-1"), ("papers", f"{owner.code}/permit")]


@pytest.mark.mission("S2-23")
def test_a_monitored_outlet_that_the_permit_does_not_name_is_found(owner: Any, station: Any) -> None:
    other = register_station(
        "outlet-2", title_zh="东江水务二号排口", title_en="Outlet two", kind="outlet-water", lon=100.05, lat=30.1,
        enterprise=owner,
    )  # fmt: skip
    Channel.objects.create(station=other, factor="w01018", basis="measured", unit="mg/L")
    permit = enter_permit(owner, number=NUMBER, management="key", days=(LONG_AGO, None))
    assert told("outlets_not_in_permit", owner).value is None
    limits = [OwnLimit(station, "w01018", "day", 40.0, "mg/L")]
    enter_permit(
        owner, number=NUMBER, management="key", days=(LONG_AGO, None), limits=limits, replaces=permit, why="补录"
    )
    found = told("outlets_not_in_permit", owner)
    assert found.value == 1.0
    assert "东江水务二号排口" in found.sentence.zh
    assert shown(found) == [("papers", f"{owner.code}/permit"), ("station", "outlet-2")]


@pytest.mark.mission("S2-23")
def test_a_violation_that_was_not_disclosed_is_found(owner: Any, cast: SimpleNamespace) -> None:
    from qingyuan.dispatching.api import act, determine_violation, open_case_by_hand

    clue = report_clue("outlet-1", cast.analyst, OFFICE, what="夜间偷排", span=(NINE - DAY, NINE - DAY))
    case = open_case_by_hand(clue.pk, cast.duty_officer, OFFICE)
    act(case.pk, "accept", cast.grid_worker, OFFICE)
    inspect(case, cast.grid_worker)
    with clock.wound_to(NOW - timedelta(hours=1)):
        determine_violation(case.pk, "over-limit", cast.supervisor, OFFICE, why="采样超标")
    enter_disclosure(owner, year=2026)
    found = told("violations_not_disclosed", owner)
    assert found.value == 1.0
    assert shown(found) == [("papers", f"{owner.code}/disclosures"), ("case", str(case.pk))]
    row = Disclosure.objects.get()
    penalties = [OwnPenalty("环罚〔2026〕3号", date(2026, 11, 20), "超标")]
    enter_disclosure(owner, year=2026, penalties=penalties, replaces=row, why="更正")
    assert told("violations_not_disclosed", owner).value == 0.0


@pytest.mark.mission("S2-23")
def test_good_credit_with_a_serious_finding_open_is_a_contradiction(owner: Any, cast: SimpleNamespace) -> None:
    report_clue("outlet-1", cast.analyst, OFFICE, what="排口有油污", span=(NINE, NINE), severity=3)
    assert told("credit_against_findings", owner).value is None
    api.set_grade_rules({"parameters": {"least_assessed": 0.0}}, document="清环〔2026〕1号", valid_from=LONG_AGO)
    api.compute_grades(api.ask_for_grades(cast.analyst, OFFICE).pk)
    found = told("credit_against_findings", owner)
    assert found.value == 1.0
    assert "蓝牌" in found.sentence.zh
    assert found.evidence[0].kind == "finding"


@pytest.mark.mission("S2-23")
def test_the_cross_check_is_a_screening_that_lists_who_contradicts_and_makes_clues(
    owner: Any, cast: SimpleNamespace
) -> None:
    from qingyuan.judging.api import enter_screened_clue

    declared(owner, 10_000.0)
    assert cross_check() is None
    saved = save_screening(DEFINITION, cast.analyst, OFFICE)
    assert cross_check() == saved
    row = screened(saved.pk, cast.analyst).rows.get()
    assert (row.enterprise, row.met) == (owner, 1)
    clue = enter_screened_clue(row.pk, cast.analyst, OFFICE)
    assert "披露 10,000.0 kg" in clue.sentence_zh


def test_the_first_time_the_timer_compares_too(owner: Any, cast: SimpleNamespace) -> None:
    save_screening(DEFINITION, cast.analyst, OFFICE)
    assert api.ask_for_due_grades(NOW) == 2
    assert ScreeningRun.objects.get().ran_by is None


def test_a_disclosure_keeps_its_editions_and_refuses_what_cannot_be(owner: Any) -> None:
    row = declared(owner, 10_000.0, published_on=date(2026, 3, 12))
    with pytest.raises(Refused):
        declared(owner, 9_000.0)
    with pytest.raises(BadInput, match="2027"):
        enter_disclosure(owner, year=2027)
    with pytest.raises(BadInput):
        declared(owner, -1.0, replaces=row, why="更正")
    with pytest.raises(BadInput):
        enter_disclosure(owner, year=2024, number="91500000TEST000002001P")
    declared(owner, 9_000.0, replaces=row, why="更正")
    assert Disclosure.objects.count() == 2
    assert [line.act for line in log.about(f"enterprise/{owner.pk}")][-2:] == ["DisclosureEntered"] * 2
