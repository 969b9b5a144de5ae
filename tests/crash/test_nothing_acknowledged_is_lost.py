"""Kill -9 of gateway and PostgreSQL in the middle of a stream: what was acknowledged is there, once, and provable."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import psycopg
import pytest
from wire import HOST, hour_packet

from qingyuan.kit.postgres import Postgres

DEVICES, HOURS = 4, 120
FIRST = datetime(2026, 11, 1, tzinfo=UTC)
ENTER = f"""
from shapely.geometry import box
from qingyuan.places import api as places
from qingyuan.sensing.api import register_device
places.draw_cell("C", path="01", title_zh="区", title_en="D", shape=box(100, 30, 101, 31), label=(100.5, 30.5))
for number in range({DEVICES}):
    station = places.register_station(
        "S" + str(number), title_zh="站", title_en="S", kind="outlet-water", lon=100.5, lat=30.5)
    register_device("CRASH" + str(number).zfill(19), station=station, password="123456")
"""
pytestmark = pytest.mark.timeout(180)


@dataclass
class Machine:
    """A database and a gateway that can be killed and started again."""

    folder: Path
    port: int
    postgres: Postgres
    gateway: "subprocess.Popen[bytes] | None" = None

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("QINGYUAN_", "DJANGO_"))}
        own = {"DATABASE_URL": self.postgres.url, "QINGYUAN_GATEWAY_PORT": str(self.port)}
        return {**kept, **own, "QINGYUAN_DATA": str(self.folder / "data")}

    def run(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "qingyuan.project.cli", *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start_gateway(self) -> None:
        with (self.folder / "gateway.log").open("ab") as log:
            command = [sys.executable, "-m", "qingyuan.project.cli", "gateway"]
            self.gateway = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)

    def kill_gateway(self) -> None:
        assert self.gateway is not None
        self.gateway.kill()
        self.gateway.wait()
        self.start_gateway()

    def kill_postgres(self) -> None:
        """The postmaster first, so that nobody cleans up, then all its children."""
        pid = self.postgres.pid()
        assert pid is not None
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if self.postgres.process is not None:
            self.postgres.process.wait()
        psutil.wait_procs(family, timeout=10)
        self.postgres.start()

    def stop(self) -> None:
        if self.gateway is not None:
            self.gateway.send_signal(signal.SIGTERM)
            self.gateway.wait(20)
        self.postgres.stop()


@dataclass
class Logger:
    """A device that repeats each packet until a 9014 names it, over as many connections as it takes."""

    number: int
    port: int
    acknowledged: dict[datetime, float] = field(default_factory=dict)
    connections: int = 0

    def work(self) -> None:
        line: socket.socket | None = None
        for hour in range(HOURS):
            at, value = FIRST + timedelta(hours=hour), 20 + hour + self.number / 10
            stamp = (at + timedelta(hours=8)).strftime("%Y%m%d%H0000")
            qn = f"{stamp}{self.number:03d}"
            packet = hour_packet(f"CRASH{self.number:019d}", stamp, value, qn=qn)
            while at not in self.acknowledged:
                try:
                    line = line or self._connect()
                    line.sendall(packet)
                    if b"QN=" + qn.encode() in self._answer(line):
                        self.acknowledged[at] = value
                except OSError:
                    line = self._hang_up(line)
        self._hang_up(line)

    def _connect(self) -> socket.socket:
        self.connections += 1
        return socket.create_connection((HOST, self.port), timeout=2)

    def _answer(self, line: socket.socket) -> bytes:
        got = b""
        while not got.endswith(b"\r\n"):
            more = line.recv(4096)
            if not more:
                raise ConnectionResetError("the gateway is gone")
            got += more
        return got

    def _hang_up(self, line: socket.socket | None) -> None:
        if line is not None:
            line.close()
        time.sleep(0.1)


@pytest.fixture
def machine() -> Iterator[Machine]:
    folder = Path(tempfile.mkdtemp(prefix="qingyuan-crash-"))
    folder.chmod(0o755)
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    machine = Machine(folder, port, Postgres(folder / "postgres"))
    machine.postgres.start()
    machine.run("manage", "migrate", "--skip-checks", "-v0")
    machine.run("manage", "shell", "-v0", "-c", ENTER)
    machine.start_gateway()
    yield machine
    machine.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_no_acknowledged_packet_is_lost_when_gateway_and_database_are_killed(machine: Machine) -> None:
    loggers = [Logger(number, machine.port) for number in range(DEVICES)]
    threads = [threading.Thread(target=logger.work, daemon=True) for logger in loggers]
    for thread in threads:
        thread.start()
    chance = random.Random(212)
    for kill in (machine.kill_gateway, machine.kill_postgres, machine.kill_gateway, machine.kill_postgres):
        before = sum(len(logger.acknowledged) for logger in loggers)
        while sum(len(logger.acknowledged) for logger in loggers) < before + chance.randint(30, 60):
            time.sleep(0.005)
        kill()
    for thread in threads:
        thread.join(90)

    assert [len(logger.acknowledged) for logger in loggers] == [HOURS] * DEVICES
    assert sum(logger.connections for logger in loggers) > DEVICES, "nobody noticed a kill"
    assert _stored(machine.postgres.url) == {
        (logger.number, at): value for logger in loggers for at, value in logger.acknowledged.items()
    }
    assert machine.run("verify").startswith("whole: ")


def _stored(url: str) -> dict[tuple[int, datetime], float]:
    """Hour values of COD by device number and time; a value stored twice would break the table's key."""
    sql = (
        "SELECT substr(s.code, 2)::int, r.at, r.value FROM recording_reading r"
        " JOIN sensing_channel c ON c.id = r.channel_id JOIN places_station s ON s.id = c.station_id"
        " WHERE c.factor = 'w01018' AND r.kind = 'h'"
    )
    with psycopg.connect(url) as connection:
        rows = connection.execute(sql).fetchall()
        packets = connection.execute("SELECT count(*) FROM sensing_rawpacket WHERE state = 'decoded'").fetchone()
    assert len(rows) == len({(number, at) for number, at, _ in rows})
    assert packets is not None
    assert packets[0] >= len(rows), "a reading without its raw packet"
    return {(number, at.astimezone(UTC)): value for number, at, value in rows}
