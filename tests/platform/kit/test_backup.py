"""A backup of a platform with data, and the platform that is made of it."""

import json
import os
import shutil
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from qingyuan.kit import log
from qingyuan.kit.events import Event
from qingyuan.project import backup
from qingyuan.project.commands import COMMANDS

PHOTO = b"not looked at here"


@dataclass(frozen=True)
class DoorOpened(Event):
    subject_kind: ClassVar[str] = "door"
    id: int


@pytest.fixture
def platform(transactional_db: None, settings: Any, tmp_path: Path) -> Path:
    """A platform with some lines of the log, a photo and a table in the lake; its data folder."""
    settings.DATA = tmp_path / "first"
    settings.ANCHOR_FILE = settings.DATA / "anchors.jsonl"
    settings.LAKE = str(settings.DATA / "lake")
    for place, content in (("media/ab/abcd", PHOTO), ("lake/h/_delta_log/0.json", b"{}"), ("lake/h/1.parquet", b"p")):
        path = settings.DATA / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (settings.DATA / "secret_key").write_text("k" * 64)
    for number in range(11):
        log.write(DoorOpened(id=number))
    return tmp_path / "first"


@pytest.fixture
def made(platform: Path, tmp_path: Path) -> Path:
    backup.back_up(tmp_path / "backup")
    return tmp_path / "backup"


