"""A cluster with the tests' database, kept as it is after the migrations, so that the next run begins with a copy.

It is kept below `.make`, under a digest of all that the migrations are made of; what is not kept yet is migrated as
ever. A copy is migrated again, which applies migrations that came since and nothing else.
"""

import ast
import hashlib
import os
import pwd
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg

from qingyuan.kit.postgres import SYSTEM_USER, Postgres

ROOT = Path(__file__).parents[1]
PLACE = ROOT / ".make" / "clusters"
_MAKING = "made-by-"


def lay_down(new: Postgres) -> None:
    """Copy the kept cluster, where there is one, to where a new one will be started."""
    kept = _kept()
    if not kept.is_dir() or (os.geteuid() == 0 and not _known(SYSTEM_USER)):
        return
    shutil.copytree(kept, new.data)
    if os.geteuid() == 0:
        for folder, _folders, files in os.walk(new.data):
            for path in (folder, *(os.path.join(folder, name) for name in files)):
                shutil.chown(path, SYSTEM_USER, SYSTEM_USER)


def holds_tests(running: Postgres) -> bool:
    """Whether a cluster has the tests' database."""
    with psycopg.connect(running.url) as connection:
        return bool(connection.execute("SELECT 1 FROM pg_database WHERE datname = 'test_qingyuan'").fetchall())


def start_with_tables(new: Postgres) -> None:
    """Start a new cluster; where one was kept, the platform's database has its tables already."""
    lay_down(new)
    new.start()
    if holds_tests(new):
        with psycopg.connect(new.url.replace("/qingyuan?", "/postgres?"), autocommit=True) as connection:
            connection.execute("DROP DATABASE qingyuan")
            connection.execute("ALTER DATABASE test_qingyuan RENAME TO qingyuan")


def keep(stopped: Postgres) -> None:
    """Keep a cluster that was stopped in place of all that were kept before; of processes that try, one does it."""
    kept, making = _kept(), PLACE / f"{_MAKING}{os.getpid()}"
    shutil.copytree(stopped.data, making)
    for other in PLACE.iterdir():
        made_by = other.name.removeprefix(_MAKING)
        if other != kept and not (made_by.isdigit() and psutil.pid_exists(int(made_by))):
            shutil.rmtree(other, ignore_errors=True)
    try:
        making.rename(kept)
    except OSError:
        shutil.rmtree(making)


def _known(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _kept() -> Path:
    digest = hashlib.sha256()
    for path in sorted({ROOT / "requirements" / "dev.txt", *_sources()}):
        digest.update(path.name.encode() + path.read_bytes())
    return PLACE / digest.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    """All migrations, and the modules and packages of this project that they import."""
    for migration in ROOT.glob("src/qingyuan/*/migrations/*"):
        if migration.is_file():
            yield migration
            yield from _imported(migration)


def _imported(migration: Path) -> Iterator[Path]:
    if migration.suffix != ".py":
        return
    for node in ast.walk(ast.parse(migration.read_bytes())):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        for name in names:
            if name.startswith("qingyuan"):
                spec = find_spec(name)
                origin = Path(spec.origin) if spec and spec.origin else None
                if origin is not None:
                    yield from origin.parent.glob("*.py") if origin.name == "__init__.py" else (origin,)
