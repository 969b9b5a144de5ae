"""An enterprise's machine fetches the enterprise's own readings with a token of its own, and nothing else."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from qingyuan.kit import log
from qingyuan.people.api import issue_program_token
from qingyuan.places.api import register_enterprise, register_station
from qingyuan.recording.api import append
from qingyuan.sensing.api import Payload, define_channel, define_feed, take_in_payloads
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import microseconds

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)
SERIES = "/api/stations/{}/series?factor=w01018&kind=h&from=2026-11-22T00:00&to=2026-11-23T00:00"


@pytest.fixture
def outlets(station: Any, cast: Any) -> tuple[Any, Any]:
    """The works' outlet and the mill's, each with one hour of COD."""
    mill = register_enterprise(
        "91500000TEST000002", lon=100.25, lat=30.1, organisation=cast.other_enterprise.organisation,
        title_zh="西山纸业有限公司", title_en="West Paper Ltd", industry_code="2221", industry_zh="造纸",
        industry_en="Paper", management="key",
    )  # fmt: skip
    other = register_station(
        "outlet-2", title_zh="西山纸业总排口", title_en="West Paper outlet", kind="outlet-water", lon=100.25, lat=30.1,
        enterprise=mill,
    )  # fmt: skip
    for one in (station, other):
        define_channel(one, factor="w01018", unit="mg/L")
    feed = define_feed("push", connector="push", title_zh="推送", title_en="Push", stations=[station, other])
    told = ",".join(
        f'{{"name":"{one.code}/w01018","kind":"h","at":"2026-11-22T09:00:00+08:00","value":{value}}}'
        for one, value in ((station, 43.5), (other, 88.5))
    )
    body = f'{{"readings":[{told}]}}'.encode()
    take_in_payloads(feed, [Payload(body, "10.0.0.1:5", microseconds(NINE) + 7_200_000_000)], append)
    return station, other


def fetch(address: str, token: str, method: str = "get") -> Any:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return getattr(Client(), method)(address, headers=headers)


def test_the_own_series_is_read_and_that_of_another_enterprise_is_not(outlets: Any, cast: Any) -> None:
    own, other = outlets
    token = issue_program_token(cast.enterprise, "ERP", log.PLATFORM)
    answer = fetch(SERIES.format(own.code), token)
    assert answer.status_code == 200
    assert 43.5 in [point[1] for series in answer.json()["series"] for point in series["points"]]
    refused = fetch(SERIES.format(other.code), token)
    assert (refused.status_code, refused.json()["error"]) == (404, "NotFound")


@pytest.mark.mission("S3-15")
def test_sensorthings_shows_the_own_stations_and_values_only(outlets: Any, cast: Any) -> None:
    own, other = outlets
    token = issue_program_token(cast.enterprise, "ERP", log.PLATFORM)
    things = fetch("/sta/v1.1/Things", token).json()["value"]
    assert [thing["properties"]["station_code"] for thing in things] == [own.code]
    results = [one["result"] for one in fetch("/sta/v1.1/Observations", token).json()["value"]]
    assert results == [43.5]
    theirs = issue_program_token(cast.other_enterprise, "DCS", log.PLATFORM)
    assert [one["result"] for one in fetch("/sta/v1.1/Observations", theirs).json()["value"]] == [88.5]
    channel = Channel.objects.get(station=other)
    assert fetch(f"/sta/v1.1/Datastreams({channel.pk})", token).status_code == 404


def test_a_token_writes_nothing_and_opens_no_page(outlets: Any, cast: Any) -> None:
    token = issue_program_token(cast.enterprise, "ERP", log.PLATFORM)
    assert fetch("/sta/v1.1/Things", token, "post").status_code == 401
    assert fetch("/api/v1/readings", token, "post").status_code == 401
    assert fetch("/places/", token).status_code == 302  # to the log-in
    assert fetch("/devices/", token).status_code == 302


def test_without_a_token_or_with_one_that_opens_nothing_nothing_is_read(outlets: Any, cast: Any) -> None:
    own, _ = outlets
    assert fetch(SERIES.format(own.code), "").status_code == 302
    assert fetch(SERIES.format(own.code), "read.nothing").status_code == 401
    assert fetch("/sta/v1.1/Things", "read.nothing").status_code == 401
    token = issue_program_token(cast.enterprise, "ERP", log.PLATFORM)
    cast.enterprise.is_active = False
    cast.enterprise.save()
    assert fetch(SERIES.format(own.code), token).status_code == 401


def test_an_enterprise_issues_a_token_on_its_page_sees_it_once_and_withdraws_it(outlets: Any, cast: Any) -> None:
    own, _ = outlets
    browser = Client()
    browser.force_login(cast.enterprise)
    page = browser.post("/programs/new/", {"title": "ERP"}).content.decode()
    (token,) = re.findall(r"read\.[\w-]{20,}", page)
    assert fetch(SERIES.format(own.code), token).status_code == 200
    listed = browser.get("/programs/").content.decode()
    assert "ERP" in listed
    assert token not in listed
    (number,) = re.findall(r"/programs/(\d+)/withdraw/", listed)
    stranger = Client()
    stranger.force_login(cast.other_enterprise)
    assert stranger.post(f"/programs/{number}/withdraw/").status_code == 404
    browser.post(f"/programs/{number}/withdraw/")
    assert fetch(SERIES.format(own.code), token).status_code == 401
    said = [line.act for line in log.about(f"program-token/{number}")]
    assert said == ["ProgramTokenIssued", "ProgramTokenWithdrawn"]
