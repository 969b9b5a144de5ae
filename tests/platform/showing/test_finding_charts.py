"""What the chart of a finding draws beside values: a year's running total with its permit, the flow that is allowed."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO
from django.test import Client
from pages import get, words

from qingyuan.judging.api import judge_span, set_watch
from qingyuan.judging.queries import Finding
from qingyuan.kit import clock
from qingyuan.places.api import OwnTotal, enter_order, enter_permit, register_enterprise, register_station
from qingyuan.recording.api import compute_day_values
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
Readings = Callable[..., Any]
PERMIT = "91110000802100433B001P"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MIDNIGHT = datetime(2026, 11, 19, 16, tzinfo=UTC)  # of 20 November in China


@pytest.fixture(autouse=True)
def in_the_first_hour_of_the_day() -> Iterator[None]:
    with clock.wound_to(MIDNIGHT + HOUR):
        yield


@pytest.fixture
def mill(cast: SimpleNamespace) -> SimpleNamespace:
    owner = register_enterprise(
        PERMIT[:18], title_zh="东山纸业", title_en="East Paper", lon=100.05, lat=30.1, management="key",
        industry_code="2221", industry_zh="造纸", industry_en="Paper making",
    )  # fmt: skip
    outlet = register_station(
        "DW001", title_zh="总排口", title_en="Outlet", kind="outlet-water", lon=100.05, lat=30.1, enterprise=owner
    )
    cod, flow = (
        Channel.objects.create(station=outlet, factor=factor, unit=unit)
        for factor, unit in (("w01018", "mg/L"), ("w00000", "L/s"))
    )
    return SimpleNamespace(owner=owner, outlet=outlet, cod=cod, flow=flow)


def days(count: int, value: float) -> list[tuple[datetime, float]]:
    begin = datetime(2025, 12, 31, 16, tzinfo=UTC)
    return [(begin + number * DAY, value) for number in range(count)]


@pytest.fixture
def total(mill: SimpleNamespace, readings: Readings) -> Callable[[float], Finding]:
    """50 mg/L at 10 L/s are 43.2 kg a day for 323 days, against a permit; 13,953.6 kg in all."""

    def passed(permitted: float, **settings: float) -> Finding:
        set_watch(
            "annual_total", kind="d", valid_from=LONG_AGO, station_kind="outlet-water", factor="w01018",
            parameters=settings,
        )  # fmt: skip
        enter_permit(
            mill.owner, number=PERMIT, management="key", days=(date(2026, 1, 1), date(2030, 12, 31)),
            totals=[OwnTotal("w01018", permitted)],
        )  # fmt: skip
        for channel, value in ((mill.flow, 10.0), (mill.cod, 50.0)):
            readings(channel, "d", days(323, value))
        compute_day_values(date(2026, 1, 1), date(2026, 11, 19))
        judge_span(MIDNIGHT - 20 * DAY, MIDNIGHT)
        return Finding.objects.get()

    return passed


def test_a_total_that_was_passed_is_drawn_as_it_grew_with_the_permit_and_where_it_leads(
    total: Callable[..., Finding], browser: Browser
) -> None:
    found = total(13_500.0)
    page = get(browser("officer"), "finding", finding_id=found.pk)
    told = words(page)
    assert "Permitted in the year 13,500 kg Passed on 2026-11-09" in told  # 313 days of 43.2 kg are 13,521.6
    # 365 days of 43.2 kg are 15,768 kg, 116.8 % of 13,500 kg
    assert "On 31 December, at the rate of the last 30 days 15,768 kg 117% of what is permitted" in told
    chart = browser("officer").get(page.context["chart"]["url"]).json()
    assert (chart["unit"], [(one["value"], one["bound"]) for one in chart["limits"]]) == ("kg", [(13_500.0, "upper")])
    series, coming = chart["series"]
    assert series["points"][0] == [round((MIDNIGHT - 322 * DAY).timestamp() * 1000), pytest.approx(43.2)]
    assert series["points"][-1] == [round(MIDNIGHT.timestamp() * 1000), pytest.approx(323 * 43.2)]
    assert chart["windows"][0]["from"] == round(found.started_at.timestamp() * 1000)
    assert coming["points"][0] == series["points"][-1]
    assert coming["points"][-1][1] == pytest.approx(365 * 43.2, abs=0.01)


def test_what_would_change_a_total_is_told_of_the_permit(total: Callable[..., Finding], browser: Browser) -> None:
    found = total(13_500.0)
    page = words(get(browser("officer"), "finding-would-change", finding_id=found.pk))
    assert "It would not be found if the permit allowed 13,954 kg or more in the year." in page


def test_a_total_that_comes_near_tells_the_day_on_which_it_would_be_passed(
    total: Callable[..., Finding], browser: Browser
) -> None:
    found = total(15_000.0, told_share=0.9)
    page = words(get(browser("officer"), "finding", finding_id=found.pk))
    # 1,046.4 kg are left after 19 November: passed on the 25th day from then
    assert "Permitted in the year 15,000 kg Would be passed on 2026-12-14" in page


def test_the_flow_that_an_order_allows_stands_in_the_chart(
    mill: SimpleNamespace, readings: Readings, browser: Browser
) -> None:
    with clock.wound_to(MIDNIGHT + 2 * DAY):
        set_watch("ordered_stop", kind="h", valid_from=LONG_AGO, factor="w00000")
        span = (MIDNIGHT, None)
        enter_order(mill.owner, kind="stop-discharge", number="停 1 号", issued_by="局", span=span, station=mill.outlet)
        by_day = [(MIDNIGHT + n * HOUR, 10.0 + n % 3 if n % 24 >= 6 else 0.0) for n in range(-24 * 45, 24)]
        readings(mill.flow, "h", by_day)
        judge_span(MIDNIGHT, MIDNIGHT + 2 * DAY)
        found = Finding.objects.get()
        page = get(browser("officer"), "finding", finding_id=found.pk)
        chart = browser("officer").get(page.context["chart"]["url"]).json()
        (line,) = chart["limits"]
    assert [one["kind"] for one in chart["windows"]] == ["finding"]
    # a share of 0.05 of the full flow, which lies among the 10 to 12 L/s of every day
    assert (line["name"], line["bound"]) == ("expected: mean flow", "upper")
    assert 0.5 <= line["value"] <= 0.6