@pytest.fixture
def elsewhere(cluster: str, tmp_path: Path) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Runs `qingyuan` for another, empty platform."""
    with psycopg.connect(cluster, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS restored WITH (FORCE)")
        server.execute("CREATE DATABASE restored")
        environment = {
            **os.environ,
            "DATABASE_URL": make_conninfo(cluster, dbname="restored"),
            "QINGYUAN_DATA": str(tmp_path / "second"),
            "DJANGO_SETTINGS_MODULE": "qingyuan.project.settings",
        }

        def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "qingyuan.project.cli", *arguments]
            return subprocess.run(command, env=environment | more, capture_output=True, text=True, check=False)

        yield run
        server.execute("DROP DATABASE restored WITH (FORCE)")


def test_a_platform_made_of_a_backup_has_the_same_log_photos_lake_and_anchors(
    made: Path, platform: Path, elsewhere: Any, tmp_path: Path
) -> None:
    done = elsewhere("restore", str(made))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"restored; whole: {log.verify()} lines of the log, 1 anchored heads" in done.stdout
    for name in ("media/ab/abcd", "lake/h/_delta_log/0.json", "lake/h/1.parquet", "anchors.jsonl", "secret_key"):
        assert (tmp_path / "second" / name).read_bytes() == (platform / name).read_bytes()
    again = elsewhere("restore", str(made))
    assert again.returncode == 1
    assert "holds data: use an empty one, or say --replace" in again.stderr
    replaced = elsewhere("restore", str(made), "--replace")
    assert (replaced.returncode, replaced.stderr) == (0, "")
    assert len(list((tmp_path / "second").glob("anchors.jsonl.before-*"))) == 1


def said_by_backup(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = COMMANDS["backup"].run(Namespace(folder=folder))
    return status, capsys.readouterr().err


def test_a_lake_that_lies_elsewhere_is_copied_and_comes_back_to_where_the_settings_say(
    platform: Path, settings: Any, tmp_path: Path, elsewhere: Any
) -> None:
    shutil.move(platform / "lake", tmp_path / "disk")
    settings.LAKE = str(tmp_path / "disk")
    assert backup.back_up(tmp_path / "backup").missing == ()
    assert (tmp_path / "backup" / "lake" / "h" / "1.parquet").read_bytes() == b"p"
    done = elsewhere("restore", str(tmp_path / "backup"), QINGYUAN_LAKE=str(tmp_path / "other"))
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "other" / "h" / "1.parquet").read_bytes() == b"p"
    done = elsewhere("restore", str(tmp_path / "backup"), "--replace", QINGYUAN_LAKE="s3://bucket/lake")
    assert done.returncode == 1
    assert "holds a lake: found QINGYUAN_LAKE s3://bucket/lake, expected a folder for it" in done.stderr


def test_a_lake_in_no_folder_is_not_copied_and_that_is_said(
    platform: Path, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], elsewhere: Any
) -> None:
    settings.LAKE = "s3://bucket/lake"
    status, said = said_by_backup(tmp_path / "backup", capsys)
    assert (status, said) == (
        0,
        "not in the backup: the lake at s3://bucket/lake was not copied: back it up where it lies\n",
    )
    manifest = json.loads((tmp_path / "backup" / "manifest.json").read_text())
    assert manifest["lake_not_copied"] == "s3://bucket/lake"
    assert not (tmp_path / "backup" / "lake").exists()
    kept = tmp_path / "second" / "lake" / "1.parquet"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"kept")
    assert elsewhere("restore", str(tmp_path / "backup")).returncode == 0
    assert kept.read_bytes() == b"kept"


def test_a_file_that_is_swept_away_while_it_is_copied_is_named_and_stops_nothing(
    platform: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, swept = shutil.copyfile, platform / "lake" / "h" / "1.parquet"

    def sweeping(source: Path, target: Path) -> None:
        if source == swept:
            swept.unlink()
        copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", sweeping)
    status, said = said_by_backup(tmp_path / "backup", capsys)
    assert (status, said) == (0, f"not in the backup: {swept} was gone before it could be copied\n")
    backup.check(tmp_path / "backup")


def test_files_are_listed_after_the_log_that_names_them_was_copied(
    platform: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, log_file = shutil.copyfile, platform / "lake" / "_delta_log" / "0.json"
    log_file.parent.mkdir()
    log_file.write_bytes(b"{}")

    def committing(source: Path, target: Path) -> None:
        if source == log_file:
            (platform / "lake" / "0.parquet").write_bytes(b"new")
        copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", committing)
    backup.back_up(tmp_path / "backup")
    assert (tmp_path / "backup" / "lake" / "0.parquet").exists()


def test_a_running_platform_is_not_restored_over(made: Path, cluster: str, elsewhere: Any) -> None:
    with psycopg.connect(make_conninfo(cluster, dbname="restored")):
        done = elsewhere("restore", str(made), "--replace")
    assert done.returncode == 1
    assert "1 other connections use the database: stop the platform first" in done.stderr


def test_only_its_owner_can_read_a_backup(made: Path) -> None:
    assert made.stat().st_mode & 0o777 == 0o700
    assert (made / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_backup_is_not_mixed_with_what_is_there(made: Path) -> None:
    with pytest.raises(backup.BackupFailed, match="holds something: expected a new or an empty folder"):
        backup.back_up(made)


def test_a_damaged_backup_is_refused_with_the_file_that_is_wrong(made: Path, tmp_path: Path) -> None:
    backup.check(made)
    names = [path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()]
    assert len(names) == 7
    for name in names:
        copy = tmp_path / "copy"
        shutil.copytree(made, copy)
        (copy / name).write_bytes((copy / name).read_bytes() + b"\0")
        with pytest.raises(backup.BackupFailed, match=name):
            backup.check(copy)
        (copy / name).unlink()
        with pytest.raises(backup.BackupFailed, match=name):
            backup.check(copy)
        shutil.rmtree(copy)
    (made / "media" / "more").write_bytes(b"")
    with pytest.raises(backup.BackupFailed, match="more: not in the manifest"):
        backup.check(made)


def test_a_backup_of_another_form_is_refused(made: Path) -> None:
    manifest = json.loads((made / "manifest.json").read_text())
    (made / "manifest.json").write_text(json.dumps({**manifest, "format": "other/1"}))
    with pytest.raises(backup.BackupFailed, match="found format 'other/1', expected 'qingyuan-backup/1'"):
        backup.check(made)
