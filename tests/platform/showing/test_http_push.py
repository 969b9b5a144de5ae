"""Readings that a sender posts: stored before they are answered, and nothing refused without a reason and a count."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from qingyuan.kit.log import Origin
from qingyuan.recording.queries import window
from qingyuan.sensing.api import define_feed, issue_token
from qingyuan.sensing.queries import Channel, FaultCount, Feed, feed_packets, packet_bytes
from qingyuan.showing.http_api import readings as door
from qingyuan.showing.http_api import senders

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)
ADDRESS = "/api/v1/readings"
GOOD = {"name": "outlet-1/w01018", "at": "2026-11-22T09:00:00+08:00", "value": 43.5}


@pytest.fixture
def feed(station: Any) -> Feed:
    return define_feed("meters", connector="push", title_zh="电表", title_en="Meters", stations=[station])


@pytest.fixture
def token(feed: Feed) -> str:
    return issue_token(feed, Origin("administrator"))


def post(body: Any, token: str, **more: Any) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {token}", **more}
    client = Client(enforce_csrf_checks=True, raise_request_exception=True)
    return client.post(ADDRESS, raw, content_type="application/json", headers=headers)


@pytest.mark.mission("S3-17")
def test_what_is_answered_with_200_is_stored_with_its_bytes(feed: Feed, token: str, station: Any) -> None:
    answer = post({"readings": [GOOD]}, token)
    assert (answer.status_code, answer.json()) == (200, {"stored": 1, "waiting": 0, "faults": [], "more_faults": 0})
    channel = Channel.objects.get(station=station, factor="w01018")
    assert list(window(channel.pk, "r", NINE, NINE + timedelta(hours=1)).value) == [43.5]
    assert packet_bytes(feed_packets(feed).get()).raw == json.dumps({"readings": [GOOD]}).encode()


def test_what_waits_and_what_is_wrong_is_told_reading_by_reading(token: str) -> None:
    unknown, odd = GOOD | {"name": "meter 9"}, GOOD | {"value": "x"}
    answer = post({"readings": [GOOD, unknown, odd]}, token)
    told = answer.json()
    assert (answer.status_code, told["stored"], told["waiting"]) == (202, 1, 1)
    assert {fault["error"] for fault in told["faults"]} == {"UnknownName", "BadReading"}
    assert "readings[2]" in str(told["faults"])


def test_a_document_that_cannot_be_read_is_refused_and_kept(feed: Feed, token: str) -> None:
    answer = post(b"{", token)
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["error"] == "BadPayload"
    assert packet_bytes(feed_packets(feed).get()).raw == b"{"


def test_what_cannot_be_committed_is_not_promised(feed: Feed, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> int:
        raise OperationalError("the database went away")

    monkeypatch.setattr(door, "append", away)
    sender = Client(raise_request_exception=False)
    body = json.dumps({"readings": [GOOD]}).encode()
    headers = {"authorization": f"Bearer {token}"}
    answer = sender.post(ADDRESS, body, content_type="application/json", headers=headers)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert not feed_packets(feed).exists()


def test_a_packed_document_is_unpacked(token: str) -> None:
    packed = gzip.compress(json.dumps({"readings": [GOOD]}).encode())
    answer = post(packed, token, **{"content-encoding": "gzip"})
    assert (answer.status_code, answer.json()["stored"]) == (200, 1)


@pytest.mark.parametrize(
    ("body", "packing", "status"),
    [
        (b"no gzip", "gzip", 400),
        (gzip.compress(b"[]")[:-4], "gzip", 400),
        (b"[]", "br", 415),
        (b" " * (door.LARGEST_BODY + 1), "identity", 413),
        (gzip.compress(b" " * (door.LARGEST_DOCUMENT + 1)), "gzip", 413),
    ],
    ids=["no gzip", "cut short", "unknown packing", "too large", "too large when unpacked"],
)
def test_a_body_that_cannot_be_taken_is_told_why(
    feed: Feed, token: str, body: bytes, packing: str, status: int
) -> None:
    answer = post(body, token, **{"content-encoding": packing})
    assert answer.status_code == status
    assert "found" in answer.json()["detail"]
    assert not feed_packets(feed).exists()


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer nonsense"}, {"authorization": "Basic eDp5"}])
def test_without_a_token_nothing_opens_and_it_is_counted(feed: Feed, token: str, header: dict[str, str]) -> None:
    answer = Client().post(ADDRESS, b"{}", content_type="application/json", headers=header)
    assert answer.status_code == 401
    fault = FaultCount.objects.get()
    assert (fault.error, fault.peer, fault.count) == ("BadToken", "127.0.0.1", 1)


def test_too_many_bad_tokens_are_told_to_wait_but_a_good_one_still_opens(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senders, "BAD_TOKENS_A_DAY", 2)
    assert [post({}, "x").status_code for _ in range(3)] == [401, 401, 429]
    assert post({}, "x").headers["Retry-After"] == "60"
    assert post({"readings": [GOOD]}, token).status_code == 200


def test_a_feed_that_is_listened_to_is_not_posted_to() -> None:
    listened = define_feed("broker", connector="mqtt", title_zh="x", title_en="x", settings={"host": "broker"})
    assert post({"readings": [GOOD]}, issue_token(listened, Origin("x"))).status_code == 409


def test_only_posting_is_possible(token: str) -> None:
    answer = Client().get(ADDRESS, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 405


def test_the_description_is_complete_and_loads_nothing_from_elsewhere(cast: Any) -> None:
    reader = Client()
    assert reader.get(reverse("http-api:openapi-json")).status_code == 302
    reader.force_login(cast.analyst)
    described = reader.get(reverse("http-api:openapi-json")).json()
    operation = described["paths"][ADDRESS]["post"]
    assert {"200", "202", "401", "413", "422", "429"} <= set(operation["responses"])
    assert "readings" in operation["requestBody"]["content"]["application/json"]["schema"]["properties"]
    page = reader.get(reverse("http-api:openapi-view")).content.decode()
    assert "/static/ninja/swagger-ui-bundle.js" in page
    assert "//cdn" not in page
