"""Rules, trials and clues as people meet them in pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qingyuan.judging.api import judge_readings, report_clue, set_override, set_watch, what_would_change
from qingyuan.judging.queries import Finding, open_finding_count, overrides, watches
from qingyuan.kit import clock
from qingyuan.places.api import post_person
from qingyuan.showing.logic.judging.outcomes import similar
from qingyuan.showing.logic.lines import Line, as_timeline

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]


@pytest.fixture
def over(channel: Any, readings: Callable[..., Any]) -> None:
    """Two hours over the limit with hours in order between them, some days ago."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=3)
    values = (30.0, 80.0, 30.0, 30.0, 30.0, 90.0, 30.0)
    readings(channel, "h", [(hour + timedelta(hours=number), value) for number, value in enumerate(values)])


def test_a_detector_is_tried_and_then_put_into_force(over: None, station: Any, browser: Browser) -> None:
    analyst = browser("analyst")
    asked = {"detector": "exceedance", "kind": "h", "station": station.code, "days": "10"}
    shown = analyst.get(reverse("trial"), asked)
    assert shown.context["counts"] == {"confirmed": 0, "refuted": 0, "undecided": 0, "new": 2, "missed": 0}
    stricter = analyst.get(reverse("trial"), {**asked, "set-minimum_periods": "2"})
    assert stricter.context["counts"]["new"] == 0
    assert not Finding.objects.exists()
    begins = {"valid_from": "2026-11-01", "set-minimum_periods": "2"}
    done = analyst.post(reverse("trial-force"), {**asked, **begins}, follow=True)
    assert done.status_code == 200
    rule = watches().get()
    assert (rule.station, rule.parameters, str(rule.valid.lower)) == (station, {"minimum_periods": 2}, "2026-11-01")


def test_a_trial_that_could_not_judge_does_not_say_that_all_is_in_order(
    over: None, station: Any, browser: Browser
) -> None:
    """Five days of values are no past to learn sixty from; the reason stands in the reader's language."""
    from pages import words

    analyst = browser("analyst")
    asked = {"detector": "constant_value", "kind": "h", "station": station.code, "days": "10"}
    told = words(analyst.get(reverse("trial"), asked))
    assert "Could not be judged found less than half of the 60 days before that it learns from" in told
    assert "It could not judge here" in told
    assert "It would have found nothing" not in told
    chinese = words(analyst.get(reverse("trial"), asked, headers={"accept-language": "zh-hans"}))
    assert "found less than half" not in chinese
    assert "在此无法研判" in chinese


def test_a_trial_says_what_people_found_of_the_same(
    over: None, channel: Any, station: Any, browser: Browser, cast: Any
) -> None:
    from qingyuan.judging.api import dismiss, judge_span
    from qingyuan.kit.log import Origin

    set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    judge_span(clock.now() - timedelta(days=5), clock.now())
    first = Finding.objects.order_by("started_at")[0]
    dismiss(first.pk, cast.analyst, "校准", Origin(), code="service")
    asked = {"detector": "exceedance", "kind": "h", "station": station.code, "days": "10"}
    counts = browser("analyst").get(reverse("trial"), asked).context["counts"]
    assert (counts["refuted"], counts["undecided"], counts["new"]) == (1, 1, 0)


def test_what_a_person_reported_is_not_shown_to_the_enterprise_that_it_is_about(
    station: Any, enterprise: Any, browser: Browser, cast: Any
) -> None:
    said = "夜间偷排，有异味"
    row = report_clue(station.code, cast.grid_worker, OFFICE, what=said, span=(NINE, NINE))
    pages = [
        reverse("finding", kwargs={"finding_id": row.pk}),
        reverse("finding-would-change", kwargs={"finding_id": row.pk}),
        reverse("findings"),
        f"{reverse('findings')}?state=all",
        reverse("home"),
        reverse("station", kwargs={"code": station.code}),
        reverse("enterprise", kwargs={"code": enterprise.code}),
    ]
    assert said in browser("duty_officer").get(pages[0]).content.decode()
    assert said in browser("duty_officer").get(pages[2]).content.decode()
    works = browser("enterprise")
    for page in pages:
        shown = works.get(page, follow=True)
        assert shown.status_code in {200, 404}
        assert said not in shown.content.decode(), page
        assert cast.grid_worker.name_zh not in shown.content.decode()
    assert works.get(pages[0]).status_code == 404
    assert (open_finding_count(cast.enterprise), open_finding_count(cast.duty_officer)) == (0, 1)


