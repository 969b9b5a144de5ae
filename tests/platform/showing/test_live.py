"""The live stream on a real server: what a page hears, what it gets after a break, and what it costs."""

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from django.db import connection, transaction
from django.test import Client

from qingyuan.kit import log
from qingyuan.kit.queries import last_seq
from qingyuan.people.events import OrganisationRegistered, PersonRegistered
from qingyuan.places.events import StationRegistered
from qingyuan.recording.events import ReadingsAppended
from qingyuan.showing import live

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 10.0
LISTENER = "application_name = 'qingyuan live'"


@pytest.fixture
def server(transactional_db: None) -> Iterator[int]:
    """A web process on a free port."""
    from qingyuan.project.asgi import application

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = uvicorn.Config(
        application, host="127.0.0.1", port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=1
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    ends = time.monotonic() + PATIENCE
    while not running.started:
        assert time.monotonic() < ends
        time.sleep(0.02)
    yield port
    running.should_exit = True
    thread.join(PATIENCE)


@dataclass
class Heard:
    """One event as it came over the wire."""

    id: str = ""
    event: str = ""
    data: str = ""


@dataclass
class Stream:
    """A page that listens; reads events one at a time."""

    port: int
    client: Client
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""

    def __enter__(self) -> "Stream":
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        cookie = f"sessionid={self.client.cookies['sessionid'].value}"
        self.connection.request("GET", f"/live/stream{self.query}", headers={"Cookie": cookie, **self.headers})
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200
        assert self.answer.readline() == b"retry: 2000\n"
        assert self.answer.readline() == b"\n"
        return self

    def __exit__(self, *_: object) -> None:
        self.answer.close()
        self.connection.close()

    def next(self) -> Heard:
        heard = Heard()
        while True:
            line = self.answer.readline().decode()
            assert line, "the stream ended"
            if line == "\n" and heard.event:
                return heard
            name, _, value = line.rstrip("\n").partition(": ")
            if name in {"id", "event", "data"}:
                setattr(heard, name, value)


@pytest.fixture
def page(server: int, cast: SimpleNamespace) -> Any:
    """Open a stream as one of the cast; the cast's own lines are in the log by then."""

    def open_as(person: str, headers: dict[str, str] | None = None, query: str = "") -> Stream:
        client = Client()
        client.force_login(getattr(cast, person))
        return Stream(server, client, headers or {}, query)

    return open_as


def say(name: str) -> int:
    """Write a line that anybody may hear of."""
    log.write(OrganisationRegistered(id=1, code=name))
    return last_seq()


def say_frequently(number: int) -> int:
    log.write(ReadingsAppended(id=number, spans=[]))
    return last_seq()


def test_a_line_is_heard_once_it_is_committed(page: Any) -> None:
    with page("duty_officer") as stream:
        with transaction.atomic():
            log.write(OrganisationRegistered(id=1, code="a"))
            log.write(PersonRegistered(id=5, username="b", role="leader"))
            before = last_seq()
        first, second = stream.next(), stream.next()
        seq = before + 1
    assert (first.id, first.event) == (str(seq), "OrganisationRegistered")
    assert json.loads(first.data) == {"seq": seq, "act": "OrganisationRegistered", "subject": "organisation/1"}
    assert second.event == "PersonRegistered"


def test_what_was_rolled_back_is_never_heard(page: Any) -> None:
    with page("duty_officer") as stream:
        with transaction.atomic():
            say("never")
            transaction.set_rollback(True)
        log.write(StationRegistered(id=7, code="s"))
        assert stream.next().event == "StationRegistered"


def test_people_of_a_part_of_the_district_hear_what_but_not_about_what(page: Any) -> None:
    for person in ("grid_worker", "enterprise"):
        with page(person) as stream:
            say("a")
            heard = stream.next()
            assert heard.event == "OrganisationRegistered"
            assert "subject" not in heard.data


def test_after_a_break_the_missed_lines_come_first(page: Any) -> None:
    with page("duty_officer") as stream:
        say("a")
        last = stream.next().id
    missed = [say("b"), say("c")]
    with page("duty_officer", {"Last-Event-ID": last}) as stream:
        assert [stream.next().id for _ in missed] == [str(seq) for seq in missed]
        assert stream_says(stream, say("d"))


def test_after_a_break_readings_that_were_stored_are_told_once_and_that_the_newest_may_have_moved(page: Any) -> None:
    before = say("a")
    for number in range(3):
        say_frequently(number)
    with page("duty_officer", query=f"?after={before}") as stream:
        assert [stream.next().event for _ in range(2)] == ["ReadingsAppended", "NewestKept"]


def test_a_page_names_the_line_it_was_drawn_at(page: Any) -> None:
    before = say("a")
    after = say("b")
    with page("duty_officer", query=f"?after={before}") as stream:
        assert stream.next().id == str(after)


def test_a_page_is_told_when_the_newest_readings_were_kept(page: Any, taken_up: Any) -> None:
    with page("duty_officer") as stream:
        say_frequently(1)
        assert stream.next().event == "ReadingsAppended"
        taken_up("recording.api.readings.keep_latest")
        told = stream.next()
    assert (told.event, told.id, json.loads(told.data)["seq"]) == ("NewestKept", "", 0)


@pytest.mark.parametrize("number", ["-1", "x", "9" * 40, "1e3", "%C2%B2"])
def test_an_absurd_number_counts_as_none(page: Any, number: str) -> None:
    with page("duty_officer", query=f"?after={number}") as stream:
        assert stream_says(stream, say("a"))


def test_a_frequent_act_is_told_a_few_times_a_second_and_last_of_all(page: Any) -> None:
    with page("duty_officer") as stream:
        seqs = [say_frequently(number) for number in range(40)]
        first, last = stream.next(), stream.next()
    assert (first.event, first.id) == ("ReadingsAppended", "")
    assert f'"seq": {seqs[0]}' in first.data
    assert f'"seq": {seqs[-1]}' in last.data


def test_the_stream_goes_on_when_postgresql_comes_back(page: Any) -> None:
    with page("duty_officer") as stream:
        assert stream_says(stream, say("a"))
        assert _cut_listeners() == 1
        missed = say("while nobody listened")
        assert stream.next().id == str(missed)
        assert stream_says(stream, say("b"))


def test_open_streams_share_one_connection_to_the_database(page: Any, server: int) -> None:
    before = _connections()
    streams = [page("duty_officer").__enter__() for _ in range(12)]
    seq = say("a")
    assert all(stream.next().id == str(seq) for stream in streams)
    held = _connections() - before
    for stream in streams:
        stream.__exit__()
    assert held <= 2


def test_finished_requests_hold_no_connection_to_the_database(page: Any, server: int) -> None:
    session = page("duty_officer").client.cookies["sessionid"].value
    before = _connections()
    for _ in range(8):
        with closing(http.client.HTTPConnection("127.0.0.1", server, timeout=PATIENCE)) as asking:
            asking.request("GET", "/findings/", headers={"Cookie": f"sessionid={session}"})
            assert asking.getresponse().read()
    ends = time.monotonic() + PATIENCE
    while _connections() > before:
        assert time.monotonic() < ends, "connections stayed open"
        time.sleep(0.05)


def test_the_listener_rests_when_nobody_is_there(page: Any) -> None:
    with page("duty_officer") as stream:
        assert stream_says(stream, say("a"))
    ends = time.monotonic() + PATIENCE
    while _listeners():
        assert time.monotonic() < ends, "the listener stayed"
        time.sleep(0.05)


def test_nothing_streams_without_logging_in(server: int) -> None:
    with closing(_asking(server, "")) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "/login/?next=/live/stream")


