"""A platform above on a real port, written apart from the codec; and the process that hands on, in a thread."""

import asyncio
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from wire import HOST, frame, free_port

from qingyuan.forwarding import line
from qingyuan.forwarding.handing import Handing

_HEAD = re.compile(rb"QN=(\d+);ST=(\w+);CN=(\w+);PW=([^;]*);MN=([^;]*);Flag=(\d+)")


@dataclass
class Above:
    """What it received, in order, and how it answers: `answer` says what to write for a packet, None for nothing."""

    port: int
    answer: Callable[[bytes], bytes | None]
    received: list[bytes] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)
    opened: int = 0

    def __post_init__(self) -> None:
        self.listening: socket.socket | None = None
        self.thread: threading.Thread | None = None

    def open(self) -> None:
        """Listen; also again after `close`."""
        self.listening = socket.create_server((HOST, self.port), reuse_port=False)
        self.thread = threading.Thread(target=self._accept, args=(self.listening,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Stop listening and cut every connection."""
        if self.listening is not None:
            self.listening.shutdown(socket.SHUT_RDWR)
            self.listening.close()
            self.listening = None
        self.cut()

    def cut(self) -> None:
        """Cut every connection, and go on listening."""
        while self.connections:
            one = self.connections.pop()
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def say(self, data: bytes) -> None:
        """Write on the newest connection."""
        self.connections[-1].sendall(data)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            self.connections.append(connection)
            self.opened += 1
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        held = b""
        with suppress(OSError):
            while data := connection.recv(65_536):
                held += data
                while len(held) >= 12 and len(held) >= 12 + int(held[2:6]):
                    packet, held = held[: 12 + int(held[2:6])], held[12 + int(held[2:6]) :]
                    self._take(connection, packet)

    def _take(self, connection: socket.socket, packet: bytes) -> None:
        if b"ST=91;" in packet:
            self.said.append(packet)
            return
        self.received.append(packet)
        answer = self.answer(packet)
        if answer is not None:
            connection.sendall(answer)


def accepted(packet: bytes, said: str = "") -> bytes:
    """A 9014 of 2017 for a packet."""
    qn, _, _, pw, mn, _ = (one.decode() for one in _HEAD.search(packet).groups())  # type: ignore[union-attr]
    return frame(f"QN={qn};ST=91;CN=9014;PW={pw};MN={mn};Flag=4;CP=&&{said}&&")


def qn_of(packet: bytes) -> str:
    """The QN of a packet."""
    found = re.search(rb"QN=(\d+)", packet)
    return found[1].decode() if found else ""


@contextmanager
def platform_above(answer: Callable[[bytes], bytes | None] = accepted) -> Iterator[Above]:
    """A platform that listens on a free port."""
    above = Above(free_port(), answer)
    above.open()
    try:
        yield above
    finally:
        above.close()


@contextmanager
def handing_on(monkeypatch: object, keep_s: float = 0.2) -> Iterator[None]:
    """The process that hands on, with pauses that suit a test."""
    quick = {
        "KEEP_S": keep_s,
        "NOTE_S": 0.1,
        "PAUSE_S": 0.05,
        "LONGEST_PAUSE_S": 0.2,
        "LOOK_S": 0.05,
        "TICK_S": 0.02,
        "TIDY_S": 0.1,
    }
    for name, value in quick.items():
        monkeypatch.setattr(line, name, value)  # type: ignore[attr-defined]
    monkeypatch.setattr("qingyuan.forwarding.handing.LOOK_S", 0.1)  # type: ignore[attr-defined]
    loop = asyncio.new_event_loop()
    handing: list[asyncio.Task[None]] = []
    started = threading.Event()

    async def serve() -> None:
        handing.append(asyncio.create_task(Handing().hand_on()))
        started.set()
        with suppress(asyncio.CancelledError):
            await handing[0]

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    started.wait(10)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(handing[0].cancel)
        thread.join(20)
        assert not thread.is_alive()
        loop.close()


def settle(true: Callable[[], bool], patience: float = 60.0) -> None:
    """Wait for a condition; fail when it does not come."""
    ends = time.monotonic() + patience
    while not true():
        assert time.monotonic() < ends, "this did not come true"
        time.sleep(0.02)
