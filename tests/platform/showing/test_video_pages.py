"""Video beside the readings: footage comes in by push and by hand, is seen at its instant, and goes into a case."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from casefile import NINE, OFFICE
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from film import mp4
from PIL import Image

from qingyuan.kit.verifier import verify_bundle as verifier
from qingyuan.sensing.api import define_feed, issue_token, register_camera
from qingyuan.sensing.queries import Footage, feed_packets
from qingyuan.showing.http_api import footage as door

pytestmark = pytest.mark.django_db
VALUES = {
    "title_zh": "总排口摄像头", "title_en": "Outlet camera", "looks_at": "outlet", "owner": "Test Bureau",
    "live_url": "https://media.example.cn/live/7?sign=secret",
}  # fmt: skip


def still(shade: int = 90) -> bytes:
    body = io.BytesIO()
    Image.new("RGB", (64, 36), (shade, 120, 130)).save(body, "PNG")
    return body.getvalue()


@pytest.fixture(autouse=True)
def kept_in(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def camera(station: Any) -> Any:
    return register_camera("C-1", station, VALUES, valid_from=date(2020, 1, 1))


@pytest.fixture
def token(station: Any) -> str:
    made = define_feed("nvr", connector="footage", title_zh="录像机", title_en="NVR", stations=[station])
    return issue_token(made, OFFICE)


def push(token: str, raw: bytes, **fields: str) -> Any:
    form = {"camera": "C-1", "begins_at": "2026-11-22T09:00:00+08:00", **fields}
    file = SimpleUploadedFile("x.bin", raw)
    client = Client(enforce_csrf_checks=True)
    return client.post("/api/v1/footage", {**form, "file": file}, headers={"authorization": f"Bearer {token}"})


@pytest.fixture
def clip(camera: Any, token: str) -> Footage:
    """Seven and a half seconds from nine o'clock on."""
    assert push(token, mp4()).status_code == 200
    return Footage.objects.get()


def test_a_clip_that_is_pushed_is_answered_once_it_is_kept(camera: Any, token: str) -> None:
    answer = push(token, mp4())
    row = Footage.objects.get()
    told = answer.json()
    assert (answer.status_code, told["id"], told["stored"], told["sha256"]) == (200, row.pk, True, row.sha256)
    assert (row.starts_at, row.door, row.address) == (NINE, "push", "127.0.0.1:0")
    assert push(token, mp4()).json()["stored"] is False


def test_the_packet_of_a_clip_shows_no_fault_and_names_its_hash(
    clip: Footage, browser: Callable[[str], Client]
) -> None:
    assert clip.feed is not None
    (packet,) = feed_packets(clip.feed)
    page = browser("administrator").get(reverse("packet", kwargs={"packet_id": packet.pk})).content.decode()
    assert clip.sha256 in page
    assert "Cannot be read" not in page
    assert "expected MP4" not in page


