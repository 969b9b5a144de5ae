"""A platform of its own for one measurement: PostgreSQL and the real processes on free ports; all go afterwards."""

import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from qingyuan.kit.postgres import Postgres
from qingyuan.project.supervisor import Child, Supervisor, wait_for_port

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command sets it, before NumPy is loaded
HOST = "127.0.0.1"
LONGEST_S = 300


@dataclass
class Platform:
    """The cluster, and the processes that were started on it."""

    folder: Path
    postgres: Postgres
    ports: dict[str, int]
    children: dict[str, Child] = field(default_factory=dict)

    def start(self, *names: str) -> None:
        """Start processes, and wait until those that listen do."""
        for name in names:
            self.children[name] = Child(name, self.folder / f"{name}.log")
            self.children[name].start()
        supervisor = Supervisor(list(self.children.values()), None)
        for name in names:
            if name in self.ports:
                wait_for_port(HOST, self.ports[name], supervisor)

    def wait_for_line(self, name: str, words: str, patience: float = 120.0) -> None:
        """Wait until a process has written a line with some words."""
        ends = time.monotonic() + patience
        while words not in (self.folder / f"{name}.log").read_text():
            if time.monotonic() > ends:
                raise TimeoutError(f"found no line of {name} with {words!r} in {patience:.0f} s")
            time.sleep(0.1)

    def stop(self, *names: str) -> None:
        """Stop processes; without names all of them."""
        ending = [self.children.pop(name) for name in names or tuple(self.children)]
        for child in ending:
            child.stop()
        for child in ending:
            child.wait(time.monotonic() + 10)

    def kill(self, name: str) -> None:
        """End a process, or `postgres` with all its backends, as a power cut would."""
        if name != "postgres":
            process = self.children.pop(name).process
            if process is not None:
                process.kill()
                process.wait()
            return
        server = psutil.Process(self.postgres.pid())
        backends = server.children(recursive=True)
        for one in (server, *backends):
            one.kill()
        psutil.wait_procs(backends, timeout=10)

    def lines_waiting(self) -> dict[str, int]:
        """How many lines of the log that it takes up each handler still has before it, where there are any."""
        from qingyuan.kit.delivery import name_of
        from qingyuan.loop import LOOP

        pairs = [(name_of(handler), event.__name__) for event, handlers in LOOP.items() for handler in handlers]
        query = (
            "SELECT s.handler, count(*) FROM kit_subscription s JOIN kit_entry e ON e.seq > s.seq"
            " JOIN unnest(%s::text[], %s::text[]) AS t(handler, act) ON t.handler = s.handler AND t.act = e.act"
            " GROUP BY s.handler ORDER BY 2 DESC"
        )
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            return dict(connection.execute(query, [list(side) for side in zip(*pairs, strict=True)]).fetchall())

    def memory(self, name: str) -> int:
        """What a process holds; for `postgres` with all its backends, shared memory counted once. [byte]"""
        if name != "postgres":
            child = self.children[name].process
            return int(psutil.Process(child.pid).memory_info().rss) if child is not None else 0
        server = psutil.Process(self.postgres.pid())
        return sum(int(one.memory_full_info().pss) for one in (server, *server.children()) if one.is_running())

    def processor_seconds(self, name: str) -> float:
        """What a process has spent so far; for `postgres` the server with all its backends."""
        if name != "postgres":
            child = self.children[name].process
            return _spent(psutil.Process(child.pid)) if child is not None else 0.0
        server = psutil.Process(self.postgres.pid())
        while True:
            with suppress(psutil.NoSuchProcess):  # a backend that ends meanwhile is counted with its server
                backends = sum(map(_spent, server.children()))
                ended = server.cpu_times()
                return backends + _spent(server) + float(ended.children_user + ended.children_system)


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def platform(longest_s: int = LONGEST_S) -> Iterator[Platform]:
    """An empty platform; processes, server and files are gone when the block is left, however it is left."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(f"not done after {longest_s} s"))
    signal.alarm(longest_s)
    folder = Path(tempfile.mkdtemp(prefix="qingyuan-bench-"))
    folder.chmod(0o755)  # as root, PostgreSQL's own user must pass through
    made = Platform(folder, Postgres(folder / "postgres"), {"gateway": _free_port(), "web": _free_port()})
    try:
        made.postgres.start()
        _settle_on(made)
        yield made
    finally:
        made.stop()
        made.postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _settle_on(made: Platform) -> None:
    """Point this process and its children at the cluster, and make the tables."""
    os.environ |= {
        "DATABASE_URL": made.postgres.url,
        "QINGYUAN_DATA": str(made.folder / "data"),
        "QINGYUAN_INBOX": str(made.folder / "data" / "inbox"),
        "QINGYUAN_ANCHOR_FILE": str(made.folder / "data" / "anchors.jsonl"),
        "QINGYUAN_GATEWAY_PORT": str(made.ports["gateway"]),
        "QINGYUAN_WEB_PORT": str(made.ports["web"]),
        "DJANGO_SETTINGS_MODULE": "qingyuan.project.settings",
    }
    os.environ.pop("QINGYUAN_LAKE_CLUSTER", None)  # somebody's cluster would be given the work that is measured
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
