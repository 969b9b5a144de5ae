"""A gateway on a real port for tests, and a plain sender; frames are built by hand, apart from the codec."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from qingyuan.recording.api import append
from qingyuan.sensing.gateway import Gateway, Tls

HOST = "127.0.0.1"


def crc(segment: bytes) -> bytes:
    """HJ 212-2017 annex A, written out bit by bit."""
    register = 0xFFFF
    for byte in segment:
        register = (register >> 8) ^ byte
        for _ in range(8):
            register, lost = register >> 1, register & 1
            register ^= 0xA001 if lost else 0
    return b"%04X" % register


def frame(segment: str | bytes) -> bytes:
    """A whole packet around a data segment."""
    data = segment.encode() if isinstance(segment, str) else segment
    return b"##%04d" % len(data) + data + crc(data) + b"\r\n"


def hour_packet(
    mn: str, data_time: str, cod: float, *, qn: str = "20261122100001000", flag: int = 5, pw: str = "123456"
) -> bytes:
    """An hourly packet with one factor."""
    return frame(
        f"QN={qn};ST=32;CN=2061;PW={pw};MN={mn};Flag={flag};CP=&&DataTime={data_time};"
        f"w01018-Cou=1.2,w01018-Min={cod - 1},w01018-Avg={cod},w01018-Max={cod + 1},w01018-Flag=N&&"
    )


class Sender:
    """One TCP connection to the gateway."""

    opened: ClassVar[list["Sender"]] = []

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=10)
        Sender.opened.append(self)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, patience: float = 10.0) -> bytes:
        """Bytes up to the end of one answer; empty when none comes in time."""
        self.socket.settimeout(patience)
        got = b""
        while not got.endswith(b"\r\n"):
            try:
                more = self.socket.recv(4096)
            except TimeoutError:
                return got
            if not more:
                return got
            got += more
        return got

    def close(self) -> None:
        self.socket.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_gateway(tls: Tls | None = None) -> Iterator[tuple[Gateway, int]]:
    """A gateway in a thread of its own, on a free port."""
    gateway, port = Gateway(sink=append), free_port()
    loop = asyncio.new_event_loop()
    started = threading.Event()

    async def serve() -> None:
        ready = asyncio.Event()
        serving = asyncio.create_task(gateway.serve(HOST, port, ready, tls=tls))
        await ready.wait()
        started.set()
        stop.append(serving)
        try:
            await serving
        except asyncio.CancelledError:
            return

    stop: list[asyncio.Task[None]] = []
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    started.wait(10)
    try:
        yield gateway, port
    finally:
        while Sender.opened:
            Sender.opened.pop().close()
        loop.call_soon_threadsafe(stop[0].cancel)
        thread.join(10)
        loop.close()


def wait_until(true: object, patience: float = 10.0) -> bool:
    """Poll a condition that another thread will make true."""
    ends = time.monotonic() + patience
    while time.monotonic() < ends:
        if true():  # type: ignore[operator]
            return True
        time.sleep(0.01)
    return False
