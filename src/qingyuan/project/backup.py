"""Copying everything that is kept into one folder, and making a platform of it again.

Order is what makes a copy of a running platform whole. Anchored heads go first, so that none is younger than the
database. The database is one snapshot. Photos are written before the rows that name them and never change, so they come
after it. Whatever has moved to the lake by then is in the snapshot or in the lake, or in both. A lake that lies in no
folder of this machine is not copied; the manifest says so.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg.conninfo import make_conninfo

from qingyuan.kit import clock
from qingyuan.kit.postgres import program
from qingyuan.kit.proof import anchors
from qingyuan.recording.queries import lake_folder

FORMAT = "qingyuan-backup/1"
MANIFEST, DUMP, ANCHORS, KEY = "manifest.json", "database.dump", "anchors.jsonl", "secret_key"
MEDIA, LAKE = "media", "lake"
LOG = "_delta_log"


class BackupFailed(RuntimeError):
    """A backup cannot be made or used; says what was found and what was expected."""


@dataclass(frozen=True)
class BackedUp:
    """How many files and bytes a backup holds, and what is not in it, a sentence each."""

    files: int
    size: int
    missing: tuple[str, ...]


def back_up(folder: Path) -> BackedUp:
    """Copy everything into an empty folder. The manifest comes last."""
    if folder.exists() and any(folder.iterdir()):
        raise BackupFailed(f"{folder} holds something: expected a new or an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # what is in it opens everything
    anchors.anchor()
    shutil.copyfile(settings.ANCHOR_FILE, folder / ANCHORS)
    _run_program("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={folder / DUMP}")
    vanished = _copy_tree(settings.DATA / MEDIA, folder / MEDIA)
    lake = lake_folder()
    vanished += _copy_tree(lake, folder / LAKE) if lake else []
    if (settings.DATA / KEY).exists():
        shutil.copyfile(settings.DATA / KEY, folder / KEY)
        (folder / KEY).chmod(0o600)
    files = {path.relative_to(folder).as_posix(): _hash(path) for path in _files(folder)}
    made_at = clock.now().isoformat(timespec="seconds")
    elsewhere = "" if lake else str(settings.LAKE)
    manifest = {"format": FORMAT, "made_at": made_at, "files": files, "lake_not_copied": elsewhere,
                "vanished": vanished}  # fmt: skip
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
    missing = [f"{path} was gone before it could be copied" for path in vanished]
    missing += [f"the lake at {elsewhere} was not copied: back it up where it lies"] if elsewhere else []
    return BackedUp(len(files), sum((folder / name).stat().st_size for name in files), tuple(missing))


def restore(folder: Path, *, replace: bool) -> None:
    """Make this platform what the backup holds. Nothing is touched before the whole backup was read and found sound."""
    lies_elsewhere = bool(check(folder).get("lake_not_copied"))
    lake = lake_folder()
    if lake is None and (folder / LAKE).exists():
        raise BackupFailed(f"{folder} holds a lake: found QINGYUAN_LAKE {settings.LAKE}, expected a folder for it")
    _refuse_unless_alone()
    if not replace:
        _refuse_unless_empty()
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    connection.close()
    _run_program(
        "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", folder / DUMP
    )
    _replace_tree(folder / MEDIA, settings.DATA / MEDIA)
    if lake and not lies_elsewhere:
        _replace_tree(folder / LAKE, lake)
    _restore_anchors(folder)
    if (folder / KEY).exists():
        shutil.copyfile(folder / KEY, settings.DATA / KEY)
        (settings.DATA / KEY).chmod(0o600)
    call_command("migrate", verbosity=0, interactive=False)


def check(folder: Path) -> dict[str, Any]:
    """Hold every file of a backup against its manifest, and answer that.

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
    return manifest


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


def _replace_tree(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    gone = _copy_tree(source, target)
    if gone:
        raise BackupFailed(f"{gone[0]}: gone while it was copied")


def _copy_tree(source: Path, target: Path) -> list[str]:
    """Copy a folder, if there is one; answers the files that were gone when their turn came.

    A table's log is listed and copied before the files are listed: what it names is there by then, and outlives it.
    """
    if not source.exists():
        return []
    target.mkdir(parents=True, mode=0o700, exist_ok=True)
    gone = _copy_files(_files(source / LOG), source, target)
    return gone + _copy_files((path for path in _files(source) if path.parent != source / LOG), source, target)


def _copy_files(paths: Iterable[Path], source: Path, target: Path) -> list[str]:
    gone = []
    for path in paths:
        to = target / path.relative_to(source)
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, to)
        except FileNotFoundError:  # files that nothing names any more are swept away while the platform runs
            gone.append(str(path))
    return gone


def _files(folder: Path) -> Iterator[Path]:
    """All files below, but for a manifest on top."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / MANIFEST)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
