"""Documents that are fetched: asked for when due, not stored twice, and never from where nobody allowed it."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any, ClassVar

import pytest
from database import readings_of_this_test  # noqa: F401 a fixture
from listener import listening, until

from qingyuan.kit.errors import BadInput
from qingyuan.sensing.api import define_feed
from qingyuan.sensing.connectors import pull as door
from qingyuan.sensing.connectors._addresses import may_be_asked
from qingyuan.sensing.queries import Channel, Feed, feed_packets, packet_bytes

committed = pytest.mark.django_db(transaction=True)


class Service(BaseHTTPRequestHandler):
    """A web service: what it answers, and what it was asked."""

    status: ClassVar[int] = 200
    document: ClassVar[Any] = {}
    tagged: ClassVar[bool] = False
    mark: ClassVar[str] = ""
    location: ClassVar[str] = ""
    at_a_time: ClassVar[int] = 1 << 20
    rests_s: ClassVar[float] = 0.0
    asked: ClassVar[list[dict[str, str]]] = []

    def do_GET(self) -> None:
        Service.asked.append(dict(self.headers))
        body = json.dumps(Service.document).encode()
        tag = f'"{hash(body)}{Service.mark}"'
        known = Service.tagged and self.headers.get("If-None-Match") == tag
        self.send_response(304 if known else Service.status)
        if Service.tagged:
            self.send_header("ETag", tag)
        if Service.location:
            self.send_header("Location", Service.location)
        self.send_header("Content-Length", "0" if known else str(len(body)))
        self.end_headers()
        for place in range(0 if not known else len(body), len(body), Service.at_a_time):
            self.wfile.write(body[place : place + Service.at_a_time])
            time.sleep(Service.rests_s)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing."""


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    for name, value in (("status", 200), ("tagged", False), ("mark", ""), ("location", ""), ("asked", [])):
        monkeypatch.setattr(Service, name, value)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture
def feed(station: Any, port: int, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Feed:
    settings.PULL_NETWORKS = ["127.0.0.0/8"]
    monkeypatch.setattr(door, "SECONDS_A_MINUTE", 0.1)
    return pulled(station, port)


def pulled(station: Any, port: int, **more: str) -> Feed:
    values = {
        "url": f"http://localhost:{port}/v1/now?key=secret", "minutes": "1", "headers": "X-Key: 123",
        "list": "data.rows", "name": "id", "values": "v", "time": "t",
    }  # fmt: skip
    return define_feed(
        "meters", connector="pull", title_zh="电表", title_en="Meters", settings=values | more, stations=[station]
    )


def says(*values: float) -> None:
    rows = [
        {"id": "outlet-1/w01018", "t": f"202611220900{number:02d}", "v": str(value)}
        for number, value in enumerate(values)
    ]
    Service.document = {"data": {"rows": rows}}


def stored() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM recording_reading WHERE kind = 'r'")
        return int(cursor.fetchone()[0])


@committed
@pytest.mark.mission("S3-17")
def test_what_a_service_says_is_stored_and_its_key_is_not(
    feed: Feed, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(41, 42)
    with listening(monkeypatch):
        until(lambda: stored() == 2)
        says(41, 42, 43)
        until(lambda: stored() == 3)
    assert Channel.objects.get().factor == "w01018"
    assert Service.asked[0]["X-Key"] == "123"
    packet = feed_packets(feed).first()
    assert packet is not None
    assert packet.peer == f"http://localhost:{port}/v1/now"
    assert packet_bytes(packet).raw == json.dumps(Service.document).encode()


@committed
def test_a_service_that_never_ends_its_answer_is_given_up(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each read brings a byte in time."""
    monkeypatch.setattr(Service, "at_a_time", 1)
    monkeypatch.setattr(Service, "rests_s", 0.05)
    monkeypatch.setattr(door, "WHOLE_S", 0.3)
    says(41)
    with listening(monkeypatch):
        until(lambda: "found no end of the answer" in Feed.objects.get().trouble)
    assert stored() == 0


@committed
@pytest.mark.parametrize("tagged", [True, False], ids=["by its tag", "by its bytes"])
def test_what_did_not_change_is_not_stored_again(feed: Feed, tagged: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Service, "tagged", tagged)
    says(41)
    with listening(monkeypatch):
        until(lambda: len(Service.asked) > 4)
    assert feed_packets(feed).count() == 1
    assert ("If-None-Match" in Service.asked[-1]) is tagged


@committed
def test_a_tag_that_cannot_be_sent_back_stops_nothing(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Service, "tagged", True)
    monkeypatch.setattr(Service, "mark", "é")
    says(41)
    with listening(monkeypatch):
        until(lambda: len(Service.asked) > 2)
    assert feed_packets(feed).count() == 1
    assert Feed.objects.get().trouble == ""


@committed
def test_a_service_that_fails_is_shown_as_trouble_and_asked_again(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    Service.status = 503
    says(41)
    with listening(monkeypatch):
        until(lambda: "found status 503" in Feed.objects.get().trouble)
        assert "secret" not in Feed.objects.get().trouble
        Service.status = 200
        until(lambda: stored() == 1)
    assert Feed.objects.get().trouble == ""


@committed
def test_a_redirection_is_not_followed(feed: Feed, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    Service.status, Service.location = 302, f"http://127.0.0.1:{port}/elsewhere"
    with listening(monkeypatch):
        until(lambda: "found status 302" in Feed.objects.get().trouble)


@committed
def test_after_a_restart_it_waits_until_it_is_due(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "SECONDS_A_MINUTE", 60)
    says(41)
    with listening(monkeypatch):
        until(lambda: stored() == 1)
    with listening(monkeypatch):
        time.sleep(0.4)
    assert len(Service.asked) == 1


@committed
def test_a_network_that_nobody_allowed_is_not_asked(feed: Feed, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PULL_NETWORKS = ["10.0.0.0/8"]
    with listening(monkeypatch):
        until(lambda: "QINGYUAN_PULL_NETWORKS" in Feed.objects.get().trouble)
    assert Service.asked == []


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("8.8.8.8", True), ("127.0.0.1", False), ("10.1.2.3", True), ("192.168.1.1", False), ("169.254.169.254", False),
        ("::1", False), ("::ffff:127.0.0.1", False), ("fd00::1", False), ("224.0.0.1", False), ("0.0.0.0", False),  # noqa: S104 an address, bound to by nobody

        ("::ffff:10.1.2.3", True),
    ],
)  # fmt: skip
def test_only_public_addresses_and_allowed_networks_are_asked(address: str, may: bool, settings: Any) -> None:
    settings.PULL_NETWORKS = ["10.0.0.0/8"]
    assert may_be_asked(ip_address(address)) is may


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("url", "file:///etc/passwd"), ("url", "ftp://x/"), ("url", "http://u:p@x/"), ("url", "x"), ("minutes", "0"),
        ("minutes", "x"), ("headers", "no colon"), ("zone", "Asia/Shanghai"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(station: Any, setting: str, value: str) -> None:
    with pytest.raises(BadInput, match="expected"):
        pulled(station, 80, **{setting: value})
