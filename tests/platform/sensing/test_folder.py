"""A watched folder: each file is read once, also when the process dies, and what is half written is left alone."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from database import readings_of_this_test  # noqa: F401 a fixture
from django.db import InternalError, OperationalError
from listener import listening, until

from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin
from qingyuan.recording.api import append
from qingyuan.sensing import listening as process
from qingyuan.sensing.api import Rows, Segment, define_feed, replay_feed
from qingyuan.sensing.connectors import folder as door
from qingyuan.sensing.queries import Channel, FaultCount, Feed, PacketState, Spot, feed_packets, packet_bytes

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


def test_a_file_that_cannot_be_opened_stops_no_other(feed: Feed, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def opens(path: Path, *arguments: Any) -> Any:
        if path.name == "a.csv":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments)

    opened = Path.open
    (place / "a.csv").write_text(HEAD + row(41, 1))
    (place / "b.csv").write_text(HEAD + row(42, 2))
    monkeypatch.setattr(Path, "open", opens)  # a test may run as root, who may open all
    with listening(monkeypatch):
        until(lambda: (place / "done/b.csv").exists() and (place / "failed/a.csv").exists())
    assert stored() == 1
    assert FaultCount.objects.get().error == "Unreadable"


def test_a_file_that_cannot_be_moved_is_read_once_and_stops_no_other(
    feed: Feed, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def renames(path: Path, target: Path) -> Any:
        if path.name == "a.csv":
            raise PermissionError(1, "Operation not permitted")
        return renamed(path, target)

    renamed = Path.rename
    (place / "a.csv").write_text(HEAD + row(41, 1))
    (place / "b.csv").write_text(HEAD + row(42, 2))
    monkeypatch.setattr(Path, "rename", renames)  # as in a folder of which the sticky bit is set
    for name in ("b.csv", "c.csv", "d.csv"):
        (place / name).write_text(HEAD + row(42, ord(name[0]) - 90))
        with listening(monkeypatch):
            until(lambda name=name: (place / "done" / name).exists())
    assert (place / "a.csv").exists()
    assert feed_packets(feed).count() == 4
    assert set(FaultCount.objects.values_list("error", flat=True)) == {"NotMoved"}


def test_a_name_as_long_as_names_may_be_that_comes_again_is_moved(
    feed: Feed, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "n" * 251 + ".csv"
    with listening(monkeypatch):
        for minute in (1, 2):
            (place / name).write_text(HEAD + row(41, minute))
            until(lambda minute=minute: stored() == minute and not (place / name).exists())
    assert [path.suffix for path in (place / "done").iterdir()] == [".csv", ".csv"]


def test_a_file_of_a_sender_whose_clock_is_ahead_is_read(
    feed: Feed, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "ahead.csv").write_text(HEAD + row(41))
    next_year = time.time() + 365 * 86_400
    os.utime(place / "ahead.csv", (next_year, next_year))
    with listening(monkeypatch):
        until(lambda: (place / "done/ahead.csv").exists())


def test_a_file_whose_commit_was_not_answered_is_not_read_again(
    feed: Feed, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False])

    def breaks_off(hand: process.Hand, *given: Any) -> Any:
        took = taken_in(hand, *given)
        if next(answers, True):
            return took
        raise OperationalError("the connection was lost")

    taken_in = process.Hand._take_in
    monkeypatch.setattr(process.Hand, "_take_in", breaks_off)
    (place / "one.csv").write_text(HEAD + row(41))
    with listening(monkeypatch):
        until(lambda: (place / "done/one.csv").exists())
    assert feed_packets(feed).count() == 1


def test_a_feed_whose_trouble_cannot_be_written_down_is_taken_up_again(
    feed: Feed, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter(range(2))

    def read_only(*given: Any) -> Any:
        if next(failures, None) is not None:
            raise InternalError("cannot execute UPDATE in a read-only transaction")
        return append(*given)

    def troubled(*given: Any) -> None:
        raise InternalError("cannot execute UPDATE in a read-only transaction")

    monkeypatch.setattr("qingyuan.sensing.listening.api.note_trouble", troubled)
    (place / "one.csv").write_text(HEAD + row(41))
    with listening(monkeypatch, read_only):
        until(lambda: (place / "done/one.csv").exists())
    assert stored() == 1


def test_a_file_of_which_the_rows_cannot_be_stored_stops_no_other(
    place: Path, grid: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    spots = define_feed(
        "spots", connector="folder", title_zh="图斑", title_en="Spots", settings={"path": "meters", "form": "polygons"}
    )

    def collection(*remarks: str) -> str:
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [100.05 + number / 1000, 30.1]},
                "properties": {"kind": "straw", "observed_at": "2026-11-20T09:00:00+08:00", "remark": remark},
            }
            for number, remark in enumerate(remarks)
        ]
        return json.dumps({"type": "FeatureCollection", "features": features})

    failing = ("a.json", "c.json", "d.json")
    for name in failing:
        (place / name).write_text(collection("fine", f"a NUL \0 in {name}"))
    (place / "b.json").write_text(collection("fine"))
    with listening(monkeypatch):
        until(lambda: (place / "done/b.json").exists() and all((place / "failed" / one).exists() for one in failing))
    assert Spot.objects.count() == 1
    for name in failing:
        kept = feed_packets(spots).get(peer=name)
        assert (kept.state, kept.error) == (PacketState.REJECTED, "Unstorable")
        assert packet_bytes(kept).raw == (place / "failed" / name).read_bytes()
    assert replay_feed(spots, append, Origin("administrator", "127.0.0.1")) == (len(failing), 0)
