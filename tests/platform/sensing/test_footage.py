"""Clips and stills of cameras: stored once, put on the platform's time, held for cases, removed in their time."""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from film import mp4

from qingyuan.kit import clock
from qingyuan.kit.log import Origin, about
from qingyuan.people.queries import Role
from qingyuan.sensing.api import (
    Payload,
    bring_footage,
    define_feed,
    end_camera,
    footage_faults,
    hold_footage,
    register_camera,
    remove_expired_footage,
    replay_feed,
    take_in_payloads,
)
from qingyuan.sensing.queries import Footage, PacketState, bytes_behind, feed_packets, packet_bytes

pytestmark = pytest.mark.django_db
OFFICE = Origin("analyst", "10.0.0.1")
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)
VALUES = {"title_zh": "总排口摄像头", "title_en": "Outlet camera", "looks_at": "outlet", "owner": "区生态环境局"}


@pytest.fixture
def kept_in(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def camera(station: Any, kept_in: Path) -> Any:
    return register_camera("C-1", station, {**VALUES, "keep_days": 30}, valid_from=date(2020, 1, 1))


@pytest.fixture
def folder(station: Any) -> Any:
    made = {"path": "cameras", "form": "footage"}
    return define_feed("nvr", connector="folder", title_zh="录像机", title_en="NVR", settings=made, stations=[station])


def arrive(feed: Any, raw: bytes, name: str) -> Any:
    return take_in_payloads(feed, [Payload(raw, name, round(NINE.timestamp() * 1e6))], lambda *_: 0)[0]


def test_a_file_becomes_footage_by_its_bytes_and_its_name(camera: Any, folder: Any) -> None:
    raw = mp4()
    delivery = arrive(folder, raw, "C-1_20261122090000.mp4")
    (row,) = Footage.objects.all()
    assert (row.starts_at, row.ends_at - row.starts_at) == (NINE, timedelta(seconds=7.5))
    assert (row.door, row.feed, row.path.read_bytes()) == ("folder", folder, raw)
    (line,) = about(f"footage/{row.pk}")
    assert line.detail["sha256"] == hashlib.sha256(raw).hexdigest()
    assert delivery.is_new
    assert raw not in packet_bytes(feed_packets(folder).get()).raw  # the bytes lie in a file, a receipt in the segment


def test_the_same_bytes_are_stored_once_and_never_under_two_times(camera: Any, folder: Any) -> None:
    arrive(folder, mp4(), "C-1_20261122090000.mp4")
    again = arrive(folder, mp4(), "C-1_20261122090000.mp4")
    other = arrive(folder, mp4(), "C-1_20261122100000.mp4")
    assert (again.state, again.is_new) == (PacketState.DECODED, False)
    assert other.state == PacketState.REJECTED
    assert "same bytes are on file" in other.note
    assert Footage.objects.count() == 1


def test_a_clock_that_is_ahead_is_put_right_and_what_it_said_is_kept(camera: Any, folder: Any, station: Any) -> None:
    register_camera("C-1", station, {**VALUES, "clock_ahead_s": 90.0}, valid_from=date(2020, 1, 1))
    arrive(folder, mp4(), "C-1_20261122T010130Z.mp4")
    row = Footage.objects.get()
    assert (row.starts_at, row.told_at) == (NINE, NINE + timedelta(seconds=90))


def test_what_came_before_its_camera_was_entered_is_read_again(folder: Any, station: Any, kept_in: Path) -> None:
    assert arrive(folder, mp4(), "C-1_20261122090000.mp4").state == PacketState.REJECTED
    register_camera("C-1", station, VALUES, valid_from=date(2020, 1, 1))
    assert replay_feed(folder, lambda *_: 0, OFFICE) == (1, 1)
    assert Footage.objects.get().path.read_bytes() == mp4()


def test_a_sender_speaks_only_for_cameras_at_its_stations(camera: Any, kept_in: Path) -> None:
    stranger = define_feed("x", connector="footage", title_zh="x", title_en="x")
    refused = arrive(stranger, mp4(), "10.0.0.9:4711 C-1_20261122T010000Z")
    assert "expected one at the stations of this feed" in refused.note


def test_a_camera_that_has_ended_takes_nothing_of_later(camera: Any, cast: Any, folder: Any) -> None:
    end_camera(cast.analyst, "C-1", date(2026, 11, 22), why="换装", origin=OFFICE)
    assert "was in use" in arrive(folder, mp4(), "C-1_20261122090000.mp4").note
    assert arrive(folder, mp4(), "C-1_20261121090000.mp4").footage is not None


def test_footage_goes_in_its_time_unless_a_case_refers_to_it(camera: Any, cast: Any) -> None:
    assert cast.analyst.role == Role.ANALYST
    with clock.wound_to(NINE):
        free, _new = bring_footage(cast.analyst, "C-1", "a.mp4", mp4(), begins_at=NINE, origin=OFFICE)
        raw = mp4(b"avc1", 20_000)
        held, _new = bring_footage(cast.analyst, "C-1", "b.mp4", raw, begins_at=NINE, origin=OFFICE)
        hold_footage(cast.analyst, held.pk, "case/1", OFFICE)
    with clock.wound_to(NINE + timedelta(days=29)):
        assert remove_expired_footage() == 0
    with clock.wound_to(NINE + timedelta(days=31)):
        assert remove_expired_footage() == 1
    free.refresh_from_db()
    assert free.removed_at is not None
    assert [line.act for line in about(f"footage/{free.pk}")] == ["FootageStored", "FootageRemoved"]
    assert held.path.exists()
    assert list(footage_faults()) == [None]


@pytest.mark.parametrize("tampered", ["bytes", "row", "gone"])
def test_verifying_finds_footage_that_is_not_what_came_in(camera: Any, cast: Any, tampered: str) -> None:
    with clock.wound_to(NINE):
        row, _new = bring_footage(cast.analyst, "C-1", "a.mp4", mp4(), begins_at=NINE, origin=OFFICE)
    assert list(footage_faults()) == [None]
    acts: dict[str, Callable[[], Any]] = {
        "bytes": lambda: row.path.write_bytes(mp4(b"avc1", 20_000)),
        "row": lambda: Footage.objects.update(starts_at=NINE - timedelta(hours=1)),
        "gone": row.path.unlink,
    }
    acts[tampered]()
    (fault,) = footage_faults()
    assert fault is not None
    assert f"footage {row.pk}" in fault


def test_a_receipt_that_names_another_file_opens_nothing() -> None:
    forged = b'{"bytes_kept":"../../secret_key","size":64}'
    assert bytes_behind(forged) == forged
