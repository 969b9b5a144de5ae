"""A web process on a loopback port, a feed that speaks the SensorThings API, and the public client."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from django.test import Client

PATIENCE = 10.0


@pytest.fixture(autouse=True)
def ten_past_ten() -> None:
    """Other pages of this stage wind the clock; a server in its own threads keeps the time of the wall."""


@pytest.fixture
def server(transactional_db: None) -> Iterator[str]:
    """The address of the API on a free port."""
    import uvicorn

    from qingyuan.project.asgi import application

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = uvicorn.Config(application, host="127.0.0.1", port=port, log_level="error", lifespan="off")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    ends = time.monotonic() + PATIENCE
    while not running.started:
        assert time.monotonic() < ends
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}/sta/v1.1"
    running.should_exit = True
    thread.join(PATIENCE)
    for other in threading.enumerate():
        if other.name == "observations":  # rests in a moment, and gives its connection back
            other.join(PATIENCE)


@pytest.fixture
def feed(station: Any) -> SimpleNamespace:
    """A feed that has the outlet, may register river stations, and its token."""
    from qingyuan.kit.log import PLATFORM
    from qingyuan.sensing.api import define_feed, issue_token

    feed = define_feed(
        "river", connector="sta", title_zh="河道监测", title_en="River sensors",
        settings={"station_kind": "surface-water"}, stations=[station],
    )  # fmt: skip
    return SimpleNamespace(row=feed, token=issue_token(feed, PLATFORM))


@pytest.fixture
def stream(channel: Any) -> Any:
    """The outlet's real-time COD."""
    from qingyuan.recording.api import describe_stream

    return describe_stream(channel, "r", {})


@pytest.fixture
def readings(readings: Callable[..., Any]) -> Callable[..., Any]:
    """Readings of a channel, committed, and what the loop does for the first of a kind."""
    from django.db import transaction

    from qingyuan.recording.api import note_streams

    def put(channel: Any, kind: str, values: Iterable[tuple[datetime, float]], mark: str = "N") -> None:
        with transaction.atomic():
            note_streams(readings(channel, kind, values, mark))

    return put


@pytest.fixture
def api(server: str, feed: SimpleNamespace) -> Iterator[httpx.Client]:
    """A program that carries the feed's token."""
    headers = {"Authorization": f"Bearer {feed.token}", "Accept-Language": "en"}
    with httpx.Client(base_url=server, headers=headers, trust_env=False) as client:
        yield client


class Program:
    """A program inside this process: the same requests without a socket."""

    def __init__(self, token: str = "", **headers: str) -> None:
        given = {"Accept-Language": "en", **headers}
        self.client = Client(headers={**given, "Authorization": f"Bearer {token}"} if token else given)

    def get(self, path: str, status: int = 200, **options: Any) -> Any:
        """The JSON at an address; options without their dollar."""
        query = {f"${name}": str(value) for name, value in options.items()}
        answer = self.client.get(f"/sta/v1.1/{path}", query)
        assert answer.status_code == status, answer.content.decode()
        return (
            json.loads(answer.content) if "json" in answer.headers.get("Content-Type", "") else answer.content.decode()
        )

    def send(self, verb: str, path: str, document: Any, status: int, **more: Any) -> Any:
        """What a request with a document is answered."""
        more.setdefault("content_type", "application/json")
        answer = getattr(self.client, verb)(f"/sta/v1.1/{path}", json.dumps(document), **more)
        assert answer.status_code == status, answer.content.decode()
        return json.loads(answer.content)

    def post(self, path: str, document: Any, status: int = 201) -> Any:
        """What a posted document is answered."""
        return self.send("post", path, document, status)

    def ids(self, path: str, **options: Any) -> list[Any]:
        """The ids of a collection."""
        return [entity["@iot.id"] for entity in self.get(path, **options)["value"]]


@pytest.fixture
def program(feed: SimpleNamespace) -> Program:
    """A program that carries the feed's token."""
    return Program(feed.token)


@pytest.fixture
def anybody() -> Callable[..., Program]:
    """A program with another token, or with none."""
    return Program
