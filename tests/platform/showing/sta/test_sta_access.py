"""Who may read and write: nobody without a token or a session, a feed its own stations, a person the own territory."""

import base64
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from qingyuan.kit import log
from qingyuan.sensing.api import define_feed, issue_token

pytestmark = pytest.mark.django_db
OBSERVATION = {"result": 1.0, "phenomenonTime": "2026-11-22T01:00:00Z"}


@pytest.fixture
def other(feed: SimpleNamespace) -> str:
    """The token of a feed without stations."""
    return issue_token(define_feed("other", connector="sta", title_zh="另", title_en="Other"), log.PLATFORM)


def test_without_a_token_or_a_session_nothing_is_read_and_nothing_written(
    anybody: Callable[..., Any], stream: Any
) -> None:
    nobody = anybody()
    for path in ("", "Things", f"Datastreams({stream.pk})/Observations", "$metadata"):
        assert nobody.get(path, 401)["type"] == "Unknown"
    assert nobody.post(f"Datastreams({stream.pk})/Observations", OBSERVATION, 401)["code"] == 401
    assert "Basic" in nobody.client.get("/sta/v1.1/Things").headers["WWW-Authenticate"]


def test_a_token_that_opens_nothing_is_refused_even_where_data_are_open(
    anybody: Callable[..., Any], settings: Any, feed: SimpleNamespace
) -> None:
    settings.STA_OPEN = True
    for given in ("Bearer x", "Basic x", "Basic eHg=", "Digest x", "Bearer "):
        assert anybody(Authorization=given).get("Things", 401)["type"] == "Unknown", given


def test_basic_authorization_takes_the_code_of_the_feed_and_its_token(
    anybody: Callable[..., Any], feed: SimpleNamespace, other: str
) -> None:
    def basic(code: str, token: str) -> Any:
        return anybody(Authorization="Basic " + base64.b64encode(f"{code}:{token}".encode()).decode())

    assert len(basic("river", feed.token).ids("Things")) == 1
    assert "another feed" in basic("river", other).get("Things", 401)["message"]


def test_a_feed_sees_and_writes_its_own_stations_only(
    anybody: Callable[..., Any], other: str, stream: Any, station: Any
) -> None:
    stranger = anybody(other)
    for plural in ("Things", "Locations", "Datastreams", "Observations", "FeaturesOfInterest", "HistoricalLocations"):
        assert stranger.ids(plural) == []
    assert stranger.get(f"Things({station.pk})", 404)["code"] == 404
    assert stranger.get(f"Datastreams({stream.pk})/Observations", 404)["code"] == 404
    stranger.post(f"Datastreams({stream.pk})/Observations", OBSERVATION, 404)
    stranger.post("Observations", {**OBSERVATION, "Datastream": {"@iot.id": stream.pk}}, 404)
    array = {"Datastream": {"@iot.id": stream.pk}, "components": ["result"], "dataArray": [[1]]}
    stranger.post("CreateObservations", [array], 404)
    stranger.send("patch", f"Things({station.pk})", {"name": "mine"}, 404)


def test_a_feed_that_lost_a_station_writes_there_no_more(program: Any, stream: Any, feed: SimpleNamespace) -> None:
    program.post(f"Datastreams({stream.pk})/Observations", OBSERVATION)
    feed.row.stations.clear()
    program.post(f"Datastreams({stream.pk})/Observations", OBSERVATION, 404)


def test_a_feed_of_another_connector_may_read_but_not_write(
    anybody: Callable[..., Any], station: Any, stream: Any, feed: SimpleNamespace
) -> None:
    push = define_feed("push", connector="push", title_zh="推", title_en="Push", stations=[station])
    program = anybody(issue_token(push, log.PLATFORM))
    assert program.ids("Things") == [station.pk]
    assert "expected the connector sta" in program.post("Observations", OBSERVATION, 403)["message"]


def test_a_person_reads_the_own_territory(cast: SimpleNamespace, stream: Any) -> None:
    seen = {"grid_worker": 1, "other_grid_worker": 0, "enterprise": 1, "other_enterprise": 0, "leader": 1}
    for person, count in seen.items():
        client = Client()
        client.force_login(getattr(cast, person))
        for plural in ("Things", "Datastreams"):
            assert len(client.get(f"/sta/v1.1/{plural}").json()["value"]) == count, person
        assert client.get(f"/sta/v1.1/Datastreams({stream.pk})").status_code == (200 if count else 404), person


def test_a_session_writes_nothing(cast: SimpleNamespace, stream: Any) -> None:
    client = Client()
    client.force_login(cast.administrator)
    for verb in ("post", "patch", "put"):
        answer = getattr(client, verb)("/sta/v1.1/Things", "{}", content_type="application/json")
        assert answer.status_code == 401


def test_data_that_the_bureau_opened_are_read_by_anybody_and_written_by_nobody(
    anybody: Callable[..., Any], stream: Any, settings: Any
) -> None:
    settings.STA_OPEN = True
    nobody = anybody()
    assert len(nobody.ids("Things")) == 1
    nobody.post(f"Datastreams({stream.pk})/Observations", OBSERVATION, 401)
