"""What posts one Observation over TCP is answered as the pages' own way answers it, and rights hold at once."""

import base64
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from qingyuan.sensing.queries import feed_packets
from qingyuan.showing.sta.writing.together import THREAD

pytestmark = pytest.mark.django_db(transaction=True)
AT = "2026-11-20T05:00:00Z"
SAME = (
    "Content-Type", "Allow", "WWW-Authenticate", "Content-Security-Policy", "X-Frame-Options", "Cache-Control",
    "X-Content-Type-Options", "Access-Control-Allow-Origin", "Referrer-Policy", "Permissions-Policy", "Content-Length",
)  # fmt: skip


@pytest.fixture
def both(server: str, feed: SimpleNamespace, anybody: Callable[..., Any]) -> Iterator[Callable[..., tuple[Any, Any]]]:
    """The answers to one request: over TCP, and by the pages' way."""
    client = httpx.Client(trust_env=False)

    def post(path: str, content: bytes, token: str | None = None, **headers: str) -> tuple[Any, Any]:
        given = {"Authorization": f"Bearer {feed.token if token is None else token}", **headers}
        given = {name: value for name, value in given.items() if value}
        light = client.post(f"{server}/{path}", content=content, headers=given)
        pages = anybody(**given).client.post(f"/sta/v1.1/{path}", content, content_type="application/json")
        return light, pages

    with client:
        yield post


def body(stream: Any, result: str = "7.5", at: str = AT) -> bytes:
    return f'{{"phenomenonTime":"{at}","result":{result},"Datastream":{{"@iot.id":{stream}}}}}'.encode()


def test_both_ways_answer_alike(both: Callable[..., tuple[Any, Any]], stream: Any) -> None:
    number, inside = stream.pk, f"Datastreams({stream.pk})/Observations"
    for path, content, status in (
        ("Observations", body(number), 201),
        (inside, f'{{"phenomenonTime":"{AT}","result":8}}'.encode(), 201),
        (f"Datastreams('{number}')/Observations/", f'{{"phenomenonTime":"{AT}","result":9}}'.encode(), 201),
        ("Observations", body(number, "null"), 201),
        ("Observations", body(number, '"warm"'), 400),
        ("Observations", body(number, "1e300"), 400),
        ("Observations", body(number, "NaN"), 400),
        ("Observations", body(number, at="yesterday"), 400),
        ("Observations", body(number, at="2027-11-20T05:00:00Z"), 400),
        ("Observations", body(99999), 404),
        ("Observations", b'{"result":1}', 400),
        ("Observations", b"[1]", 400),
        ("Observations", b"", 400),
        ("Observations", b"\xff", 400),
        (inside, b"[1]", 400),
    ):
        light, pages = both(path, content)
        assert (light.status_code, pages.status_code) == (status, status), (content, light.text)
        told, expected = light.json(), pages.json()
        if status == 201:
            assert light.headers["Location"] == told["@iot.selfLink"]
            assert list(told) == list(expected)
            for name in ("@iot.id", "result", "phenomenonTime", "resultQuality", "parameters"):
                assert told[name] == expected[name]
        else:
            assert told == expected
            assert {name: light.headers.get(name) for name in SAME} == {name: pages.headers.get(name) for name in SAME}


def test_who_may_not_write_is_told_alike(both: Callable[..., tuple[Any, Any]], stream: Any) -> None:
    for headers, status in (
        ({"token": "none of ours"}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": "Digest x"}, 401),
        ({"Authorization": "Basic ???"}, 401),
        ({"Authorization": ""}, 401),
        ({"Host": "elsewhere.example"}, 400),
    ):
        light, pages = both("Observations", body(stream.pk), **headers)
        assert (light.status_code, pages.status_code) == (status, status)
        if status == 401:
            assert light.json() == pages.json()
            assert light.headers["WWW-Authenticate"] == pages.headers["WWW-Authenticate"]


def test_a_right_that_is_withdrawn_holds_for_the_next_post(
    api: httpx.Client, stream: Any, feed: SimpleNamespace
) -> None:
    from qingyuan.kit.log import PLATFORM
    from qingyuan.sensing.api import define_feed, issue_token

    def post(**headers: str) -> int:
        return api.post("/Observations", content=body(stream.pk), headers=headers).status_code

    def basic(code: str) -> int:
        return post(Authorization="Basic " + base64.b64encode(f"{code}:{token}".encode()).decode())

    assert post() == 201
    assert THREAD in {thread.name for thread in threading.enumerate()}, "not by the pages' way"
    token = issue_token(feed.row, PLATFORM)
    assert post() == 401
    assert post(Authorization=f"Bearer {token}") == 201
    assert basic("river") == 201
    assert basic("lake") == 401
    settings = {"connector": "sta", "title_zh": "河道", "title_en": "River", "settings": {}}
    define_feed("river", **settings, stations=[])
    assert basic("river") == 404
    define_feed("river", **settings, stations=[stream.channel.station])
    assert basic("river") == 201
    define_feed("river", **settings, stations=[stream.channel.station], enabled=False)
    assert basic("river") == 401


def test_what_a_name_means_is_asked_for_every_post(api: httpx.Client, stream: Any, feed: SimpleNamespace) -> None:
    from qingyuan.sensing.api import map_name

    assert api.post("/Observations", content=body(stream.pk)).json()["result"] == 7.5
    map_name(feed.row, f"Datastreams({stream.pk})", stream.channel, unit="kg/m3")
    later = api.post("/Observations", content=body(stream.pk, at="2026-11-20T05:01:00Z"))
    assert later.json()["result"] == 7500.0
    map_name(feed.row, f"Datastreams({stream.pk})", None)
    left_out = api.post("/Observations", content=body(stream.pk, at="2026-11-20T05:02:00Z"))
    assert left_out.status_code == 404
    assert feed_packets(feed.row).count() == 3, "what is left out is kept all the same"


def test_what_is_sent_again_stands_once_and_what_is_corrected_is_kept(
    api: httpx.Client, stream: Any, feed: SimpleNamespace
) -> None:
    from qingyuan.recording.models import Reading
    from qingyuan.recording.queries import stored

    first = api.post("/Observations", content=body(stream.pk))
    again = api.post("/Observations", content=body(stream.pk))
    assert again.json() == first.json()
    assert api.post("/Observations", content=body(stream.pk, "8.25")).json()["result"] == 8.25
    assert Reading.objects.count() == 1
    at = datetime(2026, 11, 20, 5, tzinfo=UTC)
    assert [one.value for one in stored([stream.channel_id], "r", at, at.replace(hour=6))] == [8.25]
    assert feed_packets(feed.row).count() == 3


def test_a_body_that_says_no_length_or_too_much_goes_the_way_of_pages(api: httpx.Client, stream: Any) -> None:
    whole = body(stream.pk)
    assert api.post("/Observations", content=iter([whole[:20], whole[20:]])).status_code == 201
    assert api.post("/Observations", content=whole + b" " * 70_000).status_code == 201
    assert api.post("/Observations?$top=1", content=whole).status_code == 201
