"""Enforcement on pages: what a case was found to be and on which law it rests, and how many there are of which kind."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import walk
from django.test import Client
from django.urls import reverse
from pages import get, words

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]


@pytest.mark.mission("S2-02")
def test_a_case_is_confirmed_as_a_kind_of_violation_shown_filtered_counted_and_taken_away(
    inspected: Any, browser: Browser
) -> None:
    worker = browser("grid_worker")
    address = reverse("case-act", kwargs={"case_id": inspected.pk, "verb": "confirm"})
    asked = words(worker.get(address))
    assert "Suspected: Discharge over the limits" in asked
    assert "Automatic monitoring not working or data falsified" in asked
    assert worker.post(address, {}).status_code == 422
    assert worker.post(address, {"violation": "over-limit"}).status_code == 302

    page = words(get(worker, "case", case_id=inspected.pk))
    assert "Found Discharge over the limits" in page
    assert "Ecological and Environmental Code" in page
    assert "article not obtained" in page
    assert "checked against the text" in page

    duty = browser("duty_officer")
    assert inspected.number in words(get(duty, "cases", {"violation": "over-limit", "area": "T0101"}))
    assert inspected.number not in words(get(duty, "cases", {"violation": "treatment"}))
    assert inspected.number not in words(get(duty, "cases", {"violation": "over-limit", "area": "T0102"}))

    counted = words(get(duty, "violations"))
    assert "Discharge over the limits 1 1 100 % 1 100 % 1" in counted
    assert "East Town 1 1" in counted
    sheet = get(duty, "violations-table", {"year": 2026}).content.decode("utf-8-sig")
    assert "over-limit,Discharge over the limits,1,1,1,1,0,0,0,0,0,0,0,0,0,0,1,0" in sheet
    assert get(duty, "violations-table", {"form": "xlsx"}).content[:2] == b"PK"
    elsewhere = words(get(browser("other_grid_worker"), "violations"))
    assert "Discharge over the limits 0 0 0 0" in elsewhere


def test_an_officer_determines_the_violation_anew_and_says_why(
    inspected: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    walk(inspected, cast, "confirm")
    officer = browser("officer")
    address = reverse("case-violation", kwargs={"case_id": inspected.pk})
    assert "Determine" in words(get(officer, "case", case_id=inspected.pk))
    assert officer.post(address, {"violation": "none"}).status_code == 422
    page = words(officer.post(address, {"violation": "none", "why": "Within the margin of the method"}, follow=True))
    assert "Found No violation" in page
    assert "Within the margin of the method" in page
    assert "Violation found: No violation" in page
    counted = words(get(officer, "violations"))
    assert "1 were found to be no violation" in counted


def test_the_year_before_counts_for_itself(inspected: Any, cast: SimpleNamespace, browser: Browser) -> None:
    walk(inspected, cast, "confirm")
    assert "No violation was found in this year" in words(get(browser("leader"), "violations", {"year": 2025}))
    assert get(browser("leader"), "violations", {"year": "９９９９", "area": "x" * 300}).status_code == 200
