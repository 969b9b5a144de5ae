"""Pages of forecasts: what is likely to pass its limit, the fan on a station's chart, and what forecasts were worth."""

import math
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from casefile import NINE
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.urls import reverse
from pages import get, words

from qingyuan.forecasting import api
from qingyuan.forecasting.queries import forecasts_of_issue, standings
from qingyuan.judging.logic.expecting.warning import expect
from qingyuan.kit import clock
from qingyuan.recording.api import append
from qingyuan.sensing.api import Rows
from qingyuan.sensing.logic.raw import segments

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("forecast_rule"), pytest.mark.mission("S0-18")]
Browser = Callable[[str], Client]
HOUR = timedelta(hours=1)


@pytest.fixture
def forecast(readings: Callable[..., Any], channel: Any, cast: Any) -> Any:
    """COD that swings once a day up to 55 mg/L where 50 are allowed, four hours before it does, forecast and judged."""
    from qingyuan.places.queries import AppliedStandard

    AppliedStandard.objects.update(known=DateTimeTZRange(NINE - timedelta(days=400), None))
    values = [35.0 + 20.0 * math.cos((number - 4) * math.pi / 12) for number in range(-24 * 12, 1)]
    readings(channel, "h", [(NINE - HOUR * (len(values) - 1 - n), value) for n, value in enumerate(values)])
    assert api.issue_due(clock.now()) == 1
    found = standings(cast.analyst).get().forecast
    expect(found.issue_id)
    return found


def test_the_list_ranks_what_is_likely_to_pass_its_limit_and_leads_to_the_warning(forecast, browser: Browser):
    said = words(get(browser("duty_officer"), "forecasts"))
    assert "East Water outlet · COD" in said
    assert "≤ 50 mg/L" in said
    assert "1 of 1 channels with a limit have a forecast" in said
    assert re.search(r"Finding \d+", said)
    assert f"{forecast.chance[23]:.0%}" in said


def test_the_newest_hour_that_a_forecast_rests_on_leads_to_its_reading(forecast, browser: Browser):
    officer = browser("duty_officer")
    page = get(officer, "forecasts").content.decode()
    at = round(forecast.rests_on.timestamp() * 1000)
    address = f"/readings/{forecast.channel_id}/h/{at}/"
    assert address in page
    assert officer.get(address).status_code == 200


def test_each_sees_the_forecasts_of_the_own_territory(forecast, browser: Browser):
    assert "East Water outlet" not in words(get(browser("other_grid_worker"), "forecasts"))
    assert "East Water outlet" not in words(get(browser("other_enterprise"), "forecasts"))
    assert "East Water outlet" in words(get(browser("enterprise"), "forecasts"))


def test_without_forecasts_the_pages_say_when_there_will_be_some(browser: Browser):
    assert "Nothing is forecast yet" in words(get(browser("analyst"), "forecasts"))
    assert "No forecast hour has come yet" in words(get(browser("analyst"), "forecast-scores"))


def test_what_cannot_be_forecast_says_why(readings, channel, station, browser: Browser):
    from qingyuan.places.queries import AppliedStandard

    AppliedStandard.objects.update(known=DateTimeTZRange(NINE - timedelta(days=400), None))
    readings(channel, "h", [(NINE - HOUR * number, 20.0) for number in range(5)])
    api.issue_due(clock.now())
    said = words(browser("analyst").get(reverse("forecasts") + "?show=none"))
    assert "Cannot be forecast: found 5 valid hour values, expected at least 18" in said


@pytest.mark.mission("S4-18")
def test_the_station_shows_the_fan_the_limit_and_every_hour(forecast, station, browser: Browser):
    client = browser("analyst")
    said = words(client.get(reverse("station", args=["outlet-1"]) + "?factor=w01018&kind=h&range=24h"))
    assert forecast.basis_en in said
    assert "Chance that the limit is passed within 24 hours" in said
    assert said.count("%") > 70
    series = client.get(reverse("series", args=["outlet-1"]) + "?factor=w01018&kind=hH&range=24h").json()
    first = series["forecast"]["points"][0]
    assert first[0] == round(forecast.starts_at.timestamp() * 1000)
    assert first[2] <= first[1] <= first[3]
    assert series["limits"][0]["value"] == 50.0
    assert (
        "forecast" not in client.get(reverse("series", args=["outlet-1"]) + "?factor=w01018&kind=rm&range=24h").json()
    )


def test_scores_stand_beside_persistence_with_their_rule(forecast, readings, channel, browser: Browser):
    later = [(NINE + HOUR * number, 50.0) for number in range(1, 7)]
    readings(channel, "h", later)
    with clock.wound_to(NINE + 8 * HOUR):
        said = words(get(browser("leader"), "forecast-scores"))
    for part in ("6 h", "Persistence errs", "Skill is 1 less the ratio", "its hash in the log"):
        assert part in said
    assert len(forecasts_of_issue(forecast.issue_id)) == 1