def test_a_sender_is_told_what_was_found_and_what_was_expected(
    camera: Any, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = push(token, mp4(b"hvc1"))
    assert refused.status_code == 422
    assert "found video in H.265, expected H.264" in refused.json()["faults"][0]["detail"]
    assert push(token, mp4(), begins_at="yesterday").status_code == 400
    assert push("nonsense", mp4()).status_code == 401
    assert Client().post("/api/v1/readings", b"{}", content_type="application/json",
                         headers={"authorization": f"Bearer {token}"}).status_code == 409  # fmt: skip
    monkeypatch.setattr(door, "LARGEST_FOOTAGE", 100)
    large = push(token, mp4() + bytes(door.FIELDS_BYTES + 100))
    assert large.status_code == 413
    assert "expected at most 100" in large.json()["detail"]
    assert not Footage.objects.exists()


@pytest.mark.parametrize(
    ("asked", "status", "stated", "first", "length"),
    [
        ("bytes=0-9", 206, "bytes 0-9/{size}", 0, 10),
        ("bytes=100-", 206, "bytes 100-{last}/{size}", 100, None),
        ("bytes=-7", 206, "bytes {tail}-{last}/{size}", -7, 7),
        ("bytes=99999-", 416, "bytes */{size}", 0, 0),
        ("lines=1-2", 200, None, 0, None),
    ],
)
def test_a_player_gets_the_part_that_it_asks_for(
    clip: Footage, browser: Callable[[str], Client], asked: str, status: int, stated: str | None, first: int,
    length: int | None,
) -> None:  # fmt: skip
    whole = mp4()
    address = reverse("footage-file", kwargs={"footage_id": clip.pk})
    answer = browser("duty_officer").get(address, headers={"range": asked})
    assert answer.status_code == status
    size = len(whole)
    if stated is not None:
        assert answer.headers["Content-Range"] == stated.format(size=size, last=size - 1, tail=size - 7)
    expected = whole[first:] if length is None else whole[first:][:length]
    assert answer.content == expected
    assert status == 416 or (answer.headers["Accept-Ranges"], answer.headers["Content-Type"]) == ("bytes", "video/mp4")


def test_who_may_not_see_the_place_sees_nothing_of_it(clip: Footage, browser: Callable[[str], Client]) -> None:
    bytes_of, page = (reverse(name, kwargs={"footage_id": clip.pk}) for name in ("footage-file", "footage"))
    for person, status in (("grid_worker", 200), ("other_grid_worker", 404), ("enterprise", 403)):
        assert [browser(person).get(address).status_code for address in (bytes_of, page)] == [status, status], person


def test_without_script_the_clips_stand_with_their_times_and_means(
    clip: Footage, channel: Any, readings: Callable[..., Any], browser: Callable[[str], Client]
) -> None:
    readings(channel, "r", [(NINE + timedelta(seconds=second), value) for second, value in ((-40, 40.0), (5, 70.0))])
    address = reverse("station-video", kwargs={"code": "outlet-1"})
    page = browser("duty_officer").get(address, {"range": "6h"}).content.decode()
    assert reverse("footage", kwargs={"footage_id": clip.pk}) in page
    assert "55" in page  # the mean of the value that stood at nine and the one that came meanwhile
    assert "above the limit for the daily mean" in page, "the limit of 50 mg/L judges days, not these seconds"
    assert "over the limit" not in page
    told = browser("duty_officer").get(reverse("station-footage", kwargs={"code": "outlet-1"}), {"range": "6h"}).json()
    (item,) = told["footage"]
    assert (item["from"], item["to"] - item["from"], item["clip"]) == (round(NINE.timestamp() * 1000), 7500, True)


def test_a_page_without_camera_or_footage_says_so(station: Any, channel: Any, browser: Callable[[str], Client]) -> None:
    officer, address = browser("duty_officer"), reverse("station-video", kwargs={"code": "outlet-1"})
    assert "No camera looks at this station" in officer.get(address).content.decode()
    register_camera("C-1", station, VALUES, valid_from=date(2020, 1, 1))
    assert "Nothing came from its cameras yet" in officer.get(address).content.decode()


def test_a_clip_is_brought_by_hand_and_a_bad_one_is_explained(camera: Any, browser: Callable[[str], Client]) -> None:
    address = reverse("camera-bring", kwargs={"code": "C-1"})

    def bring(raw: bytes) -> Any:
        file = SimpleUploadedFile("outlet.png", raw)
        return browser("analyst").post(address, {"begins_at": "2026-11-22T09:00:30", "file": file})

    assert bring(still()).status_code == 302
    row = Footage.objects.get()
    assert (row.starts_at, row.is_clip, row.door) == (NINE + timedelta(seconds=30), False, "page")
    refused = bring(b"GIF89a" + bytes(20))
    assert refused.status_code == 422
    assert "begins with 47 49 46" in refused.content.decode()


def test_a_camera_is_entered_changed_and_ended_by_who_may(station: Any, browser: Callable[[str], Client]) -> None:
    analyst = browser("analyst")
    values = {
        **VALUES,
        "code": "C-9",
        "place": "outlet-1",
        "valid_from": "2026-01-01",
        "clock_ahead_s": 0,
        "keep_days": 90,
    }
    assert analyst.post(reverse("camera-new"), {**values, "gb_code": "12"}).status_code == 422
    assert analyst.post(reverse("camera-new"), values).status_code == 302
    shown = analyst.get(reverse("camera-change", kwargs={"code": "C-9"})).content.decode()
    assert "secret" not in shown
    assert (
        analyst.post(
            reverse("camera-change", kwargs={"code": "C-9"}), {**values, "live_url": "", "owner": "X"}
        ).status_code
        == 302
    )
    live = browser("duty_officer").post(reverse("camera-live", kwargs={"code": "C-9"}))
    assert (live.status_code, live.headers["Location"]) == (302, VALUES["live_url"])
    end = reverse("camera-end", kwargs={"code": "C-9"})
    assert analyst.post(end, {"ended_on": "2026-11-22", "why": "moved"}).status_code == 302
    assert browser("duty_officer").post(reverse("camera-live", kwargs={"code": "C-9"})).status_code == 409


@pytest.mark.mission("S4-17")
def test_a_clip_in_the_file_of_a_case_is_held_and_verifies_in_its_bundle(
    case: Any, clip: Footage, browser: Callable[[str], Client]
) -> None:
    found = browser("duty_officer").get(reverse("finding", kwargs={"finding_id": case.finding_id})).content.decode()
    assert reverse("station-video", kwargs={"code": "outlet-1"}) in found
    answer = browser("officer").post(reverse("footage-case", kwargs={"footage_id": clip.pk}), {"case": case.pk})
    assert answer.status_code == 302
    assert clip.holds.get().subject == f"case/{case.pk}"
    bundle = browser("officer").get(reverse("case-evidence", kwargs={"case_id": case.pk}))
    with zipfile.ZipFile(io.BytesIO(b"".join(bundle.streaming_content))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert members[f"footage/{clip.sha256}"] == mp4()
    assert verifier.Bundle(members).check(None)
    members[f"footage/{clip.sha256}"] = mp4(b"avc1", 20_000)
    forged = verifier.Bundle(members)
    assert not forged.check(None)
    assert any("whose hash stands in the log" in fault for fault in forged.faults)
