"""A machine whose processes can be killed: its own PostgreSQL with every safety on, and real `qingyuan` processes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from kept_cluster import start_with_tables
from qingyuan.kit.postgres import Postgres

HOST = "127.0.0.1"


@dataclass
class Machine:
    """The cluster, and the processes on it by name."""

    folder: Path
    postgres: Postgres
    port: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": self.postgres.url,
            "QINGYUAN_DATA": str(self.folder / "data"),
            "QINGYUAN_GATEWAY_PORT": str(self.port),
            "QINGYUAN_PARENT": str(os.getpid()),
            "DJANGO_SETTINGS_MODULE": "qingyuan.project.settings",
        }

    def start(self, name: str) -> None:
        """Start `qingyuan NAME`."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "qingyuan.project.cli", name],
                env=self.environment(), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def kill(self, name: str) -> None:
        """As a power cut would, no process gets to say another word; of `postmaster` the backends are left behind."""
        if name in self.processes:
            process = self.processes.pop(name)
            process.kill()
            process.wait()
            return
        server = psutil.Process(self.postgres.pid())
        backends = server.children(recursive=True) if name == "postgres" else []
        for one in (server, *backends):
            one.kill()
        psutil.wait_procs(backends, timeout=10)

    def end(self, name: str) -> int:
        """Ask a process to stop, and wait until it has."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(15)

    def run(self, *command: str) -> str:
        """Run a Python program or module to its end and answer what it printed."""
        done = subprocess.run(
            [sys.executable, *command], env=self.environment(), capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query answers just now."""
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            return connection.execute(query, values or None).fetchall()

    def count(self, query: str) -> int:
        return int(self.rows(query)[0][0])

    def log_of(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")


@contextmanager
def machine(outlets: int) -> Iterator[Machine]:
    """A machine with tables and that many registered outlets; nothing of it is left afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="qingyuan-crash-"))
    folder.chmod(0o755)  # as root, PostgreSQL's own user must pass through
    made = Machine(folder, Postgres(folder / "postgres"), _free_port())
    try:
        start_with_tables(made.postgres)
        made.run(str(Path(__file__).with_name("outlets.py")), str(outlets))
        yield made
    finally:
        for name in tuple(made.processes):
            made.kill(name)
        made.postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def wait_until(true: Callable[[], bool], patience: float = 30.0, pause: float = 0.02) -> None:
    """Wait for a condition; fail when it does not come."""
    ends = time.monotonic() + patience
    while not true():
        assert time.monotonic() < ends, f"this did not come true in {patience} s"
        time.sleep(pause)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
