"""A watched folder: each file is read once, also when the process dies, and what is half written is left alone."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from database import readings_of_this_test  # noqa: F401 a fixture
from listener import listening, until

from qingyuan.kit.errors import BadInput
from qingyuan.recording.api import append
from qingyuan.sensing.api import Rows, Segment, define_feed
from qingyuan.sensing.connectors import folder as door
from qingyuan.sensing.queries import Channel, FaultCount, Feed, feed_packets, packet_bytes

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "name,at,value\n"


@pytest.fixture
def place(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.INBOX = tmp_path
    monkeypatch.setattr(door, "LOOK_S", 0.05)
    monkeypatch.setattr(door, "STILL_S", 0.1)
    (tmp_path / "meters").mkdir()
    return tmp_path / "meters"


@pytest.fixture
def feed(station: Any, place: Path) -> Feed:
    values = {"path": "meters", "pattern": "*.csv"}
    return define_feed(
        "meters", connector="folder", title_zh="电表", title_en="Meters", settings=values, stations=[station]
    )


def row(value: float, minute: int = 0) -> str:
    return f"outlet-1/w01018,2026-11-22 09:{minute:02d},{value}\n"


def stored() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM recording_reading WHERE kind = 'r'")
        return int(cursor.fetchone()[0])


def test_files_are_stored_and_moved(feed: Feed, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = HEAD + row(41, 1) + row(42, 2)
    (place / "good.csv").write_text(good)
    (place / "bad.csv").write_bytes(b"\0\0")
    (place / "other.txt").write_text(good)
    (place / ".hidden.csv").write_text(good)
    with listening(monkeypatch):
        until(lambda: (place / "done/good.csv").exists() and (place / "failed/bad.csv").exists())
    assert stored() == 2
    assert Channel.objects.get().factor == "w01018"
    packet = feed_packets(feed).get(peer="good.csv")
    assert packet_bytes(packet).raw == good.encode()
    assert feed_packets(feed).get(peer="bad.csv").error == "BadPayload"
    assert sorted(path.name for path in place.iterdir()) == [".hidden.csv", "done", "failed", "other.txt"]


def test_a_file_that_still_grows_is_left_alone(feed: Feed, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "STILL_S", 0.6)
    with listening(monkeypatch), (place / "growing.csv").open("w") as file:
        file.write(HEAD)
        for minute in range(10):
            file.write(row(41, minute))
            file.flush()
            time.sleep(0.07)
            assert not feed_packets(feed).exists()
        until(lambda: stored() == 10)
    assert feed_packets(feed).count() == 1


def test_a_name_that_comes_again_is_read_again_and_overwrites_nothing(
    feed: Feed, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(monkeypatch):
        for minute in (1, 2):
            (place / "day.csv").write_text(HEAD + row(41, minute))
            until(lambda minute=minute: stored() == minute and not (place / "day.csv").exists())
    assert len(list((place / "done").iterdir())) == 2


def test_a_file_that_was_committed_but_not_yet_moved_is_not_read_again(
    feed: Feed, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(folder: Path, name: str, where: str) -> None:
        raise KilledHere

    class KilledHere(Exception):
        pass

    (place / "one.csv").write_text(HEAD + row(41))
    (place / "bad.csv").write_bytes(b"\0\0")
    in_gbk = os.fsdecode("电表.csv".encode("gbk"))
    (place / in_gbk).write_text(HEAD + row(42, 1))
    with monkeypatch.context() as killed:
        killed.setattr(door, "_move", dies)
        with listening(killed):
            until(lambda: feed_packets(feed).exists())
    assert (place / "one.csv").exists()
    with listening(monkeypatch):
        until(lambda: (place / "done/one.csv").exists() and (place / "done" / in_gbk).exists())
        until(lambda: (place / "failed/bad.csv").exists())
    assert feed_packets(feed).count() == 3


def test_a_file_whose_commit_failed_is_read_again(feed: Feed, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = iter(range(2))

    def fails_at_first(rows: Rows, segment: Segment) -> int:
        if next(failures, None) is not None:
            raise OSError("no space left")
        return append(rows, segment)

    (place / "one.csv").write_text(HEAD + row(41))
    with listening(monkeypatch, fails_at_first):
        until(lambda: (place / "done/one.csv").exists())
    assert (stored(), feed_packets(feed).count()) == (1, 1)


def test_a_file_that_is_too_large_is_put_aside_and_counted(
    feed: Feed, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "LARGEST_FILE", 10)
    (place / "large.csv").write_text(HEAD + row(41))
    with listening(monkeypatch):
        until(lambda: (place / "failed/large.csv").exists())
    assert FaultCount.objects.get().error == "TooLarge"


def test_a_name_that_is_no_utf_8_stops_no_other_file(feed: Feed, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "LARGEST_FILE", 100)
    in_gbk = {text: os.fsdecode(f"{text}.csv".encode("gbk")) for text in ("电表", "太大")}
    (place / in_gbk["电表"]).write_text(HEAD + row(41, 1))
    (place / in_gbk["太大"]).write_text(HEAD + row(41, 1) * 10)
    (place / "plain.csv").write_text(HEAD + row(42, 2))
    with listening(monkeypatch):
        until(lambda: (place / "done" / in_gbk["电表"]).exists() and (place / "done/plain.csv").exists())
    assert (place / "failed" / in_gbk["太大"]).exists()
    assert stored() == 2
    assert feed_packets(feed).filter(peer=r"\udcb5\udce7\udcb1\udced.csv").exists()


def test_a_folder_may_not_lead_out_of_the_one_for_deliveries(
    feed: Feed, place: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("/etc", "../x", "a/../../x"):
        with pytest.raises(BadInput, match="expected a path below"):
            define_feed("x", connector="folder", title_zh="x", title_en="x", settings={"path": path})
    outside = tmp_path_factory.mktemp("outside")
    (outside / "one.csv").write_text(HEAD + row(41))
    place.rmdir()
    os.symlink(outside, place)
    with listening(monkeypatch):
        until(lambda: "leads out" in Feed.objects.get().trouble)
    assert not feed_packets(feed).exists()
