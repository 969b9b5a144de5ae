"""Enforcement in three layers: what senses, what is known, what was judged, and each enterprise through them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from casefile import LONG_AGO
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pages import get, words

from qingyuan.places.api import enter_permit, register_enterprise

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
UNSEEN = "91110000802100433B"  # HJ 608-2017, annex A


def enter(code: str, title: str) -> Any:
    return register_enterprise(
        code, lon=100.06, lat=30.1, title_zh=title, title_en=title, industry_code="2221", industry_zh="造纸",
        industry_en="Paper making", management="key",
    )  # fmt: skip


@pytest.mark.mission("S2-03")
def test_an_enterprise_is_followed_from_what_senses_it_to_what_was_judged(
    case: Any, enterprise: Any, browser: Browser
) -> None:
    mill = enter(UNSEEN, "Unseen Mill")
    enter_permit(mill, number=f"{UNSEEN}001P", management="key", days=(LONG_AGO, date(2030, 1, 1)))
    page = get(browser("analyst"), "layers")
    told = words(page)
    assert "1 Remote sensing" in told
    assert "Waste-water outlet 1 / 1" in told  # the hour from nine is over, the newest value ten minutes old
    assert "2 Integration" in told
    assert "With monitors 1 / 2" in told
    assert "Permit in force 1 / 2" in told
    assert "3 Judgement" in told
    assert "Found by detectors 1" in told
    assert "Cases opened 1" in told
    assert "1 that nothing senses, listed first" in told
    unseen = told.index("Unseen Mill 0 / 0 Permit in force 0 0")
    assert unseen < told.index(f"{enterprise.title} 1 / 1 Cases 1 1")


def test_more_enterprises_ask_no_more_of_the_database(case: Any, browser: Browser) -> None:
    analyst = browser("analyst")
    analyst.get(reverse("layers"))
    with CaptureQueriesContext(connection) as before:
        analyst.get(reverse("layers"))
    for number in range(3):
        enter(f"K{number}", f"Works {number}")
    with CaptureQueriesContext(connection) as after:
        analyst.get(reverse("layers"))
    assert len(after) == len(before)


def test_an_enterprise_user_does_not_see_the_whole(cast: Any, browser: Browser) -> None:
    assert get(browser("enterprise"), "layers").status_code in {302, 403}