def test_no_cache_keeps_the_stream(page: Any) -> None:
    with page("duty_officer") as stream:
        assert stream.answer.headers["Content-Type"] == "text/event-stream"
        assert stream.answer.headers["Cache-Control"] == "no-store"


def test_a_slow_page_is_let_go_and_holds_no_more_than_its_queue() -> None:
    subscription = live.Subscription()
    told = [subscription.tell(live.Hint(seq, "CaseOpened", "case/1")) for seq in range(live.QUEUE_LENGTH + 1)]
    assert told == [True] * live.QUEUE_LENGTH + [False]
    assert subscription.queue.qsize() == 1
    assert subscription.queue.get_nowait() is None


def test_a_silent_stream_keeps_its_line_open(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.02)

    async def listen() -> list[bytes]:
        parts = []
        async for part in live.events(with_subject=True, last_seq=None):
            parts.append(part)
            if len(parts) == 3:
                break
        return parts

    assert asyncio.run(listen()) == [live.RETRY, live.HEARTBEAT, live.HEARTBEAT]


def test_only_so_many_streams_are_served(monkeypatch: pytest.MonkeyPatch, page: Any, server: int) -> None:
    monkeypatch.setattr(live, "MOST_SUBSCRIBERS", 1)
    with page("duty_officer") as stream:
        assert stream_says(stream, say("a"))
        with closing(_asking(server, stream.client.cookies["sessionid"].value)) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "30")


def _asking(server: int, session: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server, timeout=PATIENCE)
    connection.request("GET", "/live/stream", headers={"Cookie": f"sessionid={session}", "Connection": "close"})
    return connection.getresponse()


def stream_says(stream: Stream, seq: int) -> bool:
    return stream.next().id == str(seq)


def _ask(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def _connections() -> int:
    return _ask("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")


def _listeners() -> int:
    return _ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'qingyuan live'")


def _cut_listeners() -> int:
    return _ask(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'qingyuan live'"
    )
