"""Where something came from as people meet it: on the page of a finding, of its case, in the list, in the act."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, OFFICE
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pages import get, words
from river import rise, river

from qingyuan.dispatching.api import act, add_rule, open_case_for_finding
from qingyuan.dispatching.queries import Case
from qingyuan.places.queries import Station
from qingyuan.tracing.api import name_source, settle_source, trace_finding

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
UPPER = "enterprise:91110000802100433B"


@pytest.fixture
def event(cast: SimpleNamespace, readings: Callable[..., Any], trace_rules: Any) -> Any:
    opened = rise(river(cast, readings), readings)
    trace_finding(opened)
    return opened


@pytest.fixture
def case(event: Any, cast: SimpleNamespace) -> Case:
    add_rule(
        title_zh="断面超标走六步", title_en="Six steps", case_type="enforcement", detector="exceedance",
        station_kind="surface-water", valid_from=LONG_AGO,
    )  # fmt: skip
    open_case_for_finding(event)
    return Case.objects.get()


def test_the_page_ranks_sources_with_the_evidence_for_and_against_each(event: Any, browser: Browser) -> None:
    page = words(get(browser("analyst"), "finding", finding_id=event.id))
    assert "Where it may have come from" in page
    assert page.index("Upper Works") < page.rindex("Lower Works")
    assert "water takes about 6.0 h" in page
    assert "for it," in page
    assert "None of the known sources:" in page
    assert "accuse nobody" in page


def test_an_enterprise_is_not_told_who_else_is_suspected(
    event: Any, enterprise: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    """Where the station is its own, it sees the finding, but neither the suspects nor that one was named."""
    name_source(event.id, UPPER, cast.analyst, OFFICE)
    Station.objects.filter(code="section").update(enterprise=enterprise)
    assert "Upper Works" in words(get(browser("analyst"), "finding", finding_id=event.id))
    assert "Upper Works" not in words(get(browser("enterprise"), "finding", finding_id=event.id))


def test_it_reads_in_chinese(event: Any, browser: Browser) -> None:
    address = reverse("finding", kwargs={"finding_id": event.id})
    page = words(browser("analyst").get(address, headers={"accept-language": "zh-hans"}))
    assert "可能的来源" in page
    assert "上坝化工" in page


def test_it_is_sought_again_where_somebody_asks(event: Any, browser: Browser) -> None:
    address = reverse("finding-trace", kwargs={"finding_id": event.id})
    done = browser("analyst").post(address, {"back": "/traces/"})
    assert done.headers["Location"] == "/traces/"
    assert browser("handler").post(address).status_code == 403


@pytest.mark.mission("S2-21")
def test_the_case_shows_the_suspects_and_asks_whom_to_look_at(
    case: Case, cast: SimpleNamespace, browser: Browser
) -> None:
    act(case.pk, "analyse", cast.analyst, OFFICE, why="连续超标")
    act(case.pk, "judge_real", cast.analyst, OFFICE, why="属实")
    client = browser("analyst")
    assert "Upper Works" in words(get(client, "case", case_id=case.pk))
    form = get(client, "case-act", case_id=case.pk, verb="name_source").content.decode()
    assert f'value="{UPPER}"' in form
    assert "none of the known sources" in form
    address = reverse("case-act", kwargs={"case_id": case.pk, "verb": "name_source"})
    assert client.post(address, {"source": UPPER, "why": "自身监控升高"}).status_code == 302
    assert "Whom people named" in words(get(client, "case", case_id=case.pk))
    case.refresh_from_db()
    assert case.state == "pushing"


def test_who_is_to_close_it_as_unfounded_is_led_to_the_finding(
    case: Case, cast: SimpleNamespace, browser: Browser
) -> None:
    act(case.pk, "analyse", cast.analyst, OFFICE, why="校准")
    page = get(browser("analyst"), "case-act", case_id=case.pk, verb="judge_unfounded").content.decode()
    assert f'href="/findings/{case.finding_id}/"' in page


def test_the_list_shows_the_first_of_each_and_what_tracing_was_worth(
    event: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    client = browser("analyst")
    page = words(get(client, "traces"))
    assert "Upper Works" in page
    assert "Nobody has been sent to a named source yet" in page
    name_source(event.id, UPPER, cast.analyst, OFFICE)
    settle_source(event.id, "confirmed", cast.officer, OFFICE)
    assert "Of these ranked first 1" in words(get(client, "traces"))


def test_an_empty_list_says_when_it_fills(cast: SimpleNamespace, browser: Browser) -> None:
    assert "No source was sought yet" in words(get(browser("analyst"), "traces"))


def test_a_list_of_many_takes_no_more_queries(event: Any, browser: Browser, cast: SimpleNamespace) -> None:
    from qingyuan.judging.queries import Finding
    from qingyuan.tracing.api import trace_again

    client = browser("analyst")
    get(client, "traces")
    with CaptureQueriesContext(connection) as one:
        get(client, "traces")
    for _number in range(3):
        copy = Finding.objects.get(pk=event.id)
        copy.pk, copy.state = None, "cleared"
        copy.save()
        trace_again(copy.pk, cast.analyst, OFFICE)
    with CaptureQueriesContext(connection) as several:
        get(client, "traces")
    assert len(several) == len(one)
