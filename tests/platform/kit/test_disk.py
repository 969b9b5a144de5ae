"""Files of evidence are whole or not there, and their names are on disk before anybody is told that they are kept."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from qingyuan.kit import clock, disk
from qingyuan.recording.api import Evidence
from qingyuan.recording.logic import evidence

PDF = Evidence("a.pdf", b"%PDF-1.7")


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def test_the_folders_that_name_a_file_are_on_disk_once_it_is_kept(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[int, bool]] = []
    sync = os.fsync

    def noted(handle: int) -> None:
        synced.append((os.fstat(handle).st_ino, bool(list(media.glob("??/*")))))
        sync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    evidence.keep(PDF)
    (kept,) = files(media)
    assert kept.read_bytes() == PDF.content
    named = {inode for inode, is_named in synced if is_named}
    assert {kept.parent.stat().st_ino, media.stat().st_ino} <= named


def test_nothing_is_left_where_the_disk_is_full(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        evidence.keep(PDF)
    assert files(media) == []


def test_what_a_crash_left_is_removed_a_day_later(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_handle: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as power:
        power.setattr(os, "fsync", crash)
        with pytest.raises(KeyboardInterrupt):
            evidence.keep(PDF)
    assert len(files(media)) == 1
    assert disk.sweep() == 0
    with clock.wound_to(clock.now() + timedelta(days=2)):
        assert disk.sweep() == 1
    assert files(media) == []
    evidence.keep(PDF)
    (kept,) = files(media)
    assert kept.read_bytes() == PDF.content
