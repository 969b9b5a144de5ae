"""Marking data, withdrawing a mark, rates and the gaps behind them, as people read and do it."""

import csv
import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO, StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import NINE
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pages import get, words

from qingyuan.kit import clock
from qingyuan.recording.api import compute_means
from qingyuan.recording.queries import marks

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
FIELDS = {
    "code": "calibration", "starts_at": "2026-11-22T09:00", "ends_at": "2026-11-22T10:00", "reason": "零点与量程校准",
}  # fmt: skip


def test_an_enterprise_marks_its_data_by_a_form_in_shanghai_time(
    channel: Any, readings: Any, browser: Browser, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    readings(channel, "h", [(NINE, 21.0)])
    client = browser("enterprise")
    report = BytesIO(b"%PDF-1.7 report")
    report.name = "report.pdf"
    address = reverse("station-mark", kwargs={"code": channel.station.code})
    answer = client.post(address, {**FIELDS, "evidence": report, "factors": [channel.pk]}, follow=True)
    assert answer.redirect_chain[0][0] == reverse("station", kwargs={"code": channel.station.code})
    row = marks(answer.wsgi_request.user).get()
    assert (row.starts_at, row.ends_at, row.letter) == (NINE, NINE + HOUR, "C")
    page = words(answer)
    assert "device calibration In force" in page
    assert "零点与量程校准" in page
    kept = get(client, "mark-evidence", mark_id=row.pk)
    assert (kept.content, kept.headers["Content-Type"]) == (b"%PDF-1.7 report", "application/octet-stream")
    assert "attachment" in kept.headers["Content-Disposition"]


def test_a_mark_that_cannot_be_says_why_at_its_field(channel: Any, browser: Browser) -> None:
    address = reverse("station-mark", kwargs={"code": channel.station.code})
    answer = browser("enterprise").post(address, FIELDS | {"ends_at": "2026-11-22T08:00"})
    assert answer.status_code == 422
    assert "Expected an end after the start" in words(answer)
    assert not marks(answer.wsgi_request.user).exists()


def test_only_marks_for_such_a_station_are_offered(channel: Any, browser: Browser) -> None:
    page = words(get(browser("enterprise"), "station-mark", code=channel.station.code))
    assert "device fault" in page
    assert "incinerator" not in page


def test_an_officer_withdraws_a_mark_with_a_reason(marked: Any, browser: Browser) -> None:
    officer = browser("officer")
    assert (
        reverse("mark-withdraw", kwargs={"mark_id": marked.pk})
        in get(officer, "station", code=marked.station.code).content.decode()
    )
    answer = officer.post(
        reverse("mark-withdraw", kwargs={"mark_id": marked.pk}), {"why": "现场核查未校准"}, follow=True
    )
    assert "Withdrawn: 现场核查未校准" in words(answer)
    again = officer.post(reverse("mark-withdraw", kwargs={"mark_id": marked.pk}), {"why": "再次"})
    assert (again.status_code, "withdrawn already" in words(again)) == (422, True)


def test_the_station_shows_where_sent_and_computed_means_disagree(
    channel: Any, readings: Any, browser: Browser
) -> None:
    readings(channel, "h", [(NINE, 20.0)])
    with clock.wound_to(NINE + HOUR):
        compute_means(readings(channel, "m", [(NINE + number * 10 * MINUTE, 35.0) for number in range(6)]))
    for name, values in (("station", {}), ("quality-day", {"day": "2026-11-22"})):
        page = words(get(browser("duty_officer"), name, code=channel.station.code, **values))
        assert "sent 20.0 · computed here 35.0 mg/L (42.9 %)" in page, name


def test_rates_are_counted_by_station_day_and_owner(channel: Any, readings: Any, browser: Browser) -> None:
    readings(channel, "h", [(NINE - number * HOUR, 1.0) for number in range(8)])
    readings(channel, "h", [(NINE - 8 * HOUR, 1.0)], mark="D")
    days = {"from": "2026-11-22", "to": "2026-11-22"}
    client = browser("analyst")
    for by, title in (("station", "East Water outlet"), ("owner", "East Water Ltd"), ("day", "2026-11-22")):
        page = words(get(client, "quality", {**days, "by": by}))
        # ten hours have ended by ten past ten, nine came, eight of them are valid: 8 / 10
        assert re.search(rf"{title}.* 10 9 8 90\.0 88\.8 80\.0 low 100\.0", page), (by, page)


def test_what_moves_owes_no_hours_and_is_not_counted(channel: Any, readings: Any, browser: Browser) -> None:
    readings(channel, "h", [(NINE, 21.0)])
    assert channel.station.title_en in words(get(browser("officer"), "quality"))
    channel.station.kind = "vehicle"
    channel.station.save()
    page = words(get(browser("officer"), "quality"))
    assert channel.station.title_en not in page
    assert "Mobile monitoring vehicle" not in page


def test_every_number_leads_to_the_gaps_of_its_day(channel: Any, readings: Any, browser: Browser) -> None:
    readings(channel, "h", [(NINE - number * HOUR, 1.0) for number in (0, 1, 5)])
    readings(channel, "h", [(NINE - 2 * HOUR, 1.0)], mark="D")
    client = browser("analyst")
    page = get(client, "quality", {"by": "station-day", "from": "2026-11-22", "to": "2026-11-22"}).content.decode()
    address = reverse("quality-day", kwargs={"code": channel.station.code, "day": "2026-11-22"})
    assert page.count(f'href="{address}?kind=h"') == 4
    gaps = words(client.get(address))
    assert "00:00–04:00 (4)" in gaps
    assert "05:00–07:00 (2)" in gaps
    assert "instrument fault 07:00" in gaps


def test_the_table_can_be_taken_away(channel: Any, readings: Any, browser: Browser) -> None:
    readings(channel, "h", [(NINE, 1.0)])
    answer = get(browser("analyst"), "quality-csv", {"from": "2026-11-22", "to": "2026-11-22", "by": "station-day"})
    head, line = csv.reader(StringIO(answer.content.decode("utf-8-sig")))
    assert head[:6] == ["Name", "Code", "Day", "Values due", "Values received", "Values valid"]
    assert line[:7] == ["East Water outlet", "outlet-1", "2026-11-22", "10", "1", "1", "1"]
    assert line[7:11] == ["10.00", "100.00", "10.00", "100.00"]


def test_a_name_that_starts_like_a_formula_is_no_formula_in_the_table(
    channel: Any, readings: Any, browser: Browser
) -> None:
    channel.station.title_en = "=HYPERLINK(1)"
    channel.station.save()
    readings(channel, "h", [(NINE, 1.0)])
    assert "'=HYPERLINK(1)" in get(browser("analyst"), "quality-csv").content.decode()


@pytest.mark.parametrize("query", [{"from": "yesterday"}, {"from": "2026-01-01", "to": "2026-11-22"}])
def test_days_that_cannot_be_are_refused_with_what_is_expected(
    channel: Any, browser: Browser, query: dict[str, str]
) -> None:
    answer = get(browser("analyst"), "quality", query)
    assert answer.status_code == 422
    assert "xpected" in words(answer)


def test_filters_and_territory_narrow_the_rates(channel: Any, readings: Any, browser: Browser, grid: Any) -> None:
    readings(channel, "h", [(NINE, 1.0)])
    title = "East Water outlet"
    for person, query, seen in [
        ("analyst", {"station-kind": "outlet-gas"}, False),
        ("analyst", {"area": grid.town.path}, True),
        ("analyst", {"area": grid.other_town.path}, False),
        ("analyst", {"q": "nowhere"}, False),
        ("enterprise", {}, True),
        ("other_enterprise", {}, False),
        ("other_grid_worker", {}, False),
    ]:
        assert (title in words(get(browser(person), "quality", query))) is seen, (person, query)


def test_the_rates_of_many_channels_take_no_more_queries(channel: Any, cast: SimpleNamespace, browser: Browser) -> None:
    from qingyuan.sensing.api import define_channel

    client = browser("analyst")
    with CaptureQueriesContext(connection) as few:
        get(client, "quality")
    for factor in ("w21003", "w21011", "w21001"):
        define_channel(channel.station, factor=factor, unit="mg/L")
    with CaptureQueriesContext(connection) as many:
        get(client, "quality")
    assert len(many) <= len(few)


@pytest.mark.parametrize("day", ["0001-01-01", "1989-12-31", "2101-01-01", "9999-12-31"])
def test_days_beyond_all_data_are_refused(station: Any, browser: Browser, day: str) -> None:
    client = browser("analyst")
    for asked in ({"to": day}, {"from": day}, {"from": day, "to": day}):
        assert client.get(reverse("quality"), asked).status_code == 422
    page = client.get(reverse("quality-day", kwargs={"code": station.code, "day": day}))
    assert (page.status_code, "1990-01-01" in page.content.decode()) == (422, True)
