"""The type of pollution as people meet it: on the page of a finding, of its case, and of what was learned."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from casefile import NINE
from django.test import Client
from django.urls import reverse
from pages import get, words

from qingyuan.judging.queries import settled_types
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
HOUR = timedelta(hours=1)


@pytest.fixture
def sewage(case: Any, station: Any, channel: Any, readings: Callable[..., Any]) -> Any:
    """A week before the finding of the case, and ammonia, phosphorus and conductivity that rose with COD."""
    usual = {"w01018": (30.0, 68.4), "w21003": (2.0, 5.0), "w21011": (0.2, 0.9), "w01014": (900.0, 1300.0)}
    for factor, (before, during) in usual.items():
        unit = "µS/cm" if factor == "w01014" else "mg/L"
        at, _made = Channel.objects.get_or_create(
            station=station, factor=factor, basis="measured", defaults={"unit": unit}
        )
        past = [(NINE - hour * HOUR, before * (1 + 0.02 * (hour % 3))) for hour in range(1, 169)]
        readings(at, "h", [*reversed(past), (NINE, during)])
    return case


@pytest.mark.mission("S0-23")
def test_the_page_names_the_type_with_probabilities_signs_and_what_would_change_it(
    sewage: Any, browser: Browser
) -> None:
    page = words(get(browser("analyst"), "finding", finding_id=sewage.finding_id))
    assert "Most likely domestic sewage" in page
    assert "What each sign weighs" in page
    assert "ammonia nitrogen 5.00 mg/L, usually 2.0" in page
    assert "What would change it" in page
    assert "overflows, wrong connections" in page


def test_the_page_says_so_where_too_little_is_known(case: Any, browser: Browser) -> None:
    page = words(get(browser("analyst"), "finding", finding_id=case.finding_id))
    assert "The type of pollution cannot be told: too little is known" in page


def test_it_reads_in_chinese(sewage: Any, browser: Browser) -> None:
    client = browser("analyst")
    address = reverse("finding", kwargs={"finding_id": sewage.finding_id})
    page = words(client.get(address, headers={"accept-language": "zh-hans"}))
    assert "最可能是生活污水" in page
    assert "各项证据的分量" in page


@pytest.mark.mission("S0-23")
def test_the_case_carries_the_type_and_it_is_settled_there(sewage: Any, browser: Browser) -> None:
    client = browser("officer")
    page = get(client, "case", case_id=sewage.pk)
    assert "Most likely domestic sewage" in words(page)
    here = reverse("case", kwargs={"case_id": sewage.pk})
    address = reverse("finding-pollution", kwargs={"finding_id": sewage.finding_id})
    done = client.post(address, {"type": "organic", "shown_by": "Dye in the drain", "back": here})
    assert done.headers["Location"] == here
    assert "Settled: industrial, organic" in words(client.get(here))
    queue = reverse("findings")
    assert f"/findings/{sewage.finding_id}/" in client.get(queue, {"type": "organic", "state": "all"}).content.decode()
    assert "No finding fits" in words(client.get(queue, {"type": "salt", "state": "all"}))


def test_settling_without_a_proof_asks_for_it_and_keeps_what_was_chosen(sewage: Any, browser: Browser) -> None:
    address = reverse("finding-pollution", kwargs={"finding_id": sewage.finding_id})
    answer = browser("officer").post(address, {"type": "organic", "shown_by": ""})
    assert answer.status_code == 422
    assert "Say what shows the type of pollution" in words(answer)
    assert '<option value="organic" selected' in answer.content.decode()
    assert not settled_types().exists()


def test_nobody_is_led_away_by_the_way_back(sewage: Any, browser: Browser) -> None:
    address = reverse("finding-pollution", kwargs={"finding_id": sewage.finding_id})
    given = {"type": "organic", "shown_by": "Dye", "back": "https://elsewhere.example/"}
    done = browser("officer").post(address, given)
    assert done.headers["Location"] == reverse("finding", kwargs={"finding_id": sewage.finding_id})


def test_a_leader_reads_the_type_and_is_offered_no_settling(sewage: Any, browser: Browser) -> None:
    page = words(get(browser("leader"), "finding", finding_id=sewage.finding_id))
    assert "Most likely domestic sewage" in page
    assert "Settle the type" not in page


@pytest.mark.mission("S0-23")
def test_what_was_learned_is_shown_with_the_first_estimate_and_the_scores(sewage: Any, browser: Browser) -> None:
    client = browser("officer")
    assert "Nobody settled a type of pollution yet" in words(get(client, "pollution-types"))
    address = reverse("finding-pollution", kwargs={"finding_id": sewage.finding_id})
    client.post(address, {"type": "sewage", "shown_by": "Coliforms"})
    page = words(get(client, "pollution-types"))
    assert "On 1 settled cases" in page
    assert "90% +1" in page, "ammonia rises in 90 of 100 cases of sewage by the first estimate, and rose in one"
