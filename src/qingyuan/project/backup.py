"""Copying everything that is kept into one folder, and making a platform of it again.

Order is what makes a copy of a running platform whole. Anchored heads go first, so that none is younger than the
database. The database is one snapshot. Photos are written before the rows that name them and never change, so they come
after it. Whatever has moved to the lake by then is in the snapshot or in the lake, or in both.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg.conninfo import make_conninfo

from qingyuan.kit import clock
from qingyuan.kit.postgres import program
from qingyuan.kit.proof import anchors

FORMAT = "qingyuan-backup/1"
MANIFEST, DUMP, ANCHORS, KEY = "manifest.json", "database.dump", "anchors.jsonl", "secret_key"
FOLDERS = ("media", "lake")


class BackupFailed(RuntimeError):
    """A backup cannot be made or used; says what was found and what was expected."""


def back_up(folder: Path) -> tuple[int, int]:
    """Copy everything into an empty folder; answers how many files and bytes that are. The manifest comes last."""
    if folder.exists() and any(folder.iterdir()):
        raise BackupFailed(f"{folder} holds something: expected a new or an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # what is in it opens everything
    anchors.anchor()
    shutil.copyfile(settings.ANCHOR_FILE, folder / ANCHORS)
    _run_program("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={folder / DUMP}")
    for name in FOLDERS:
        _copy_tree(settings.DATA / name, folder / name)
    if (settings.DATA / KEY).exists():
        shutil.copyfile(settings.DATA / KEY, folder / KEY)
        (folder / KEY).chmod(0o600)
    files = {path.relative_to(folder).as_posix(): _hash(path) for path in _files(folder)}
    manifest = {"format": FORMAT, "made_at": clock.now().isoformat(timespec="seconds"), "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
    return len(files), sum((folder / name).stat().st_size for name in files)


def restore(folder: Path, *, replace: bool) -> None:
    """Make this platform what the backup holds. Nothing is touched before the whole backup was read and found sound."""
    check(folder)
    _refuse_unless_alone()
    if not replace:
        _refuse_unless_empty()
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    connection.close()
    _run_program(
        "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", folder / DUMP
    )
    for name in FOLDERS:
        shutil.rmtree(settings.DATA / name, ignore_errors=True)
        _copy_tree(folder / name, settings.DATA / name)
    _restore_anchors(folder)
    if (folder / KEY).exists():
        shutil.copyfile(folder / KEY, settings.DATA / KEY)
        (settings.DATA / KEY).chmod(0o600)
    call_command("migrate", verbosity=0, interactive=False)


def check(folder: Path) -> None:
    """Hold every file of a backup against its manifest.

    Raises
    ------
    BackupFailed
        A file is missing, too many, or other than it was.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        expected: dict[str, str] = manifest["files"]
    except FileNotFoundError as error:
        raise BackupFailed(
            f"{folder}: found no {MANIFEST}: expected a folder that `qingyuan backup` finished"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise BackupFailed(f"{folder / MANIFEST}: not in its form: {error}") from error
    if manifest.get("format") != FORMAT:
        raise BackupFailed(f"{folder / MANIFEST}: found format {manifest.get('format')!r}, expected {FORMAT!r}")
    found = {path.relative_to(folder).as_posix() for path in _files(folder)}
    for name in sorted(found ^ expected.keys()):
        raise BackupFailed(f"{folder / name}: {'missing' if name in expected else 'not in the manifest'}")
    for name in sorted(expected):
        if _hash(folder / name) != expected[name]:
            raise BackupFailed(f"{folder / name}: its bytes are not those of the manifest")


def _restore_anchors(folder: Path) -> None:
    """Heads that were kept here stay, beside: they may tell more than those of the backup."""
    path = Path(settings.ANCHOR_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.replace(path.with_name(f"{path.name}.before-{clock.now():%Y%m%dT%H%M%SZ}"))
    shutil.copyfile(folder / ANCHORS, path)


def _refuse_unless_alone() -> None:
    sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} AND backend_type = 'client backend'")
        others = cursor.fetchone()[0]
    if others:
        raise BackupFailed(f"{others} other connections use the database: stop the platform first")


def _refuse_unless_empty() -> None:
    media = settings.DATA / "media"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('kit_entry') IS NOT NULL")
        holds = cursor.fetchone()[0]
        if holds:
            cursor.execute("SELECT EXISTS (SELECT FROM kit_entry)")
            holds = cursor.fetchone()[0]
    if holds or (media.exists() and any(path.is_file() for path in media.rglob("*"))):
        raise BackupFailed(f"the platform in {settings.DATA} holds data: use an empty one, or say --replace")


def _run_program(name: str, *options: str | Path) -> None:
    """One of PostgreSQL's programs on our database; the password goes by the environment, where nobody can list it."""
    wanted = {"dbname", "user", "host", "port"}
    given = connection.get_connection_params()
    address = make_conninfo("", **{key: value for key, value in given.items() if key in wanted})
    secret = {"PGPASSWORD": str(given["password"])} if given.get("password") else {}
    command = [program(name), f"--dbname={address}", *options]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | secret, check=False)
    if done.returncode:
        raise BackupFailed(f"{name} ended with {done.returncode}: {done.stderr.strip()}")


def _copy_tree(source: Path, target: Path) -> None:
    """Copy a folder, if there is one; a table's log before the files that it names, which outlive it."""
    if not source.exists():
        return
    target.mkdir(parents=True, mode=0o700)
    for path in sorted(_files(source), key=lambda path: "_delta_log" not in path.parts):
        to = target / path.relative_to(source)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)


def _files(folder: Path) -> Iterator[Path]:
    """All files below, but for a manifest on top."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / MANIFEST)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
