"""Starting, watching and stopping the processes of one machine."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
import structlog

from qingyuan.kit.postgres import Postgres, PostgresFailed

PATIENCE_S = 60.0
QUICK_END_S = 10.0
STOP_S = 12.0


class DidNotStart(RuntimeError):
    """A process ended, or did not listen in time; the message ends with its own log."""


@dataclass
class Child:
    """One process: `qingyuan NAME`, started again when it ends, with a growing pause when it ends quickly."""

    name: str
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = 0.5
    restarts: int = 0

    def start(self) -> None:
        self.started_at = time.monotonic()
        environment = {**os.environ, "QINGYUAN_PARENT": str(os.getpid())}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "qingyuan.project.cli", self.name],
                stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=environment, start_new_session=True,
            )  # fmt: skip

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def revive(self) -> None:
        """Start again; a process that lived for a while is started at once."""
        quick = time.monotonic() - self.started_at < QUICK_END_S
        self.pause = min(self.pause * 2, 10.0) if quick else 0.5
        time.sleep(self.pause if quick else 0)
        self.restarts += 1
        self.start()

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-1500:] if self.log.exists() else ""

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait(self, until: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Supervisor:
    """All children and, where it is our own, PostgreSQL."""

    children: list[Child]
    postgres: Postgres | None

    def start(self) -> None:
        signal.signal(signal.SIGTERM, self._interrupt)
        for child in self.children:
            child.start()

    def watch(self) -> None:
        """Until interrupted: start again whatever ends."""
        while True:
            time.sleep(0.3)
            self._keep_postgres()
            for child in self.children:
                if child.ended():
                    child.revive()

    def _keep_postgres(self) -> None:
        """Start PostgreSQL again where it has ended; where it cannot, as without room on the disk, try on."""
        if self.postgres is None or self.postgres.pid() is not None:
            return
        try:
            self.postgres.start()
        except (PostgresFailed, OSError, psycopg.Error) as error:
            structlog.get_logger("run").warning("PostgreSQL does not start yet", error=str(error))

    def stop(self) -> None:
        """Senders first, so that the gateway can finish what it has; the database is the caller's."""
        until = time.monotonic() + STOP_S
        for child in reversed(self.children):
            child.stop()
        for child in reversed(self.children):
            child.wait(until)

    @staticmethod
    def _interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt


def wait_for_port(host: str, port: int, supervisor: Supervisor) -> None:
    """Wait until something listens; stop waiting when a child ends for good."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
        for child in supervisor.children:
            if child.ended():
                raise DidNotStart(f"{child.name} ended while starting; its log ends:\n{child.tail()}")
        if time.monotonic() > until:
            raise DidNotStart(f"nothing listens on {host}:{port} after {PATIENCE_S:.0f} s")
