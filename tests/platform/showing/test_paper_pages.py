"""Pages of papers: entering, changing and ending them, the year so far, and who answers a warning how."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from loop_runner import run_waiting_jobs

from qingyuan.judging.api import dismiss, judge_span, set_watch
from qingyuan.judging.queries import Finding
from qingyuan.kit import clock
from qingyuan.places.api import (
    OwnTotal,
    Pledge,
    apply_standard,
    assign_meter,
    declare_warning,
    enter_permit,
    enter_plan,
    register_enterprise,
    register_station,
)
from qingyuan.places.queries import EmergencyPlan, MeterUse, Order, Permit, PollutionWarning, Reach, known_now
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CODE = "91110000802100433B"  # HJ 608-2017, annex A
NUMBER = f"{CODE}001P"
MIDNIGHT = NINE - 9 * HOUR


@pytest.fixture
def mill(cast: SimpleNamespace) -> SimpleNamespace:
    """A paper mill of East Town with a waste-water outlet, a stack and a meter."""
    owner = register_enterprise(
        CODE, lon=100.06, lat=30.1, organisation=cast.enterprise.organisation, title_zh="东山纸业",
        title_en="East Paper", industry_code="2221", industry_zh="造纸", industry_en="Paper", management="key",
    )  # fmt: skip

    def stand(code: str, kind: str, title: str) -> Any:
        return register_station(code, title_zh=title, title_en=title, kind=kind, lon=100.06, lat=30.1, enterprise=owner)

    return SimpleNamespace(
        owner=owner, outlet=stand("DW001", "outlet-water", "总排口"), stack=stand("DA001", "outlet-gas", "一号炉"),
        meter=stand("meter-1", "power-meter", "一号电表"),
    )  # fmt: skip


def enter(browser: Browser, paper: str, **values: Any) -> Any:
    return browser("officer").post(reverse("paper-new", kwargs={"code": CODE, "kind": paper}), values)


PERMIT = {
    "number": NUMBER,
    "management": "key",
    "since": "2026-01-01",
    "until": "2030-12-31",
    "limits": "总排口\tCOD\t日\t40\tmg/L\nDW001，w01001，日，6-9\nDA001, a21026, 小时，35",
    "totals": "*, COD, 12.5, t\nDA001, a21026, 900, kg",
}


def test_a_permit_is_pasted_out_of_a_workbook_and_shown_with_its_outlets(mill: Any, browser: Browser) -> None:
    answer = enter(browser, "permit", **PERMIT)
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("enterprise", kwargs={"code": CODE}))
    permit = Permit.objects.get()
    assert [(one.station.code, one.factor, one.averaging, one.low, one.high, one.unit, one.basis)
            for one in permit.limits.order_by("pk")] == [
        ("DW001", "w01018", "day", None, 40.0, "mg/L", "measured"),
        ("DW001", "w01001", "day", 6.0, 9.0, "dimensionless", "measured"),
        ("DA001", "a21026", "hour", None, 35.0, "mg/m3", "converted"),
    ]  # fmt: skip
    assert {(one.station and one.station.code, one.kilograms) for one in permit.totals.all()} == {
        (None, 12_500.0), ("DA001", 900.0),
    }  # fmt: skip
    page = browser("enterprise").get(reverse("enterprise", kwargs={"code": CODE})).content.decode()
    for words in (NUMBER, "≤ 40 mg/L", "6–9", "12,500", "Permit entered", "2026-01-01 – 2030-12-31"):
        assert words in page, words
    assert "paper-change" not in page
    assert reverse("paper-new", kwargs={"code": CODE, "kind": "order"}) not in page


def test_a_permit_that_is_laxer_than_the_standard_says_so(mill: Any, browser: Browser) -> None:
    """GB 18918-2002 table 1: COD of class 1A 50 mg/L, daily mean."""
    apply_standard(mill.outlet, standard="GB 18918-2002", level="1A", valid_from=LONG_AGO)
    address = reverse("enterprise", kwargs={"code": CODE})
    enter(browser, "permit", **PERMIT)
    assert "laxer than" not in browser("officer").get(address).content.decode()
    other = {**PERMIT, "number": f"{CODE}002P", "limits": "总排口\tCOD\t日\t80\tmg/L", "totals": ""}
    enter(browser, "permit", **other)
    page = browser("officer").get(address).content.decode()
    assert page.count("laxer than the 50 mg/L of GB 18918-2002; the permit counts") == 1


def test_every_line_at_fault_is_told_and_nothing_is_entered(mill: Any, browser: Browser) -> None:
    lines = "DW009, COD, day, 40\nDW001, snow, day, 40\nDW001, COD, week, 40\nDW001, COD, day, much\nDW001, COD\n"
    answer = enter(browser, "permit", **PERMIT | {"limits": lines, "totals": "*, COD, 12, barrel"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for number, words in enumerate(
        (
            "expected one of: DA001, DW001",
            "found factor snow",
            "found mean week",
            "found figure much",
            "found 2 columns",
        ),
        1,
    ):
        assert f"Line {number}: " in page
        assert words in page
    assert "barrel" in page
    assert lines.splitlines()[1] in page, "what was typed stays"
    assert not Permit.objects.exists()


def test_what_the_verb_refuses_stands_on_the_form(mill: Any, browser: Browser) -> None:
    page = enter(browser, "permit", **PERMIT | {"number": "91350200MA31PXG48A001P"})
    assert page.status_code == 422
    assert "expected one of 91110000802100433B" in page.content.decode()


def test_a_change_shows_what_stands_and_enters_the_next_edition(mill: Any, browser: Browser) -> None:
    enter(browser, "permit", **PERMIT)
    first = Permit.objects.get()
    address = reverse("paper-change", kwargs={"kind": "permit", "paper_id": first.pk})
    officer = browser("officer")
    form = officer.get(address).context["form"]
    assert form["limits"].value().splitlines()[1] == "DW001, w01001, day, 6-9, dimensionless, measured"
    again = {name: form[name].value() for name in ("number", "management", "limits", "totals")}
    with clock.wound_to(NINE + 2 * HOUR):
        without = officer.post(address, {**again, "since": "2027-01-01"})
        assert without.status_code == 422
        done = officer.post(address, {**again, "since": "2027-01-01", "why": "换发"})
        assert done.status_code == 302
        known = {one.valid.lower: one.limits.count() for one in known_now(Permit.objects.all())}
    assert known == {date(2026, 1, 1): 3, date(2027, 1, 1): 3}


def test_an_order_a_plan_and_a_meter_are_entered_and_ended(mill: Any, browser: Browser) -> None:
    order = {"kind": "cut-production", "number": "限 1", "issued_by": "局", "since": "2026-11-22T08:00", "cut": "30"}
    assert enter(browser, "order", **order).status_code == 302
    assert Order.objects.get().cut == 0.3
    assert enter(browser, "order", **order | {"number": "限 2", "cut": ""}).status_code == 422
    plan = {"since": "2026-01-01", "cut_orange": "50", "measures_orange": "停二号线", "cut_red": "100"}
    assert enter(browser, "plan", **plan).status_code == 302
    assert {one.level: one.cut for one in EmergencyPlan.objects.get().cuts.all()} == {"orange": 0.5, "red": 1.0}
    meter = {"station": "meter-1", "use": "production", "title_zh": "浆机", "title_en": "Pulper", "since": "2026-01-01"}
    assert enter(browser, "meter", **meter).status_code == 302
    assert MeterUse.objects.get().use == "production"
    page = browser("officer").get(reverse("enterprise", kwargs={"code": CODE})).content.decode()
    for words in ("限 1", "30%", "停二号线", "Pulper"):
        assert words in page, words
    address = reverse("paper-end", kwargs={"kind": "order", "paper_id": Order.objects.get().pk})
    with clock.wound_to(NINE + 2 * HOUR):
        browser("officer").post(address, {"last": "2026-11-22T10:00", "why": "完成整改"})
        assert known_now(Order.objects.all()).get().valid.upper == NINE + HOUR
        never = reverse("paper-end", kwargs={"kind": "meter", "paper_id": MeterUse.objects.get().pk})
    with clock.wound_to(NINE + 3 * HOUR):
        browser("officer").post(never, {"never": "on", "why": "录错"})
        assert not known_now(MeterUse.objects.all()).exists()


def test_a_reach_is_entered_at_its_lower_end(mill: Any, browser: Browser) -> None:
    river = register_station("river-1", title_zh="河", title_en="River", kind="surface-water", lon=100.06, lat=30.1)
    values = {"upstream": "DW001", "travel_hours": "2.5", "since": "2026-01-01"}
    answer = browser("analyst").post(reverse("reach-new", kwargs={"code": river.code}), values)
    assert answer.status_code == 302
    assert Reach.objects.get().travel_hours == 2.5
    assert "总排口" in browser("grid_worker").get(reverse("station", kwargs={"code": river.code})).content.decode()


def test_the_year_so_far_stands_beside_the_total(mill: Any, browser: Browser, readings: Callable[..., Any]) -> None:
    """50 mg/L at 10 L/s are 43.2 kg a day; ten days of the year are known."""
    cod, flow = (
        Channel.objects.create(station=mill.outlet, factor=factor, unit=unit)
        for factor, unit in (("w01018", "mg/L"), ("w00000", "L/s"))
    )
    begin = datetime(2026, 11, 1, tzinfo=clock.SHANGHAI)
    for channel, value in ((cod, 50.0), (flow, 10.0)):
        readings(channel, "d", [(begin + number * DAY, value) for number in range(10)])
    with clock.wound_to(datetime.now(UTC)):  # handlers begin when the platform was set up, which is now
        run_waiting_jobs()
    totals = [OwnTotal("w01018", 400.0, mill.outlet), OwnTotal("w01018", 4_320.0)]
    enter_permit(mill.owner, number=NUMBER, management="key", days=(LONG_AGO, None), totals=totals)
    page = browser("analyst").get(reverse("enterprise", kwargs={"code": CODE}))
    (permit,) = page.context["papers"]["permits"]
    shares = {one["row"].kilograms: one["so_far"] for one in permit["totals"]}
    assert shares[400.0].kilograms == pytest.approx(432.0)
    assert shares[4_320.0].share == pytest.approx(0.1)
    assert (shares[400.0].days, shares[400.0].of_days) == (10, 325)
    assert "over the permit" in page.content.decode()


def test_a_permit_that_has_ended_stands_with_its_total_and_no_sum(mill: Any, browser: Browser) -> None:
    ended = (date(2026, 1, 1), date(2026, 11, 10))
    enter_permit(mill.owner, number=NUMBER, management="key", days=ended, totals=[OwnTotal("w01018", 400.0, None)])
    page = browser("analyst").get(reverse("enterprise", kwargs={"code": CODE})).content.decode()
    assert "not today" in page
    assert re.search(r'data-label="Allowed in a year">400</td>\s*<td[^>]*data-label="So far this year">[^0-9]*—', page)


def test_a_warning_says_who_cut_who_did_not_and_of_whom_nothing_is_known(
    mill: Any, enterprise: Any, browser: Browser, readings: Callable[..., Any], grid: SimpleNamespace
) -> None:
    set_watch("emergency_cut", kind="h", valid_from=LONG_AGO, station_kind="power-meter")
    power = Channel.objects.create(station=mill.meter, factor="activepower", unit="kW")
    assign_meter(mill.meter, use="production", title_zh="浆机", title_en="Pulper", days=(LONG_AGO, None))
    for one in (mill.owner, enterprise):
        enter_plan(one, days=(LONG_AGO, None), pledges=[Pledge("orange", 1.0, "停产")])
    warning = declare_warning(grid.district, level="orange", number="预警 1", span=(MIDNIGHT - DAY, MIDNIGHT))
    hours = [(MIDNIGHT + hour * HOUR, 500.0 if hour % 24 >= 6 else 50.0) for hour in range(-46 * 24, 1)]
    readings(power, "h", hours)
    judge_span(MIDNIGHT - 2 * DAY, MIDNIGHT + HOUR)
    page = browser("leader").get(reverse("warning", kwargs={"warning_id": warning.pk}))
    stated = {one.plan.enterprise.code: (one.kind, len(one.findings)) for one in page.context["answers"]}
    assert stated == {CODE: ("bad", 1), enterprise.code: ("warning", 0)}
    text = page.content.decode()
    for words in ("No production meter", "Electricity says that it did not cut", "100", "停产"):
        assert words in text, words
    assert not browser("enterprise").get(reverse("warnings")).context["may_declare"]
    found = Finding.objects.get()
    rests_on = browser("leader").get(reverse("finding", kwargs={"finding_id": found.pk}))
    grounds = [(one.what, one.document, one.says, one.href) for one in rests_on.context["grounds"]][:2]
    assert grounds == [
        ("Warning in force then", "预警 1", "", reverse("warning", kwargs={"warning_id": warning.pk})),
        ("Emergency plan for heavy pollution", "Orange −100%", "停产", f"/enterprises/{CODE}/#plan"),
    ]
    (limit,) = browser("leader").get(rests_on.context["chart"]["url"]).json()["limits"]
    assert (limit["bound"], limit["value"]) == ("upper", float(f"{found.signs[0]['high']:.4g}")), "what it was held to"


def test_a_duty_officer_declares_a_warning_and_lifts_it(grid: Any, cast: Any, browser: Browser) -> None:
    officer = browser("duty_officer")
    values = {"level": "red", "number": "红色 1", "cell": grid.district.code, "since": "2026-11-22T08:00"}
    assert officer.post(reverse("warning-new"), values).status_code == 302
    warning = PollutionWarning.objects.get()
    with clock.wound_to(NINE + 5 * HOUR):
        address = reverse("paper-end", kwargs={"kind": "warning", "paper_id": warning.pk})
        assert officer.post(address, {"last": "2026-11-22T12:00", "why": "解除"}).status_code == 302
        assert known_now(PollutionWarning.objects.all()).get().valid.upper == NINE + 3 * HOUR
        listed = browser("grid_worker").get(reverse("warnings")).content.decode()
    assert "红色 1" in listed
    assert browser("analyst").get(address).status_code in {403, 404}


@pytest.fixture
def warned(mill: Any, grid: SimpleNamespace, readings: Callable[..., Any]) -> SimpleNamespace:
    """An orange warning of a day, a plan to stop, a watched pulper that rested: electricity says that it cut."""
    with clock.wound_to(NINE - 30 * HOUR):
        set_watch("emergency_cut", kind="h", valid_from=LONG_AGO, station=mill.meter)
        power = Channel.objects.create(station=mill.meter, factor="activepower", unit="kW")
        assign_meter(mill.meter, use="production", title_zh="浆机", title_en="Pulper", days=(LONG_AGO, None))
        plan = enter_plan(mill.owner, days=(LONG_AGO, None), pledges=[Pledge("orange", 1.0, "停产")])
        warning = declare_warning(grid.district, level="orange", number="预警 1", span=(MIDNIGHT - DAY, MIDNIGHT))
    hours = [(MIDNIGHT + hour * HOUR, 500.0 if hour < -24 and hour % 24 >= 6 else 50.0) for hour in range(-46 * 24, 1)]
    readings(power, "h", hours)
    judge_span(MIDNIGHT - 2 * DAY, MIDNIGHT + HOUR)
    return SimpleNamespace(owner=mill.owner, meter=mill.meter, power=power, plan=plan, warning=warning)


def _answer(browser: Browser, warning: Any) -> Any:
    with clock.wound_to(NINE):
        page = browser("leader").get(reverse("warning", kwargs={"warning_id": warning.pk}))
    (answer,) = page.context["answers"]
    return answer


def test_a_plant_that_rested_did_as_pledged_and_a_second_meter_that_was_silent_or_unwatched_leaves_it_open(
    warned: SimpleNamespace, browser: Browser
) -> None:
    answer = _answer(browser, warned.warning)
    assert (answer.kind, answer.state) == ("good", "As pledged, by electricity, up to 11-22 00:00")
    second = register_station(
        "meter-2", title_zh="二号", title_en="Two", kind="power-meter", lon=100.06, lat=30.1, enterprise=warned.owner
    )
    Channel.objects.create(station=second, factor="d20402", unit="kW")
    answer = _answer(browser, warned.warning)
    assert (answer.kind, answer.state) == ("warning", "No rule watches every production meter")
    set_watch("emergency_cut", kind="h", valid_from=LONG_AGO, station=second)
    answer = _answer(browser, warned.warning)
    assert (answer.kind, answer.state) == ("waiting", "The meter has sent nothing since")
    with clock.wound_to(NINE - 29 * HOUR):
        assign_meter(second, use="treatment", title_zh="风机", title_en="Fan", days=(LONG_AGO, None))
    assert _answer(browser, warned.warning).kind == "good", "what was written down goes before the code"


def test_a_breach_that_people_dismissed_is_not_held_against_the_plant(
    warned: SimpleNamespace, cast: Any, browser: Browser, readings: Callable[..., Any]
) -> None:
    readings(warned.power, "h", [(MIDNIGHT - hour * HOUR, 500.0) for hour in range(8, 14)])
    judge_span(MIDNIGHT - 2 * DAY, MIDNIGHT + HOUR)
    answer = _answer(browser, warned.warning)
    assert (answer.kind, len(answer.findings)) == ("bad", 1)
    dismiss(answer.findings[0].pk, cast.analyst, "保安电源检修", OFFICE)
    answer = _answer(browser, warned.warning)
    assert (answer.kind, len(answer.findings)) == ("warning", 1)


def test_nothing_is_said_of_the_hours_of_a_day_that_is_not_judged_yet(
    warned: SimpleNamespace, browser: Browser, readings: Callable[..., Any]
) -> None:
    """Lifted at two in the morning, and the day goes on: its hours are judged after the next midnight."""
    with clock.wound_to(NINE - 29 * HOUR):
        span = (MIDNIGHT - DAY, MIDNIGHT + 2 * HOUR)
        longer = declare_warning(
            warned.warning.cell, level="orange", number="预警 1", span=span, replaces=warned.warning, why="延长"
        )
    readings(warned.power, "h", [(MIDNIGHT + hour * HOUR, 50.0) for hour in range(1, 8)])
    assert _answer(browser, longer).state == "As pledged, by electricity, up to 11-22 00:00"


def test_a_plan_that_was_entered_after_its_time_was_judged_is_not_called_kept(
    warned: SimpleNamespace, browser: Browser
) -> None:
    with clock.wound_to(NINE - HOUR):
        pledges = [Pledge("orange", 0.9, "停产")]
        enter_plan(warned.owner, days=(LONG_AGO, None), pledges=pledges, replaces=warned.plan, why="修订")
    answer = _answer(browser, warned.warning)
    assert (answer.kind, "entered afterwards" in answer.state) == ("warning", True)


def test_a_change_that_touches_no_figure_changes_none(mill: Any, browser: Browser) -> None:
    limits = "DW001, COD, day, 1234567.8, mg/L\nDW001, w20111, day, 0.0000123-0.5, mg/L\nDW001, w01014, day, ≥100000.25"
    assert (
        enter(browser, "permit", **PERMIT | {"limits": limits, "totals": "*, COD, 1234567.125, kg"}).status_code == 302
    )
    before = list(Permit.objects.get().limits.order_by("pk").values_list("low", "high"))
    assert before == [(None, 1234567.8), (0.0000123, 0.5), (100000.25, None)]
    address = reverse("paper-change", kwargs={"kind": "permit", "paper_id": Permit.objects.get().pk})
    form = browser("officer").get(address).context["form"]
    again = {name: form[name].value() for name in ("number", "management", "since", "limits", "totals")}
    with clock.wound_to(NINE + 2 * HOUR):
        assert browser("officer").post(address, {**again, "why": "改期"}).status_code == 302
        changed = known_now(Permit.objects.all()).get()
    assert set(changed.limits.values_list("low", "high")) == set(before)
    assert changed.totals.get().kilograms == 1234567.125


def test_a_title_that_two_outlets_share_names_neither(mill: Any, browser: Browser) -> None:
    register_station(
        "DW002", title_zh="总排口", title_en="Second", kind="outlet-water", lon=100.06, lat=30.1, enterprise=mill.owner
    )
    answer = enter(browser, "permit", **PERMIT)
    assert answer.status_code == 422
    assert "DW001, DW002" in answer.content.decode()


def test_more_permits_take_no_more_queries(mill: Any, browser: Browser) -> None:
    spent = []
    for number in ("001P", "002P", "003P"):
        enter(browser, "permit", **PERMIT | {"number": f"{CODE}{number}"})
        client = browser("leader")
        client.get(reverse("enterprise", kwargs={"code": CODE}))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("enterprise", kwargs={"code": CODE}))
        spent.append((Permit.objects.count(), len(asked)))
    assert spent == [(permits, spent[0][1]) for permits in (1, 2, 3)]