def test_an_override_is_set_by_form_and_shown_where_it_holds(channel: Any, station: Any, browser: Browser) -> None:
    set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    analyst = browser("analyst")
    today = clock.now().astimezone(clock.SHANGHAI).date().isoformat()
    form = {"detector": "exceedance", "station": station.code, "valid_from": today, "last_day": today}
    refused = analyst.post(reverse("override"), {**form, "reason": "管网改造"})
    assert refused.status_code == 422, "no setting differs"
    sent = {**form, "reason": "管网改造", "set-minimum_periods": "3"}
    page = analyst.post(reverse("override"), sent, follow=True).content.decode()
    assert page.count("管网改造") >= 2, "in what holds at the station, and in the list"
    row = overrides().get()
    unknown = analyst.post(reverse("override"), {**sent, "factor": "x99999"})
    assert (unknown.status_code, overrides().count()) == (422, 1)
    assert "x99999" in str(unknown.context["form"].errors)
    analyst.post(reverse("override-end", kwargs={"override_id": row.pk}))
    assert browser("duty_officer").post(reverse("override-end", kwargs={"override_id": row.pk})).status_code == 403


def test_a_sentence_that_was_only_said_again_stands_once_where_it_was_said_first() -> None:
    def line(seq: int, act: str, title: str) -> Line:
        return Line(seq, NINE + timedelta(minutes=seq), act, title, "", "", "", "", "", {}, "")

    grew = [line(2, "FindingGrew", "Finding lasts: two hours"), line(3, "FindingGrew", "Finding lasts: two hours")]
    photos = [line(4, "EvidenceAdded", "Evidence filed: photo"), line(5, "EvidenceAdded", "Evidence filed: photo")]
    told = as_timeline([line(1, "FindingOpened", "Finding: one hour"), *grew, *photos])
    assert [(one["at"] - NINE) // timedelta(minutes=1) for one in told] == [5, 4, 2, 1]


def test_an_override_may_be_for_a_whole_enterprise_or_an_industry_and_for_one_place_only(
    channel: Any, station: Any, enterprise: Any, browser: Browser, cast: Any, grid: Any
) -> None:
    today = clock.now().astimezone(clock.SHANGHAI).date().isoformat()
    form = {
        "detector": "exceedance",
        "valid_from": today,
        "last_day": today,
        "reason": "检修",
        "set-minimum_periods": "3",
    }
    analyst = browser("analyst")
    assert analyst.post(reverse("override"), form).status_code == 422, "no place"
    both = analyst.post(reverse("override"), {**form, "station": station.code, "enterprise": enterprise.code})
    assert (both.status_code, overrides().count()) == (422, 0)
    analyst.post(reverse("override"), {**form, "enterprise": enterprise.code})
    analyst.post(reverse("override"), {**form, "industry": "46"})
    assert [(one.enterprise, one.industry, one.station) for one in overrides().order_by("pk")] == [
        (enterprise, "", None), (None, "46", None),
    ]  # fmt: skip
    post_person(cast.analyst, grid.town, valid_from=LONG_AGO)
    refused = analyst.post(reverse("override"), {**form, "industry": "46"})
    assert (refused.status_code, overrides().count()) == (422, 2), "of a town only"


def test_a_rule_is_set_for_an_industry_by_form_and_ended(
    channel: Any, station: Any, enterprise: Any, browser: Browser, cast: Any, grid: Any
) -> None:
    analyst, day = browser("analyst"), "2026-11-01"
    form = {"detector": "missing_data", "kind": "h", "industry": "46", "looks": "yes", "valid_from": day}
    page = analyst.post(reverse("watch-new"), {**form, "set-restore_hours": "6"}, follow=True).content.decode()
    row = watches().get()
    assert (row.detector, row.industry, row.parameters, row.enabled) == (
        "missing_data",
        "46",
        {"restore_hours": 6},
        True,
    )
    assert reverse("watch-end", kwargs={"watch_id": row.pk}) in page
    analyst.post(reverse("watch-new"), {**form, "industry": "", "enterprise": enterprise.code, "looks": "no"})
    assert watches().get(enterprise=enterprise).enabled is False
    assert analyst.post(reverse("watch-new"), {**form, "kind": "x"}).status_code == 422
    analyst.post(reverse("watch-end", kwargs={"watch_id": row.pk}))
    today = clock.now().astimezone(clock.SHANGHAI).date()
    assert watches().get(pk=row.pk).valid.upper == today + timedelta(days=1)
    other = set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    post_person(cast.analyst, grid.town, valid_from=LONG_AGO)
    assert analyst.post(reverse("watch-end", kwargs={"watch_id": other.pk})).status_code == 404, "of a town only"
    assert analyst.post(reverse("watch-new"), form).status_code == 422
    assert (
        reverse("watch-end", kwargs={"watch_id": other.pk}) not in analyst.get(reverse("watch-rules")).content.decode()
    )


def test_an_override_may_be_of_any_detector_that_has_settings(channel: Any, station: Any, browser: Browser) -> None:
    set_watch("missing_data", kind="h", valid_from=LONG_AGO)
    analyst = browser("analyst")
    page = analyst.get(reverse("override")).content.decode()
    assert all(f'<option value="{code}"' in page for code in ("missing_data", "constant_value", "exceedance"))
    there = analyst.get(reverse("watch-rules"), {"station": station.code}).content.decode()
    link = f"?detector=missing_data&amp;station={station.code}&amp;factor={channel.factor}"
    assert f'href="{reverse("override")}{link}"' in there
    form = analyst.get(f"{reverse('override')}{link}".replace("&amp;", "&")).content.decode()
    assert 'name="set-restore_hours"' in form
    assert f'value="{channel.factor}"' in form
    assert analyst.get(reverse("override"), {"detector": "nothing"}).status_code == 404


def test_an_override_is_shown_to_and_ended_by_those_whose_place_it_is_for(
    station: Any, enterprise: Any, browser: Browser, cast: Any, grid: Any
) -> None:
    today = clock.now().astimezone(clock.SHANGHAI).date()
    common: dict[str, Any] = {"parameters": {"minimum_periods": 3}, "days": (today, today + timedelta(days=9))}
    rows = {
        reason: set_override("exceedance", reason=reason, **common, **place).pk
        for reason, place in (("本口检修", {"station": station}), ("全厂检修", {"enterprise": enterprise}))
    }
    rows["全行业"] = set_override("exceedance", reason="全行业", industry="46", **common).pk

    def seen(name: str) -> list[str]:
        page = browser(name).get(reverse("watch-rules")).content.decode()
        return [reason for reason in rows if reason in page]

    def ended(reason: str) -> int:
        return browser("analyst").post(reverse("override-end", kwargs={"override_id": rows[reason]})).status_code

    everything = list(rows)
    assert seen("analyst") == everything
    away = post_person(cast.analyst, grid.other_town, valid_from=LONG_AGO)
    assert (seen("analyst"), seen("administrator")) == ([], everything)
    assert [ended(reason) for reason in rows] == [404, 404, 404]
    away.delete()
    post_person(cast.analyst, grid.town, valid_from=LONG_AGO)
    assert seen("analyst") == ["本口检修", "全厂检修"]
    assert [ended(reason) for reason in rows] == [302, 302, 404]
    assert {one.reason for one in overrides() if one.valid.upper == today + timedelta(days=1)} == {
        "本口检修",
        "全厂检修",
    }


def test_other_findings_are_counted_and_not_read_whole(
    case: Any, channel: Any, readings: Callable[..., Any], cast: Any
) -> None:
    """Neither how others turned out nor what would change one reads the evidence of others."""
    for days in (2, 400):
        over = NINE - timedelta(days=days)
        judge_readings(readings(channel, "h", [(over, 80.0), (over + timedelta(hours=1), 30.0)]))
    found = Finding.objects.get(pk=case.finding_id)
    with CaptureQueriesContext(connection) as asked:
        assert similar(cast.analyst, found) == {"confirmed": 0, "refuted": 0, "undecided": 2}
    assert not [one for one in asked if '"evidence"' in one["sql"] and "judging_finding" in one["sql"]]
    with CaptureQueriesContext(connection) as asked:
        assert what_would_change(found.pk)
    read = [one["sql"] for one in asked if 'FROM "judging_finding"' in one["sql"]]
    assert [('"judging_finding"."evidence"' in one, '"ended_at" >=' in one) for one in read] == [
        (True, False), (False, True),
    ]  # fmt: skip


@pytest.mark.parametrize("gone", [True, False])
def test_a_finding_that_cannot_be_looked_at_again_says_so(case: Any, browser: Browser, gone: bool) -> None:
    """Its detector is not installed any more; or it learns from the past and there is hardly any."""
    Finding.objects.update(detector="no_more" if gone else "constant_value", parameters={})
    address = reverse("finding-would-change", kwargs={"finding_id": case.finding_id})
    part = browser("analyst").get(address)
    assert part.status_code == 200
    assert "cannot look at it again" in part.content.decode()
    assert browser("analyst").get(reverse("finding", kwargs={"finding_id": case.finding_id})).status_code == 200


def test_a_grid_worker_reports_a_clue_and_sees_it_on_its_own_page(station: Any, browser: Browser) -> None:
    worker = browser("grid_worker")
    when = NINE.astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    form = {"station": station.code, "what": "排口水色发黑", "since": when, "severity": "2"}
    page = worker.post(reverse("clue"), form, follow=True)
    assert page.status_code == 200
    assert "排口水色发黑" in page.content.decode()
    assert Finding.objects.get().started_at == NINE
    assert "排口水色发黑" in browser("duty_officer").get(reverse("findings")).content.decode()


def test_the_page_of_a_finding_says_what_would_change_it(case: Any, browser: Browser) -> None:
    found = Finding.objects.get(pk=case.finding_id)
    part = browser("analyst").get(reverse("finding-would-change", kwargs={"finding_id": found.pk})).content.decode()
    assert f"{found.peak:g}" in part


def test_a_finding_names_the_order_that_it_rests_on_its_settings_and_figures_in_full(
    station: Any, browser: Browser, readings: Callable[..., Any]
) -> None:
    from pages import get, words

    from qingyuan.places.api import enter_order
    from qingyuan.sensing.queries import Channel

    flow = Channel.objects.create(station=station, factor="w00000", unit="L/s")
    ordered = NINE - timedelta(hours=12)
    times = [NINE - timedelta(hours=hour) for hour in range(24 * 45, 1, -1)]
    rows = [(at, 0.0 if at < ordered and at.hour < 6 else 20000.0 + at.hour % 3) for at in times]
    enter_order(
        station.enterprise, kind="stop-discharge", number="责停〔2026〕3号", issued_by="区局", span=(ordered, None)
    )
    set_watch("ordered_stop", kind="h", valid_from=LONG_AGO, factor="w00000")
    readings(flow, "h", [row for row in rows if row[0] < ordered])
    judge_readings(readings(flow, "h", [row for row in rows if row[0] >= ordered]))
    found = Finding.objects.get()
    assert "20,001 L/s" in found.sentence_en
    page = get(browser("analyst"), "finding", finding_id=found.pk)
    told = words(page)
    assert "20,001" in told
    assert "e+04" not in told
    for word in (
        "Order in force then 责停〔2026〕3号 · Stop discharge · 区局",
        "time left after the order: 0 h",
        "full flow before",
    ):
        assert word in told, word
    assert "#orders" in page.content.decode()


def test_a_trial_says_what_its_detector_was_worth(station: Any, browser: Browser) -> None:
    from pages import get, words

    told = words(get(browser("analyst"), "trial", {"detector": "night_source"}))
    assert "Hourly values. In ambient air an inversion lifts the ratio by night" in told
    assert "Measured (NOx in the flue gas of a gas turbine): 0 leads in 20.1 months of untouched data" in told


def test_a_value_at_the_share_of_early_warning_is_shown_as_too_near_and_not_as_allowed(
    channel: Any, browser: Browser, readings: Callable[..., Any]
) -> None:
    from pages import get, words

    set_watch("approaching_limit", kind="h", valid_from=LONG_AGO)
    judge_readings(readings(channel, "h", [(NINE + timedelta(hours=hour), 45.0) for hour in range(6)]))
    found = Finding.objects.get()
    assert "early warning (GB 18918-2002 Table 1)" in found.sentence_en
    told = words(get(browser("analyst"), "finding", finding_id=found.pk))
    assert "share of the limit 90 < 90 %" in told  # 45 of the 50 mg/L of class 1A
    assert "≤ 90" not in told


def test_a_flow_that_goes_on_says_nothing_of_a_type_of_pollution(
    station: Any, channel: Any, browser: Browser, readings: Callable[..., Any]
) -> None:
    from pages import get, words

    from qingyuan.places.api import enter_order
    from qingyuan.sensing.queries import Channel

    flow = Channel.objects.create(station=station, factor="w00000", unit="L/s")
    ordered = NINE - timedelta(hours=12)
    times = [NINE - timedelta(hours=hour) for hour in range(24 * 45, 1, -1)]
    rows = [(at, 0.0 if at < ordered and at.hour < 6 else 20.0 + at.hour % 3) for at in times]
    enter_order(
        station.enterprise, kind="stop-discharge", number="责停〔2026〕4号", issued_by="区局", span=(ordered, None)
    )
    set_watch("ordered_stop", kind="h", valid_from=LONG_AGO, factor="w00000")
    readings(channel, "h", [(at, 38.0 + at.hour % 5) for at in times])
    readings(flow, "h", [row for row in rows if row[0] < ordered])
    judge_readings(readings(flow, "h", [row for row in rows if row[0] >= ordered]))
    told = words(get(browser("analyst"), "finding", finding_id=Finding.objects.get().pk))
    assert "mean flow" in told
    assert "Type of pollution" not in told