def test_each_score_leads_to_as_many_hours_and_those_to_forecast_and_reading(forecast, readings, channel, browser):
    readings(channel, "h", [(NINE + HOUR * number, 50.0 + number) for number in range(1, 7)])
    leader = browser("leader")
    with clock.wound_to(NINE + 8 * HOUR):
        scored = get(leader, "forecast-scores")
        page = scored.content.decode()
        address = "/forecasts/scores/hours/?days=7&amp;lead=3"
        assert f'<a href="{address}">1</a>' in page
        listed = leader.get(address.replace("&amp;", "&"))
        said = words(listed)
        assert "1 to 1 of 1" in said
    errors = re.search(r"3 h 1 (\S+) % (\S+) %", words(scored))
    assert f"{errors[1]} % Our error {errors[2]} % Persistence errs" in said
    html = listed.content.decode()
    came = round((forecast.rests_on + 3 * HOUR).timestamp() * 1000)
    for behind in (f"/readings/{channel.pk}/h/{came}/", f"/forecasts/{forecast.pk}/"):
        assert behind in html
        assert leader.get(behind).status_code == 200


def test_a_forecast_shows_its_run_each_hour_that_came_and_every_reading_that_it_was_made_of(
    forecast, readings, channel, browser
):
    leader = browser("leader")
    readings(channel, "h", [(NINE + HOUR, 51.0)])
    answer = get(leader, "forecast", forecast_id=forecast.pk)
    said, html = words(answer), answer.content.decode()
    assert "what is stored still has the hash that its line of the log tells" in said
    assert "It knows neither weather, rain nor plans of production" in said
    valid_hours = 24 * 12 + 1
    assert f"1 to 50 of {valid_hours}" in said
    newest = round(forecast.rests_on.timestamp() * 1000)
    for at in (newest, newest + 3600_000):
        assert f"/readings/{channel.pk}/h/{at}/" in html


def test_what_was_corrected_since_stands_beside_what_the_forecast_knew(forecast, channel, browser):
    rows, at = Rows(), round((NINE - HOUR).timestamp() * 1_000_000)
    later = round((forecast.issued_at + HOUR).timestamp() * 1_000_000)
    rows.add((channel.pk, "h", at), (12.0, math.nan, math.nan, math.nan), "N", later)
    append(rows, segments.append(segments.Body(b"again", 0, forecast.issued_at + HOUR)))
    said = words(get(browser("leader"), "forecast", forecast_id=forecast.pk))
    assert re.search(r"\d+\.\d as sent now 12\.0", said)


def test_a_forecast_outside_the_own_territory_is_not_found(forecast, browser):
    for stranger in ("other_grid_worker", "other_enterprise"):
        assert browser(stranger).get(reverse("forecast", args=[forecast.pk])).status_code == 404
    assert browser("enterprise").get(reverse("forecast", args=[forecast.pk])).status_code == 200


@pytest.mark.mission("S4-18")
def test_beside_an_outlet_its_treatment_is_seen_running_or_standing_still(readings, station, cast, browser: Browser):
    from qingyuan.places.api import assign_meter, register_station
    from qingyuan.sensing.api import define_channel

    for code, newest in (("meter-1", 40.0), ("meter-2", 0.5)):
        meter = register_station(
            code, title_zh="曝气风机电表", title_en=f"Blower {code}", kind="power-meter", lon=100.05, lat=30.1,
            enterprise=station.enterprise,
        )  # fmt: skip
        power = define_channel(meter, factor="activepower", unit="kW")
        assign_meter(
            meter, use="treatment", title_zh="风机", title_en="blower", days=(NINE.date().replace(day=1), None)
        )
        past = [(NINE - HOUR * number, 40.0 if number % 24 < 16 else 0.5) for number in range(1, 24 * 7)]
        readings(power, "h", [(NINE, newest), *past])
    said = words(get(browser("analyst"), "station", code="outlet-1"))
    assert "Facilities now Blower meter-1 Running Treatment equipment" in said
    assert "Blower meter-2 Standing still Treatment equipment" in said
    assert "on, by its last four weeks" in said


def test_the_page_of_a_warning_tells_chance_limit_and_rule_and_asks_no_detector(forecast, browser: Browser):
    from qingyuan.judging.queries import EXPECTED, Finding

    said = words(get(browser("duty_officer"), "finding", finding_id=Finding.objects.get(detector=EXPECTED).pk))
    for part in ("COD exceedance expected", "Notice", "chance of 50% within 6 h", "nothing is exceeded yet"):
        assert part in said
    assert "What would change the verdict" not in said
    assert "Share of valid data" not in said, "how sure the forecast is says nothing of the data"
    assert "Beyond it by" not in said, "nothing is beyond the limit yet"
