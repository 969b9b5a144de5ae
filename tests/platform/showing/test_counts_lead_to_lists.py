"""A number that counts rows leads to a list of as many."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import NINE, OFFICE
from django.test import Client
from django.urls import reverse
from pages import get, words
from terminal import Terminals

from qingyuan.dispatching.api.messages import send_messages
from qingyuan.judging.api import dismiss, judge_readings
from qingyuan.judging.queries import Finding
from qingyuan.people.queries import Contact
from qingyuan.places.api import register_station
from qingyuan.places.queries import Station

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]


def listed(client: Client, address: str) -> int:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode().count("data-queue-item")


def numbers(page: Any, having: str) -> list[tuple[str, int]]:
    """The links with that in their address whose words are, or begin with, a number."""
    found = re.findall(r'<a[^>]* href="([^"]*)"[^>]*>(?:<strong>)?([0-9,]+)<', page.content.decode())
    return [(unescape(address), int(number.replace(",", ""))) for address, number in found if having in address]


def test_what_similar_findings_turned_out_to_be_leads_to_them(
    case: Any, cast: SimpleNamespace, channel: Any, readings: Callable[..., Any], browser: Browser
) -> None:
    for days in (2, 20, 400):
        over = NINE - timedelta(days=days)
        judge_readings(readings(channel, "h", [(over, 80.0), (over + timedelta(hours=1), 30.0)]))
    refuted = Finding.objects.exclude(pk=case.finding_id).latest("pk")
    dismiss(refuted.pk, cast.analyst, "校准", OFFICE, code="service")
    analyst = browser("analyst")
    led = numbers(get(analyst, "finding", finding_id=case.finding_id), "like=")
    assert [number for _address, number in led] == [1, 2], "refuted and not decided; none was confirmed"
    for address, number in led:
        assert listed(analyst, address) == number, address
    only = words(analyst.get(led[0][0]))
    assert f"Finding {case.finding_id}" in only
    assert f"/findings/{refuted.pk}/" in analyst.get(led[0][0]).content.decode()
    assert listed(browser("other_grid_worker"), led[1][0]) == 0
    for strange in ("x", "²", "9" * 30):
        assert analyst.get(reverse("findings"), {"like": strange, "outcome": strange}).status_code == 200


def test_the_stations_of_each_group_of_the_board_are_listed(
    case: Any, station: Any, enterprise: Any, browser: Browser
) -> None:
    for number in range(70):
        register_station(
            f"more-{number:02d}", title_zh=f"点位{number}", title_en=f"More {number}", kind="outlet-water",
            lon=100.05, lat=30.1, enterprise=enterprise,
        )  # fmt: skip
    for code, values in (("a", {}), ("b", {"level": "micro"}), ("c", {"purpose": "superstation"})):
        one = register_station(code, title_zh=code, title_en=code, kind="ambient-air", lon=100.05, lat=30.1)
        Station.objects.filter(pk=one.pk).update(**values)
    duty, led = browser("duty_officer"), {}
    for page in (1, 2):
        led |= dict(numbers(get(duty, "watch", {"page": page}), "group="))
    assert sorted(led.values()) == [1, 1, 1, 71]
    for address, number in led.items():
        pages = [listed(duty, f"{address}&page={page}") for page in range(1, -(-number // 50) + 1)]
        assert sum(pages) == number, address


def test_the_messages_of_each_state_are_listed(
    cast: SimpleNamespace, browser: Browser, terminals: Terminals, case: Any, taken_up: Callable[[str], None]
) -> None:
    new = {"occasions": ["task_given"], "language": "en", "severity_from": "2"}
    browser("administrator").post("/reached/people/grid_worker/", {**new, "address": terminals.address("desk")})
    taken_up("dispatching.api.messages.tell_people")
    send_messages(Contact.objects.get().service)
    supervisor = browser("supervisor")
    led = numbers(get(supervisor, "messages"), "state=")
    assert sorted(number for _address, number in led) == [0, 0, 0, 1]
    for address, number in led:
        assert listed(supervisor, reverse("messages") + address) == number, address
