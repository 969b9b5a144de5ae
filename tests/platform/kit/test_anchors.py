"""Heads kept outside: a line in a file, a POST where one is wanted, and nothing lost when that fails."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from django.db import connection

from qingyuan.kit import log
from qingyuan.kit.events import Event
from qingyuan.kit.jobs import anchor_log, send_anchors
from qingyuan.kit.models import Anchor
from qingyuan.kit.proof import anchors, checking, tree

pytestmark = pytest.mark.django_db
URL = "https://other.example.cn/heads"


@dataclass(frozen=True)
class FlagRaised(Event):
    subject_kind: ClassVar[str] = "flag"
    id: int


@pytest.fixture
def file(settings: Any, tmp_path: Path) -> Path:
    settings.ANCHOR_FILE = tmp_path / "kept" / "anchors.jsonl"
    return tmp_path / "kept" / "anchors.jsonl"


Answer = Callable[[dict[str, Any]], int | Exception]


@pytest.fixture
def other_host(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], list[dict[str, Any]]]:
    """A host that answers each head as the test says; what it was told."""
    settings.ANCHOR_URL = URL
    told: list[dict[str, Any]] = []

    def stand(answer: Answer) -> list[dict[str, Any]]:
        def handle(request: httpx.Request) -> httpx.Response:
            assert str(request.url) == URL
            body = json.loads(request.content)
            found = answer(body)
            if isinstance(found, Exception):
                raise found
            told.append(body)
            return httpx.Response(found)

        client = httpx.Client
        monkeypatch.setattr(httpx, "Client", lambda **given: client(transport=httpx.MockTransport(handle), **given))
        return told

    return stand


def test_a_head_becomes_a_line_of_the_file_with_size_root_and_time(file: Path) -> None:
    log.write(FlagRaised(id=1))
    anchors.anchor()
    log.write(FlagRaised(id=2))
    anchor_log(timestamp=0)
    first, second = (json.loads(line) for line in file.read_text().splitlines())
    assert second["size"] == first["size"] + 1
    assert second["root"] == tree.head().root.hex()
    assert set(first) == {"at", "root", "size"}


def test_kept_heads_hold_against_the_log_they_were_taken_from(file: Path) -> None:
    for number in range(5):
        log.write(FlagRaised(id=number))
        anchors.anchor()
    heads, unreadable = anchors.kept()
    found = checking.check(heads)
    assert (found.anchors, found.faults, unreadable) == (5, [], [])


def test_a_changed_head_and_an_unreadable_line_are_told_with_their_place(file: Path) -> None:
    log.write(FlagRaised(id=1))
    anchors.anchor()
    kept = json.loads(file.read_text())
    file.write_text("\n".join([json.dumps({**kept, "root": "00" * 32}), "nonsense", '{"size": 3}']))
    heads, unreadable = anchors.kept()
    assert unreadable[0].startswith("anchors.jsonl line 2: found 'nonsense': expected a head as JSON")
    assert unreadable[1].startswith("anchors.jsonl line 3")
    (fault,) = checking.check(heads).faults
    assert "are not those whose head was kept (anchors.jsonl line 1)" in fault


def test_a_whole_log_made_anew_is_found(file: Path) -> None:
    for number in range(4):
        log.write(FlagRaised(id=number))
    anchors.anchor()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE kit_entry, kit_node")
    for number in range(6):
        log.write(FlagRaised(id=number + 100))
    assert log.verify() == 6
    (fault,) = {fault.partition(" (")[0] for fault in checking.check(anchors.kept()[0]).faults}
    assert fault.endswith("are not those whose head was kept")


def test_without_an_address_nothing_is_sent(file: Path) -> None:
    assert anchors.anchor().attempts == 0


def test_a_head_is_sent_to_the_other_host(file: Path, other_host: Any) -> None:
    told = other_host(lambda head: 204)
    made = anchors.anchor()
    assert made.sent_at is not None
    assert told == [json.loads(file.read_text())]
    anchors.send_waiting()
    assert len(told) == 1


@pytest.mark.parametrize("trouble", [503, 404, httpx.ConnectError("no route"), httpx.ReadTimeout("silent")])
def test_what_could_not_be_sent_is_counted_kept_and_sent_later_in_order(
    file: Path, other_host: Any, trouble: int | Exception
) -> None:
    down = True
    told = other_host(lambda head: trouble if down else 200)
    for number in range(3):
        log.write(FlagRaised(id=number))
        anchors.anchor()
    assert len(file.read_text().splitlines()) == 3
    waiting = Anchor.objects.filter(sent_at=None).order_by("pk")
    assert [row.attempts for row in waiting] == [3, 0, 0]
    assert waiting[0].error
    told.clear()
    down = False
    send_anchors(timestamp=0)
    assert [head["size"] for head in told] == sorted(head["size"] for head in told)
    assert len(told) == 3
    assert not Anchor.objects.filter(sent_at=None).exists()


@pytest.mark.parametrize(
    ("trouble", "kept"),
    [
        (503, "answered 503"),
        (httpx.ConnectError(f"no route to {URL}"), "ConnectError"),
        (httpx.InvalidURL(f"Invalid port in {URL}"), "InvalidURL"),
    ],
)
def test_a_failure_is_kept_without_the_address_which_may_carry_a_token(
    file: Path, other_host: Any, capsys: pytest.CaptureFixture[str], trouble: int | Exception, kept: str
) -> None:
    other_host(lambda head: trouble)
    assert anchors.anchor().error == kept
    said = capsys.readouterr()
    assert "other.example.cn" not in said.out + said.err


def test_an_address_that_is_none_is_a_failure_and_not_a_crash(file: Path, settings: Any) -> None:
    settings.ANCHOR_URL = "not an address"
    made = anchors.anchor()
    assert (made.attempts, made.sent_at) == (1, None)
    assert "UnsupportedProtocol" in made.error
