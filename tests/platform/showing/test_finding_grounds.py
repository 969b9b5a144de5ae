"""What whoever must sign a finding reads on its page: editions, how far they were checked, and how the like ended."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE
from django.test import Client
from pages import get, words

from qingyuan.judging.api import dismiss, judge_readings, set_watch
from qingyuan.judging.queries import Finding, SeverityLevel
from qingyuan.places.api import OwnLimit, enter_permit, register_enterprise, register_station
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.judging.words import number_words, sign_rows
from qingyuan.showing.templatetags.showing import share

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
HOUR = timedelta(hours=1)
PERMIT = "91110000802100433B001P"


def test_a_finding_names_the_edition_of_its_limit_and_how_far_law_and_limit_were_checked(
    case: Any, browser: Browser
) -> None:
    """GB 18918-2002 is in force since 2003-07-01; its table 1 was read, the code of 2026 was not."""
    page = words(get(browser("officer"), "finding", finding_id=case.finding_id))
    limit = "Limit GB 18918-2002 Discharge standard of pollutants for municipal wastewater treatment plant · Table 1"
    assert f"{limit} class 1A limit; ≤ 50 mg/L (daily mean) 2003-07-01 – no end checked against the text" in page
    assert "Law on the suspected violation Ecological and Environmental Code (adopted on 2026-03-12)" in page
    assert "article not obtained" in page
    # the method is the same at a river section, which has no permit
    assert "How it is found GB/T 8170-2008 · 4.3" in page
    assert "not checked against the text" in page
    assert "Beijing time (UTC+8); each value stands at the beginning of its period." in page


def test_a_finding_against_a_permit_names_the_permit_and_its_days(
    cast: Any, grid: Any, readings: Callable[..., Any], browser: Browser
) -> None:
    plant = register_enterprise(
        PERMIT[:18], title_zh="北厂", title_en="North Works", lon=100.05, lat=30.1, management="key",
        industry_code="4620", industry_zh="污水处理", industry_en="Sewage treatment",
    )  # fmt: skip
    outlet = register_station(
        "outlet-n", title_zh="北口", title_en="North outlet", kind="outlet-water", lon=100.05, lat=30.1,
        enterprise=plant,
    )  # fmt: skip
    channel = Channel.objects.create(station=outlet, factor="w01018", unit="mg/L")
    limits = [OwnLimit(outlet, "w01018", averaging="hour", unit="mg/L", low=None, high=40.0)]
    days = (date(2026, 1, 1), date(2030, 12, 31))
    enter_permit(plant, number=PERMIT, management="key", days=days, limits=limits)
    set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    judge_readings(readings(channel, "h", [(NINE, 45.0)]))
    page = get(browser("analyst"), "finding", finding_id=Finding.objects.get().pk)
    told = f"Discharge permit {PERMIT} · permitted concentration"
    assert told in words(page)
    assert "2026-01-01 – 2030-12-31 entered by the bureau" in words(page)
    assert f"/enterprises/{plant.code}/#permit" in page.content.decode()


def test_how_similar_findings_ended_leads_to_each_of_them_the_decided_first(
    case: Any, cast: Any, channel: Any, readings: Callable[..., Any], browser: Browser
) -> None:
    for hours in (40, 20):
        at = NINE - hours * HOUR
        judge_readings(readings(channel, "h", [(at, 80.0), (at + HOUR, 30.0)]))
    older = Finding.objects.exclude(pk=case.finding_id).order_by("started_at")[0]
    dismiss(older.pk, cast.analyst, "标样核查期间", OFFICE, code="service")
    page = get(browser("analyst"), "finding", finding_id=case.finding_id)
    assert [(one["finding"].pk == older.pk, one["outcome"]) for one in page.context["alike"]] == [
        (True, "Refuted"),
        (False, "Not decided"),
    ]
    assert f'href="/findings/{older.pk}/"' in page.content.decode()
    assert "标样核查期间" in words(page)


def test_the_chart_of_a_finding_shows_what_was_and_no_forecast(
    case: Any, station: Any, channel: Any, readings: Callable[..., Any], forecast_rule: Any, browser: Browser
) -> None:
    from qingyuan.forecasting.api import issue_due

    readings(channel, "h", [(NINE - number * HOUR, 40.0 + number % 5) for number in range(1, 48)])
    issue_due(NINE + HOUR)
    asked = {"factor": "w01018", "kind": "h", "from": "2026-11-22T00:00", "to": "2026-11-22T23:00"}
    client = browser("analyst")
    assert "forecast" in get(client, "series", asked, code=station.code).json()
    beside = get(client, "series", {**asked, "finding": str(case.finding_id)}, code=station.code).json()
    assert "forecast" not in beside
    assert f"finding={case.finding_id}" in get(client, "finding", finding_id=case.finding_id).context["chart"]["url"]


def test_the_chart_of_a_finding_shades_its_own_time_alone(
    case: Any, station: Any, channel: Any, readings: Callable[..., Any], browser: Browser
) -> None:
    """Another exceedance of the day before stands on the chart of the station, not on that of the finding."""
    judge_readings(readings(channel, "h", [(NINE - 12 * HOUR, 80.0), (NINE - 11 * HOUR, 30.0)]))
    client = browser("analyst")
    address = get(client, "finding", finding_id=case.finding_id).context["chart"]["url"]
    alone = [one["href"] for one in client.get(address).json()["windows"] if one["kind"] == "finding"]
    assert alone == [f"/findings/{case.finding_id}/"]
    every = client.get(address.partition("&finding=")[0]).json()["windows"]
    assert sum(one["kind"] == "finding" for one in every) == 2


def test_an_hour_that_ends_with_the_day_names_the_day_of_its_end(
    channel: Any, readings: Callable[..., Any], browser: Browser
) -> None:
    at = NINE.replace(hour=15)  # 23:00 in China
    readings(channel, "h", [(at - 24 * HOUR, 30.0)])
    stamp = round((at - 24 * HOUR).timestamp() * 1000)
    page = words(get(browser("analyst"), "reading", channel=channel.pk, kind="h", at=stamp))
    assert "23:00:00 – 2026-11-22 00:00:00" in page


def test_of_several_signs_those_outside_what_was_expected_stand_out() -> None:
    signs = [
        {"name_zh": "甲", "name_en": "a", "value": 0.066, "low": 0.886, "high": None, "unit": "1"},
        {"name_zh": "乙", "name_en": "b", "value": 1.818, "low": 1.395, "high": None, "unit": "1"},
        {"name_zh": "丙", "name_en": "c", "value": 19.5, "low": None, "high": None, "unit": "L/s"},
    ]
    assert [row["out"] for row in sign_rows(Finding(signs=signs))] == [True, False, False]


def test_an_hour_above_a_limit_for_days_is_not_called_over_it(
    case: Any, channel: Any, readings: Callable[..., Any], browser: Browser
) -> None:
    """The limit of 50 mg/L judges day means: an hour above it warns, a day above it breaks it."""
    midnight = NINE - 9 * HOUR
    readings(channel, "d", [(midnight - timedelta(days=1), 60.0)])
    told = {}
    for kind, at in (("h", NINE), ("d", midnight - timedelta(days=1))):
        values = {"channel": channel.pk, "kind": kind, "at": int(at.timestamp() * 1000)}
        told[kind] = words(get(browser("analyst"), "reading", **values))
    assert "68.4 mg/L above the limit for the daily mean" in told["h"]
    assert "over the limit" not in told["h"]
    assert "60.0 mg/L over the limit" in told["d"]


def test_a_case_is_as_grave_as_its_finding_became(
    case: Any, channel: Any, readings: Callable[..., Any], browser: Browser
) -> None:
    """68.4 mg/L against 50 is a notice; the next hour of 120 makes the finding major, and the open case with it."""
    before = case.severity
    judge_readings(readings(channel, "h", [(NINE + HOUR, 120.0)]))
    case.refresh_from_db()
    assert (before, case.gravest) == (SeverityLevel.NOTICE, SeverityLevel.MAJOR)
    for severity, count in ((SeverityLevel.NOTICE, 0), (SeverityLevel.MAJOR, 1)):
        listed = get(browser("leader"), "cases", {"severity": int(severity)})
        assert len(listed.context["rows"]) == count, severity


def test_what_does_not_rest_on_a_limit_names_none(channel: Any, readings: Callable[..., Any], browser: Browser) -> None:
    """The outlet is bound to 50 mg/L, but values that are missing are beyond no limit."""
    set_watch("missing_data", kind="h", valid_from=LONG_AGO)
    hours = [*range(40, 30, -1), *range(6, 0, -1)]
    judge_readings(readings(channel, "h", [(NINE - number * HOUR, 40.0 + number % 5) for number in hours]))
    page = get(browser("analyst"), "finding", finding_id=Finding.objects.get().pk)
    assert "GB 18918-2002" not in [one.document[:13] for one in page.context["grounds"]]
    assert page.context["grounds"], "the rule that demands data is named"
    assert "No value of this time shows it: none came, or none counts." in words(page)


def test_a_finding_that_is_not_there_is_missed_in_the_readers_language(browser: Browser) -> None:
    client = browser("duty_officer")
    assert "There is no finding 999999 in your territory." in words(get(client, "finding", finding_id=999999))
    chinese = client.get("/findings/999999/", headers={"accept-language": "zh-hans"})
    assert chinese.status_code == 404
    assert "您的辖区内没有编号为 999999 的线索。" in words(chinese)


def test_a_station_of_which_no_value_counts_says_so_on_the_duty_page(
    channel: Any, device: Any, readings: Callable[..., Any], browser: Browser
) -> None:
    readings(channel, "r", [(NINE, 40.0)], "M")
    out = "values do not count: maintenance"
    assert out in words(get(browser("duty_officer"), "watch"))
    readings(channel, "r", [(NINE + timedelta(minutes=1), 40.0)])
    assert out not in words(get(browser("duty_officer"), "watch"))


@pytest.mark.parametrize(
    ("value", "shown"), [(1.0, "100%"), (0.9966, ">99%"), (0.994, "99%"), (0.004, "<1%"), (0.0, "0%")]
)
def test_a_probability_is_told_as_certain_only_where_it_is(value: float, shown: str) -> None:
    assert share(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(14150.2, "14,150"), (0.217, "0.217"), (0.00002, "0.00002"), (2.64e-15, "<0.0001"), (0.0, "0"), (-241.0, "-241")],
)
def test_figures_of_signs_are_written_without_powers_of_ten(value: float, shown: str) -> None:
    assert number_words(value) == shown
