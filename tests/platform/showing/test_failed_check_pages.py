"""A check that a device reports as failed: what it makes invalid is shown, proposed, and marked by a person alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from casefile import NINE
from django.test import Client
from django.urls import reverse
from pages import get, words

from qingyuan.recording.queries import MarkedSpan, marks
from qingyuan.sensing.queries import DeviceReport

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def checked(device: Any, channel: Any) -> Callable[..., None]:
    """The device of the outlet reports checks of COD, as a packet 2062 does."""
    type(device).objects.filter(pk=device.pk).update(station=channel.station)

    def report(checks: dict[Any, bool | None]) -> None:
        for at, passed in checks.items():
            told = {"reading": 49.1, "standard": 50.0, "passed": passed}
            DeviceReport.objects.create(
                device=device, kind="StandardCheck", subject="w01018", at=at, received_at=at, values=told
            )

    return report


def shown(browser: Browser, who: str, channel: Any) -> str:
    return words(get(browser(who), "station", code=channel.station.code))


def test_an_operator_sees_what_a_failed_check_makes_invalid_and_nothing_is_marked(
    checked: Any, channel: Any, browser: Browser
) -> None:
    checked({NINE - 2 * DAY: True, NINE - DAY: False, NINE - DAY + 6 * HOUR: True})
    page = shown(browser, "enterprise", channel)
    assert "Failed checks" in page
    assert "30.0 h" in page  # from the last passed check, 24 h before the failed one, to the next 6 h after it
    assert "HJ 356-2019 6 (not checked against the text)" in page
    assert "nothing is marked by itself, a person confirms it" in page
    assert not MarkedSpan.objects.exists()


def test_the_proposal_fills_the_form_and_a_person_sends_it(
    checked: Any, channel: Any, browser: Browser, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    checked({NINE - 2 * DAY: True, NINE - DAY: False, NINE - DAY + 6 * HOUR: True})
    client = browser("enterprise")
    page = get(client, "station", code=channel.station.code)
    [row] = page.context["failed_checks"]
    [address] = row.unmarked
    form = client.get(address).context["form"]
    sent = {name: form[name].value() for name in ("code", "starts_at", "ends_at", "reason", "factors")}
    assert client.post(address, sent, follow=True).status_code == 200
    mark = marks(page.wsgi_request.user).get()
    assert (mark.code, mark.starts_at, mark.ends_at) == ("failed-check", NINE - 2 * DAY, NINE - DAY + 6 * HOUR)
    assert [one.pk for one in mark.channels.all()] == [channel.pk]
    assert "Not marked" not in shown(browser, "enterprise", channel)


def test_of_a_time_marked_in_part_only_the_rest_is_proposed(
    checked: Any,
    channel: Any,
    browser: Browser,
    marked: Any,  # from 09:00 to 10:00
) -> None:
    checked({NINE - HOUR: True, NINE + HOUR / 2: False, NINE + HOUR + timedelta(minutes=5): True})
    page = get(browser("enterprise"), "station", code=channel.station.code)
    times = [typed(one) for one in page.context["failed_checks"][0].unmarked]
    assert times == [("2026-11-22T08:00", "2026-11-22T09:00"), ("2026-11-22T10:00", "2026-11-22T10:05")]


def typed(address: str) -> tuple[str, str]:
    """From when to when an address proposes a mark."""
    query = parse_qs(urlsplit(address).query)
    return query["starts_at"][0], query["ends_at"][0]


def test_without_a_passed_check_around_it_no_hours_are_made_up(checked: Any, channel: Any, browser: Browser) -> None:
    checked({NINE - DAY: False})
    page = shown(browser, "officer", channel)
    assert "from the last passed check, which is not known," in page
    assert "until the next passed check" in page
    assert "Daily means lost" not in page
    assert "Mark this time" not in page  # only the operator of the monitor marks


def test_a_check_that_says_nothing_of_its_outcome_proposes_nothing(
    checked: Any, channel: Any, browser: Browser
) -> None:
    checked({NINE - 2 * DAY: True, NINE - DAY: None})
    assert "Failed checks" not in shown(browser, "enterprise", channel)


def test_the_proposal_is_said_in_chinese(checked: Any, channel: Any, browser: Browser) -> None:
    checked({NINE - 2 * DAY: True, NINE - DAY: False, NINE - DAY + 6 * HOUR: True})
    client = browser("enterprise")
    client.cookies["django_language"] = "zh-hans"
    page = words(client.get(reverse("station", kwargs={"code": channel.station.code})))
    assert "不合格的核查" in page
    assert "未核对原文" in page
    assert "须由人员确认" in page
